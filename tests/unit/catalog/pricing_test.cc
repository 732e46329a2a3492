// SPDX-License-Identifier: Apache-2.0
// Prices line by line, every refusal at its place, and what holds for all prices.
#include "adapters/catalog/pricing.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "adapters/catalog/money.h"
#include "tests/unit/catalog/documents.h"

namespace vozex::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using types::Value;

Product product_of(const Value& document) {
  const auto checked = check_entry(document, test::gateways());
  EXPECT_TRUE(checked) << test::faults_of(document);
  return read_product(checked->document);
}

// A product with two ways of delivery, of which the buyer picks one.
Value hybrid() {
  return test::json(R"({
    "product": "till", "title": "Till", "type": "retail_pos", "category": "saas",
    "delivery_model": "hybrid", "recurring": true, "cycles": ["monthly"], "price": {"USD": 100},
    "plans": [{"plan": "one", "title": "One", "price": {"USD": 10},
               "sold_as": {"dodo": {"monthly": {"USD": "pdt_1"}}}}],
    "license_types": [{"license_type": "shop", "title": "Shop", "price": {"USD": 50}}],
    "gateways": {"enabled": ["dodo"]},
    "fulfillment_config": {"mode": "choose", "paths": [
      {"path": "cloud", "title": "Cloud", "delivery_model": "saas_multitenant", "config":
        {"provider": "a", "base_url": "https://a.example", "auth_mode": "hmac",
         "credentials_ref": "A"}},
      {"path": "own", "title": "Own", "delivery_model": "self_hosted_license", "config": {}}]}})");
}

std::vector<std::string> shown(const PricedItem& item) {
  std::vector<std::string> lines;
  for (const Line& line : item.lines) {
    lines.push_back(line.kind + " " + line.ref + " " + std::to_string(line.minor) + " (" +
                    line.how + ")");
  }
  return lines;
}

Selection of(const char* item) {
  Selection selection = read_selection(test::json(item));
  return selection;
}

PricedItem priced(const Value& document, const char* item, const Terms& terms) {
  Refusals refusals;
  const PricedItem out = price(product_of(document), of(item), terms, "/items/0", refusals);
  for (const Refusal& one : refusals)
    ADD_FAILURE() << one.code << " " << one.pointer << " " << one.message;
  return out;
}

TEST(Pricing, EachAmountIsExplained) {
  const PricedItem item =
      priced(test::pos(),
             R"({"product": "pos", "plan": "pro", "features": ["loyalty", "kitchen"],
                 "support_plan": "priority", "quantity": 2})",
             {"USD", "quarterly"});
  EXPECT_THAT(shown(item),
              ElementsAre("base pos 6000 (2 x 10.00 USD x 3 months)",
                          "plan pro 35400 (2 x 59.00 USD x 3 months)",
                          "feature orders 0 (included in the plan Pro)",
                          "feature kitchen 0 (included in the plan Pro)",
                          "feature loyalty 9000 (2 x 15.00 USD x 3 months)",
                          "support_plan priority 11994 (2 x 19.99 USD x 3 months)"));
  EXPECT_EQ(item.net, 62394);
  EXPECT_EQ(item.total(), 62394);
}

TEST(Pricing, AYearPaidAtOnceIsTwentyPercentOff) {
  const PricedItem item =
      priced(test::pos(),
             R"({"product": "pos", "plan": "starter", "support_plan": "priority"})",
             {"USD", "annual"});
  // (1000 + 2900 + 1999) x 12 = 70788; 20 % are 14157.6, half up 14158.
  EXPECT_EQ(item.lines.back().kind, "annual");
  EXPECT_EQ(item.lines.back().minor, -14158);
  EXPECT_EQ(item.lines.back().how, "20 % of 707.88 USD");
  EXPECT_EQ(item.net, 56630);
}

TEST(Pricing, ALicenceIsPaidOnceInTheDigitsOfItsCurrency) {
  const PricedItem item = priced(test::editor(),
                                 R"({"product": "editor", "license_type": "team",
                                     "support_plan": "mail", "quantity": 3})",
                                 {"TND", "annual"});
  EXPECT_THAT(shown(item),
              ElementsAre("base editor 0 (3 x 0.000 TND)",
                          "license_type team 184500 (3 x 61.500 TND)",
                          "support_plan mail 9300 (3 x 3.100 TND)"));
  EXPECT_EQ(priced(test::pos(), R"({"product": "pos", "plan": "pro"})", {"JPY", ""}).lines[0].how,
            "1 x 150 JPY x 1 month");
}

TEST(Pricing, ATimelineIsAPercentageOfItsPackage) {
  const PricedItem item = priced(test::design(),
                                 R"({"product": "design", "package": "logo", "timeline": "rush"})",
                                 {"USD", ""});
  EXPECT_THAT(shown(item),
              ElementsAre("base design 0 (1 x 0.00 USD)",
                          "package logo 30001 (1 x 300.01 USD)",
                          "timeline rush 15001 (50 % of 300.01 USD)"));
  EXPECT_EQ(priced(test::design(), R"({"product": "design", "package": "logo"})", {"USD", ""})
                .selection.timeline,
            "standard");
}

