// SPDX-License-Identifier: Apache-2.0
// From what somebody wants to a quote: coupons, taxes, gateways, what is delivered, and refusals.
#include "adapters/catalog/quoter.h"

#include <gmock/gmock.h>

#include "adapters/catalog/coupons_adapter.h"
#include "adapters/catalog/memory_catalog_store.h"
#include "adapters/catalog/tax_adapter.h"
#include "tests/unit/catalog/documents.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using types::Value;

// An adapter that answers what it is told.
class Told final : public ports::Adapter {
 public:
  explicit Told(ports::CallReply reply) : reply_(std::move(reply)) {}
  std::string_view name() const override { return "told"; }
  ports::CallReply call(const ports::CallRequest& request) override {
    asked = request;
    return reply_;
  }
  ports::CallRequest asked;

 private:
  const ports::CallReply reply_;
};

class QuoterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    put({test::pos(),
         test::editor(),
         test::design(),
         test::with(test::with(test::design(), "product", "\"sketch\""), "status", "\"draft\""),
         test::with(test::editor(), "product", "\"other\""),
         test::json(R"({"coupon": "TENTH", "title": "A tenth", "percent": 10})"),
         test::json(R"({"coupon": "FIXED", "title": "Ten off", "amount": {"USD": 1000},
                        "products": ["pos", "editor"]})"),
         test::json(R"({"coupon": "OLD", "title": "Old", "percent": 10,
                        "valid_until": "2026-01-01T00:00:00Z"})"),
         test::json(R"({"coupon": "FREE", "title": "Free", "percent": 100})"),
         test::json(R"({"tax": "DE", "title": "VAT", "basis_points": 1900,
                        "business_pays_itself": true})"),
         test::json(R"({"tax": "JP", "title": "Tax", "basis_points": 1000})")});
  }

  void put(std::vector<Value> documents) {
    ApplyOrder order;
    order.documents = std::move(documents);
    const auto applied = catalog_.apply("t1", order);
    ASSERT_TRUE(applied) << applied.error().details[0].name << applied.error().details[0].text;
  }

  Result<Quoter::Outcome> ask(const std::string& body) {
    const Quoter quoter({catalog_,
                         [this](std::string_view name) -> ports::Adapter* {
                           if (instead_ != nullptr) return instead_;
                           return name == "tax" ? static_cast<ports::Adapter*>(&tax_) : &coupons_;
                         },
                         configured_});
    return quoter.quote("t1", test::json(body));
  }

  Quote quoted(const std::string& body) {
    auto outcome = ask(body);
    EXPECT_TRUE(outcome) << outcome.error().message;
    for (const Refusal& one : outcome->refusals)
      ADD_FAILURE() << one.code << " " << one.pointer << " " << one.message;
    return std::move(outcome->quote);
  }

  // "code pointer" of each.
  std::string refusals(const std::string& body) {
    const auto outcome = ask(body);
    if (!outcome) return "error " + outcome.error().code;
    std::string text;
    for (const Refusal& one : outcome->refusals)
      text += (text.empty() ? "" : " ") + one.code + " " + one.pointer;
    return text;
  }

  MemoryCatalogStore store_;
  payments::StillClock clock_{*parse_timestamp("2026-11-20T10:00:00Z")};
  Catalog catalog_{store_, clock_, test::gateways()};
  CouponsAdapter coupons_{catalog_, clock_};
  TaxAdapter tax_{catalog_};
  ports::Adapter* instead_ = nullptr;
  std::vector<std::string> configured_ = {"dodo", "stripe"};
};

constexpr const char* k_team = R"({"product": "editor", "license_type": "team", "quantity": 2})";

std::string of_items(const std::string& items, const std::string& rest = "") {
  return R"({"currency": "USD", "items": [)" + items + "]" + rest + "}";
}

TEST_F(QuoterTest, SumsItemsCouponAndTaxUp) {
  const Quote quote = quoted(
      of_items(std::string(k_team) + R"(, {"product": "editor", "license_type": "personal"})",
               R"(, "coupon": "TENTH", "buyer": {"country": "DE"})"));
  ASSERT_EQ(quote.items.size(), 2u);
  EXPECT_EQ(quote.items[0].net, 39800);
  EXPECT_EQ(quote.items[0].discount, 3980);
  EXPECT_EQ(quote.items[0].tax, 6806);  // 19 % of 358.20: 68.058
  EXPECT_EQ(quote.items[1].total(), 4900 - 490 + 838);
  EXPECT_EQ(quote.items[0].lines.back().how, "19 % of 358.20 USD");
  const Value shown = to_value(quote);
  EXPECT_EQ(types::to_json(*shown.find("totals")),
            R"({"discount":4470,"net":44700,"tax":7644,"total":47874})");
  EXPECT_EQ(quote.total(), 47874);
}

