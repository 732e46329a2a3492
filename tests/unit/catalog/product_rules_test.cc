// SPDX-License-Identifier: Apache-2.0
// Each refusal of a product, at its field.
#include <gmock/gmock.h>

#include "adapters/catalog/entry_types.h"
#include "tests/unit/catalog/documents.h"

namespace vozex::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using types::Value;

TEST(Product, ThatIsRightIsTakenWithItsDefaults) {
  for (const Value& document : {test::pos(), test::editor(), test::design()}) {
    const auto checked = check_entry(document, test::gateways());
    ASSERT_TRUE(checked) << test::faults_of(document);
    EXPECT_EQ(checked->document.text_at("status"), "active");
    // What was checked is taken again as it is.
    const auto again = check_entry(checked->document, test::gateways());
    ASSERT_TRUE(again);
    EXPECT_EQ(types::to_json(again->document), types::to_json(checked->document));
  }
  const auto checked = check_entry(test::pos(), test::gateways());
  EXPECT_EQ(checked->document.find("fulfillment_config")->find("timeout_seconds")->as_integer(),
            20);
}

// A document made wrong in one place, and the fault that says so.
struct Wrong {
  const char* name;
  Value document;
  const char* fault;  // how the faults begin
};

class Refused : public ::testing::TestWithParam<Wrong> {};

TEST_P(Refused, AtItsField) {
  EXPECT_THAT(test::faults_of(GetParam().document), StartsWith(GetParam().fault));
}

Value pos(const char* member, const char* text) { return test::with(test::pos(), member, text); }
Value editor(const char* member, const char* text) {
  return test::with(test::editor(), member, text);
}
Value design(const char* member, const char* text) {
  return test::with(test::design(), member, text);
}

// The first item of a list with one member replaced.
Value item(const Value& document,
           const char* list,
           std::size_t number,
           const char* member,
           const char* text) {
  Value::List items = document.find(list)->as_list();
  items[number] = items[number].with(member, test::json(text));
  return document.with(list, Value::list(std::move(items)));
}

std::vector<Wrong> shapes() {
  return {
      {"no_kind", test::json(R"({"title": "x"})"), "expected a document that begins with product"},
      {"no_map", test::json("[1]"), "expected a document that begins with product"},
      {"id", pos("product", "\"Point of Sale\""), "/product: "},
      {"unknown_member", pos("prices", "{}"), "/prices: unknown field; did you mean price?"},
      {"missing_price", test::pos().without("price"), "/price: this field is required"},
      {"float_price", pos("price", R"({"USD": 9.5, "JPY": 1})"), "/price/USD: expected int"},
      {"empty_price", pos("price", "{}"), "/price: "},
      {"category", pos("category", "\"toys\""), "/category: "},
      {"model",
       pos("delivery_model", "\"by_post\""),
       "/delivery_model: expected saas_multitenant, saas_singletenant"},
      {"trial_too_long", pos("trial_days", "365"), "/trial_days: "},
      {"no_gateway", pos("gateways", R"({"enabled": []})"), "/gateways/enabled: "},
      {"quantity", pos("max_quantity", "0"), "/max_quantity: "},
  };
}

std::vector<Wrong> combinations() {
  return {
      {"category_and_model",
       pos("category", "\"services\""),
       "/delivery_model: a product of the category services is delivered as"},
      {"license_of_saas",
       pos("license_types",
           R"([{"license_type": "a", "title": "A", "price": {"USD": 1, "JPY": 1}}])"),
       "/license_types: only self_hosted_license"},
      {"license_without_types", editor("license_types", "[]"), "/license_types: expected at least"},
      {"package_of_license",
       editor("service_packages",
              R"([{"package": "a", "title": "A", "price": {"USD": 1, "TND": 1}, "days": 1}])"),
       "/service_packages: only service and managed_setup"},
      {"service_without_package",
       design("service_packages", "[]").with("timelines", Value::list({})),
       "/service_packages: expected at least one"},
      {"timeline_of_nothing",
       pos("timelines", R"([{"timeline": "rush"}])"),
       "/timelines: a timeline is of a service package"},
      {"skills_of_saas",
       pos("required_skills", R"(["cooking"])"),
       "/required_skills: only the delivery model service"},
      {"service_without_skills",
       design("required_skills", "[]"),
       "/required_skills: expected at least one"},
      {"saas_without_plans",
       item(pos("plans", "[]"), "features", 2, "plans", "null"),
       "/plans: expected at least one"},
      {"recurring_download",
       test::with(editor("delivery_model", "\"self_hosted_download\""), "recurring", "true")
           .with("license_types", Value::list({}))
           .with("cycles", Value::list({Value::string("annual")})),
       "/recurring: a download can't be taken back"},
      {"recurring_without_cycles", pos("cycles", "[]"), "/cycles: expected at least one"},
      {"cycles_of_once", editor("cycles", R"(["annual"])"), "/cycles: only a recurring product"},
      {"trial_of_once", editor("trial_days", "7"), "/trial_days: only a recurring product"},
      {"milestones_not_100",
       item(test::design(),
            "service_packages",
            0,
            "milestones",
            R"([{"title": "All", "percent": 99}])"),
       "/service_packages/0/milestones: expected percents that make 100"},
      {"milestones_every_month",
       test::with(design("recurring", "true"), "cycles", R"(["monthly"])"),
       "/service_packages/0/milestones: work that is paid every month"},
  };
}

