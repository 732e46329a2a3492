// SPDX-License-Identifier: Apache-2.0
//
// The semantic key of a normalised webhook: gateways tell one fact by several events (Stripe's
// checkout.session.completed, payment_intent.succeeded and charge.succeeded) and by one event under
// several ids. Two events with one key say the same and apply once. Thread rule: pure. Tests:
// tests/unit/payments/fact_test.cc.
#pragma once

#include <string>

#include "adapters/payments/gateway.h"

namespace vozex::payments {

// For events about money: type, reference, and the cumulative amount or the state they lead to. For
// all others, and where the reference is missing, the gateway's own id: they are only what they
// are.
std::string fact_of(const WebhookEvent& event);

}  // namespace vozex::payments
