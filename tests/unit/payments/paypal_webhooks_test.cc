// SPDX-License-Identifier: Apache-2.0
//
// PayPal's webhooks against published bodies, signatures and certificates.
#include <gtest/gtest.h>

#include "adapters/payments/paypal/normalise.h"
#include "adapters/payments/paypal/paypal_gateway.h"
#include "adapters/payments/paypal/signature.h"
#include "tests/unit/payments/fakes.h"
#include "tests/unit/payments/published.h"

namespace vozex::payments {
namespace {

const Timestamp k_now = *parse_timestamp("2026-05-04T06:00:00Z");

// A gateway that finds certificates beside the vectors; each has its own memory.
struct Town {
  explicit Town(const std::string& webhook_id, Environment environment) : clock(k_now) {
    PaypalConfig config;
    config.client_id = config.client_secret = "env:KEY";
    config.webhook_ids = {"of-another-endpoint", webhook_id};
    config.environment = environment;
    config.certificates = k_published.string();
    config.ca_file = (k_published / "DigiCertHighAssuranceEVRootCA.pem").string();
    gateway = std::make_unique<PaypalGateway>(config, Surroundings{http, secrets, clock});
  }

  std::string verify(const nlohmann::json& vector, Duration later = {}) const {
    const auto headers = headers_of(vector);
    const auto sent = parse_timestamp(*http::find_header(headers, "paypal-transmission-time"));
    const auto id =
        gateway->verify_webhook(headers, vector.at("body").get<std::string>(), *sent + later);
    return id ? "accept" : id.error().code;
  }