TEST(Pricing, APathWithoutLicencesHasNone) {
  EXPECT_EQ(
      priced(hybrid(), R"({"product": "till", "plan": "one", "path": "cloud"})", {"USD", ""}).net,
      110);
  EXPECT_EQ(priced(hybrid(),
                   R"({"product": "till", "plan": "one", "path": "own", "license_type": "shop"})",
                   {"USD", ""})
                .net,
            160);
}

struct Case {
  const char* name;
  Value document;
  const char* item;
  Terms terms;
  const char* refusal;  // "code pointer" of each, blank between
};

class Refusing : public ::testing::TestWithParam<Case> {};

TEST_P(Refusing, SaysWhatAndWhere) {
  const Case& one = GetParam();
  Refusals refusals;
  price(product_of(one.document), of(one.item), one.terms, "/items/3", refusals);
  std::string said;
  for (const Refusal& refusal : refusals) {
    said += (said.empty() ? "" : " ") + refusal.code + " " + refusal.pointer;
    EXPECT_FALSE(refusal.message.empty());
  }
  EXPECT_EQ(said, one.refusal);
}

Value retired() {
  Value::List plans = test::pos().find("plans")->as_list();
  plans[0] = plans[0].with("retired", Value::boolean(true));
  return test::pos().with("plans", Value::list(plans));
}

const Terms k_usd{"USD", "monthly"};

std::vector<Case> cases() {
  return {
      {"plan_missing", test::pos(), R"({"product": "pos"})", k_usd, "plan_required /items/3/plan"},
      {"plan_unknown",
       test::pos(),
       R"({"product": "pos", "plan": "gold"})",
       k_usd,
       "plan_not_offered /items/3/plan"},
      {"plan_retired",
       retired(),
       R"({"product": "pos", "plan": "starter"})",
       k_usd,
       "plan_not_offered /items/3/plan"},
      {"feature_unknown",
       test::pos(),
       R"({"product": "pos", "plan": "pro", "features": ["kitchen", "radio"]})",
       k_usd,
       "feature_not_offered /items/3/features/1"},
      {"feature_twice",
       test::pos(),
       R"({"product": "pos", "plan": "pro", "features": ["loyalty", "loyalty"]})",
       k_usd,
       "feature_twice /items/3/features/0 feature_twice /items/3/features/1"},
      {"feature_of_other_plan",
       test::pos(),
       R"({"product": "pos", "plan": "starter", "features": ["loyalty"]})",
       k_usd,
       "feature_not_in_plan /items/3/features/0"},
      {"feature_needs",
       test::pos().with(
           "plans",
           Value::list(
               {test::json(R"({"plan": "bare", "title": "Bare", "price": {"USD": 1, "JPY": 1},
                                "sold_as": {"dodo": {"monthly": {"USD": "a"},
                                  "quarterly": {"USD": "b"}, "annual": {"USD": "c"}}}})"),
                test::pos().find("plans")->as_list()[1]})),
       R"({"product": "pos", "plan": "bare", "features": ["kitchen"]})",
       k_usd,
       "feature_needs_other /items/3/features/0"},
      {"license_missing",
       test::editor(),
       R"({"product": "editor"})",
       k_usd,
       "license_type_required /items/3/license_type"},
      {"license_unknown",
       test::editor(),
       R"({"product": "editor", "license_type": "all"})",
       k_usd,
       "license_type_not_offered /items/3/license_type"},
      {"license_of_saas",
       test::pos(),
       R"({"product": "pos", "plan": "pro", "license_type": "team"})",
       k_usd,
       "license_type_not_offered /items/3/license_type"},
      {"support_unknown",
       test::pos(),
       R"({"product": "pos", "plan": "pro", "support_plan": "gold"})",
       k_usd,
       "support_plan_not_offered /items/3/support_plan"},
      {"package_missing",
       test::design(),
       R"({"product": "design"})",
       k_usd,
       "package_required /items/3/package"},
      {"timeline_unknown",
       test::design(),
       R"({"product": "design", "package": "logo", "timeline": "expedited"})",
       k_usd,
       "timeline_not_offered /items/3/timeline"},
      {"timeline_of_nothing",
       test::pos(),
       R"({"product": "pos", "plan": "pro", "timeline": "rush"})",
       k_usd,
       "timeline_not_offered /items/3/timeline"},
      {"currency",
       test::pos(),
       R"({"product": "pos", "plan": "pro"})",
       {"EUR", "monthly"},
       "currency_not_sold /items/3"},
      {"cycle",
       hybrid(),
       R"({"product": "till", "plan": "one", "path": "cloud"})",
       {"USD", "annual"},
       "cycle_not_offered /items/3"},
      {"quantity_none",
       test::pos(),
       R"({"product": "pos", "plan": "pro", "quantity": 0})",
       k_usd,
       "quantity_out_of_range /items/3/quantity"},
      {"quantity_many",
       test::editor(),
       R"({"product": "editor", "license_type": "team", "quantity": 21})",
       k_usd,
       "quantity_out_of_range /items/3/quantity"},
      {"amount",
       test::with(test::with(test::pos(), "price", R"({"USD": 1000000000000, "JPY": 1})"),
                  "max_quantity",
                  "10000"),
       R"({"product": "pos", "plan": "pro", "quantity": 10000})",
       {"USD", "annual"},
       "amount_too_large /items/3/quantity"},
      {"path_missing",
       hybrid(),
       R"({"product": "till", "plan": "one"})",
       k_usd,
       "path_required /items/3/path license_type_required /items/3/license_type"},
      {"path_unknown",
       hybrid(),
       R"({"product": "till", "plan": "one", "path": "moon", "license_type": "shop"})",
       k_usd,
       "path_not_offered /items/3/path"},
      {"path_of_none",
       test::pos(),
       R"({"product": "pos", "plan": "pro", "path": "cloud"})",
       k_usd,
       "path_not_offered /items/3/path"},
      {"license_of_cloud",
       hybrid(),
       R"({"product": "till", "plan": "one", "path": "cloud", "license_type": "shop"})",
       k_usd,
       "license_type_not_offered /items/3/license_type"},
      {"several",
       test::pos(),
       R"({"product": "pos", "support_plan": "gold", "quantity": 500})",
       k_usd,
       "quantity_out_of_range /items/3/quantity plan_required /items/3/plan "
       "support_plan_not_offered /items/3/support_plan"},
  };
}

