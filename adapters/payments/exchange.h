// SPDX-License-Identifier: Apache-2.0
//
// What a gateway's status means for a call; the rest is adapters/http/call_errors.h. Refused by
// status 4xx = not done; 408 or 5xx to a request that changes something = may have been done.
// Thread rule: pure.
#pragma once

#include "adapters/http/call_errors.h"
#include "adapters/payments/gateway.h"

namespace vozex::payments {

using http::bad_reply;
using http::call_error;
using http::Effect;
using http::failure_error;
using http::retry_after;
using http::unknown_outcome;

// For a status outside 2xx. `now` turns a Retry-After date into a span.
ports::CallError status_error(const http::HttpResponse& response, Effect effect, Timestamp now);

// Why a refund is not to be asked for, from what the gateway says of the payment; nothing when it
// may be.
std::optional<ports::CallError> refuse_refund(const RefundRequest& request,
                                              const PaymentState& payment);

}  // namespace vozex::payments
