// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/exchange.h"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace vozex::payments {
namespace {

constexpr Duration k_max_retry_after = std::chrono::hours{24};

ports::CallError unknown_outcome(std::string message) {
  ports::CallError error;
  error.code = "outcome_unknown";
  error.message = std::move(message);
  error.outcome_unknown = true;
  return error;
}

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

ports::CallError failure_error(const http::HttpFailure& failure, Effect effect) {
  if (!failure.sent) {
    const bool ours = failure.code == "invalid_request" || failure.code == "forbidden_address";
    return call_error(ours ? "not_configured" : "unavailable", failure.message, !ours);
  }
  if (effect == Effect::changes) return unknown_outcome(failure.message);
  return call_error(failure.code == "timeout" ? "timeout" : "unavailable", failure.message, true);
}

ports::CallError status_error(const http::HttpResponse& response, Effect effect, Timestamp now) {
  const std::string text = "the gateway answered with status " + std::to_string(response.status);
  if (response.status == 429) {
    auto error = call_error("rate_limited", text, true);
    error.retry_after = retry_after(response.headers, now);
    return error;
  }
  if (response.status == 408 || response.status >= 500) {
    if (effect == Effect::changes) return unknown_outcome(text);
    auto error = call_error("unavailable", text, true);
    error.retry_after = retry_after(response.headers, now);
    return error;
  }
  if (response.status == 401 || response.status == 403) {
    return call_error("not_configured", text + ": it doesn't accept our key for this");
  }
  if (response.status == 404) return call_error("not_found", text);
  if (response.status == 409) return call_error("conflict", text);
  if (response.status == 400 || response.status == 422) return call_error("invalid_input", text);
  return call_error("refused", text);
}

ports::CallError bad_reply(std::string message, Effect effect) {
  auto error = call_error("bad_reply", std::move(message));
  error.outcome_unknown = effect == Effect::changes;
  return error;
}

std::optional<Duration> retry_after(const http::Headers& headers, Timestamp now) {
  const std::string* text = http::find_header(headers, "retry-after");
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

}  // namespace vozex::payments
