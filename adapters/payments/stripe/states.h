// SPDX-License-Identifier: Apache-2.0
//
// Stripe's objects as states of payments and refunds, in our minor units. Thread rule: pure.
#pragma once

#include "adapters/payments/gateway.h"
#include "engine/types/value.h"

namespace vozex::payments {

// `intent` with its latest_charge expanded: the charge knows captures, refunds and disputes.
PaymentState state_of_intent(const types::Value& intent);
PaymentState state_of_charge(const types::Value& charge);
// Of a session that has no payment intent yet, or never gets one.
PaymentState state_of_session(const types::Value& session);

// refunded_total is not known to it.
Refund refund_of(const types::Value& refund);

}  // namespace vozex::payments
