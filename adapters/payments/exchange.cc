// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/exchange.h"

namespace vozex::payments {

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

}  // namespace vozex::payments
