// SPDX-License-Identifier: Apache-2.0
//
// What we ask of PayPal, as JSON. Our payment_id is the order's custom_id (it comes back in every
// event of its captures) and its invoice_id (PayPal takes one payment for one invoice), our
// order_id its reference_id, our subscription_id a subscription's custom_id. Thread rule: pure.
#pragma once

#include "adapters/payments/paypal/paypal_api.h"

namespace vozex::payments {

// Of POST /v2/checkout/orders. Error invalid_input: an amount that PayPal can't say.
Answer<types::Value> order_body(const CheckoutRequest& request, const PaypalConfig& config);
// Of POST /v1/billing/subscriptions. Error invalid_input: not exactly one item, the plan.
Answer<types::Value> subscription_body(const CheckoutRequest& request, const PaypalConfig& config);
// Of POST /v1/billing/subscriptions/{id}/revise. Error as above.
Answer<types::Value> revision_body(const SubscriptionChange& change);
// Of POST /v2/payments/captures/{id}/refund. Error as above.
Answer<types::Value> refund_body(const RefundRequest& request, const std::string& currency);

}  // namespace vozex::payments
