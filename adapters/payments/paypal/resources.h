// SPDX-License-Identifier: Apache-2.0
//
// Reading PayPal's resources: money as decimal text in two shapes, links, references. Thread rule:
// pure.
#pragma once

#include <string>
#include <string_view>

#include "adapters/payments/gateway.h"
#include "engine/types/value.h"

namespace vozex::payments {

// {currency_code, value} of v2 or {currency, total} of v1; nothing when it isn't exact.
std::optional<Money> paypal_money(const types::Value& money);
// What PayPal accepts: no decimals where it takes none (HUF, JPY, TWD); nothing when that would
// lose something.
std::optional<std::string> paypal_decimal(const Money& money);
types::Value paypal_money_value(const Money& money, const std::string& decimal);

// The last segment of the path of the link with this rel, when the path holds `collection`
// ("/captures/").
std::string linked_id(const types::Value& resource,
                      std::string_view rel,
                      std::string_view collection);
// The link itself.
std::string link_at(const types::Value& resource, std::string_view rel);

// The order that a capture belongs to.
std::string order_of(const types::Value& capture);

PaymentState state_of_capture(const types::Value& capture);
// The best of the order's captures, or what the order's own status says.
PaymentState state_of_order(const types::Value& order);

SubscriptionState paypal_subscription_state(const types::Value& subscription);
// What a plan (GET /v1/billing/plans/{id}) takes again and again.
Offer paypal_offer(const types::Value& plan);

}  // namespace vozex::payments
