// SPDX-License-Identifier: Apache-2.0
// What another plan of a subscription costs, by the catalogue, and why one can't be had.
#include "adapters/catalog/plans_adapter.h"

#include <gtest/gtest.h>

#include "adapters/catalog/coupons_adapter.h"
#include "adapters/catalog/memory_catalog_store.h"
#include "adapters/catalog/tax_adapter.h"
#include "tests/unit/catalog/documents.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::catalog {
namespace {

using types::Value;

class Plans : public ::testing::Test {
 protected:
  void SetUp() override {
    const Value two =
        test::with(test::with(test::pos(), "product", "\"pos_two\""),
                   "features",
                   R"([{"feature": "orders", "title": "Orders", "price": {"USD": 0, "JPY": 0}}])");
    put({test::pos(),
         test::with(two,
                    "plans",
                    R"([{"plan": "giant", "title": "Giant", "price": {"USD": 9900, "JPY": 9000},
                         "sold_as": {"dodo": {"monthly": {"USD": "pdt_g1"},
                                              "quarterly": {"USD": "pdt_g3"},
                                              "annual": {"USD": "pdt_g12"}}}}])")});
    put({test::json(R"({"coupon": "TENTH", "title": "A tenth", "percent": 10})"),
         test::json(R"({"coupon": "OLD", "title": "Old", "percent": 10,
                        "valid_until": "2026-01-01T00:00:00Z"})"),
         test::json(R"({"tax": "DE", "title": "VAT", "basis_points": 1900})")});
  }

  void put(std::vector<Value> documents) {
    ApplyOrder order;
    order.documents = std::move(documents);
    const auto applied = catalog_.apply("t1", order);
    ASSERT_TRUE(applied) << applied.error().message;
  }

  // The answer, or "error code: message".
  std::string price(const std::string& changes) {
    ports::CallRequest request;
    request.operation = "price";
    request.tenant = "t1";
    request.input = test::json(R"({"product_id": "pos", "plan": "pro", "gateway": "stripe",
                                   "currency": "USD", "months": 1, "quantity": 1})");
    const Value more = test::json(changes);
    for (const auto& [name, value] : more.as_map())
      request.input = request.input.with(name.as_string(), value);
    const auto reply = PlansAdapter(catalog_, quoter_).call(request);
    return reply ? types::to_json(*reply)
                 : "error " + reply.error().code + ": " + reply.error().message;
  }
  static std::string told(std::int64_t minor, const char* ref, int quantity = 1, int months = 1) {
    return R"({"months":)" + std::to_string(months) + R"(,"price":{"currency":"USD","minor":)" +
           std::to_string(minor) + R"(},"product_ref":")" + ref + R"(","quantity":)" +
           std::to_string(quantity) + R"(,"title":"Point of sale: Pro","trial_days":14})";
  }

  MemoryCatalogStore store_;
  payments::StillClock clock_{*parse_timestamp("2026-11-20T10:00:00Z")};
  Catalog catalog_{store_, clock_, test::gateways()};
  CouponsAdapter coupons_{catalog_, clock_};
  TaxAdapter tax_{catalog_};
  Quoter quoter_{{catalog_,
                  [this](std::string_view name) -> ports::Adapter* {
                    return name == "tax" ? static_cast<ports::Adapter*>(&tax_) : &coupons_;
                  },
                  {"dodo", "stripe"}}};
};

TEST_F(Plans, CostWhatAQuoteOfThemSays) {
  EXPECT_EQ(price("{}"), told(6900, ""));
  EXPECT_EQ(price(R"({"gateway": "dodo"})"), told(6900, "pdt_p1"));
  EXPECT_EQ(price(R"({"quantity": 3, "gateway": "dodo"})"), told(6900, "pdt_p1", 3));
  EXPECT_EQ(price(R"({"months": 3, "gateway": "dodo"})"), told(20700, "pdt_p3", 1, 3));
  EXPECT_EQ(price(R"({"cycle": "annual", "gateway": "dodo"})"),
            told(6900 * 12 * 8 / 10, "pdt_p12", 1, 12));
}

TEST_F(Plans, KeepWhatWasBoughtBesideTheOldOne) {
  EXPECT_EQ(price(R"({"terms": {"items": [{"product_id": "pos", "plan": "starter",
                      "support_plan": "priority", "features": ["orders", "kitchen"]}]}})"),
            told(6900 + 1999, ""))
      << "the new plan includes the kitchen display";
  EXPECT_EQ(price(R"({"plan": "starter", "terms": {"items": [{"product_id": "pos", "plan": "pro",
                      "features": ["orders", "kitchen", "loyalty"]}]}})")
                .substr(0, 19),
            "error not_sellable:")
      << "loyalty is sold with pro only";
  EXPECT_EQ(
      price(R"({"terms": {"items": [{"product_id": "pos_two", "support_plan": "priority"}]}})"),
      told(6900, ""))
      << "these are terms of something else";
}

TEST_F(Plans, CouponsGoOnWhileTheyAreGoodAndTaxIsThatOfTheBuyer) {
  EXPECT_EQ(price(R"({"terms": {"coupon": "TENTH"}})"), told(6210, ""));
  EXPECT_EQ(price(R"({"terms": {"coupon": "OLD"}})"), told(6900, ""));
  EXPECT_EQ(price(R"({"terms": {"country": "DE"}})"), told(8211, ""));
}

TEST_F(Plans, EachRefusalHasItsOwnWords) {
  put({test::with(test::with(test::pos(), "product", "\"old\""),
                  "plans",
                  R"([{"plan": "pro", "title": "Pro", "retired": true,
                       "price": {"USD": 5900, "JPY": 8000}},
                      {"plan": "new", "title": "New", "price": {"USD": 1, "JPY": 1},
                       "sold_as": {"dodo": {"monthly": {"USD": "pdt_n1"},
                                            "quarterly": {"USD": "pdt_n3"},
                                            "annual": {"USD": "pdt_n12"}}}}])")});
  const std::pair<const char*, const char*> k_refusals[] = {
      {R"({"plan": "huge"})", "error unknown_plan: pos has no plan huge: expected starter or pro"},
      {R"({"plan": "giant"})",
       "error plan_of_another_product: the plan giant is of pos_two, and this subscription is of "
       "pos"},
      {R"({"product_id": "old"})", "error plan_not_for_sale: the plan pro isn't sold any more"},
      {R"({"product_id": "nothing"})",
       "error unknown_product: there is no product nothing for sale in the catalogue"},
      {R"({"currency": "EUR"})",
       "error currency_not_sold: pos has no price in EUR: expected JPY or USD"},
      {R"({"gateway": "dodo", "currency": "JPY"})",
       "error not_sold_by_gateway: dodo has no name for pro monthly in JPY: see sold_as of the "
       "plan "
       "in the catalogue"},
      {R"({"gateway": "dodo", "terms": {"coupon": "TENTH"}})",
       "error not_sold_by_gateway: dodo charges what its own product costs, so it sells the plan "
       "alone, not with the coupon TENTH"},
      {R"({"quantity": 101})", "error quantity_out_of_range: expected 1 to 100, got 101"},
      {R"({"months": 7})",
       "error cycle_not_offered: no plan is paid for so many months: name a cycle"},
      {R"({"plan": ""})", "error invalid_input: expected product_id, plan, gateway and currency"},
  };
  for (const auto& [changes, expected] : k_refusals) EXPECT_EQ(price(changes), expected) << changes;
  EXPECT_EQ(price(R"({"gateway": "paypal"})").substr(0, 26), "error not_sold_by_gateway:");
}

}  // namespace
}  // namespace vozex::catalog
