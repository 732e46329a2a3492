// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/dodo/dodo_api.h"

#include "adapters/payments/settings.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

using types::Value;

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

Complaint complaint_of(const Value& body) {
  return {std::string(body.text_at("code")), std::string(body.text_at("message"))};
}

}  // namespace

Result<DodoConfig> parse_dodo_config(const Value& config) {
  DodoConfig out;
  const Settings settings("dodo", config);
  settings.text("api_key", out.api_key);
  settings.text("product_ref", out.product_ref);
  if (auto read = settings.url("base_url", out.base_url); !read)
    return tl::unexpected(read.error());
  if (auto read = settings.texts("webhook_secrets", out.webhook_secrets); !read)
    return tl::unexpected(read.error());
  return out;
}

DodoApi::DodoApi(DodoConfig config, const Surroundings& outside)
    : config_(std::move(config)), rest_("Dodo", complaint_of, k_known_codes, outside) {}

Answer<Value> DodoApi::get(const std::string& path, Deadline deadline) const {
  http::HttpRequest request;
  request.url = config_.base_url + path;
  return send(std::move(request), Effect::reads, deadline);
}

Answer<Value> DodoApi::post(const std::string& path, const Value& body, Deadline deadline) const {
  return change("POST", path, body, deadline);
}

Answer<Value> DodoApi::patch(const std::string& path, const Value& body, Deadline deadline) const {
  return change("PATCH", path, body, deadline);
}

Answer<Value> DodoApi::change(std::string method,
                              const std::string& path,
                              const Value& body,
                              Deadline deadline) const {
  http::HttpRequest request;
  request.method = std::move(method);
  request.url = config_.base_url + path;
  request.body = types::to_json(body);
  request.headers.push_back({"content-type", "application/json"});
  return send(std::move(request), Effect::changes, deadline);
}

Answer<Value> DodoApi::send(http::HttpRequest request, Effect effect, Deadline deadline) const {
  const auto key = need_secret(outside(), config_.api_key, rest_.title());
  if (!key) return tl::unexpected(key.error());
  request.headers.push_back({"authorization", "Bearer " + *key});
  return rest_.send(std::move(request), effect, deadline);
}

}  // namespace vozex::payments
