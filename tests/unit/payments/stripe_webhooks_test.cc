// SPDX-License-Identifier: Apache-2.0
//
// Stripe's webhooks against published bodies and signatures.
#include <gtest/gtest.h>

#include "adapters/payments/stripe/normalise.h"
#include "adapters/payments/stripe/signature.h"
#include "adapters/payments/stripe/stripe_gateway.h"
#include "tests/unit/payments/fakes.h"
#include "tests/unit/payments/published.h"

namespace vozex::payments {
namespace {

const Timestamp k_now = *parse_timestamp("2026-05-04T06:00:00Z");

Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

std::string event_json(const std::string& type, const std::string& object) {
  return R"({"id":"evt_1","object":"event","created":1777874400,"livemode":false,"type":")" + type +
         R"(","data":{"object":)" + object + "}}";
}

Result<WebhookEvent> event_of(const std::string& type, const std::string& object) {
  return normalise_stripe("evt_1", event_json(type, object), k_now);
}

TEST(StripeWebhooks, EveryPublishedSignature) {
  if (!std::filesystem::exists(k_published)) GTEST_SKIP() << "no data beside the source tree";
  for (const auto& vector : published_vectors("stripe")) {
    const auto body = vector.at("body").get<std::string>();
    const auto secret = vector.at("secret").get<std::string>();
    if (vector.at("expected") == "hmac_hex") {
      EXPECT_EQ(stripe_digest(secret, body), vector.at("hmac_hex")) << vector.at("name");
      continue;
    }
    const auto good =
        verify_stripe({secret}, headers_of(vector), body, at(vector.at("now").get<std::int64_t>()));
    EXPECT_EQ(good.has_value(), vector.at("expected") == "accept") << vector.at("name");
  }
}

TEST(StripeWebhooks, EveryPublishedBodyInOurVocabulary) {
  if (!std::filesystem::exists(k_published)) GTEST_SKIP() << "no data beside the source tree";
  std::string actual;
  for (const auto& file : published_bodies("stripe")) {
    const auto body = nlohmann::json::parse(read_file(file)).at("body");
    actual += golden_lines(file.filename(),
                           normalise_stripe(body.value("id", "evt_1"), body.dump(), k_now));
  }
  EXPECT_EQ(actual, golden("stripe_events.txt", actual));
}

TEST(StripeWebhooks, TwoSecretsAreGoodWhileOneIsRolled) {
  const auto sign = [](const std::vector<std::string>& secrets) {
    return http::Headers{{"Stripe-Signature", sign_stripe(secrets, at(1000), "{}")}};
  };
  EXPECT_TRUE(verify_stripe({"old", "new"}, sign({"new"}), "{}", at(1000)));
  EXPECT_TRUE(verify_stripe({"new"}, sign({"old", "new"}), "{}", at(1000)));
  EXPECT_TRUE(verify_stripe({"", "new"}, sign({"new"}), "{}", at(1000)));
  EXPECT_EQ(verify_stripe({"old"}, sign({"new"}), "{}", at(1000)).error().code,
            "webhook_signature_wrong");
  EXPECT_EQ(verify_stripe({""}, sign({""}), "{}", at(1000)).error().code, "webhook_secret_invalid");
}

TEST(StripeWebhooks, ToleranceGoesBothWays) {
  const http::Headers headers{{"stripe-signature", sign_stripe({"s"}, at(1000), "{}")}};
  EXPECT_TRUE(verify_stripe({"s"}, headers, "{}", at(1300)));
  EXPECT_TRUE(verify_stripe({"s"}, headers, "{}", at(700)));
  EXPECT_EQ(verify_stripe({"s"}, headers, "{}", at(1301)).error().code, "webhook_too_old");
  EXPECT_EQ(verify_stripe({"s"}, headers, "{}", at(699)).error().code, "webhook_too_new");
}

