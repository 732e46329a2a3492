// SPDX-License-Identifier: Apache-2.0
//
// Dodo's webhooks against published bodies and signatures.
#include <gtest/gtest.h>

#include "adapters/payments/dodo/dodo_gateway.h"
#include "adapters/payments/dodo/normalise.h"
#include "adapters/payments/payments_adapter.h"
#include "tests/unit/payments/fakes.h"
#include "tests/unit/payments/published.h"

namespace vozex::payments {
namespace {

using nlohmann::json;

const Timestamp k_now = *parse_timestamp("2026-05-04T06:00:00Z");

TEST(DodoWebhooks, EveryPublishedSignature) {
  if (!std::filesystem::exists(k_published))
    GTEST_SKIP() << "no conformance data beside the source tree";
  http::HttpClient http;
  for (const auto& vector : published_vectors("dodo")) {
    const Timestamp now(std::chrono::seconds(vector.at("now").get<std::int64_t>()));
    const StillClock clock(now);
    const MapSecrets secrets({{"env:S", vector.at("secret").get<std::string>()}});
    DodoConfig config;
    config.webhook_secrets = {"env:S", "env:MISSING"};
    const DodoGateway gateway(config, {http, secrets, clock});
    const auto body = vector.at("body").get<std::string>();
    const auto id = gateway.verify_webhook(headers_of(vector), body, now);
    EXPECT_EQ(id.has_value(), vector.at("expected") == "accept") << vector.at("name");
    if (id) {
      EXPECT_TRUE(gateway.normalise_webhook(*id, body, now)) << vector.at("name");
    }
  }
}

TEST(DodoWebhooks, EveryPublishedBodyInOurVocabulary) {
  if (!std::filesystem::exists(k_published))
    GTEST_SKIP() << "no conformance data beside the source tree";
  std::string actual;
  const auto files = published_bodies("dodo");
  ASSERT_GE(files.size(), 19u);
  for (const auto& file : files) {
    const auto body = json::parse(read_file(file)).at("body").dump();
    actual += golden_lines(file.filename(), normalise_dodo("msg_1", body, k_now));
  }
  for (const auto& vector : published_vectors("dodo")) {
    if (vector.at("expected") != "accept") continue;
    actual += golden_lines(vector.at("name"),
                           normalise_dodo("msg_1", vector.at("body").get<std::string>(), k_now));
  }
  EXPECT_EQ(actual, golden("dodo_events.txt", actual));
}

// A body with what matters here; everything else is as in the published samples.
std::string payment(const std::string& type, const std::string& members) {
  return R"({"business_id":"b","timestamp":"2026-05-04T05:45:31.736Z","type":")" + type +
         R"(","data":{"payload_type":"Payment","payment_id":"pay_1",)" + members + "}}";
}

TEST(DodoWebhooks, TypeSaysWhatHappenedStatusSaysWhatIsTrue) {
  struct Row {
    const char* type;
    const char* status;
    const char* expected;
  };
  const Row rows[] = {
      {"payment.succeeded", "\"succeeded\"", "payment.succeeded"},
      {"payment.succeeded", "null", "payment.succeeded"},
      {"payment.processing",
       "\"succeeded\"",
       "payment.succeeded"},  // sent late, with the object of today
      {"payment.failed", "\"succeeded\"", "payment.succeeded"},
      {"payment.processing", "\"processing\"", "payment.processing"},
      {"payment.processing", "\"failed\"", "payment.failed"},
      {"payment.failed", "null", "payment.failed"},
      {"payment.failed", "\"processing\"", "payment.failed"},
      {"payment.cancelled", "\"cancelled\"", "payment.failed"},
  };
  for (const auto& row : rows) {
    const auto event = normalise_dodo(
        "e",
        payment(row.type,
                std::string(R"("total_amount":400,"currency":"USD","status":)") + row.status),
        k_now);
    ASSERT_TRUE(event) << row.type << row.status;
    EXPECT_EQ(event->type, row.expected) << row.type << " " << row.status;
  }
}

TEST(DodoWebhooks, MoneyThatIsNoneIsRefusedAndATrialIsNoMoney) {
  const auto told = [](const std::string& amount, const std::string& more) {
    return normalise_dodo(
        "e",
        payment("payment.succeeded",
                R"("status":"succeeded","currency":"USD","total_amount":)" + amount + more),
        k_now);
  };
  for (const char* amount : {"0", "-1"}) {
    const auto event = told(amount, "");
    ASSERT_FALSE(event) << amount;
    EXPECT_EQ(event.error().code, "webhook_payload_invalid");
    ASSERT_EQ(event.error().details.size(), 1u);
    EXPECT_EQ(event.error().details[0].name, "/data/total_amount");
  }
  const auto trial = told("0", R"(,"subscription_id":"sub_1")");
  ASSERT_TRUE(trial);
  EXPECT_EQ(trial->type, "payment_method.updated");
  EXPECT_FALSE(told("-1", R"(,"subscription_id":"sub_1")"));
}

