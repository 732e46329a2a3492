// SPDX-License-Identifier: Apache-2.0
// Orders through the real program, the real gateway adapter and a real database: from checkout to a
// delivered licence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

class Order : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
  }

  std::string placed(const std::string& order_id, int items = 1) {
    const Answer answer = town_->checkout(order_id, items);
    EXPECT_EQ(answer.status, 201) << answer.body << town_->server_log();
    return answer.value().value("checkout_url", "");
  }

  json fulfilment(const std::string& item) {
    return town_->instance("fulfillment_license_download", item);
  }

  std::unique_ptr<Town> town_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         Order,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(Order, IsPaidDeliveredDownloadedAndItsLicenceVerifiesOffline) {
  const std::string url = placed("o-1");
  ASSERT_NE(url, "");
  EXPECT_EQ(town_->status_of("order", "o-1"), "awaiting_payment");
  EXPECT_EQ(town_->buyer(url, "pay").status, 200);
  ASSERT_TRUE(town_->reaches("order", "o-1", "fulfilled")) << town_->server_log();
  EXPECT_EQ(town_->status_of("payment", "o-1-p1"), "captured");

  const json delivered = fulfilment("o-1-1")["data"];
  const std::string link = delivered["download_url"];
  const std::string artefact = read_text(town_->folder() / "artifacts/editor.zip");
  EXPECT_EQ(ask("HEAD", link).headers["content-length"], std::to_string(artefact.size()));
  const Answer whole = ask("GET", link);
  EXPECT_EQ(whole.status, 200) << whole.body.substr(0, 300);
  EXPECT_EQ(whole.body, artefact);
  EXPECT_THAT(whole.headers.at("content-disposition"), HasSubstr("attachment; filename="));
  const std::string etag = whole.headers.at("etag");

  const Answer rest = ask("GET", link, "", {"range: bytes=100-199"});
  EXPECT_EQ(rest.status, 206);
  EXPECT_EQ(rest.body, artefact.substr(100, 100));
  EXPECT_EQ(rest.headers.at("content-range"), "bytes 100-199/" + std::to_string(artefact.size()));
  EXPECT_EQ(ask("GET", link, "", {"range: bytes=99999999-"}).status, 416);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ask("GET", link).status, 200);
  EXPECT_EQ(ask("GET", link, "", {"range: bytes=10-", "if-range: " + etag}).status, 206);
  EXPECT_EQ(ask("GET", link, "", {"range: bytes=10-", "if-range: \"another\""}).status, 200);
  const Answer sixth = ask("GET", link);
  EXPECT_EQ(sixth.status, 410);
  EXPECT_EQ(sixth.value()["code"], "download_used_up");
  EXPECT_EQ(ask("GET", town_->api("/download/no-such-token")).status, 404);

  write_text(town_->folder() / "license.json", delivered["license_document"]);
  write_text(town_->folder() / "key.json", ask("GET", town_->api("/.well-known/license-key")).body);
  const Outcome genuine = run({"license",
                               "verify",
                               town_->folder() / "license.json",
                               "--public-key",
                               town_->folder() / "key.json"});
  EXPECT_EQ(genuine.code, 0) << genuine.err;
  EXPECT_THAT(genuine.out, HasSubstr("o-1"));
  json forged = json::parse(delivered["license_document"].get<std::string>());
  forged["seats"] = 1000;
  write_text(town_->folder() / "forged.json", forged.dump());
  EXPECT_EQ(run({"license",
                 "verify",
                 town_->folder() / "forged.json",
                 "--public-key",
                 town_->folder() / "key.json"})
                .code,
            1);
}

TEST_P(Order, DeclinedThenPaid) {
  const std::string url = placed("o-2");
  town_->buyer(url, "decline");
  ASSERT_TRUE(eventually([&] {
    return town_->instance("payment", "o-2-p1")["data"].contains("failure");
  })) << town_->server_log();
  EXPECT_EQ(town_->status_of("order", "o-2"), "awaiting_payment");
  town_->buyer(url, "pay");
  EXPECT_TRUE(town_->reaches("order", "o-2", "fulfilled"));
}

