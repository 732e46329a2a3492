// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/standard_webhooks.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "engine/base/base64.h"

namespace vozex::http {
namespace {

const std::filesystem::path k_vectors = std::filesystem::path(VOZEX_SOURCE_DIR) /
                                        "../shared/conformance/payments/standard_webhooks.json";

Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

TEST(StandardWebhooks, EveryPublishedVector) {
  if (!std::filesystem::exists(k_vectors))
    GTEST_SKIP() << "no conformance data beside the source tree";
  std::ifstream file(k_vectors);
  const auto document = nlohmann::json::parse(file);
  std::size_t count = 0;
  for (const auto& vector : document.at("vectors")) {
    Headers headers;
    for (const auto& [name, value] : vector.at("headers").items()) headers.push_back({name, value});
    const auto verified = verify_webhook(
        {vector.at("secret")}, headers, vector.at("body").get<std::string>(), at(vector.at("now")));
    EXPECT_EQ(verified.has_value(), vector.at("expected") == "accept") << vector.at("name");
    ++count;
  }
  EXPECT_GT(count, 10u);
}

const std::string k_secret = "whsec_" + base64("0123456789abcdef01234567");
const std::string k_other = "whsec_" + base64("another secret, 24 bytes");

Headers signed_with(const std::vector<std::string>& secrets,
                    std::int64_t seconds,
                    std::string_view body) {
  std::vector<std::string> keys;
  for (const auto& secret : secrets) keys.push_back(*parse_webhook_secret(secret));
  return sign_webhook(keys, "msg_1", at(seconds), body);
}

TEST(StandardWebhooks, WhatIsSignedVerifies) {
  const std::string body("{\"a\": \"\0\xff\"}", 10);
  const auto id = verify_webhook({k_secret}, signed_with({k_secret}, 1000, body), body, at(1000));
  ASSERT_TRUE(id);
  EXPECT_EQ(*id, "msg_1");
}

TEST(StandardWebhooks, RotationOnEitherSide) {
  EXPECT_TRUE(
      verify_webhook({k_other, k_secret}, signed_with({k_secret}, 1000, "x"), "x", at(1000)));
  EXPECT_TRUE(
      verify_webhook({k_secret}, signed_with({k_other, k_secret}, 1000, "x"), "x", at(1000)));
  EXPECT_EQ(
      verify_webhook({k_other}, signed_with({k_secret}, 1000, "x"), "x", at(1000)).error().code,
      "webhook_signature_wrong");
  EXPECT_TRUE(verify_webhook({"", k_secret}, signed_with({k_secret}, 1000, "x"), "x", at(1000)));
}

TEST(StandardWebhooks, ToleranceIsFiveMinutesBothWays) {
  const auto headers = signed_with({k_secret}, 1000, "x");
  EXPECT_TRUE(verify_webhook({k_secret}, headers, "x", at(1300)));
  EXPECT_TRUE(verify_webhook({k_secret}, headers, "x", at(700)));
  EXPECT_EQ(verify_webhook({k_secret}, headers, "x", at(1301)).error().code, "webhook_too_old");
  EXPECT_EQ(verify_webhook({k_secret}, headers, "x", at(699)).error().code, "webhook_too_new");
}

TEST(StandardWebhooks, MalformedHeadersAreRefused) {
  const auto good = signed_with({k_secret}, 1000, "x");
  struct Row {
    std::string name;
    std::string value;
    std::string code;
  };
  const std::string huge(100'000, ' ');
  for (const auto& row : std::vector<Row>{
           {"webhook-id", "", "webhook_header_missing"},
           {"webhook-id", "msg_2", "webhook_signature_wrong"},
           {"webhook-timestamp", "", "webhook_timestamp_invalid"},
           {"webhook-timestamp", "1000.5", "webhook_timestamp_invalid"},
           {"webhook-timestamp", "-1000", "webhook_timestamp_invalid"},
           {"webhook-timestamp", " 1000", "webhook_timestamp_invalid"},
           {"webhook-timestamp", "99999999999999999999", "webhook_timestamp_invalid"},
           {"webhook-signature", "", "webhook_signature_wrong"},
           {"webhook-signature", "v1", "webhook_signature_wrong"},
           {"webhook-signature", "v1,", "webhook_signature_wrong"},
           {"webhook-signature", huge, "webhook_signature_wrong"},
           {"webhook-signature", "v2," + good[2].value.substr(3), "webhook_signature_wrong"},
           {"webhook-signature", good[2].value.substr(3), "webhook_signature_wrong"}}) {
    auto headers = good;
    for (auto& header : headers) {
      if (header.name == row.name) header.value = row.value;
    }
    const auto verified = verify_webhook({k_secret}, headers, "x", at(1000));
    ASSERT_FALSE(verified) << row.name << "=" << row.value.substr(0, 30);
    EXPECT_EQ(verified.error().code, row.code) << row.name << "=" << row.value.substr(0, 30);
  }
}

TEST(StandardWebhooks, SecretMustBeBase64) {
  for (const char* secret : {"", "whsec_", "whsec_!!!", "whsec_AAAAA", "whsec_AA=A"}) {
    EXPECT_FALSE(parse_webhook_secret(secret)) << secret;
  }
  EXPECT_EQ(*parse_webhook_secret("whsec_c2VjcmV0Cg=="), "secret\n");
  EXPECT_EQ(*parse_webhook_secret("c2VjcmV0Cg"), "secret\n");
}

}  // namespace
}  // namespace vozex::http