TEST(StripeWebhooks, TestAndLiveDontMix) {
  const std::string live = R"({"id":"evt_1","livemode":true,"type":"x"})";
  const std::string test = R"({"id":"evt_1","livemode":false,"type":"x"})";
  const auto verify = [](const std::string& key, const std::string& body) {
    const StillClock clock(at(1000));
    const MapSecrets secrets({{"env:KEY", key}, {"env:HOOK", "s"}});
    http::HttpClient http;
    StripeConfig config;
    config.api_key = "env:KEY";
    config.webhook_secrets = {"env:HOOK"};
    const StripeGateway gateway(config, {http, secrets, clock});
    const auto id = gateway.verify_webhook(
        {{"stripe-signature", sign_stripe({"s"}, at(1000), body)}}, body, at(1000));
    return id ? *id : id.error().code;
  };
  EXPECT_EQ(verify("sk_live_1", live), "evt_1");
  EXPECT_EQ(verify("rk_test_1", test), "evt_1");
  EXPECT_EQ(verify("sk_live_1", test), "webhook_wrong_environment");
  EXPECT_EQ(verify("sk_test_1", live), "webhook_wrong_environment");
  EXPECT_EQ(verify("sk_test_1", "[]"), "webhook_payload_invalid");
}

TEST(StripeWebhooks, EventsAboutOneFactHaveOneKey) {
  const auto session = event_of(
      "checkout.session.completed",
      R"({"id":"cs_1","mode":"payment","payment_status":"paid","amount_total":4900,"currency":"usd",
          "payment_intent":"pi_1","metadata":{"payment_id":"p1","order_id":"o1"}})");
  const auto intent = event_of(
      "payment_intent.succeeded",
      R"({"id":"pi_1","amount_received":4900,"currency":"usd","metadata":{"payment_id":"p1"}})");
  const auto charge = event_of(
      "charge.succeeded",
      R"({"id":"ch_1","payment_intent":"pi_1","amount":4900,"amount_captured":4900,"captured":true,
          "currency":"usd","metadata":{"payment_id":"p1"}})");
  ASSERT_TRUE(session && intent && charge);
  EXPECT_EQ(fact_of(*session), "payment.succeeded/pi_1/4900USD/p1");
  EXPECT_EQ(fact_of(*intent), fact_of(*session));
  EXPECT_EQ(fact_of(*charge), fact_of(*session));
  EXPECT_EQ(session->data.text_at("payment_id"), "p1");
  const auto paid = event_of(
      "invoice.paid", R"({"id":"in_1","subscription":"sub_1","amount_paid":900,"currency":"eur"})");
  const auto succeeded =
      event_of("invoice.payment_succeeded",
               R"({"id":"in_1","subscription":"sub_1","amount_paid":900,"currency":"eur"})");
  ASSERT_TRUE(paid && succeeded);
  EXPECT_EQ(paid->type, "subscription.renewed");
  EXPECT_EQ(fact_of(*paid), fact_of(*succeeded));
}

TEST(StripeWebhooks, BothShapesOfTheApiSayTheSame) {
  const auto old_invoice =
      event_of("invoice.paid",
               R"({"id":"in_1","subscription":"sub_1","payment_intent":"pi_1","amount_paid":900,
          "currency":"eur","subscription_details":{"metadata":{"subscription_id":"s1"}}})");
  const auto new_invoice = event_of("invoice.paid",
                                    R"({"id":"in_1","amount_paid":900,"currency":"eur",
          "parent":{"subscription_details":{"subscription":"sub_1","metadata":{"subscription_id":"s1"}}},
          "payments":{"data":[{"payment":{"type":"payment_intent","payment_intent":"pi_1"}}]}})");
  ASSERT_TRUE(old_invoice && new_invoice);
  EXPECT_EQ(types::to_json(old_invoice->data), types::to_json(new_invoice->data));
  const auto old_subscription = event_of(
      "customer.subscription.created",
      R"({"id":"sub_1","status":"active","current_period_start":1777874400,"current_period_end":1780466400,
          "quantity":1,"items":{"data":[{"price":{"id":"price_1","unit_amount":900,"currency":"eur"}}]}})");
  const auto new_subscription = event_of("customer.subscription.created",
                                         R"({"id":"sub_1","status":"active",
          "items":{"data":[{"quantity":1,"current_period_start":1777874400,"current_period_end":1780466400,
          "price":{"id":"price_1","unit_amount":900,"currency":"eur"}}]}})");
  ASSERT_TRUE(old_subscription && new_subscription);
  EXPECT_EQ(types::to_json(old_subscription->data), types::to_json(new_subscription->data));
  EXPECT_NE(old_subscription->data.text_at("next_billing_at"), "");
}

