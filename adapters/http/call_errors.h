// SPDX-License-Identifier: Apache-2.0
//
// HTTP outcomes as errors of calls. The rule: not sent = not done; sent without an answer, to a
// request that changes something = may have been done, never repeated blindly; to one that only
// reads = try again. Thread rule: pure.
#pragma once

#include <optional>
#include <string>

#include "adapters/http/http_client.h"
#include "engine/ports/adapter.h"

namespace vozex::http {

// What a request does over there.
enum class Effect : std::uint8_t { reads, changes };

ports::CallError call_error(std::string code, std::string message, bool retryable = false);
ports::CallError unknown_outcome(std::string message);

ports::CallError failure_error(const HttpFailure& failure, Effect effect);

// For a 2xx whose body is not what was agreed.
ports::CallError bad_reply(std::string message, Effect effect);

// Retry-After as seconds or as an HTTP date; capped at a day. `now` turns a date into a span.
std::optional<Duration> retry_after(const Headers& headers, Timestamp now);

}  // namespace vozex::http