TEST_P(Order, PaidTwiceLateAndOutOfOrderIsDeliveredOnceAndRefundedOnce) {
  const std::string url = placed("o-3");
  town_->buyer(url, "chaos", {{"webhook_delay_ms", 200}});
  ASSERT_TRUE(town_->reaches("order", "o-3", "fulfilled")) << town_->server_log();
  ASSERT_TRUE(eventually([&] {
    return town_->status_of("payment", "o-3-p1") == "partially_refunded";
  })) << town_->instance("payment", "o-3-p1").dump(2)
      << town_->server_log();
  const json refunds =
      ask("GET", town_->sandbox("/sandbox/requests?method=POST&path=/refunds")).value()["requests"];
  EXPECT_EQ(refunds.size(), 1u) << refunds.dump(2);
  const json data = town_->instance("payment", "o-3-p1")["data"];
  EXPECT_EQ(data["captures"].size(), 2u);
  EXPECT_EQ(data["refunds"].size(), 1u);
  EXPECT_EQ(fulfilment("o-3-1")["data"]["attempts"], 1);
}

TEST_P(Order, TheSameCheckoutAgainIsTheSameOrder) {
  const Answer first = town_->checkout("o-4", 2);
  const Answer again = town_->checkout("o-4", 2);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
  EXPECT_EQ(first.value()["checkout_url"], again.value()["checkout_url"]);
  EXPECT_EQ(first.value()["instance"], again.value()["instance"]);
  const Answer other = town_->checkout("o-4", 1);
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.value()["code"], "order_exists");
  EXPECT_EQ(ask("GET", town_->sandbox("/sandbox/requests?method=POST&path=/checkouts"))
                .value()["requests"]
                .size(),
            1u);
}

json succeeded(const std::string& order_id,
               const std::string& reference,
               std::int64_t amount = 4900) {
  return {{"business_id", "bus_1"},
          {"type", "payment.succeeded"},
          {"timestamp", "2026-11-20T10:00:00Z"},
          {"data",
           {{"payload_type", "Payment"},
            {"payment_id", reference},
            {"status", "succeeded"},
            {"total_amount", amount},
            {"currency", "USD"},
            {"metadata", {{"payment_id", order_id + "-p1"}, {"order_id", order_id}}}}}};
}

TEST_P(Order, AWebhookThatComesTwiceCountsOnce) {
  placed("o-5");
  const json body = succeeded("o-5", "pay_5");
  const Answer first = town_->webhook("msg_5", body);
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.value()["outcome"], "transitioned");
  const Answer second = town_->webhook("msg_5", body);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.value()["outcome"], "duplicate");
  ASSERT_TRUE(town_->reaches("order", "o-5", "fulfilled"));
  EXPECT_EQ(town_->instance("payment", "o-5-p1")["data"]["captures"].size(), 1u);
}

TEST_P(Order, MoneyThatIsNoneIsRefusedAtTheDoor) {
  placed("o-5");
  for (const std::int64_t amount : {std::int64_t{0}, std::int64_t{-4900}}) {
    const Answer refused = town_->webhook("msg_5", succeeded("o-5", "pay_5", amount));
    EXPECT_EQ(refused.status, 422) << refused.body;
    EXPECT_EQ(refused.value()["code"], "webhook_payload_invalid");
    EXPECT_EQ(refused.value()["errors"],
              json::array({{{"pointer", "/data/total_amount"},
                            {"detail", "expected more than 0, got " + std::to_string(amount)}}}))
        << refused.body;
  }
  EXPECT_EQ(town_->webhook("msg_5", succeeded("o-5", "pay_5")).value()["outcome"], "transitioned");
  EXPECT_TRUE(town_->reaches("order", "o-5", "fulfilled"));
}

