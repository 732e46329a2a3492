// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/dodo/dodo_api.h"

#include <algorithm>

#include "adapters/payments/wire.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

using types::Value;

// Codes of Dodo that mean something to a lifecycle; nothing was done whenever one of them comes.
struct KnownCode {
  std::string_view wire;
  const char* code;
  bool retryable;
};

constexpr KnownCode k_known_codes[] = {
    {"PAYMENT_ALREADY_REFUNDED", "already_refunded", false},
    {"REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT", "amount_too_high", false},
    {"LINE_ITEM_REFUND_AMOUNT_TOO_HIGH", "amount_too_high", false},
    {"REFUND_WINDOW_EXPIRED", "too_late", false},
    {"LINE_ITEM_PRORATED", "refused", false},
    {"PREVIOUS_PAYMENT_PENDING", "unavailable", true},
    {"TOO_MANY_REQUESTS", "rate_limited", true},
    {"UNAUTHORIZED", "not_configured", false},
};

// The gateway's own sentence, kept short; it goes into history and is read by people.
std::string sentence(const Value& body) {
  constexpr std::size_t k_longest = 200;
  std::string text(body.text_at("code"));
  const auto message = body.text_at("message");
  if (!message.empty())
    text += (text.empty() ? "" : ": ") + std::string(message.substr(0, k_longest));
  return text;
}

ports::CallError dodo_error(const http::HttpResponse& response, Effect effect, Timestamp now) {
  auto error = status_error(response, effect, now);
  const auto body = types::parse_json(response.body);
  if (!body || !body->is_map()) return error;
  if (const auto text = sentence(*body); !text.empty()) error.message += " (" + text + ")";
  if (response.status >= 500) return error;
  const auto wire = body->text_at("code");
  for (const auto& known : k_known_codes) {
    if (wire != known.wire) continue;
    error.code = known.code;
    error.retryable = known.retryable;
  }
  return error;
}

}  // namespace

Result<DodoConfig> parse_dodo_config(const Value& config) {
  DodoConfig out;
  const auto read = [&](std::string_view name, std::string& into) {
    if (const auto text = config.text_at(name); !text.empty()) into = std::string(text);
  };
  read("base_url", out.base_url);
  read("api_key", out.api_key);
  read("product_ref", out.product_ref);
  while (out.base_url.ends_with('/')) out.base_url.pop_back();
  if (!out.base_url.starts_with("https://") && !out.base_url.starts_with("http://")) {
    return fail(ErrorClass::invalid,
                "config_invalid",
                "payments.dodo.base_url must be an http or https URL");
  }
  if (const auto secrets = list_at(config, "webhook_secrets"); !secrets.empty()) {
    out.webhook_secrets.clear();
    for (const auto& secret : secrets) {
      if (!secret.is_string()) {
        return fail(ErrorClass::invalid,
                    "config_invalid",
                    "payments.dodo.webhook_secrets must be a list of names");
      }
      out.webhook_secrets.push_back(secret.as_string());
    }
  }
  return out;
}

DodoApi::DodoApi(DodoConfig config, const Surroundings& outside)
    : config_(std::move(config)), outside_(outside) {}

Answer<Value> DodoApi::get(const std::string& path, Deadline deadline) const {
  http::HttpRequest request;
  request.url = config_.base_url + path;
  return send(std::move(request), Effect::reads, deadline);
}

Answer<Value> DodoApi::post(const std::string& path, const Value& body, Deadline deadline) const {
  http::HttpRequest request;
  request.method = "POST";
  request.url = config_.base_url + path;
  request.body = types::to_json(body);
  request.headers.push_back({"content-type", "application/json"});
  return send(std::move(request), Effect::changes, deadline);
}

Answer<Value> DodoApi::send(http::HttpRequest request, Effect effect, Deadline deadline) const {
  const auto key = outside_.secrets.get(config_.api_key);
  if (!key) {
    return tl::unexpected(
        call_error("not_configured", "there is no secret " + config_.api_key + " for Dodo"));
  }
  request.timeout = deadline - outside_.clock.boot();
  if (request.timeout <= Duration::zero()) {
    return tl::unexpected(
        call_error("timeout", "no time was left for the next request to Dodo", true));
  }
  request.origin_is_configured = true;
  request.headers.push_back({"authorization", "Bearer " + *key});
  request.headers.push_back({"accept", "application/json"});
  const auto outcome = outside_.http.send(request);
  if (!outcome) return tl::unexpected(failure_error(outcome.error(), effect));
  if (outcome->status < 200 || outcome->status > 299) {
    return tl::unexpected(dodo_error(*outcome, effect, outside_.clock.now()));
  }
  auto body = types::parse_json(outcome->body);
  if (!body || !body->is_map())
    return tl::unexpected(bad_reply("Dodo's answer is no JSON object", effect));
  return *std::move(body);
}

}  // namespace vozex::payments