Value sold_as(const char* text) { return test::sold_as(test::pos(), 0, text); }

// What gateways call plans. The documents are otherwise right.
std::vector<Wrong> names_at_gateways() {
  constexpr const char* k_month = R"({"dodo": {"monthly": {"USD": "a"}}})";
  return {
      {"recurring_without_plans",
       test::with(editor("recurring", "true"), "cycles", R"(["annual"])"),
       "/plans: expected at least one: what is paid again and again"},
      {"not_sold_at_an_enabled_gateway",
       sold_as("{}"),
       "/plans/0/sold_as/dodo: expected what dodo calls this plan, by cycle and currency"},
      {"sold_at_a_gateway_that_is_not_known",
       sold_as(R"({"cash": {"monthly": {"USD": "a"}, "quarterly": {"USD": "b"},
                            "annual": {"USD": "c"}}})"),
       "/plans/0/sold_as/cash: expected dodo or paypal, got cash"},
      {"sold_at_a_gateway_that_needs_no_name",
       sold_as(R"({"stripe": {"monthly": {"USD": "a"}, "quarterly": {"USD": "b"},
                              "annual": {"USD": "c"}}})"),
       "/plans/0/sold_as/stripe: stripe is told price and period"},
      {"sold_at_a_gateway_that_is_not_enabled",
       sold_as(R"({"paypal": {"monthly": {"USD": "a"}, "quarterly": {"USD": "b"},
                              "annual": {"USD": "c"}}})"),
       "/plans/0/sold_as/paypal: the product doesn't enable this gateway"},
      {"sold_in_a_cycle_that_is_not_offered",
       test::with(sold_as(R"({"dodo": {"monthly": {"USD": "a"}, "weekly": {"USD": "b"},
                                       "quarterly": {"USD": "c"}, "annual": {"USD": "d"}}})"),
                  "trial_days",
                  "7"),
       "/plans/0/sold_as/dodo/weekly: the product isn't billed so"},
      {"not_sold_in_a_cycle",
       sold_as(k_month),
       "/plans/0/sold_as/dodo/quarterly: expected what dodo calls it, too"},
      {"sold_in_another_currency",
       sold_as(R"({"dodo": {"monthly": {"EUR": "a"}, "quarterly": {"USD": "b"},
                            "annual": {"USD": "c"}}})"),
       "/plans/0/sold_as/dodo/monthly/EUR: the product has no price in this currency"},
      {"sold_in_no_currency",
       sold_as(R"({"dodo": {"monthly": {}, "quarterly": {"USD": "b"}, "annual": {"USD": "c"}}})"),
       "/plans/0/sold_as/dodo/monthly: expected at least one currency"},
      {"sold_without_a_name",
       sold_as(R"({"dodo": {"monthly": {"USD": ""}, "quarterly": {"USD": "b"},
                            "annual": {"USD": "c"}}})"),
       "/plans/0/sold_as/dodo/monthly/USD: expected the gateway's id of it"},
      {"sold_under_one_name_twice",
       sold_as(R"({"dodo": {"monthly": {"USD": "a"}, "quarterly": {"USD": "b"},
                            "annual": {"USD": "pdt_p12"}}})"),
       "/plans/1/sold_as/dodo/annual/USD: the same as /plans/0/sold_as/dodo/annual/USD"},
      {"subscription_of_what_is_paid_once",
       editor("plans",
              R"([{"plan": "a", "title": "A", "price": {"USD": 1, "TND": 1},
                   "sold_as": {"dodo": {"annual": {"USD": "pdt_a"}}}}])"),
       "/plans/0/sold_as: only a plan of a recurring product"},
  };
}

