// SPDX-License-Identifier: Apache-2.0
//
// The inputs and outputs of the adapter `payments` as values: the C++ side of
// workflows/adapters/payments.yaml. Reading returns nothing when the input doesn't hold what the
// operation needs. Thread rule: pure.
#pragma once

#include "adapters/payments/gateway.h"

namespace vozex::payments {

std::optional<CheckoutRequest> read_checkout_request(const types::Value& input);
std::optional<PaymentQuery> read_payment_query(const types::Value& input);
std::optional<RefundRequest> read_refund_request(const types::Value& input);
std::optional<CaptureRequest> read_capture_request(const types::Value& input);
std::optional<SubscriptionChange> read_subscription_change(const types::Value& input);
std::optional<Promise> read_promise(const types::Value& input);
std::optional<CollectRequest> read_collect_request(const types::Value& input);

types::Value to_value(const Checkout& checkout);
types::Value to_value(const PaymentState& state);
types::Value to_value(const Refund& refund);
types::Value to_value(const Settled<Checkout>& settled);
types::Value to_value(const Settled<Refund>& settled);
types::Value to_value(const SubscriptionState& state);
// {fits, differences}.
types::Value to_value(const std::vector<std::string>& differences);
types::Value to_value(const Collected& collected);
types::Value to_value(const Settled<SubscriptionState>& settled);

}  // namespace vozex::payments
