// SPDX-License-Identifier: Apache-2.0
// What each gateway can charge of a quote each period: to the minor unit what its lines say, or it
// isn't offered.
#include "adapters/catalog/recurring.h"

#include <gmock/gmock.h>

#include "adapters/catalog/entry_types.h"
#include "tests/unit/catalog/documents.h"

namespace vozex::catalog {
namespace {

using ::testing::HasSubstr;
using types::Value;

// `pos`, enabled everywhere; PayPal has plans of the month only.
Value everywhere() {
  const Value product =
      test::with(test::pos(), "gateways", R"({"enabled": ["stripe", "dodo", "paypal"]})");
  return test::sold_as(product,
                       1,
                       R"({"dodo": {"monthly": {"USD": "pdt_p1"}, "quarterly": {"USD": "pdt_p3"},
                                    "annual": {"USD": "pdt_p12"}},
                           "paypal": {"monthly": {"USD": "P-1"}, "quarterly": {"JPY": "P-3"},
                                      "annual": {"USD": "P-12"}}})");
}

Quote quote_of(const char* item, const Terms& terms) {
  Quote quote;
  quote.request.terms = terms;
  quote.request.items = {read_selection(test::json(item))};
  quote.products = {read_product(*types::validate(everywhere(), entry_type(EntryKind::product)))};
  Refusals refusals;
  quote.items = {
      price(quote.products[0], quote.request.items[0], quote.request.terms, "", refusals)};
  EXPECT_TRUE(refusals.empty());
  quote.gateways = {"stripe", "dodo", "paypal"};
  return quote;
}

std::string why_not(const Quote& quote, const char* gateway) {
  return cannot_recur_at(quote, gateway).value_or("");
}

constexpr const char* k_pro = R"({"product": "pos", "plan": "pro", "quantity": 3})";

TEST(RecurringSale, APlanAloneIsSoldByAllAtThePriceOfItsLines) {
  const Quote quote = quote_of(k_pro, {"USD", "monthly"});
  for (const char* gateway : {"stripe", "dodo", "paypal"}) EXPECT_EQ(why_not(quote, gateway), "");
  const Value kept = recurring_of(quote);
  EXPECT_EQ(
      types::to_json(kept),
      R"({"plan":{"months":1,"price":{"currency":"USD","minor":6900},"product_ref":"","quantity":3,)"
      R"("title":"Point of sale: Pro"},"product_refs":{"dodo":"pdt_p1","paypal":"P-1","stripe":""},)"
      R"("trial_days":14})");
  EXPECT_EQ(quote.total(), 3 * 6900);
}

TEST(RecurringSale, WhatIsBesideThePlanIsSoldWhereThePriceIsOurs) {
  Quote quote = quote_of(
      R"({"product": "pos", "plan": "pro", "features": ["loyalty"], "support_plan": "priority"})",
      {"USD", "monthly"});
  EXPECT_EQ(why_not(quote, "stripe"), "");
  EXPECT_EQ(why_not(quote, "paypal"), "");
  EXPECT_THAT(why_not(quote, "dodo"),
              HasSubstr("sells the plan alone, not with the feature loyalty or the support plan "
                        "priority"));
  quote = quote_of(k_pro, {"USD", "monthly"});
  take_off(quote.items[0], {"coupon", "TENTH", "A tenth", 300, ""});
  add_tax(quote.items[0], {"tax", "DE", "VAT", 600, ""});
  EXPECT_THAT(why_not(quote, "dodo"), HasSubstr("the coupon TENTH or the tax DE"));
  EXPECT_EQ(recurring_price(quote.items[0]).unit_minor, 6900 + 100);
}

TEST(RecurringSale, ATotalWithoutEqualPartsIsOneWhole) {
  Quote quote = quote_of(k_pro, {"USD", "annual"});
  EXPECT_EQ(recurring_price(quote.items[0]).unit_minor, 6900 * 12 * 8 / 10);
  take_off(quote.items[0], {"annual", "", "Rounded", 1, ""});
  const RecurringPrice price = recurring_price(quote.items[0]);
  EXPECT_EQ(price.quantity, 1);
  EXPECT_EQ(price.unit_minor, quote.total());
  EXPECT_EQ(why_not(quote, "stripe"), "");
  EXPECT_THAT(why_not(quote, "dodo"), HasSubstr("3 equal parts"));
  EXPECT_EQ(recurring_of(quote).find("plan")->find("months")->as_integer(), 12);
}

TEST(RecurringSale, WhereTheCatalogueHasNoNameForTheTermsItIsNotSold) {
  EXPECT_THAT(why_not(quote_of(k_pro, {"USD", "quarterly"}), "paypal"),
              HasSubstr("paypal has no name for pro quarterly in USD"));
  EXPECT_THAT(why_not(quote_of(k_pro, {"JPY", "monthly"}), "dodo"),
              HasSubstr("pro monthly in JPY"));
  EXPECT_EQ(why_not(quote_of(k_pro, {"JPY", "monthly"}), "stripe"), "");
}

}  // namespace
}  // namespace vozex::catalog