std::string name_of(const ::testing::TestParamInfo<Case>& one) { return one.param.name; }

INSTANTIATE_TEST_SUITE_P(Pricing, Refusing, ::testing::ValuesIn(cases()), name_of);

// ---- what holds for all prices ----

std::int64_t sum_of(const PricedItem& item) {
  std::int64_t sum = 0;
  for (const Line& line : item.lines) sum += line.minor;
  return sum;
}

// The product of the tests with prices of its own.
Product any_pos() {
  Product product = product_of(test::pos());
  const auto price = [] {
    return Prices{{"USD", *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000)}};
  };
  product.prices = price();
  product.max_quantity = 10'000;
  for (auto* choices : {&product.plans, &product.features, &product.support_plans}) {
    for (Choice& choice : *choices) choice.prices = price();
  }
  return product;
}

Selection any_selection() {
  Selection selection = of(R"({"product": "pos", "plan": "pro"})");
  selection.quantity = *rc::gen::inRange(1, 100);
  if (*rc::gen::arbitrary<bool>()) selection.features = {"loyalty"};
  if (*rc::gen::arbitrary<bool>()) selection.support_plan = "priority";
  return selection;
}

Terms any_terms() {
  return {"USD", *rc::gen::element<std::string>("monthly", "quarterly", "annual")};
}

RC_GTEST_PROP(Pricing, LinesMakeTheTotal, ()) {
  Refusals refusals;
  PricedItem item = price(any_pos(), any_selection(), any_terms(), "", refusals);
  RC_PRE(refusals.empty());
  RC_ASSERT(item.net >= 0);
  take_off(item, {"coupon", "C", "", *rc::gen::inRange<std::int64_t>(0, item.net + 1), ""});
  add_tax(item, {"tax", "DE", "", share_of(item.net - item.discount, 1900, 10'000), ""});
  RC_ASSERT(sum_of(item) == item.total());
  RC_ASSERT(item.total() >= 0);
}

RC_GTEST_PROP(Pricing, MoreIsNeverCheaper, ()) {
  const Product product = any_pos();
  const Selection less = any_selection();
  const Terms terms = any_terms();
  Selection more = less;
  ++more.quantity;
  Selection with = less;
  if (with.features.empty()) with.features = {"loyalty"};
  with.support_plan = "priority";
  Refusals refusals;
  const auto net = [&](const Selection& selection) {
    return price(product, selection, terms, "", refusals).net;
  };
  const std::int64_t basis = net(less);
  RC_ASSERT(net(more) >= basis);
  RC_ASSERT(net(with) >= basis);
  RC_PRE(refusals.empty());
}

RC_GTEST_PROP(Pricing, AYearIsTwelveMonthsLessTwentyPercent, ()) {
  const Product product = any_pos();
  Selection selection = any_selection();
  Refusals refusals;
  const std::int64_t month = price(product, selection, {"USD", "monthly"}, "", refusals).net;
  const std::int64_t quarter = price(product, selection, {"USD", "quarterly"}, "", refusals).net;
  const std::int64_t year = price(product, selection, {"USD", "annual"}, "", refusals).net;
  RC_PRE(refusals.empty());
  RC_ASSERT(quarter == 3 * month);
  RC_ASSERT(year == 12 * month - percent_of(12 * month, 20));
}

}  // namespace
}  // namespace vozex::catalog