TEST_F(QuoterTest, AFixedCouponIsDealtOutAndNeverMoreThanThePrice) {
  const Quote quote = quoted(of_items(std::string(k_team) +
                                          R"(, {"product": "editor", "license_type": "personal"},
                                              {"product": "other", "license_type": "personal"})",
                                      R"(, "coupon": "FIXED")"));
  EXPECT_EQ(quote.items[0].discount + quote.items[1].discount, 1000);
  EXPECT_EQ(quote.items[0].discount, 890);  // 39800 of 44700
  EXPECT_EQ(quote.items[2].discount, 0);    // for other products
}

TEST_F(QuoterTest, ABusinessAbroadPaysItsTaxItselfAndNobodyElseDoes) {
  const Quote business =
      quoted(of_items(k_team, R"(, "buyer": {"country": "DE", "tax_id": "ATU123"})"));
  EXPECT_EQ(business.items[0].tax, 0);
  EXPECT_EQ(business.items[0].lines.back().how, "the business pays the tax itself");
  const Quote unknown = quoted(of_items(k_team, R"(, "buyer": {"country": "FR"})"));
  EXPECT_EQ(unknown.total(), 39800);
  EXPECT_EQ(quoted(of_items(k_team)).total(), 39800);
}

TEST_F(QuoterTest, RefusesEachAtItsPlace) {
  const std::string pos = R"({"product": "pos", "plan": "pro"})";
  EXPECT_EQ(refusals(of_items(R"({"product": "toaster"})")), "unknown_product /items/0/product");
  EXPECT_EQ(refusals(of_items(R"({"product": "sketch", "package": "logo"})")),
            "product_not_for_sale /items/0/product");
  EXPECT_EQ(refusals(of_items(pos + R"(, {"product": "pos"})")),
            "plan_required /items/1/plan recurring_alone /items");
  EXPECT_EQ(refusals(of_items(pos, R"(, "coupon": "NONE")")), "unknown_coupon /coupon");
  EXPECT_EQ(refusals(of_items(R"({"product": "pos"})", R"(, "coupon": "NONE")")),
            "plan_required /items/0/plan unknown_coupon /coupon");
  EXPECT_EQ(refusals(of_items(pos, R"(, "coupon": "OLD")")), "coupon_not_valid_now /coupon");
  EXPECT_EQ(
      refusals(of_items(R"({"product": "design", "package": "logo"})", R"(, "coupon": "FIXED")")),
      "coupon_not_applicable /coupon");
  EXPECT_EQ(refusals(of_items(pos, R"(, "coupon": "FREE")")), "nothing_to_pay ");
  EXPECT_EQ(refusals(of_items(pos, R"(, "gateway": "paypal")")), "gateway_not_configured /gateway");
  EXPECT_EQ(refusals(of_items(k_team, R"(, "gateway": "stripe")")), "gateway_not_enabled /gateway");
  // The editor enables dodo, the design stripe and paypal.
  EXPECT_EQ(
      refusals(of_items(std::string(k_team) + R"(, {"product": "design", "package": "logo"})")),
      "no_common_gateway ");
}

TEST_F(QuoterTest, ABodyThatIsNoRequestIsSaidAtItsFields) {
  const auto wrong = ask(R"({"currency": "usd", "items": [{"product": "pos", "plans": 1}]})");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "invalid_body");
  EXPECT_THAT(wrong.error().message, HasSubstr("/currency"));
  EXPECT_THAT(wrong.error().message, HasSubstr("/items/0/plans: unknown field"));
  EXPECT_EQ(refusals(R"({"currency": "USD", "items": []})"), "error invalid_body");
}

TEST_F(QuoterTest, TheDefaultGatewayComesFirst) {
  EXPECT_THAT(quoted(of_items(R"({"product": "pos", "plan": "pro"})")).gateways,
              ElementsAre("stripe", "dodo"));
  EXPECT_THAT(
      quoted(of_items(R"({"product": "pos", "plan": "pro"})", R"(, "gateway": "dodo")")).gateways,
      ElementsAre("dodo", "stripe"));
  configured_ = {"dodo"};
  EXPECT_THAT(quoted(of_items(R"({"product": "pos", "plan": "pro"})")).gateways,
              ElementsAre("dodo"));
}

TEST_F(QuoterTest, OnlyGatewaysThatCanChargeTheLinesEachPeriodAreOffered) {
  const std::string loyal = R"({"product": "pos", "plan": "pro", "features": ["loyalty"]})";
  EXPECT_THAT(quoted(of_items(loyal)).gateways, ElementsAre("stripe"));
  EXPECT_EQ(refusals(of_items(loyal, R"(, "gateway": "dodo")")), "gateway_cannot_recur /gateway");
  const std::string pro = R"({"product": "pos", "plan": "pro"})";
  EXPECT_THAT(quoted(of_items(pro, R"(, "coupon": "TENTH")")).gateways, ElementsAre("stripe"));
  EXPECT_THAT(quoted(of_items(pro, R"(, "buyer": {"country": "DE"})")).gateways,
              ElementsAre("stripe"));
  configured_ = {"dodo"};
  EXPECT_EQ(refusals(of_items(loyal)), "gateway_cannot_recur ");
  EXPECT_EQ(refusals(of_items(pro + "," + k_team)), "recurring_alone /items");
}

