// SPDX-License-Identifier: Apache-2.0
//
// Dodo's subscription object in our words. `renewed` comes whenever money is taken, the first time
// too, so it is no count of periods; `status` is what is true now whatever the event's name says.
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "adapters/payments/subscription.h"
#include "adapters/payments/wire.h"

namespace vozex::payments {

inline constexpr std::string_view k_subscription_words =
    " active renewed on_hold past_due paused unpaused cancelled failed expired plan_changed "
    "updated "
    "update_payment_method ";

// The part of our event type after "subscription.".
std::string subscription_word(std::string_view what);

void add_subscription(Object& facts, const types::Value& subscription);

SubscriptionState subscription_state(const types::Value& subscription);

// What a product (GET /products/{id}) costs again and again.
Offer dodo_offer(const types::Value& product);

// Body of POST /subscriptions/{id}/change-plan.
types::Value plan_change_body(const SubscriptionChange& change);
// Body of PATCH /subscriptions/{id}; `status` must be the only member when pausing or resuming.
types::Value status_change_body(const SubscriptionChange& change);

}  // namespace vozex::payments
