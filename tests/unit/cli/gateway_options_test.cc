// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/cli/gateway_options.h"
#include "engine/types/json.h"

namespace vozex::cli {
namespace {

std::string with(const char* file, const std::vector<std::string>& given) {
  const auto out = with_gateways(*types::parse_json(file), given);
  return out ? types::to_json(*out) : out.error().code;
}

TEST(GatewayOptions, GoOverTheFile) {
  EXPECT_EQ(with("null", {}), "null");
  EXPECT_EQ(with("null", {"stripe.api_key=env:K"}), R"({"stripe":{"api_key":"env:K"}})");
  EXPECT_EQ(with(R"({"stripe":{"api_key":"a","base_url":"b"}})", {"stripe.api_key=c"}),
            R"({"stripe":{"api_key":"c","base_url":"b"}})");
  EXPECT_EQ(with(R"({"paypal":{"webhook_ids":["old"]}})",
                 {"paypal.webhook_ids=W1", "paypal.webhook_ids=W2"}),
            R"({"paypal":{"webhook_ids":["W1","W2"]}})");
  EXPECT_EQ(with("null", {"stripe.return_url=https://shop.example/?a=b"}),
            R"({"stripe":{"return_url":"https://shop.example/?a=b"}})");
}

TEST(GatewayOptions, NonsenseIsRefused) {
  for (const char* text : {"", "stripe", "stripe=x", ".api_key=x", "stripe.=x", "=x", "stripe.key"})
    EXPECT_EQ(with("null", {text}), "invalid_argument") << text;
}

}  // namespace
}  // namespace vozex::cli
