// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/normalise.h"

#include "adapters/payments/normal.h"
#include "adapters/payments/stripe/families.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

using types::Value;

// Later than the year 9999 is no time of an event.
constexpr std::int64_t k_last_second = 253'402'300'799;

struct Family {
  std::string_view prefix;  // of the type, with its dot
  Normal (*normalise)(const StripeWire&);
};

// The first that fits counts.
constexpr Family k_families[] = {
    {"checkout.session.", stripe_session},
    {"payment_intent.", stripe_intent},
    {"charge.dispute.", stripe_dispute},
    {"charge.refund.", stripe_refund},
    {"refund.", stripe_refund},
    {"charge.", stripe_charge},
    {"invoice.", stripe_invoice},
    {"invoice_payment.", stripe_invoice_payment},
    {"customer.subscription.", stripe_subscription},
    {"subscription_schedule.", stripe_schedule},
    {"entitlements.active_entitlement_summary.", stripe_entitlements},
    {"radar.early_fraud_warning.", stripe_warning},
    {"review.", stripe_review},
};

Normal normal_of(std::string_view type, const Value& envelope) {
  const Value data = map_at(envelope, "data");
  const Value* object = data.find("object");
  if (object == nullptr || !object->is_map()) return unknown_event(envelope);
  for (const auto& family : k_families) {
    if (!type.starts_with(family.prefix)) continue;
    const Value previous = map_at(data, "previous_attributes");
    Normal out = family.normalise({type.substr(family.prefix.size()), *object, previous});
    if (!out.type.empty()) return out;
  }
  return unknown_event(*object);
}

std::optional<Timestamp> time_at(const Value& object, std::string_view name) {
  const auto seconds = int_at(object, name);
  if (!seconds || *seconds < 0 || *seconds > k_last_second) return std::nullopt;
  return Timestamp(std::chrono::seconds(*seconds));
}

}  // namespace

std::string moment_at(const Value& object, std::string_view name) {
  const auto time = time_at(object, name);
  return time ? format_timestamp(*time) : std::string();
}

std::string id_at(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  if (member == nullptr) return {};
  if (member->is_string()) return member->as_string();
  return member->is_map() ? std::string(member->text_at("id")) : std::string();
}

Result<WebhookEvent> normalise_stripe(std::string_view id, std::string_view body, Timestamp now) {
  const auto envelope = types::parse_json(body);
  if (!envelope)
    return malformed("the body of a Stripe webhook must be JSON: " + envelope.error().message);
  if (!envelope->is_map()) return malformed("the body of a Stripe webhook must be an object");
  const std::string type(envelope->text_at("type"));
  return finished(normal_of(type, *envelope),
                  {"stripe",
                   std::string(id),
                   type.empty() ? std::string("unnamed") : type,
                   time_at(*envelope, "created").value_or(now)});
}

}  // namespace vozex::payments
