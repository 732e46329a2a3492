// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "adapters/payments/router.h"

namespace vozex::payments {
namespace {

TEST(Router, PicksAmongWhatEveryProductEnables) {
  using Names = std::vector<std::string>;
  struct Row {
    const char* chosen;
    std::vector<Names> enabled;
    const char* expected;
  };
  const Names all = {"dodo", "paypal", "stripe"};
  const Row rows[] = {
      {"", {{"stripe", "dodo"}}, "stripe"},  // the product's default
      {"dodo", {{"stripe", "dodo"}}, "dodo"},
      {"paypal", {{"stripe", "dodo"}}, "gateway_not_enabled"},
      {"adyen", {{"adyen"}}, "gateway_not_configured"},
      {"", {{"stripe", "dodo"}, {"dodo", "paypal"}}, "dodo"},
      {"stripe", {{"stripe", "dodo"}, {"dodo", "paypal"}}, "gateway_not_enabled"},
      {"", {{"stripe"}, {"paypal"}}, "no_common_gateway"},
      {"", {{"adyen"}}, "no_common_gateway"},
      {"", {}, "dodo"},
      {"", {{}, {"paypal"}}, "paypal"},
      {"stripe", {{}}, "stripe"},
  };
  for (const auto& row : rows) {
    const auto picked = pick_gateway({row.chosen, row.enabled, all});
    EXPECT_EQ(picked ? *picked : picked.error().code, row.expected) << row.chosen;
  }
  EXPECT_EQ(pick_gateway({"paypal", {{"stripe", "dodo"}}, all}).error().message,
            "a product of the order doesn't enable the gateway paypal: expected stripe or dodo");
}

}  // namespace
}  // namespace vozex::payments