  http::HttpClient http;
  StillClock clock;
  MapSecrets secrets{{{"env:KEY", "k"}}};
  std::unique_ptr<PaypalGateway> gateway;
};

Environment environment_of(const nlohmann::json& vector) {
  const auto url = vector.at("headers").at("paypal-cert-url").get<std::string>();
  return url.find("sandbox") == std::string::npos ? Environment::live : Environment::test;
}

nlohmann::json vector_named(const std::string& name) {
  for (const auto& vector : published_vectors("paypal")) {
    if (vector.at("name") == name) return vector;
  }
  return {};
}

#define NEEDS_DATA() \
  if (!std::filesystem::exists(k_published)) GTEST_SKIP() << "no data beside the source tree"

TEST(PaypalWebhooks, EveryPublishedSignature) {
  NEEDS_DATA();
  for (const auto& vector : published_vectors("paypal")) {
    const Town town(vector.at("webhook_id"), environment_of(vector));
    const bool fits = vector.at("expected") != "reject";
    EXPECT_EQ(town.verify(vector) == "accept", fits) << vector.at("name") << town.verify(vector);
    EXPECT_EQ(crc32_decimal(vector.at("body").get<std::string>()),
              std::to_string(vector.at("crc32_decimal").get<std::uint32_t>()));
  }
}

TEST(PaypalWebhooks, EveryPublishedBodyInOurVocabulary) {
  NEEDS_DATA();
  std::string actual;
  for (const auto& file : published_bodies("paypal")) {
    const auto body = nlohmann::json::parse(read_file(file)).at("body");
    actual += golden_lines(file.filename(),
                           normalise_paypal(body.value("id", "WH-1"), body.dump(), k_now));
  }
  EXPECT_EQ(actual, golden("paypal_events.txt", actual));
}

TEST(PaypalWebhooks, ABodyWithAForgedCrcIsRefusedAfterTheGenuineOne) {
  NEEDS_DATA();
  const auto genuine = vector_named("sim_payment_capture_completed_v2");
  const auto forged = vector_named("forged_crc32_collision");
  const Town town("WEBHOOK_ID", Environment::live);
  EXPECT_EQ(town.verify(genuine), "accept");
  EXPECT_EQ(town.verify(forged), "webhook_body_changed");
  EXPECT_EQ(town.verify(genuine), "accept");  // a repetition
  // Where it comes first the signature can't tell, and the look-up must.
  const auto event =
      town.gateway->normalise_webhook("WH", forged.at("body").get<std::string>(), k_now);
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->needs_lookup);
}

TEST(PaypalWebhooks, TestAndLiveDontMix) {
  NEEDS_DATA();
  const auto live = vector_named("sim_payment_capture_completed_v2");
  const auto test = vector_named("php-sdk-sale-completed");
  EXPECT_EQ(Town(live.at("webhook_id"), Environment::test).verify(live), "webhook_certificate_url");
  EXPECT_EQ(Town(test.at("webhook_id"), Environment::live).verify(test), "webhook_certificate_url");
}

TEST(PaypalWebhooks, CertificatesMustBeValidTrustedAndOfTheName) {
  NEEDS_DATA();
  const auto leaf = read_file(k_published / "CERT-360caa42-fca2a594-1a5f47cb.pem");
  const auto intermediate = read_file(k_published / "DigiCertSHA2ExtendedValidationServerCA.pem");
  const Certificate::Rules good{"messageverificationcerts.paypal.com",
                                intermediate,
                                (k_published / "DigiCertHighAssuranceEVRootCA.pem").string(),
                                *parse_timestamp("2024-08-02T19:34:57Z")};
  const auto open = [&](const auto& change) {
    auto rules = good;
    std::string pem = leaf;
    change(rules, pem);
    const auto certificate = Certificate::open(pem, rules);
    return certificate ? std::string("good") : certificate.error().code;
  };
  EXPECT_EQ(open([](auto&, auto&) {}), "good");
  EXPECT_EQ(open([&](auto& rules, auto& pem) {
              rules.intermediates.clear();
              pem += intermediate;
            }),
            "good");
  const std::string bad = "webhook_certificate_invalid";
  EXPECT_EQ(open([](auto& rules, auto&) { rules.now = k_now; }), bad);
  EXPECT_EQ(open([](auto& rules, auto&) { rules.intermediates.clear(); }), bad);
  EXPECT_EQ(open([](auto& rules, auto&) { rules.host = "www.paypal.com"; }), bad);
  EXPECT_EQ(open([](auto& rules, auto&) { rules.ca_file = "/nowhere.pem"; }), bad);
  EXPECT_EQ(open([&](auto&, auto& pem) { pem = "-----BEGIN CERTIFICATE-----\nAAAA\n"; }), bad);
  EXPECT_EQ(open([&](auto&, auto& pem) { pem = ""; }), bad);
  EXPECT_EQ(open([&](auto&, auto& pem) { pem = intermediate; }), bad);
}

TEST(PaypalWebhooks, OnlyPaypalsOwnAddressesAreFetched) {
  const auto name = [](const std::string& url, Environment environment, const char* origin = "") {
    return certificate_name(url, environment, origin).value_or("refused");
  };
  const auto live = Environment::live;
  const std::string path = "/v1/notifications/certs/CERT-1";
  EXPECT_EQ(name("https://api.paypal.com" + path, live), "CERT-1");
  EXPECT_EQ(name("https://api-m.paypal.com" + path, live), "CERT-1");
  EXPECT_EQ(name("https://api.sandbox.paypal.com" + path, Environment::test), "CERT-1");
  EXPECT_EQ(name("http://127.0.0.1:9/v1/notifications/certs/CERT-1", live, "http://127.0.0.1:9"),
            "CERT-1");
  for (const char* url : {"http://api.paypal.com/v1/notifications/certs/CERT-1",
                          "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
                          "https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1",
                          "https://evil.example/api.paypal.com/v1/notifications/certs/CERT-1",
                          "https://api.paypal.com:444/v1/notifications/certs/CERT-1",
                          "https://api.paypal.com/v1/notifications/certs/../../../x",
                          "https://api.paypal.com/v1/notifications/certs/CERT-1?x=1",
                          "https://api.paypal.com/v1/notifications/certs/CERT-1#x",
                          "https://api.paypal.com/v1/notifications/certs/",
                          "https://api.paypal.com/other/CERT-1",
                          "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1",
                          "HTTPS://api.paypal.com/v1/notifications/certs/CERT-1",
                          ""})
    EXPECT_EQ(name(url, live), "refused") << url;
}

TEST(PaypalWebhooks, HeadersAndTimes) {
  NEEDS_DATA();
  const auto vector = vector_named("sim_payment_capture_completed_v2");
  const Town town("WEBHOOK_ID", Environment::live);
  EXPECT_EQ(town.verify(vector, std::chrono::hours{24 * 3}), "accept");
  EXPECT_EQ(town.verify(vector, std::chrono::hours{24 * 5}), "webhook_too_old");
  EXPECT_EQ(town.verify(vector, -std::chrono::minutes{6}), "webhook_too_new");
  for (const char* name : {"paypal-transmission-id",
                           "paypal-transmission-sig",
                           "paypal-cert-url",
                           "paypal-auth-algo"}) {
    auto without = vector;
    without["headers"].erase(name);
    EXPECT_EQ(town.verify(without), "webhook_header_missing") << name;
  }
  auto weak = vector;
  weak["headers"]["paypal-auth-algo"] = "SHA1withRSA";
  EXPECT_EQ(town.verify(weak), "webhook_algorithm_unknown");
  auto other = vector;
  other["headers"]["paypal-transmission-id"] = "1c6772d0-5106-11ef-9b66-89f3f924d48b";
  EXPECT_EQ(town.verify(other), "webhook_signature_wrong");
}

TEST(PaypalWebhooks, CertificatesAreFetchedSeldom) {
  NEEDS_DATA();
  // No such file and no such server: each name is one attempt to fetch, up to the bound.
  http::HttpClient http;
  const StillClock clock(k_now);
  const MapSecrets secrets(std::map<std::string, std::string, std::less<>>{});
  Certificates certificates({"", "", true}, {http, secrets, clock});
  std::string last;
  for (int i = 0; i < 11; ++i) {
    const auto name = "CERT-" + std::to_string(i);
    last = certificates.get(name, "http://127.0.0.1:1/" + name, "x", k_now).error().message;
  }
  EXPECT_NE(last.find("too many"), std::string::npos) << last;
}

TEST(PaypalWebhooks, WhatIsForTestsStaysOutOfALiveSystem) {
  const auto made = [](const std::string& more) {
    std::string text = R"({"base_url":"https://api-m.paypal.com")";
    if (more.find("webhook_ids") == std::string::npos) text += R"(,"webhook_ids":["W1"])";
    const auto config = types::parse_json(text + more + "}");
    const auto parsed = parse_paypal_config(*config);
    return parsed ? std::string("good") : parsed.error().message;
  };
  EXPECT_EQ(made(""), "good");
  EXPECT_NE(made(R"(,"certificate_origin":"http://127.0.0.1:9")").find("only for tests"),
            std::string::npos);
  EXPECT_NE(made(R"(,"ca_file":"/tmp/ca.pem")").find("ca_file"), std::string::npos);
  EXPECT_NE(made(R"(,"certificates":"/tmp")").find("certificates"), std::string::npos);
  EXPECT_NE(made(R"(,"webhook_ids":["W1","WEBHOOK_ID"])").find("WEBHOOK_ID"), std::string::npos);
  EXPECT_EQ(made(R"(,"environment":"test","ca_file":"/tmp/ca.pem")"), "good");
}

TEST(PaypalWebhooks, TypesInOurWords) {
  struct Row {
    const char* type;
    const char* resource;
    const char* expected;
  };
  const char* money = R"({"id":"X","amount":{"currency_code":"USD","value":"1.00"}})";
  const char* sale =
      R"({"id":"X","amount":{"currency":"USD","total":"1.00"},"billing_agreement_id":"I-1"})";
  const Row rows[] = {
      {"CHECKOUT.ORDER.APPROVED", R"({"id":"O1","status":"APPROVED"})", "payment.approved"},
      {"CHECKOUT.ORDER.COMPLETED", R"({"id":"O1","status":"COMPLETED"})", "payment.processing"},
      {"CHECKOUT.PAYMENT-APPROVAL.REVERSED", R"({"order_id":"O1"})", "payment.failed"},
      {"PAYMENT.CAPTURE.PENDING", money, "payment.processing"},
      {"PAYMENT.CAPTURE.COMPLETED", money, "payment.succeeded"},
      {"PAYMENT.CAPTURE.DENIED", money, "payment.failed"},
      {"PAYMENT.CAPTURE.DECLINED", money, "payment.failed"},
      {"PAYMENT.CAPTURE.REFUNDED", money, "refund.changed"},
      {"PAYMENT.CAPTURE.REVERSED", money, "refund.changed"},
      {"PAYMENT.AUTHORIZATION.CREATED", money, "payment.authorised"},
      {"PAYMENT.AUTHORIZATION.VOIDED", money, "payment.failed"},
      {"PAYMENT.SALE.COMPLETED", money, "payment.succeeded"},
      {"PAYMENT.SALE.COMPLETED", sale, "subscription.renewed"},
      {"PAYMENT.SALE.DENIED", sale, "subscription.payment_failed"},
      {"PAYMENT.SALE.PENDING", sale, "payment.processing"},
      {"PAYMENT.SALE.REFUNDED", sale, "refund.changed"},
      {"PAYMENT.SALE.REVERSED", sale, "refund.changed"},
      {"BILLING.SUBSCRIPTION.CREATED", money, "subscription.created"},
      {"BILLING.SUBSCRIPTION.ACTIVATED", money, "subscription.active"},
      {"BILLING.SUBSCRIPTION.RE-ACTIVATED", money, "subscription.resumed"},
      {"BILLING.SUBSCRIPTION.UPDATED", money, "subscription.updated"},
      {"BILLING.SUBSCRIPTION.EXPIRED", money, "subscription.expired"},
      {"BILLING.SUBSCRIPTION.CANCELLED", money, "subscription.cancelled"},
      {"BILLING.SUBSCRIPTION.SUSPENDED",
       R"({"id":"I-1","status":"SUSPENDED"})",
       "subscription.paused"},
      {"BILLING.SUBSCRIPTION.PAYMENT.FAILED", money, "subscription.payment_failed"},
      {"CUSTOMER.DISPUTE.CREATED", R"({"dispute_id":"D1"})", "dispute.changed"},
      {"CUSTOMER.DISPUTE.UPDATED", R"({"dispute_id":"D1"})", "dispute.changed"},
      {"CUSTOMER.DISPUTE.RESOLVED", R"({"dispute_id":"D1"})", "dispute.changed"},
      {"BILLING.PLAN.CREATED", money, "gateway.unknown"},
      {"VAULT.PAYMENT-TOKEN.CREATED", money, "gateway.unknown"},
      {"PAYMENT.PAYOUTSBATCH.SUCCESS", money, "gateway.unknown"},
      {"PAYMENT.CAPTURE.TELEPORTED", money, "gateway.unknown"},
  };
  for (const auto& row : rows) {
    const auto event = normalise_paypal(
        "WH-1",
        std::string(R"({"event_type":")") + row.type + R"(","resource":)" + row.resource + "}",
        k_now);
    ASSERT_TRUE(event) << row.type << " " << event.error().message;
    EXPECT_EQ(event->type, row.expected) << row.type;
    const bool can_be_read = event->type != "gateway.unknown" &&
                             std::string(row.type) != "CHECKOUT.PAYMENT-APPROVAL.REVERSED";
    EXPECT_EQ(event->needs_lookup, can_be_read) << row.type;
  }
}

TEST(PaypalWebhooks, DisputesEndWithTheirOutcome) {
  const auto state = [](const std::string& outcome) {
    const auto event = normalise_paypal(
        "WH-1",
        R"({"event_type":"CUSTOMER.DISPUTE.RESOLVED","resource":{"dispute_id":"D1","status":"RESOLVED",
            "dispute_outcome":{"outcome_code":")" +
            outcome + R"("}}})",
        k_now);
    return std::string(event->data.text_at("state"));
  };
  EXPECT_EQ(state("RESOLVED_BUYER_FAVOUR"), "lost");
  EXPECT_EQ(state("ACCEPTED"), "lost");
  EXPECT_EQ(state("RESOLVED_SELLER_FAVOUR"), "won");
  EXPECT_EQ(state("CANCELED_BY_BUYER"), "won");
  EXPECT_EQ(state("NONE"), "opened");
}

