// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/call_errors.h"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace vozex::http {
namespace {

constexpr Duration k_max_retry_after = std::chrono::hours{24};

std::optional<Duration> parse_http_date(const std::string& text, Timestamp now) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const auto when = std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
  return std::max(Duration::zero(), std::chrono::time_point_cast<Duration>(when) - now);
}

}  // namespace

ports::CallError call_error(std::string code, std::string message, bool retryable) {
  ports::CallError error;
  error.code = std::move(code);
  error.message = std::move(message);
  error.retryable = retryable;
  return error;
}

ports::CallError unknown_outcome(std::string message) {
  ports::CallError error;
  error.code = "outcome_unknown";
  error.message = std::move(message);
  error.outcome_unknown = true;
  return error;
}

ports::CallError failure_error(const HttpFailure& failure, Effect effect) {
  if (!failure.sent) {
    const bool ours = failure.code == "invalid_request" || failure.code == "forbidden_address";
    return call_error(ours ? "not_configured" : "unavailable", failure.message, !ours);
  }
  if (effect == Effect::changes) return unknown_outcome(failure.message);
  return call_error(failure.code == "timeout" ? "timeout" : "unavailable", failure.message, true);
}

ports::CallError bad_reply(std::string message, Effect effect) {
  auto error = call_error("bad_reply", std::move(message));
  error.outcome_unknown = effect == Effect::changes;
  return error;
}

std::optional<Duration> retry_after(const Headers& headers, Timestamp now) {
  const std::string* text = find_header(headers, "retry-after");
  if (text == nullptr) return std::nullopt;
  std::int64_t seconds = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (fault == std::errc{} && end == text->data() + text->size() && seconds >= 0) {
    return std::min(k_max_retry_after,
                    Duration(std::chrono::seconds(std::min<std::int64_t>(seconds, 86'400))));
  }
  const auto date = parse_http_date(*text, now);
  return date ? std::optional(std::min(k_max_retry_after, *date)) : std::nullopt;
}

}  // namespace vozex::http
