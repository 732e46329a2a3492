// SPDX-License-Identifier: Apache-2.0
//
// One normaliser per family of Stripe's events. Each returns an event without a type when its
// family has no such word. Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "adapters/payments/normal.h"

namespace vozex::payments {

struct StripeWire {
  std::string_view what;         // the type after its family: "succeeded"
  const types::Value& object;    // data.object
  const types::Value& previous;  // data.previous_attributes, or an empty map
};

// payments.cc: money that comes and goes.
Normal stripe_session(const StripeWire& wire);
Normal stripe_intent(const StripeWire& wire);
Normal stripe_charge(const StripeWire& wire);
Normal stripe_refund(const StripeWire& wire);
Normal stripe_dispute(const StripeWire& wire);

// billing.cc: what recurs, and the rest.
Normal stripe_invoice(const StripeWire& wire);
Normal stripe_invoice_payment(const StripeWire& wire);
Normal stripe_subscription(const StripeWire& wire);
Normal stripe_schedule(const StripeWire& wire);
Normal stripe_entitlements(const StripeWire& wire);
Normal stripe_warning(const StripeWire& wire);
Normal stripe_review(const StripeWire& wire);

// What a refund or a dispute is about: the payment intent, else the charge.
std::string charge_ref_of(const types::Value& object);
// Our references, put into metadata when the object was made.
void add_stripe_references(Object& facts, const types::Value& object);
// Member `name` of the object with the object's currency, in our minor units.
std::optional<std::int64_t> stripe_amount(const types::Value& object, std::string_view name);
void add_stripe_money(Object& facts,
                      std::string_view fact,
                      const types::Value& object,
                      std::string_view name);

}  // namespace vozex::payments
