// SPDX-License-Identifier: Apache-2.0
// "Test connection": a harmless signed question, and what each answer means.
#include "adapters/fulfillment/multitenant_saas/connection.h"

#include <gmock/gmock.h>

#include "adapters/fulfillment/config_schema.h"
#include "adapters/http/standard_webhooks.h"
#include "engine/base/assert.h"
#include "engine/types/json.h"
#include "tests/support/loopback_server.h"
#include "tests/unit/payments/fakes.h"

namespace vozex::fulfillment {
namespace {

using payments::StillClock;
using ::testing::HasSubstr;
using types::Value;
using vozex::test::LoopbackServer;
using vozex::test::WireReply;
using vozex::test::WireRequest;

constexpr const char* k_secret = "whsec_c2VjcmV0IG9mIHRoZSB0ZXN0cw==";

// The one secret of the tests, which may be missing.
class Secret final : public ports::Secrets {
 public:
  explicit Secret(std::string at_first) : text(std::move(at_first)) {}
  std::optional<std::string> get(std::string_view name) const override {
    return name == "env:TABLES" ? text : std::nullopt;
  }
  std::optional<std::string> text;
};

class Connection : public ::testing::Test {
 protected:
  ConnectionCheck checked(const std::string& auth_mode, const std::string& base) {
    const auto config = check_config(
        "saas_multitenant",
        *types::parse_json(R"({"provider": "tables", "base_url": "https://tables.invalid",
                               "credentials_ref": "TABLES", "auth_mode": ")" +
                           auth_mode + "\"}"));
    VOZEX_ASSERT(config.has_value());
    return test_connection(*config, {base, "env:TABLES"}, {client_, secret_, clock_});
  }

  http::HttpClient client_;
  Secret secret_{k_secret};
  StillClock clock_{*parse_timestamp("2026-11-20T10:00:00Z")};
};

TEST_F(Connection, AsksForAWorkspaceThatNobodyHasAndSignsThePath) {
  http::Headers headers;
  std::string path;
  LoopbackServer provider([&](const WireRequest& request) {
    path = request.method + " " + request.target;
    for (const char* name : {"webhook-id", "webhook-timestamp", "webhook-signature"})
      headers.push_back({name, request.headers.at(name)});
    return WireReply::answer(404, "{}");
  });
  const ConnectionCheck check = checked("hmac", provider.url());
  EXPECT_TRUE(check.ok) << check.detail;
  EXPECT_EQ(check.step, "done");
  EXPECT_EQ(path, "GET /api/marketplace/status/vozex-connection-test");
  EXPECT_TRUE(http::verify_webhook(
      {k_secret}, headers, "/api/marketplace/status/vozex-connection-test", clock_.now()));
  EXPECT_FALSE(
      http::verify_webhook({k_secret}, headers, "/api/marketplace/status/somebody", clock_.now()));
}

struct Case {
  int status;
  const char* body;
  bool ok;
  const char* step;
};

TEST_F(Connection, WhatEachAnswerMeans) {
  for (const Case& one : {Case{200, R"({"status": "active"})", true, "done"},
                          Case{404, "", true, "done"},
                          Case{200, "<html>", false, "contract"},
                          Case{401, "{}", false, "sign_in"},
                          Case{403, "{}", false, "sign_in"},
                          Case{302, "", false, "contract"},
                          Case{500, "{}", false, "contract"}}) {
    LoopbackServer provider(
        [&](const WireRequest&) { return WireReply::answer(one.status, one.body); });
    const ConnectionCheck check = checked("bearer", provider.url());
    EXPECT_EQ(check.ok, one.ok) << one.status;
    EXPECT_EQ(check.step, one.step) << one.status;
    EXPECT_EQ(check.status, one.status);
    EXPECT_THAT(check.detail, ::testing::Not(HasSubstr(k_secret)));
  }
}

TEST_F(Connection, NobodyAnswers) {
  const std::string gone = "http://127.0.0.1:" + std::to_string(vozex::test::closed_port());
  const ConnectionCheck check = checked("bearer", gone);
  EXPECT_FALSE(check.ok);
  EXPECT_EQ(check.step, "reach");
}

TEST_F(Connection, AProductsOwnAddressMustBePublic) {
  const auto config = check_config("saas_multitenant", *types::parse_json(R"({"provider": "tables",
      "base_url": "http://127.0.0.1:1", "credentials_ref": "TABLES", "auth_mode": "bearer"})"));
  ASSERT_TRUE(config);
  const ConnectionCheck check =
      test_connection(*config, {"", "env:TABLES"}, {client_, secret_, clock_});
  EXPECT_EQ(check.step, "reach");
  EXPECT_FALSE(check.ok);
}

TEST_F(Connection, ASecretThatIsMissingOrCantSignIsSaidSo) {
  secret_.text.reset();
  EXPECT_EQ(checked("bearer", "http://127.0.0.1:1").step, "credentials");
  EXPECT_THAT(checked("bearer", "http://127.0.0.1:1").detail,
              HasSubstr("adapters.tables.secrets.TABLES"));
  secret_.text = "not base64!";
  EXPECT_EQ(checked("hmac", "http://127.0.0.1:1").step, "credentials");
}

}  // namespace
}  // namespace vozex::fulfillment