TEST_P(Order, WhoseGatewayCannotMakeAPageIsAnsweredWithTheReason) {
  json order = {{"order_id", "o-1"},
                {"gateway", "paypal"},
                {"customer", {{"email", "ann@example.com"}}},
                {"items",
                 {{{"product_id", "editor"},
                   {"title", "Text editor"},
                   {"driver", "license_download"},
                   {"price", {{"minor", 4951}, {"currency", "HUF"}}},  // PayPal takes whole ones
                   {"config", {{"seats", 1}}}}}}};
  for (const char* time : {"first", "again"}) {
    const Answer placed = town_->post("/v1/checkouts", order);
    EXPECT_EQ(placed.status, 202) << time << placed.body << town_->server_log();
    EXPECT_EQ(placed.value()["failure"], "invalid_input") << placed.body;
    EXPECT_EQ(placed.value().value("checkout_url", ""), "");
    EXPECT_EQ(placed.value()["status"], "awaiting_payment");
  }
  order["order_id"] = "o-2";
  order["items"][0]["price"]["currency"] = "ZZZ";
  const Answer unknown = town_->post("/v1/checkouts", order);
  EXPECT_EQ(unknown.status, 422) << unknown.body;
  EXPECT_EQ(unknown.value()["errors"][0]["pointer"], "/items/0/price/currency");
}

TEST_P(Order, ABadOrOldSignatureIs401AndChangesNothing) {
  placed("o-6");
  const json before = town_->instance("payment", "o-6-p1");
  const std::string body = succeeded("o-6", "pay_6").dump();
  const Answer unsigned_one =
      ask("POST", town_->api("/webhooks/dodo"), body, {"content-type: application/json"});
  EXPECT_EQ(unsigned_one.status, 401);
  EXPECT_EQ(unsigned_one.value()["code"], "webhook_header_missing");
  const Answer wrong = ask("POST",
                           town_->api("/webhooks/dodo"),
                           body,
                           {"webhook-id: msg_6",
                            "webhook-timestamp: " + std::to_string(std::time(nullptr)),
                            "webhook-signature: v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.value()["code"], "webhook_signature_wrong");
  const Answer old = town_->webhook("msg_6", succeeded("o-6", "pay_6"), std::chrono::hours(1));
  EXPECT_EQ(old.status, 401);
  EXPECT_EQ(old.value()["code"], "webhook_too_old");
  EXPECT_EQ(town_->instance("payment", "o-6-p1")["seq"], before["seq"]);
  EXPECT_EQ(town_->webhook("msg_6", succeeded("o-6", "pay_6")).value()["outcome"], "transitioned");
  EXPECT_EQ(ask("POST", town_->api("/webhooks/nobody"), body).status, 404);
}

TEST_P(Order, ATypeNobodyKnowsIsAcknowledgedAndKept) {
  const Answer answer = town_->webhook("msg_x",
                                       {{"type", "subscription.renewed"},
                                        {"timestamp", "2026-11-20T10:00:00Z"},
                                        {"data", {{"subscription_id", "sub_1"}}}});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.value()["outcome"], "waiting");
  EXPECT_EQ(town_->metric("vozex_events_parked"), 1);
}

TEST_P(Order, AWebhookBeforeItsOrderIsKeptAndDelivered) {
  const Answer early = town_->webhook("msg_7", succeeded("o-7", "pay_7"));
  EXPECT_EQ(early.status, 200) << early.body;
  EXPECT_EQ(early.value()["outcome"], "waiting");
  EXPECT_EQ(town_->metric("vozex_events_parked"), 1);
  placed("o-7");
  ASSERT_TRUE(town_->reaches("order", "o-7", "fulfilled")) << town_->server_log();
  EXPECT_EQ(town_->metric("vozex_events_parked"), 0);
}

TEST_P(Order, TheWrongAmountIsLookedAtByAPersonAndNotDelivered) {
  placed("o-8");
  town_->webhook("msg_8", succeeded("o-8", "pay_8", 4800));
  ASSERT_TRUE(town_->reaches("payment", "o-8-p1", "review"));
  EXPECT_EQ(town_->state_of("order", "o-8"), "paying");
  const std::string path = "/v1/instances/" +
                           town_->instance("payment", "o-8-p1")["id"].get<std::string>() +
                           "/actions/accept";
  const Answer customer = town_->post(
      path, {{"form", {{"note", "let me"}}}, {"actor", {{"id", "ann"}, {"roles", {"customer"}}}}});
  EXPECT_THAT(customer.status, ::testing::AnyOf(403, 409)) << customer.body;
  const Answer wrong_form =
      town_->post(path, {{"form", {{"note", 7}}}, {"actor", {{"id", "olga"}, {"roles", {"ops"}}}}});
  EXPECT_EQ(wrong_form.status, 422) << wrong_form.body;
  const Answer accepted = town_->post(
      path, {{"form", {{"note", "fine"}}}, {"actor", {{"id", "olga"}, {"roles", {"ops"}}}}});
  EXPECT_EQ(accepted.status, 200) << accepted.body;
  EXPECT_TRUE(town_->reaches("order", "o-8", "fulfilled"));
}

TEST_P(Order, SurvivesAGracefulRestart) {
  const std::string url = placed("o-9");
  town_->server().kill(SIGTERM);
  EXPECT_EQ(town_->server().wait(), 0) << town_->server_log();
  town_->buyer(url, "pay");  // the gateway repeats its webhook until we are back
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready());
  EXPECT_TRUE(town_->reaches("order", "o-9", "fulfilled")) << town_->server_log();
}