TEST(StripeWebhooks, TypesInOurWords) {
  struct Row {
    const char* type;
    const char* object;
    const char* expected;
  };
  const Row rows[] = {
      {"checkout.session.completed",
       R"({"id":"cs_1","mode":"payment","payment_status":"unpaid","amount_total":1,"currency":"usd"})",
       "payment.processing"},
      {"checkout.session.completed",
       R"({"id":"cs_1","mode":"subscription"})",
       "checkout.completed"},
      {"checkout.session.completed", R"({"id":"cs_1","mode":"setup"})", "payment_method.updated"},
      {"checkout.session.expired", R"({"id":"cs_1"})", "checkout.expired"},
      {"checkout.session.async_payment_failed", R"({"id":"cs_1"})", "payment.failed"},
      {"payment_intent.created", R"({"id":"pi_1"})", "payment.processing"},
      {"payment_intent.requires_action", R"({"id":"pi_1"})", "payment.action_required"},
      {"payment_intent.amount_capturable_updated", R"({"id":"pi_1"})", "payment.authorised"},
      {"payment_intent.partially_funded", R"({"id":"pi_1"})", "payment.processing"},
      {"payment_intent.payment_failed", R"({"id":"pi_1"})", "payment.failed"},
      {"payment_intent.canceled", R"({"id":"pi_1"})", "payment.failed"},
      {"charge.succeeded", R"({"id":"ch_1","captured":false})", "payment.authorised"},
      {"charge.failed", R"({"id":"ch_1"})", "payment.failed"},
      {"charge.pending", R"({"id":"ch_1"})", "payment.processing"},
      {"charge.expired", R"({"id":"ch_1"})", "payment.failed"},
      {"charge.updated", R"({"id":"ch_1"})", "payment.updated"},
      {"charge.refunded", R"({"id":"ch_1","captured":false})", "payment.failed"},
      {"charge.refunded",
       R"({"id":"ch_1","amount_refunded":5,"currency":"usd"})",  // no flag: it was captured
       "refund.changed"},
      {"refund.created", R"({"id":"re_1","charge":"ch_1"})", "refund.changed"},
      {"refund.failed", R"({"id":"re_1","charge":"ch_1"})", "refund.changed"},
      {"charge.dispute.updated", R"({"id":"dp_1","charge":"ch_1"})", "dispute.changed"},
      {"charge.dispute.funds_reinstated", R"({"id":"dp_1","charge":"ch_1"})", "dispute.changed"},
      {"invoice.payment_failed", R"({"id":"in_1"})", "payment.failed"},
      {"invoice.payment_failed",
       R"({"id":"in_1","subscription":"sub_1"})",
       "subscription.payment_failed"},
      {"invoice.payment_attempt_required",
       R"({"id":"in_1","subscription":"sub_1"})",
       "subscription.action_required"},
      {"invoice.upcoming", R"({"subscription":"sub_1"})", "subscription.renewal_upcoming"},
      {"invoice.created", R"({"id":"in_1"})", "invoice.changed"},
      {"invoice.finalized", R"({"id":"in_1"})", "invoice.changed"},
      {"invoice.finalization_failed", R"({"id":"in_1"})", "invoice.changed"},
      {"invoice.overdue", R"({"id":"in_1"})", "invoice.changed"},
      {"invoice.will_be_due", R"({"id":"in_1"})", "invoice.changed"},
      {"invoice.marked_uncollectible", R"({"id":"in_1"})", "invoice.changed"},
      {"invoice.voided", R"({"id":"in_1"})", "invoice.changed"},
      {"invoice.overpaid", R"({"id":"in_1"})", "invoice.changed"},
      {"invoice_payment.paid", R"({"id":"inpay_1"})", "invoice.changed"},
      {"customer.subscription.deleted", R"({"id":"sub_1"})", "subscription.cancelled"},
      {"customer.subscription.paused", R"({"id":"sub_1"})", "subscription.paused"},
      {"customer.subscription.resumed", R"({"id":"sub_1"})", "subscription.resumed"},
      {"customer.subscription.trial_will_end", R"({"id":"sub_1"})", "subscription.trial_ending"},
      {"customer.subscription.pending_update_applied",
       R"({"id":"sub_1"})",
       "subscription.plan_changed"},
      {"customer.subscription.pending_update_expired", R"({"id":"sub_1"})", "subscription.updated"},
      {"subscription_schedule.released",
       R"({"id":"sub_sched_1"})",
       "subscription.schedule_changed"},
      {"entitlements.active_entitlement_summary.updated",
       R"({"customer":"c"})",
       "entitlement.changed"},
      {"radar.early_fraud_warning.created", R"({"charge":"ch_1"})", "payment.flagged"},
      {"review.opened", R"({"charge":"ch_1"})", "payment.flagged"},
      {"review.closed", R"({"charge":"ch_1"})", "payment.flagged"},
      {"customer.created", R"({"id":"cus_1"})", "gateway.unknown"},
      {"charge.teleported", R"({"id":"ch_1"})", "gateway.unknown"},
  };
  for (const auto& row : rows) {
    const auto event = event_of(row.type, row.object);
    ASSERT_TRUE(event) << row.type << " " << event.error().message;
    EXPECT_EQ(event->type, row.expected) << row.type << " " << row.object;
  }
}