std::vector<Wrong> references() {
  return {
      {"plan_twice",
       item(test::pos(), "plans", 1, "plan", "\"starter\""),
       "/plans/1/plan: two of the plans have this id"},
      {"feature_of_plan_unknown",
       item(test::pos(), "plans", 0, "features", R"(["ordering"])"),
       "/plans/0/features/0: no such feature: ordering; expected orders, kitchen or loyalty"},
      {"requires_unknown",
       item(test::pos(), "features", 1, "requires", R"(["oven"])"),
       "/features/1/requires/0: no such feature: oven"},
      {"requires_itself",
       item(item(test::pos(), "features", 0, "requires", R"(["kitchen"])"),
            "plans",
            0,
            "features",
            "[]"),
       "/features/0/requires: the feature orders needs itself"},
      {"plans_of_feature_unknown",
       item(test::pos(), "features", 2, "plans", R"(["gold"])"),
       "/features/2/plans/0: no such plan: gold"},
      {"plan_lacks_needed",
       item(test::pos(), "plans", 1, "features", R"(["kitchen"])"),
       "/plans/1/features/0: kitchen needs orders"},
      {"plan_includes_unsold",
       item(test::pos(), "plans", 0, "features", R"(["orders", "loyalty"])"),
       "/plans/0/features/1: the feature loyalty isn't sold with this plan"},
      {"needed_is_not_sold",
       item(item(test::pos(), "features", 1, "requires", R"(["loyalty"])"),
            "plans",
            1,
            "features",
            R"(["orders"])"),
       "/features/1/requires/0: with the plan starter kitchen is sold and loyalty"},
      {"timeline_twice",
       design("timelines", R"([{"timeline": "rush"}, {"timeline": "rush"}])"),
       "/timelines/1/timeline: two of the timelines"},
      {"currency", pos("price", R"({"usd": 1, "JPY": 1})"), "/price/usd: expected a currency"},
      {"negative", pos("price", R"({"USD": -1, "JPY": 1})"), "/price/USD: expected minor units"},
      {"huge", pos("price", R"({"USD": 1000000000001, "JPY": 1})"), "/price/USD: expected minor"},
      {"currencies_differ",
       item(test::pos(), "plans", 0, "price", R"({"USD": 1})"),
       "/plans/0/price: expected prices in the currencies of /price: JPY or USD; got USD"},
      {"gateway_unknown",
       pos("gateways", R"({"enabled": ["dodo", "cash"]})"),
       "/gateways/enabled/1: expected dodo, paypal or stripe, got cash"},
      {"gateway_twice",
       pos("gateways", R"({"enabled": ["dodo", "dodo"]})"),
       "/gateways/enabled/1: this gateway stands here twice"},
      {"gateway_default",
       pos("gateways", R"({"enabled": ["dodo"], "default": "stripe"})"),
       "/gateways/default: expected one that is enabled"},
  };
}

std::vector<Wrong> others() {
  return {
      {"coupon_of_nothing",
       test::json(R"({"coupon": "SPRING", "title": "Spring"})"),
       "/percent: expected either a percent or an amount"},
      {"coupon_of_both",
       test::json(R"({"coupon": "SPRING", "title": "S", "percent": 5, "amount": {"USD": 1}})"),
       "/percent: expected either"},
      {"coupon_backwards",
       test::json(R"({"coupon": "SPRING", "title": "S", "percent": 5,
                      "valid_from": "2026-03-01T00:00:00Z", "valid_until": "2026-02-01T00:00:00Z"})"),
       "/valid_until: expected a time after"},
      {"coupon_of_all",
       test::json(R"({"coupon": "SPRING", "title": "S", "percent": 101})"),
       "/percent: "},
      {"tax_of_nowhere",
       test::json(R"({"tax": "Germany", "title": "VAT", "basis_points": 1900})"),
       "/tax: "},
      {"tax_too_high",
       test::json(R"({"tax": "DE", "title": "VAT", "basis_points": 10001})"),
       "/basis_points: "},
  };
}

std::string name_of(const ::testing::TestParamInfo<Wrong>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Shape, Refused, ::testing::ValuesIn(shapes()), name_of);
INSTANTIATE_TEST_SUITE_P(Combination, Refused, ::testing::ValuesIn(combinations()), name_of);
INSTANTIATE_TEST_SUITE_P(Gateway, Refused, ::testing::ValuesIn(names_at_gateways()), name_of);
INSTANTIATE_TEST_SUITE_P(Reference, Refused, ::testing::ValuesIn(references()), name_of);
INSTANTIATE_TEST_SUITE_P(Other, Refused, ::testing::ValuesIn(others()), name_of);

TEST(Product, ARetiredPlanNeedsNoNameAtGateways) {
  const Value unsold = sold_as("{}");
  EXPECT_EQ(test::faults_of(item(unsold, "plans", 0, "retired", "true")), "");
}

TEST(Product, EveryFaultIsSaidAtOnce) {
  const std::string faults = test::faults_of(
      test::with(
          test::with(item(test::pos(), "plans", 0, "features", R"(["x"])"), "trial_days", "7"),
          "recurring",
          "false")
          .with("required_skills", Value::list({Value::string("cooking")})));
  for (const char* place : {"/plans/0/features/0", "/trial_days", "/cycles", "/required_skills"})
    EXPECT_THAT(faults, HasSubstr(place));
  // The configuration, too, although the shape of the rest is wrong.
  const std::string both =
      test::faults_of(test::with(pos("title", "7"), "fulfillment_config", R"({"provider": "x"})"));
  EXPECT_THAT(both, HasSubstr("/title"));
  EXPECT_THAT(both, HasSubstr("/fulfillment_config/base_url"));
}

}  // namespace
}  // namespace vozex::catalog
