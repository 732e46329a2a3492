// SPDX-License-Identifier: Apache-2.0
// How often a coupon may be used, as the workflow `quota` is told.
#include "adapters/catalog/coupons_adapter.h"

#include <gtest/gtest.h>

#include "adapters/catalog/memory_catalog_store.h"
#include "engine/types/json.h"
#include "tests/unit/catalog/documents.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::catalog {
namespace {

class CouponLimits : public ::testing::Test {
 protected:
  void have(const std::string& more) {
    ApplyOrder order;
    order.documents = {
        test::json(R"({"coupon":"FIRST","title":"First","percent":10)" + more + "}")};
    const auto applied = catalog_.apply("t1", order);
    ASSERT_TRUE(applied) << applied.error().message;
  }
  std::string limits(const std::string& input) {
    ports::CallRequest request;
    request.operation = "limits";
    request.tenant = "t1";
    request.input = test::json(input);
    const auto reply = coupons_.call(request);
    return reply ? types::to_json(*reply) : "error " + reply.error().code;
  }

  MemoryCatalogStore store_;
  payments::StillClock clock_{*parse_timestamp("2026-11-20T10:00:00Z")};
  Catalog catalog_{store_, clock_, test::gateways()};
  CouponsAdapter coupons_{catalog_, clock_};
};

TEST_F(CouponLimits, AreNoneWhereNothingIsSaidOrTheCouponIsGone) {
  have("");
  EXPECT_EQ(limits(R"({"code":"FIRST","customer_id":"c1"})"), R"({"limits":[]})");
  EXPECT_EQ(limits(R"({"code":"NONE","customer_id":"c1"})"), R"({"limits":[]})");
}

TEST_F(CouponLimits, TheCustomersOwnIsAskedBeforeThatOfAll) {
  have(R"(,"max_uses":100,"max_uses_per_customer":1)");
  EXPECT_EQ(
      limits(R"({"code":"FIRST","customer_id":"c1"})"),
      R"({"limits":[{"limit":1,"quota_id":"coupon/FIRST/c1"},{"limit":100,"quota_id":"coupon/FIRST"}]})");
  EXPECT_EQ(limits(R"({"code":"FIRST"})"),
            R"({"limits":[{"limit":100,"quota_id":"coupon/FIRST"}]})");
}

TEST_F(CouponLimits, AreAtLeastOne) {
  ApplyOrder order;
  order.documents = {test::json(R"({"coupon":"FIRST","title":"First","percent":10,"max_uses":0})")};
  const auto refused = catalog_.apply("t1", order);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "catalog_invalid");
}

}  // namespace
}  // namespace vozex::catalog
