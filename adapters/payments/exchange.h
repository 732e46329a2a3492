// SPDX-License-Identifier: Apache-2.0
//
// HTTP outcomes as call errors. The rule: not sent, or refused by status 4xx = not done; no answer,
// 408 or 5xx to a request that changes something = may have been done, never repeated blindly; to
// one that only reads = try again. Thread rule: pure.
#pragma once

#include "adapters/http/http_client.h"
#include "adapters/payments/gateway.h"

namespace vozex::payments {

enum class Effect : std::uint8_t { reads, changes };

ports::CallError failure_error(const http::HttpFailure& failure, Effect effect);

// For a status outside 2xx. `now` turns a Retry-After date into a span.
ports::CallError status_error(const http::HttpResponse& response, Effect effect, Timestamp now);

// For a 2xx whose body is not what was agreed.
ports::CallError bad_reply(std::string message, Effect effect);

ports::CallError call_error(std::string code, std::string message, bool retryable = false);

// Retry-After as seconds or as an HTTP date; capped at a day.
std::optional<Duration> retry_after(const http::Headers& headers, Timestamp now);

}  // namespace vozex::payments
