// SPDX-License-Identifier: Apache-2.0
//
// What signed webhooks of all senders share: HMAC-SHA256, comparison in constant time, the moment
// of signing and its bounds. Thread rule: pure. Tests: those of standard_webhooks.h and of each
// gateway's signature.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/base/time.h"

namespace vozex::http {

// Older and newer by more than this is refused.
inline constexpr Duration k_webhook_tolerance = std::chrono::seconds{300};

// 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view content);

// Takes as long whatever the difference is; lengths are no secret.
bool same_in_constant_time(std::string_view given, std::string_view expected);

// Digits only, at most 18 of them: fits int64 whatever they are.
std::optional<std::int64_t> parse_unix_seconds(std::string_view text);
std::int64_t unix_seconds(Timestamp at);

// Errors, class `refused`: webhook_too_old, webhook_too_new.
Result<void> check_signing_time(std::int64_t signed_at_s, Timestamp now);

}  // namespace vozex::http
