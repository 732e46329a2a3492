// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/paypal/paypal_api.h"

#include <algorithm>

#include "adapters/payments/wire.h"
#include "engine/base/base64.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

using types::Value;

constexpr std::size_t k_max_request_id = 108;
constexpr Duration k_token_slack = std::chrono::seconds{60};
constexpr std::int64_t k_max_token_seconds = 24 * 3600;
constexpr int k_unauthorised = 401;
constexpr std::string_view k_simulator_id = "WEBHOOK_ID";

constexpr KnownCode k_known_codes[] = {
    {"ORDER_NOT_APPROVED", "not_approved", false},
    {"PAYER_ACTION_REQUIRED", "not_approved", false},
    {"ORDER_ALREADY_CAPTURED", "already_captured", false},
    {"INSTRUMENT_DECLINED", "declined", false},
    {"TRANSACTION_REFUSED", "declined", false},
    {"PAYER_CANNOT_PAY", "declined", false},
    {"COMPLIANCE_VIOLATION", "declined", false},
    {"MAX_NUMBER_OF_PAYMENT_ATTEMPTS_EXCEEDED", "declined", false},
    {"DUPLICATE_INVOICE_ID", "conflict", false},
    {"ORDER_COMPLETION_IN_PROGRESS", "unavailable", true},
    {"RESOURCE_CONFLICT", "unavailable", true},
    {"CAPTURE_FULLY_REFUNDED", "already_refunded", false},
    {"REFUND_AMOUNT_EXCEEDED", "amount_too_high", false},
    {"REFUND_TIME_LIMIT_EXCEEDED", "too_late", false},
    {"TRANSACTION_DISPUTED", "disputed", false},
    {"REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK", "disputed", false},
    {"PENDING_CAPTURE", "refused", false},
    {"PARTIAL_REFUND_NOT_ALLOWED", "refused", false},
    {"REFUND_FAILED_INSUFFICIENT_FUNDS", "refused", true},
    {"RESOURCE_NOT_FOUND", "not_found", false},
    {"INVALID_RESOURCE_ID", "not_found", false},
    {"SUBSCRIPTION_STATUS_INVALID", "conflict", false},
    {"RATE_LIMIT_REACHED", "rate_limited", true},
};

// The issue of the first detail, or the name where there is none.
Complaint complaint_of(const Value& body) {
  const auto details = list_at(body, "details");
  if (!details.empty() && !details.front().text_at("issue").empty()) {
    return {std::string(details.front().text_at("issue")),
            std::string(details.front().text_at("description"))};
  }
  const auto name = body.text_at("name");
  return {std::string(name.empty() ? body.text_at("error") : name),
          std::string(body.text_at("message"))};
}

bool is_host(std::string_view url, std::string_view host) {
  return url == "https://" + std::string(host);
}

std::string other_side_of(std::string_view base_url) {
  if (is_host(base_url, "api-m.sandbox.paypal.com") || is_host(base_url, "api.sandbox.paypal.com"))
    return "https://api-m.paypal.com";
  if (is_host(base_url, "api-m.paypal.com") || is_host(base_url, "api.paypal.com"))
    return "https://api-m.sandbox.paypal.com";
  return {};
}

// What is for tests must not open a live system: certificates of another origin or of a root of
// one's own, and the id that signs for everybody who uses PayPal's simulator.
Result<void> allowed_in_live(const PaypalConfig& config) {
  if (!config.is_live()) return {};
  const auto refused = [](const std::string& what) {
    return fail(ErrorClass::invalid,
                "config_invalid",
                "payments.paypal." + what +
                    " is only for tests, and this is a live system: leave it out, or set "
                    "environment: test");
  };
  if (!config.certificate_origin.empty()) return refused("certificate_origin");
  if (!config.ca_file.empty()) return refused("ca_file");
  if (!config.other_base_url.empty()) return refused("other_base_url");
  if (!config.certificates.empty()) return refused("certificates");
  for (const auto& id : config.webhook_ids) {
    if (id == k_simulator_id) return refused("webhook_ids: WEBHOOK_ID (PayPal's simulator)");
  }
  return {};
}

}  // namespace

bool PaypalConfig::is_live() const {
  if (environment != Environment::unknown) return environment == Environment::live;
  return is_host(base_url, "api-m.paypal.com") || is_host(base_url, "api.paypal.com");
}

