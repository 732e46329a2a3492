// SPDX-License-Identifier: Apache-2.0
//
// Refunds at Dodo. A full refund names only the payment; a partial one names line items, so the
// amount is spread over them in order, each up to what is left of it. Sums are what the payment
// itself lists. Thread rule: pure.
#pragma once

#include "adapters/payments/gateway.h"
#include "engine/types/value.h"

namespace vozex::payments {

// Of a payment as Dodo shows it: refunds that succeeded or may still.
std::int64_t refunded_of(const types::Value& payment);

// Whether a dispute of the payment is open.
bool is_disputed(const types::Value& payment);

// The `items` of POST /refunds for a part of a payment; `line_items` is the answer of GET
// /payments/{id}/line-items. Nothing when the items can't make up the amount.
std::optional<types::Value::List> spread_refund(const types::Value& line_items, std::int64_t minor);

}  // namespace vozex::payments