TEST(DodoWebhooks, OurReferencesAndMoneyComeThrough) {
  const auto event = normalise_dodo(
      "msg_9",
      payment(
          "payment.succeeded",
          R"("total_amount":9007199254740993,"currency":"usd","status":"succeeded","checkout_session_id":"cks_1",
                 "metadata":{"payment_id":"o1-p1","order_id":"o1"})"),
      k_now);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->id, "msg_9");
  EXPECT_EQ(event->source, "gateway:dodo");
  EXPECT_EQ(
      types::to_json(event->data),
      R"({"amount":{"currency":"USD","minor":9007199254740993},"captured_total":9007199254740993,)"
      R"("gateway":"dodo","gateway_event":"payment.succeeded","gateway_ref":"pay_1","order_id":"o1",)"
      R"("payment_id":"o1-p1","session_ref":"cks_1"})");
}

TEST(DodoWebhooks, AmountThatIsNoIntegerIsRefused) {
  for (const char* amount : {"400.5", "4e2", "null", "\"4,00\""}) {
    const auto event = normalise_dodo(
        "e",
        payment("payment.succeeded", std::string(R"("currency":"USD","total_amount":)") + amount),
        k_now);
    ASSERT_FALSE(event) << amount;
    EXPECT_EQ(event.error().code, "webhook_payload_invalid");
  }
}

TEST(DodoWebhooks, StoringACardIsNoSale) {
  const auto event = normalise_dodo(
      "e",
      payment("payment.succeeded",
              R"("total_amount":0,"currency":"USD","is_update_payment_method":true)"),
      k_now);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->type, "payment_method.updated");
}

TEST(DodoWebhooks, ADisputeSaysWhatIsTrueAtItsDelivery) {
  const auto told = [](const char* type, const std::string& status) {
    const auto event = normalise_dodo(
        "e",
        payment(type,
                R"("dispute_id":"dp_1","amount":"400","currency":"USD","dispute_status":")" +
                    status + "\""),
        k_now);
    return event ? std::string(event->data.text_at("state")) + " " +
                       std::string(event->data.text_at("detail"))
                 : event.error().code;
  };
  EXPECT_EQ(told("dispute.opened", "dispute_opened"), "opened opened");
  EXPECT_EQ(told("dispute.opened", "dispute_won"), "won won");  // delivered late
  EXPECT_EQ(told("dispute.challenged", "dispute_lost"), "lost lost");
  EXPECT_EQ(told("dispute.accepted", "dispute_opened"), "lost accepted");
  EXPECT_EQ(told("dispute.won", "dispute_of_tomorrow"), "won won");
  EXPECT_EQ(told("dispute.expired", ""), "lost expired");
}

TEST(DodoWebhooks, UnknownTypesAreKeptAndAcknowledged) {
  for (const char* type :
       {"payment.teleported", "payment.", "payment", "moon.landed", "payment.succeeded failed"}) {
    const auto event = normalise_dodo("e", payment(type, R"("x":1)"), k_now);
    ASSERT_TRUE(event) << type;
    EXPECT_EQ(event->type, "gateway.unknown") << type;
    EXPECT_EQ(event->wire_type, type);
    EXPECT_NE(event->data.find("payload"), nullptr);
  }
}

TEST(DodoWebhooks, EveryDocumentedTypeIsKnown) {
  const char* types[] = {"payment.succeeded",
                         "payment.failed",
                         "payment.processing",
                         "payment.cancelled",
                         "refund.succeeded",
                         "refund.failed",
                         "dispute.opened",
                         "dispute.expired",
                         "dispute.accepted",
                         "dispute.cancelled",
                         "dispute.challenged",
                         "dispute.won",
                         "dispute.lost",
                         "subscription.active",
                         "subscription.renewed",
                         "subscription.on_hold",
                         "subscription.past_due",
                         "subscription.paused",
                         "subscription.unpaused",
                         "subscription.cancelled",
                         "subscription.failed",
                         "subscription.expired",
                         "subscription.plan_changed",
                         "subscription.updated",
                         "subscription.update_payment_method",
                         "license_key.created",
                         "payout.created",
                         "payout.on_hold",
                         "payout.in_progress",
                         "payout.failed",
                         "payout.success",
                         "credit.added",
                         "credit.deducted",
                         "credit.expired",
                         "credit.rolled_over",
                         "credit.rollover_forfeited",
                         "credit.overage_charged",
                         "credit.overage_reset",
                         "credit.manual_adjustment",
                         "credit.balance_low",
                         "abandoned_checkout.detected",
                         "abandoned_checkout.recovered",
                         "dunning.started",
                         "dunning.recovered",
                         "entitlement_grant.created",
                         "entitlement_grant.delivered",
                         "entitlement_grant.failed",
                         "entitlement_grant.revoked"};
  for (const char* type : types) {
    const auto event = normalise_dodo(
        "e",
        payment(
            type,
            R"("total_amount":1,"currency":"USD","refund_id":"ref_1","subscription_id":"sub_1")"),
        k_now);
    ASSERT_TRUE(event) << type;
    EXPECT_NE(event->type, "gateway.unknown") << type;
  }
}

TEST(DodoWebhooks, NonsenseIsAnErrorNotACrash) {
  for (const char* body : {"",
                           "null",
                           "[]",
                           "{}",
                           "{\"type\":1}",
                           "{\"type\":\"payment.succeeded\"}",
                           "{\"type\":\"payment.succeeded\",\"data\":[]}",
                           "\xff\xfe"}) {
    const auto event = normalise_dodo("e", body, k_now);
    ASSERT_FALSE(event) << body;
    EXPECT_EQ(event.error().code, "webhook_payload_invalid");
  }
}

}  // namespace
}  // namespace vozex::payments