TEST(PaypalWebhooks, NonsenseIsAnErrorNotACrash) {
  for (const char* body : {"",
                           "null",
                           "[]",
                           "{}",
                           R"({"event_type":1})",
                           R"({"event_type":"PAYMENT.CAPTURE.COMPLETED"})",
                           R"({"event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"C1",
                               "amount":{"currency_code":"USD","value":"1.005"}}})",
                           R"({"event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"C1",
                               "amount":{"currency_code":"USD","value":1.5}}})",
                           "\xff\xfe"}) {
    const auto event = normalise_paypal("e", body, k_now);
    ASSERT_FALSE(event) << body;
    EXPECT_EQ(event.error().code, "webhook_payload_invalid");
  }
}

TEST(PaypalWebhooks, ADisputeSaysByWhenToAnswer) {
  const auto due = [](const std::string& date) {
    const auto event = normalise_paypal(
        "WH-1",
        *types::parse_json(
            R"({"event_type":"CUSTOMER.DISPUTE.CREATED","resource":{"dispute_id":"D1",)"
            R"("seller_response_due_date":")" +
            date + "\"}}"),
        k_now);
    return event ? std::string(event->data.text_at("respond_by")) : event.error().code;
  };
  EXPECT_EQ(due("2026-02-01T10:00:00.000Z"), "2026-02-01T10:00:00.000Z");
  EXPECT_EQ(due("2018-19-12T22:20:32.000Z"), "") << "such dates have been seen";
}

}  // namespace
}  // namespace vozex::payments
