// SPDX-License-Identifier: Apache-2.0
//
// What we ask of Stripe, as forms. They are made of the request alone, never of the time: the same
// request under the same Idempotency-Key must be the same form. Thread rule: pure.
#pragma once

#include "adapters/payments/stripe/stripe_api.h"

namespace vozex::payments {

// Of POST /v1/checkout/sessions. Errors: not_configured (no return URL), invalid_input (an amount
// that Stripe can't say; a subscription without items).
Answer<StripeForm> session_form(const CheckoutRequest& request, const std::string& return_url);

// `amount` in Stripe's units.
StripeForm refund_form(const RefundRequest& request, std::int64_t amount);

// Of POST /v1/subscriptions/{id}; `now`: the subscription as it is. Not for a cancellation at once.
Answer<StripeForm> subscription_form(const SubscriptionChange& change, const types::Value& now);

}  // namespace vozex::payments
