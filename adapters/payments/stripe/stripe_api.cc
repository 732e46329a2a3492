// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/stripe_api.h"

#include "adapters/payments/wire.h"

namespace vozex::payments {
namespace {

using types::Value;

constexpr std::size_t k_max_idempotency_key = 255;

constexpr KnownCode k_known_codes[] = {
    {"charge_already_refunded", "already_refunded", false},
    {"charge_disputed", "disputed", false},
    {"refund_disputed_payment", "disputed", false},
    {"resource_missing", "not_found", false},
    {"rate_limit", "rate_limited", true},
    {"lock_timeout", "unavailable", true},
    {"idempotency_key_in_use", "unavailable", true},
    {"idempotency_error", "conflict", false},
    {"card_declined", "declined", false},
    {"expired_card", "declined", false},
    {"payment_intent_unexpected_state", "not_approved", false},
};

// The code, or the type where there is none.
Complaint complaint_of(const Value& body) {
  const Value error = map_at(body, "error");
  const auto code = error.text_at("code");
  return {std::string(code.empty() ? error.text_at("type") : code),
          std::string(error.text_at("message")),
          std::string(error.text_at("decline_code"))};
}

}  // namespace

Result<StripeConfig> parse_stripe_config(const Value& config) {
  StripeConfig out;
  const Settings settings("stripe", config);
  settings.text("api_key", out.api_key);
  settings.text("api_version", out.api_version);
  settings.text("return_url", out.return_url);
  if (auto read = settings.url("base_url", out.base_url); !read)
    return tl::unexpected(read.error());
  if (auto read = settings.texts("webhook_secrets", out.webhook_secrets); !read)
    return tl::unexpected(read.error());
  if (auto read = settings.environment("environment", out.environment); !read)
    return tl::unexpected(read.error());
  return out;
}

std::string encode_form(const StripeForm& form) {
  std::string text;
  for (const auto& [name, value] : form) {
    if (value.empty()) continue;
    if (!text.empty()) text += '&';
    text += http::percent_encode(name) + "=";
    if (value != k_cleared) text += http::percent_encode(value);
  }
  return text;
}

std::string stripe_path(std::string_view collection, const std::string& id) {
  return "/v1/" + std::string(collection) + "/" + http::percent_encode(id);
}

StripeApi::StripeApi(StripeConfig config, const Surroundings& outside)
    : config_(std::move(config)), rest_("Stripe", complaint_of, k_known_codes, outside) {}

Answer<Value> StripeApi::get(const std::string& path, Deadline deadline) const {
  http::HttpRequest request;
  request.url = config_.base_url + path;
  return send(std::move(request), Effect::reads, deadline);
}

Answer<Value> StripeApi::post(const std::string& path,
                              const StripeForm& form,
                              const std::string& key,
                              Deadline deadline) const {
  http::HttpRequest request;
  request.method = "POST";
  request.url = config_.base_url + path;
  request.body = encode_form(form);
  request.headers.push_back({"content-type", "application/x-www-form-urlencoded"});
  request.headers.push_back({"idempotency-key", idempotency_key(key, k_max_idempotency_key)});
  return send(std::move(request), Effect::changes, deadline);
}

Answer<Value> StripeApi::remove(const std::string& path, Deadline deadline) const {
  http::HttpRequest request;
  request.method = "DELETE";
  request.url = config_.base_url + path;
  return send(std::move(request), Effect::changes, deadline);
}

Answer<Value> StripeApi::send(http::HttpRequest request, Effect effect, Deadline deadline) const {
  const auto key = need_secret(outside(), config_.api_key, rest_.title());
  if (!key) return tl::unexpected(key.error());
  request.headers.push_back({"authorization", "Bearer " + *key});
  request.headers.push_back({"stripe-version", config_.api_version});
  return rest_.send(std::move(request), effect, deadline);
}

Environment StripeApi::environment() const {
  if (config_.environment != Environment::unknown) return config_.environment;
  const auto key = outside().secrets.get(config_.api_key);
  if (!key) return Environment::unknown;
  for (const std::string_view kind : {"sk_", "rk_"}) {
    if (!key->starts_with(kind)) continue;
    const auto rest = std::string_view(*key).substr(kind.size());
    if (rest.starts_with("live_")) return Environment::live;
    if (rest.starts_with("test_")) return Environment::test;
  }
  return Environment::unknown;
}

}  // namespace vozex::payments
