// SPDX-License-Identifier: Apache-2.0
//
// Stripe's events in the vocabulary of README.md, in both shapes of its API (before and after
// 2025-03-31.basil: where a subscription's period and an invoice's subscription and payments are).
// A body is a snapshot of its moment, so `type` decides. A payment is named by its payment intent,
// or by its charge where there is none. Events about a refund know one refund, those about a
// dispute perhaps only the charge: they need a look-up. A type we don't know, and a thin event of
// API v2, becomes `gateway.unknown`. Specification: https://docs.stripe.com/api/events/types.
// Thread rule: pure.
#pragma once

#include "adapters/payments/gateway.h"
#include "engine/types/value.h"

namespace vozex::payments {

Result<WebhookEvent> normalise_stripe(std::string_view id, std::string_view body, Timestamp now);

// RFC 3339 of a member that is unix seconds; empty when it is none.
std::string moment_at(const types::Value& object, std::string_view name);

// Stripe's subscription in our words.
SubscriptionState stripe_subscription_state(const types::Value& subscription);
// What a price (GET /v1/prices/{id}) takes again and again.
Offer stripe_offer(const types::Value& price);

// Whose an invoice is: the subscription, and our own name of it.
struct StripeInvoiceOwner {
  std::string subscription_ref;
  std::string subscription_id;
};
StripeInvoiceOwner stripe_invoice_owner(const types::Value& invoice);

// A reference that may be expanded to the object itself.
std::string id_at(const types::Value& object, std::string_view name);

}  // namespace vozex::payments