TEST_F(QuoterTest, AnotherSystemForCouponsAndTaxIsAskedAndBelievedWithinBounds) {
  Told good(test::json(R"({"title": "Ours", "items": [{"item": 0, "minor": 5}]})"));
  instead_ = &good;
  EXPECT_EQ(quoted(of_items(k_team, R"(, "coupon": "X")")).items[0].discount, 5);
  EXPECT_EQ(good.asked.operation, "apply");
  EXPECT_EQ(good.asked.workflow, "quote");
  EXPECT_EQ(good.asked.input.find("items")->as_list()[0].find("minor")->as_integer(), 39800);
  for (const char* bad : {R"({"items": [{"item": 0, "minor": 39801}]})",
                          R"({"items": [{"item": 0, "minor": -1}]})",
                          R"({"items": [{"item": 1, "minor": 1}]})",
                          R"({"items": [{"item": 0, "minor": 1}, {"item": 0, "minor": 1}]})",
                          R"({"items": [{"item": 0, "minor": 1.5}]})",
                          R"({"discount": 1})"}) {
    Told wrong(test::json(bad));
    instead_ = &wrong;
    EXPECT_EQ(refusals(of_items(k_team, R"(, "coupon": "X")")), "error pricing_unavailable") << bad;
  }
  ports::CallError down;
  down.code = "timeout";
  Told silent{ports::CallReply(tl::unexpected(down))};
  instead_ = &silent;
  EXPECT_EQ(refusals(of_items(k_team, R"(, "buyer": {"country": "DE"})")),
            "error pricing_unavailable");
  down.code = "tax_id_not_valid";
  Told refusing{ports::CallReply(tl::unexpected(down))};
  instead_ = &refusing;
  EXPECT_EQ(refusals(of_items(k_team, R"(, "buyer": {"country": "DE"})")),
            "tax_id_not_valid /buyer");
}

TEST_F(QuoterTest, ALicenceIsDeliveredWithItsSeatsAndFeatures) {
  const Quote quote = quoted(of_items(
      R"({"product": "editor", "license_type": "team", "support_plan": "mail", "quantity": 3})"));
  EXPECT_EQ(types::to_json(order_items(quote)),
            R"([{"config":{"artefact":"editor.zip","features":[],"seats":15,"support_plan":"mail",)"
            R"("updates_days":365},"driver":"license_download","price":{"currency":"USD",)"
            R"("minor":62700},"product_id":"editor","title":"Editor"}])");
  const Value metadata = metadata_of(quote);
  EXPECT_EQ(metadata.find("total")->as_integer(), 62700);
  EXPECT_EQ(metadata.find("items")->as_list()[0].text_at("license_type"), "team");
}

TEST_F(QuoterTest, AServiceIsDeliveredOnItsTerms) {
  const Quote quote =
      quoted(of_items(R"({"product": "pos", "plan": "starter", "features": ["kitchen"]})"));
  const Value item = order_items(quote).as_list()[0];
  EXPECT_EQ(item.text_at("driver"), "multitenant_saas");
  const Value& config = *item.find("config");
  EXPECT_EQ(config.text_at("provider"), "tables");
  const Value& terms = *config.find("terms");
  EXPECT_EQ(terms.text_at("plan"), "starter");
  EXPECT_EQ(types::to_json(*terms.find("features")), R"(["orders","kitchen"])");
  EXPECT_EQ(types::to_json(*terms.find("limits")), R"({"terminals":1})");
  EXPECT_EQ(metadata_of(quote).find("items")->as_list()[0].text_at("cycle"), "monthly");
}

TEST_F(QuoterTest, EveryPathOfAHybridIsDeliveredAndThePricesMakeTheTotal) {
  put({test::json(R"({
    "product": "guard", "title": "Guard", "type": "security_tools", "category": "self_hosted",
    "delivery_model": "hybrid", "price": {"USD": 1001},
    "license_types": [{"license_type": "year", "title": "Year", "price": {"USD": 0}}],
    "service_packages": [{"package": "install", "title": "Install", "price": {"USD": 0}, "days": 3}],
    "gateways": {"enabled": ["dodo"]},
    "fulfillment_config": {"mode": "all", "paths": [
      {"path": "key", "title": "Key", "delivery_model": "self_hosted_license", "config": {}},
      {"path": "help", "title": "Help", "delivery_model": "managed_setup", "config":
        {"queue": "q", "sla_hours": 4, "instruction_template": "x"}}]}})")});
  const Value items = order_items(
      quoted(of_items(R"({"product": "guard", "license_type": "year", "package": "install"})")));
  ASSERT_EQ(items.as_list().size(), 2u);
  EXPECT_EQ(items.as_list()[0].text_at("title"), "Guard: Key");
  EXPECT_EQ(items.as_list()[0].find("price")->find("minor")->as_integer(), 501);
  EXPECT_EQ(items.as_list()[1].text_at("driver"), "manual_fulfillment");
  EXPECT_EQ(items.as_list()[1].find("price")->find("minor")->as_integer(), 500);
}

}  // namespace
}  // namespace vozex::catalog
