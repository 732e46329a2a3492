// SPDX-License-Identifier: Apache-2.0
// Orders paid at Stripe through the real program: its gateway on loopback, its webhooks signed.
#include <gtest/gtest.h>

#include "adapters/payments/gateway.h"
#include "adapters/payments/stripe/signature.h"
#include "adapters/system/clock.h"
#include "api/cli/settings.h"
#include "tests/api/town.h"
#include "tests/support/loopback_server.h"

namespace vozex::api_test {
namespace {

using test::LoopbackServer;
using test::WireReply;
using test::WireRequest;

constexpr const char* k_secret = "whsec_of_the_tests";

class StripeOrder : public ::testing::TestWithParam<Kind> {
 protected:
  StripeOrder() : stripe_([](const WireRequest& request) { return answer(request); }) {}

  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    write_text(secrets_ / "key", "sk_test_of_the_tests");
    write_text(secrets_ / "hook", k_secret);
    const auto setting = [](const std::string& name, const std::string& value) {
      return std::vector<std::string>{"--gateway", name + "=" + value};
    };
    std::vector<std::string> arguments;
    for (const auto& pair : {setting("stripe.base_url", stripe_.url()),
                             setting("stripe.api_key", "file:" + (secrets_ / "key")),
                             setting("stripe.webhook_secrets", "file:" + (secrets_ / "hook")),
                             setting("stripe.return_url", "https://shop.example/"),
                             setting("paypal.webhook_ids", "W1")})
      arguments.insert(arguments.end(), pair.begin(), pair.end());
    town_ = std::make_unique<Town>(GetParam(), arguments);
  }

  static WireReply answer(const WireRequest& request) {
    if (request.method == "POST" && request.target == "/v1/checkout/sessions")
      return WireReply::answer(200, R"({"id":"cs_1","url":"https://pay.example/cs_1"})");
    return WireReply::answer(404, "{}");
  }

  void place(const std::string& order_id) {
    const Answer placed = town_->post("/v1/checkouts",
                                      {{"order_id", order_id},
                                       {"gateway", "stripe"},
                                       {"customer", {{"email", "ann@example.com"}}},
                                       {"items",
                                        {{{"product_id", "editor"},
                                          {"title", "Text editor"},
                                          {"driver", "license_download"},
                                          {"price", {{"minor", 4900}, {"currency", "USD"}}},
                                          {"config", {{"seats", 1}}}}}}});
    ASSERT_EQ(placed.status, 201) << placed.body << town_->server_log();
    EXPECT_EQ(placed.value()["checkout_url"], "https://pay.example/cs_1");
  }

  Answer webhook(const std::string& id, const std::string& type, json object, bool live = false) {
    const std::string body = json{{"id", id},
                                  {"object", "event"},
                                  {"type", type},
                                  {"livemode", live},
                                  {"data", {{"object", std::move(object)}}}}
                                 .dump();
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    return ask("POST",
               town_->api("/webhooks/stripe"),
               body,
               {"content-type: application/json",
                "stripe-signature: " + payments::sign_stripe({k_secret}, now, body)});
  }

  json intent(const std::string& order_id, int amount = 4900) {
    return {{"id", "pi_" + order_id},
            {"amount_received", amount},
            {"currency", "usd"},
            {"metadata", {{"payment_id", order_id + "-p1"}, {"order_id", order_id}}}};
  }

  TemporaryFolder secrets_;
  LoopbackServer stripe_;
  std::unique_ptr<Town> town_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         StripeOrder,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(StripeOrder, ThreeEventsAboutOnePaymentApplyOnce) {
  place("s-1");
  const Answer first = webhook("evt_1", "payment_intent.succeeded", intent("s-1"));
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.value()["outcome"], "transitioned");
  json charge = intent("s-1");
  charge["id"] = "ch_1";
  charge["payment_intent"] = "pi_s-1";
  charge["captured"] = true;
  charge["amount"] = charge["amount_captured"] = 4900;
  EXPECT_EQ(webhook("evt_2", "charge.succeeded", charge).value()["outcome"], "duplicate");
  json session = intent("s-1");
  session["id"] = "cs_1";
  session["mode"] = "payment";
  session["payment_status"] = "paid";
  session["payment_intent"] = "pi_s-1";
  session["amount_total"] = 4900;
  EXPECT_EQ(webhook("evt_3", "checkout.session.completed", session).value()["outcome"],
            "duplicate");
  ASSERT_TRUE(town_->reaches("order", "s-1", "fulfilled")) << town_->server_log();
  EXPECT_EQ(town_->status_of("payment", "s-1-p1"), "captured");
}

TEST_P(StripeOrder, AWrongAmountIsLookedAtByPeople) {
  place("s-2");
  webhook("evt_1", "payment_intent.succeeded", intent("s-2", 4800));
  EXPECT_TRUE(town_->reaches("payment", "s-2-p1", "review")) << town_->server_log();
  EXPECT_EQ(town_->status_of("order", "s-2"), "awaiting_payment");
}

TEST_P(StripeOrder, StrangersAndTheWrongEnvironmentAre401) {
  place("s-3");
  const Answer live = webhook("evt_1", "payment_intent.succeeded", intent("s-3"), true);
  EXPECT_EQ(live.status, 401);
  EXPECT_EQ(live.value()["code"], "webhook_wrong_environment");
  for (const char* door : {"/webhooks/stripe", "/webhooks/paypal"}) {
    const Answer unsigned_one =
        ask("POST", town_->api(door), "{}", {"content-type: application/json"});
    EXPECT_EQ(unsigned_one.status, 401) << door;
    EXPECT_EQ(unsigned_one.value()["code"], "webhook_header_missing") << door;
  }
  EXPECT_EQ(town_->state_of("payment", "s-3-p1"), "waiting");
}

class NoSecrets final : public ports::Secrets {
 public:
  std::optional<std::string> get(std::string_view) const override { return std::nullopt; }
};

TEST(GatewaysPage, ItsConfigurationMakesThreeGateways) {
  const std::string page = read_text(VOZEX_SOURCE_DIR "/docs/gateways.md");
  const auto begin = page.find("```yaml\n") + 8;
  const TemporaryFolder folder;
  write_text(folder / "vozex.yaml", page.substr(begin, page.find("```\n", begin) - begin));
  const auto settings = cli::with_config_file({}, folder / "vozex.yaml");
  ASSERT_TRUE(settings) << settings.error().message;
  http::HttpClient client;
  const NoSecrets secrets;
  const system::SystemClock clock;
  const auto gateways = payments::make_gateways(settings->gateways, {client, secrets, clock});
  ASSERT_TRUE(gateways) << gateways.error().message;
  EXPECT_EQ(gateways->size(), 3u);
}

}  // namespace
}  // namespace vozex::api_test
