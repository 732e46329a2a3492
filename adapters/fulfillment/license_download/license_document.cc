// SPDX-License-Identifier: Apache-2.0
#include "adapters/fulfillment/license_download/license_document.h"

#include "engine/base/base64.h"
#include "engine/types/json.h"

namespace vozex::fulfillment {
namespace {

using types::Value;

constexpr std::string_view k_format = "vozex-license-1";

Failure refused(std::string code, std::string message) {
  return fail(ErrorClass::refused, std::move(code), std::move(message));
}

Value text(std::string_view text) { return Value::string(std::string(text)); }

Value unsigned_document(const LicenseFacts& facts, const std::string& key_id) {
  Value::List features;
  for (const auto& feature : facts.features) features.push_back(text(feature));
  Value document = Value::object({{"format", text(k_format)},
                                  {"key_id", text(key_id)},
                                  {"license_id", text(facts.license_id)},
                                  {"key", text(facts.key)},
                                  {"product_id", text(facts.product_id)},
                                  {"order_id", text(facts.order_id)},
                                  {"order_item_id", text(facts.order_item_id)},
                                  {"customer_id", text(facts.customer_id)},
                                  {"seats", Value::integer(facts.seats)},
                                  {"features", Value::list(std::move(features))},
                                  {"issued_at", text(format_timestamp(facts.issued_at))}});
  if (facts.expires_at)
    document = document.with("expires_at", text(format_timestamp(*facts.expires_at)));
  if (facts.updates_until)
    document = document.with("updates_until", text(format_timestamp(*facts.updates_until)));
  if (!facts.support_plan.empty())
    document = document.with("support_plan", text(facts.support_plan));
  return document;
}

// False when the member is there and no timestamp.
bool read_time(const Value& document, std::string_view name, std::optional<Timestamp>& into) {
  if (document.find(name) == nullptr) return true;
  into = parse_timestamp(document.text_at(name));
  return into.has_value();
}

std::optional<LicenseFacts> read_facts(const Value& document) {
  LicenseFacts facts;
  facts.license_id = std::string(document.text_at("license_id"));
  facts.key = std::string(document.text_at("key"));
  facts.product_id = std::string(document.text_at("product_id"));
  facts.order_id = std::string(document.text_at("order_id"));
  facts.order_item_id = std::string(document.text_at("order_item_id"));
  facts.customer_id = std::string(document.text_at("customer_id"));
  facts.support_plan = std::string(document.text_at("support_plan"));
  const Value* seats = document.find("seats");
  const Value* features = document.find("features");
  if (seats == nullptr || seats->kind() != types::Kind::integer || features == nullptr ||
      !features->is_list()) {
    return std::nullopt;
  }
  facts.seats = seats->as_integer();
  for (const auto& feature : features->as_list()) {
    if (!feature.is_string()) return std::nullopt;
    facts.features.push_back(feature.as_string());
  }
  std::optional<Timestamp> issued_at;
  if (!read_time(document, "issued_at", issued_at) || !issued_at) return std::nullopt;
  facts.issued_at = *issued_at;
  if (!read_time(document, "expires_at", facts.expires_at)) return std::nullopt;
  if (!read_time(document, "updates_until", facts.updates_until)) return std::nullopt;
  return facts;
}

}  // namespace

std::string sign_license(const LicenseFacts& facts, const SigningKey& key) {
  const Value document = unsigned_document(facts, key.public_key().id());
  const auto signature = key.sign(types::to_json(document));
  return types::to_pretty_json(document.with("signature", text(base64url(signature))));
}

Result<LicenseFacts> verify_license(std::string_view document,
                                    const PublicKey& key,
                                    Timestamp now) {
  constexpr types::JsonLimits k_limits{.max_bytes = 64u << 10, .max_depth = 8};
  const auto parsed = types::parse_json(document, k_limits);
  if (!parsed || !parsed->is_map() || parsed->text_at("format") != k_format) {
    return refused("license_malformed", "expected a JSON object with the format vozex-license-1");
  }
  const auto signature = parse_base64url(parsed->text_at("signature"));
  if (!signature) return refused("license_malformed", "the licence has no readable signature");
  if (parsed->text_at("key_id") != key.id()) {
    return refused("license_unknown_key",
                   "the licence was signed with another key than " + key.id());
  }
  if (!key.verifies(types::to_json(parsed->without("signature")), *signature)) {
    return refused("license_signature_wrong", "the licence was changed after it was signed");
  }
  auto facts = read_facts(*parsed);
  if (!facts) return refused("license_malformed", "the licence lacks what a licence must say");
  if (facts->expires_at && now >= *facts->expires_at) {
    return refused("license_expired",
                   "the licence ended at " + format_timestamp(*facts->expires_at));
  }
  return *std::move(facts);
}

}  // namespace vozex::fulfillment