Result<PaypalConfig> parse_paypal_config(const Value& config) {
  PaypalConfig out;
  const Settings settings("paypal", config);
  settings.text("client_id", out.client_id);
  settings.text("client_secret", out.client_secret);
  settings.text("return_url", out.return_url);
  settings.text("brand_name", out.brand_name);
  settings.text("certificate_origin", out.certificate_origin);
  settings.text("certificates", out.certificates);
  settings.text("ca_file", out.ca_file);
  while (out.certificate_origin.ends_with('/')) out.certificate_origin.pop_back();
  if (auto read = settings.url("base_url", out.base_url); !read)
    return tl::unexpected(read.error());
  if (config.find("other_base_url") != nullptr) {
    if (auto read = settings.url("other_base_url", out.other_base_url); !read)
      return tl::unexpected(read.error());
  }
  if (auto read = settings.texts("webhook_ids", out.webhook_ids); !read)
    return tl::unexpected(read.error());
  if (auto read = settings.environment("environment", out.environment); !read)
    return tl::unexpected(read.error());
  if (auto allowed = allowed_in_live(out); !allowed) return tl::unexpected(allowed.error());
  if (out.other_base_url.empty()) out.other_base_url = other_side_of(out.base_url);
  if (out.webhook_ids.empty()) {
    return fail(ErrorClass::invalid,
                "config_invalid",
                "payments.paypal.webhook_ids must be a list with the id that PayPal gave our "
                "webhook: signatures cover it");
  }
  return out;
}

PaypalApi::PaypalApi(PaypalConfig config, const Surroundings& outside)
    : config_(std::move(config)), rest_("PayPal", complaint_of, k_known_codes, outside) {}

Answer<Value> PaypalApi::get(const std::string& path, Deadline deadline) {
  http::HttpRequest request;
  request.url = config_.base_url + path;
  return send(request, Effect::reads, deadline);
}

Answer<Value> PaypalApi::post(const std::string& path,
                              const Value& body,
                              const std::string& request_id,
                              Deadline deadline) {
  http::HttpRequest request;
  request.method = "POST";
  request.url = config_.base_url + path;
  request.body = types::to_json(body);
  request.headers.push_back({"content-type", "application/json"});
  request.headers.push_back({"prefer", "return=representation"});
  if (!request_id.empty())
    request.headers.push_back({"paypal-request-id", idempotency_key(request_id, k_max_request_id)});
  return send(request, Effect::changes, deadline);
}

// A token that PayPal doesn't take any more is forgotten and the request sent once more: a 401 did
// nothing.
Answer<Value> PaypalApi::send(const http::HttpRequest& request, Effect effect, Deadline deadline) {
  for (int attempt = 1;; ++attempt) {
    const auto bearer = token(deadline);
    if (!bearer) return tl::unexpected(bearer.error());
    auto signed_in = request;
    signed_in.headers.push_back({"authorization", "Bearer " + *bearer});
    int status = 0;
    auto answer = rest_.send(std::move(signed_in), effect, deadline, &status);
    if (answer || status != k_unauthorised || attempt == 2) return answer;
    forget(*bearer);
  }
}

void PaypalApi::forget(const std::string& token) {
  const std::lock_guard lock(mutex_);
  if (token_ == token) token_.clear();
}

Answer<std::string> PaypalApi::token(Deadline deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (!token_.empty() && outside().clock.boot() < token_until_) return token_;
  }
  return fetch_token(deadline);
}

Answer<Value> PaypalApi::ask_token(const std::string& base_url, Deadline deadline) {
  const auto id = need_secret(outside(), config_.client_id, "PayPal");
  if (!id) return tl::unexpected(id.error());
  const auto secret = need_secret(outside(), config_.client_secret, "PayPal");
  if (!secret) return tl::unexpected(secret.error());
  http::HttpRequest request;
  request.method = "POST";
  request.url = base_url + "/v1/oauth2/token";
  request.body = "grant_type=client_credentials";
  request.headers.push_back({"content-type", "application/x-www-form-urlencoded"});
  request.headers.push_back({"authorization", "Basic " + base64(*id + ":" + *secret)});
  return rest_.send(std::move(request), Effect::reads, deadline);
}

Answer<std::string> PaypalApi::fetch_token(Deadline deadline) {
  const auto answer = ask_token(config_.base_url, deadline);
  if (!answer) return tl::unexpected(answer.error());
  std::string token(answer->text_at("access_token"));
  if (token.empty())
    return tl::unexpected(bad_reply("PayPal's token lacks access_token", Effect::reads));
  const auto seconds =
      std::clamp<std::int64_t>(int_at(*answer, "expires_in").value_or(0), 0, k_max_token_seconds);
  const std::lock_guard lock(mutex_);
  token_ = token;
  token_until_ = outside().clock.boot() + std::chrono::seconds{seconds} - k_token_slack;
  return token;
}

Answer<bool> PaypalApi::sign_in(Deadline deadline) {
  const auto fresh = fetch_token(deadline);
  if (!fresh) return tl::unexpected(fresh.error());
  return true;
}

bool PaypalApi::opens_other_side(Deadline deadline) {
  return !config_.other_base_url.empty() && ask_token(config_.other_base_url, deadline).has_value();
}

}  // namespace vozex::payments