TEST(StripeWebhooks, UpdatesSayWhatChanged) {
  const auto word = [](const std::string& status, const std::string& previous) {
    const auto event = normalise_stripe(
        "evt_1",
        R"({"id":"evt_1","type":"customer.subscription.updated","data":{"object":{"id":"sub_1","status":")" +
            status + R"("},"previous_attributes":)" + previous + "}}",
        k_now);
    return event ? event->type : event.error().message;
  };
  EXPECT_EQ(word("past_due", R"({"status":"active"})"), "subscription.past_due");
  EXPECT_EQ(word("unpaid", R"({"status":"past_due"})"), "subscription.on_hold");
  EXPECT_EQ(word("active", R"({"status":"trialing"})"), "subscription.active");
  EXPECT_EQ(word("active", R"({"items":{}})"), "subscription.plan_changed");
  EXPECT_EQ(word("active", R"({"metadata":{}})"), "subscription.updated");
  // Since 2025-03-31 each renewal changes its items: the period is there.
  const auto item = [](const std::string& price, int end) {
    return R"("items":{"data":[{"price":{"id":")" + price +
           R"("},"quantity":1,"current_period_end":)" + std::to_string(end) + "}]}";
  };
  const auto renewed = [&](const std::string& before) {
    return word("active\"," + item("price_1", 2) + R"(,"x":")", "{" + before + "}");
  };
  EXPECT_EQ(renewed(item("price_1", 1)), "subscription.updated");
  EXPECT_EQ(renewed(item("price_0", 1)), "subscription.plan_changed");
}

TEST(StripeWebhooks, NonsenseIsAnErrorNotACrash) {
  for (const char* body : {"", "null", "[]", "\xff\xfe"}) {
    const auto event = normalise_stripe("e", body, k_now);
    ASSERT_FALSE(event) << body;
    EXPECT_EQ(event.error().code, "webhook_payload_invalid");
  }
  for (const char* object : {R"({"id":"pi_1","amount_received":4.5,"currency":"usd"})",
                             R"({"id":"pi_1","amount_received":450})",
                             R"({"amount_received":450,"currency":"usd"})"}) {
    EXPECT_FALSE(event_of("payment_intent.succeeded", object)) << object;
  }
  for (const char* body :
       {"{}", R"({"type":"charge.succeeded"})", R"({"object":"v2.core.event"})"}) {
    const auto event = normalise_stripe("e", body, k_now);
    ASSERT_TRUE(event) << body;
    EXPECT_EQ(event->type, "gateway.unknown");
  }
}

TEST(StripeWebhooks, AmountsFollowTheCurrency) {
  const auto minor = [](const char* currency) {
    const auto event = event_of(
        "payment_intent.succeeded",
        std::string(R"({"id":"pi_1","amount_received":500,"currency":")") + currency + "\"}");
    return event ? event->data.find("captured_total")->as_integer() : -1;
  };
  EXPECT_EQ(minor("usd"), 500);
  EXPECT_EQ(minor("jpy"), 500);
  EXPECT_EQ(minor("tnd"), 500);
  EXPECT_EQ(minor("isk"), 5);  // Stripe writes two digits for it, ISO 4217 none
}

}  // namespace
}  // namespace vozex::payments
