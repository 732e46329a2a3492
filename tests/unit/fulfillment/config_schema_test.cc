// SPDX-License-Identifier: Apache-2.0
// The configuration that each driver wants, and each refusal at its field.
#include "adapters/fulfillment/config_schema.h"

#include <gmock/gmock.h>

#include "engine/base/assert.h"
#include "engine/types/json.h"

namespace vozex::fulfillment {
namespace {

using ::testing::StartsWith;
using types::Value;

Value json(const std::string& text) {
  auto value = types::parse_json(text);
  VOZEX_ASSERT(value.has_value());
  return *std::move(value);
}

struct Case {
  const char* name;
  const char* model;
  const char* config;
  const char* fault;  // "" when it is taken
};

class Config : public ::testing::TestWithParam<Case> {};

TEST_P(Config, IsTakenOrRefusedAtItsField) {
  const auto checked = check_config(GetParam().model, json(GetParam().config));
  const std::string faults = checked ? "" : types::describe(checked.error());
  if (GetParam().fault[0] == 0) {
    EXPECT_EQ(faults, "");
  } else {
    EXPECT_THAT(faults, StartsWith(GetParam().fault));
  }
}

const Case k_cases[] = {
    {"saas",
     "saas_multitenant",
     R"({"provider": "a", "base_url": "https://api.a.example/v2", "auth_mode": "bearer",
         "credentials_ref": "A_SECRET"})",
     ""},
    {"saas_here",
     "saas_multitenant",
     R"({"provider": "a", "base_url": "http://127.0.0.1:4010", "auth_mode": "hmac",
         "credentials_ref": "A"})",
     ""},
    {"saas_no_tls",
     "saas_multitenant",
     R"({"provider": "a", "base_url": "http://api.a.example", "auth_mode": "hmac",
         "credentials_ref": "A"})",
     "/base_url: expected https://"},
    {"saas_host_with_user",
     "saas_multitenant",
     R"({"provider": "a", "base_url": "http://127.0.0.1@evil.example", "auth_mode": "hmac",
         "credentials_ref": "A"})",
     "/base_url: expected https://"},
    {"saas_secret_itself",
     "saas_multitenant",
     R"({"provider": "a", "base_url": "https://a.example", "auth_mode": "hmac",
         "credentials_ref": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})",
     "/credentials_ref: "},
    {"saas_auth",
     "saas_multitenant",
     R"({"provider": "a", "base_url": "https://a.example", "auth_mode": "basic",
         "credentials_ref": "A"})",
     "/auth_mode: "},
    {"saas_timeout",
     "saas_multitenant",
     R"({"provider": "a", "base_url": "https://a.example", "auth_mode": "hmac",
         "credentials_ref": "A", "timeout_seconds": 0})",
     "/timeout_seconds: "},
    {"saas_status_of_nobody",
     "saas_multitenant",
     R"({"provider": "a", "base_url": "https://a.example", "auth_mode": "hmac",
         "credentials_ref": "A", "endpoints": {"status": "/status"}})",
     "/endpoints/status: expected {external_reference}"},
    {"saas_empty",
     "saas_multitenant",
     "{}",
     "/provider: this field is required (string); /base_url: this field is required (string); "
     "/auth_mode: this field is required"},
    {"single",
     "saas_singletenant",
     R"({"server_profile": "small", "resource_limits": {"cpu_millis": 2000, "memory_mb": 4096,
         "disk_gb": 40}, "domain_strategy": "subdomain", "base_domain": "shops.example",
         "provisioner": {"base_url": "https://p.example", "credentials_ref": "P"}})",
     ""},
    {"single_no_domain",
     "saas_singletenant",
     R"({"server_profile": "small", "resource_limits": {"cpu_millis": 2000, "memory_mb": 4096,
         "disk_gb": 40}, "domain_strategy": "subdomain",
         "provisioner": {"base_url": "https://p.example", "credentials_ref": "P"}})",
     "/base_domain: expected the domain"},
    {"single_domain_of_others",
     "saas_singletenant",
     R"({"server_profile": "small", "resource_limits": {"cpu_millis": 2000, "memory_mb": 4096,
         "disk_gb": 40}, "domain_strategy": "custom", "base_domain": "shops.example",
         "provisioner": {"base_url": "ftp://p.example", "credentials_ref": "P"}})",
     "/base_domain: only the domain strategy `subdomain`"},
    {"single_limits",
     "saas_singletenant",
     R"({"server_profile": "small", "resource_limits": {"cpu_millis": 2000, "memory_mb": 1},
         "domain_strategy": "custom",
         "provisioner": {"base_url": "https://p.example", "credentials_ref": "P"}})",
     "/resource_limits/memory_mb: "},
    {"license", "self_hosted_license", "{}", ""},
    {"license_unknown",
     "self_hosted_license",
     R"({"sets": 5})",
     "/sets: unknown field; did you mean seats?"},
    {"license_seats", "self_hosted_license", R"({"seats": 0})", "/seats: "},
    {"download_of_nothing", "self_hosted_download", "{}", "/artefact: expected the file"},
    {"download_outside",
     "self_hosted_download",
     R"({"artefact": "../etc/passwd"})",
     "/artefact: expected a path relative"},
    {"download_absolute",
     "self_hosted_license",
     R"({"artefact": "/etc/passwd"})",
     "/artefact: expected a path relative"},
    {"manual",
     "managed_setup",
     R"({"queue": "setup", "sla_hours": 48, "instruction_template": "Set it up",
         "escalation": {"after_hours": 24, "queue": "leads"}})",
     ""},
    {"manual_too_late",
     "managed_setup",
     R"({"queue": "setup", "sla_hours": 24, "instruction_template": "Set it up",
         "escalation": {"after_hours": 48, "queue": "leads"}})",
     "/escalation/after_hours: expected at most sla_hours"},
    {"manual_no_queue",
     "managed_setup",
     R"({"sla_hours": 24, "instruction_template": "x"})",
     "/queue: this field is required"},
    {"service", "service", R"({"assignment": "automatic"})", ""},
    {"service_twice",
     "service",
     R"({"assignment": "manual", "requirements": [{"name": "a", "title": "A"},
         {"name": "a", "title": "B"}]})",
     "/requirements/1/name: two requirements"},
    {"service_rating",
     "service",
     R"({"assignment": "manual", "min_rating_percent": 101})",
     "/min_rating_percent: "},
    {"hybrid",
     "hybrid",
     R"({"mode": "choose", "paths": [
         {"path": "own", "title": "On your server", "delivery_model": "self_hosted_license",
          "config": {}},
         {"path": "us", "title": "We set it up", "delivery_model": "managed_setup",
          "config": {"queue": "q", "sla_hours": 4, "instruction_template": "x"}}]})",
     ""},
    {"hybrid_of_one",
     "hybrid",
     R"({"mode": "all", "paths": [{"path": "own", "title": "Own",
         "delivery_model": "self_hosted_license", "config": {}}]})",
     "/paths: "},
    {"hybrid_in_hybrid",
     "hybrid",
     R"({"mode": "all", "paths": [
         {"path": "own", "title": "Own", "delivery_model": "self_hosted_license", "config": {}},
         {"path": "more", "title": "More", "delivery_model": "hybrid", "config": {}}]})",
     "/paths/1/delivery_model: expected the delivery model of one path"},
    {"hybrid_path_wrong",
     "hybrid",
     R"({"mode": "all", "paths": [
         {"path": "own", "title": "Own", "delivery_model": "self_hosted_license",
          "config": {"seats": 0}},
         {"path": "own", "title": "More", "delivery_model": "managed_setup", "config": {}}]})",
     "/paths/0/config/seats: "},
};

std::string name_of(const ::testing::TestParamInfo<Case>& one) { return one.param.name; }

INSTANTIATE_TEST_SUITE_P(Driver, Config, ::testing::ValuesIn(k_cases), name_of);

TEST(ConfigSchema, EveryModelHasADriverWithASchema) {
  for (const DeliveryModel& model : delivery_models()) {
    if (model.name == k_hybrid) continue;
    const ConfigSchema* schema = config_schema(model.driver);
    ASSERT_NE(schema, nullptr) << model.name;
    EXPECT_EQ(schema->driver, model.driver);
  }
  EXPECT_EQ(config_schema("pigeon"), nullptr);
  EXPECT_EQ(find_delivery_model("pigeon"), nullptr);
}

}  // namespace
}  // namespace vozex::fulfillment