// No workflow that sells has to know of it.
// What delivers gets a new version; everything else that is deployed stays as it is, or the server
// would refuse to start.
TEST(NewDriver, IsAFileAndAnOption) {
  Town town(Kind::sqlite);
  town.server().kill(SIGTERM);
  town.server().wait();
  const std::string commerce = town.folder() / "workflows/commerce/";
  const auto replace =
      [&](const std::string& file, const std::string& from, const std::string& by) {
        std::string text = read_text(commerce + file);
        const std::size_t at = text.find(from);
        ASSERT_NE(at, std::string::npos) << file;
        write_text(commerce + file, text.replace(at, from.size(), by));
      };
  replace("deliveries.types.yaml", "enum(license_download)", "enum(license_download|greeting)");
  for (const char* file : {"order.yaml", "subscription.yaml"})
    replace(file, "\nversion: 1\n", "\nversion: 2\n");
  write_text(commerce + "fulfillment_greeting.yaml", R"(vozex: 1
workflow: fulfillment_greeting
version: 1
import: [commerce]
key: input.order_item_id
input: {order_id: string, order_item_id: string, product_id: string, customer_id: string, title: string, config: json}
output: delivered
states:
  greeted: {type: final, output: {reference: "${'Hello ' + input.customer_id}"}}
)");
  town.start_server();
  ASSERT_TRUE(town.wait_until_ready()) << town.server_log();
  json item = {{"product_id", "card"},
               {"title", "A card"},
               {"driver", "greeting"},
               {"price", {{"minor", 100}, {"currency", "USD"}}},
               {"config", json::object()}};
  const auto place = [&](const std::string& order_id) {
    return town.post("/v1/checkouts",
                     {{"order_id", order_id},
                      {"gateway", "dodo"},
                      {"customer", {{"email", "ann@example.com"}}},
                      {"items", {item}}});
  };
  const Answer placed = place("o-1");
  ASSERT_EQ(placed.status, 201) << placed.body;
  town.buyer(placed.value()["checkout_url"], "pay");
  EXPECT_TRUE(town.reaches("order", "o-1", "fulfilled")) << town.server_log();
  EXPECT_THAT(town.instance("fulfillment_greeting", "o-1-1").dump(), HasSubstr("Hello "));
  item["driver"] = "pigeon";
  EXPECT_EQ(place("o-2").status, 422) << "what no workflow delivers isn't sold";
}

}  // namespace
}  // namespace vozex::api_test
