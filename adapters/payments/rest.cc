// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/rest.h"

#include "adapters/payments/wire.h"
#include "engine/base/sha256.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

using types::Value;

// A gateway's sentence goes into history and is read by people: kept short.
constexpr std::size_t k_longest_sentence = 200;

// What the gateway itself says about asking again (Stripe-Should-Retry; Dodo's clients read
// x-should-retry). It says nothing about whether the thing was done: that stays unknown.
void obey_should_retry(const http::HttpResponse& response, ports::CallError& error) {
  for (const char* name : {"stripe-should-retry", "x-should-retry"}) {
    const auto* said = http::find_header(response.headers, name);
    if (said != nullptr && !error.outcome_unknown && (*said == "true" || *said == "false"))
      error.retryable = *said == "true";
  }
}

}  // namespace

Rest::Rest(std::string title,
           Complaint (*read_complaint)(const Value& body),
           std::span<const KnownCode> codes,
           const Surroundings& outside)
    : title_(std::move(title)), read_complaint_(read_complaint), codes_(codes), outside_(outside) {}

ports::CallError Rest::error_of(const http::HttpResponse& response, Effect effect) const {
  auto error = described(response, effect);
  obey_should_retry(response, error);
  return error;
}

ports::CallError Rest::described(const http::HttpResponse& response, Effect effect) const {
  auto error = status_error(response, effect, outside_.clock.now());
  const auto body = types::parse_json(response.body);
  if (!body || !body->is_map()) return error;
  const auto said = read_complaint_(*body);
  std::string text = said.wire;
  if (!said.text.empty())
    text += (text.empty() ? "" : ": ") + said.text.substr(0, k_longest_sentence);
  if (!text.empty()) error.message += " (" + text + ")";
  if (!said.reason.empty()) error.details = Object().text("reason", said.reason).done();
  if (response.status >= 500) return error;
  for (const auto& known : codes_) {
    if (said.wire != known.wire) continue;
    error.code = known.code;
    error.retryable = known.retryable;
  }
  return error;
}

Answer<Value> Rest::send(http::HttpRequest request,
                         Effect effect,
                         Deadline deadline,
                         int* status) const {
  request.timeout = deadline - outside_.clock.boot();
  if (request.timeout <= Duration::zero()) {
    return tl::unexpected(
        call_error("timeout", "no time was left for the next request to " + title_, true));
  }
  request.origin_is_configured = true;
  request.headers.push_back({"accept", "application/json"});
  const auto outcome = outside_.http.send(request);
  if (!outcome) return tl::unexpected(failure_error(outcome.error(), effect));
  if (status != nullptr) *status = outcome->status;
  if (outcome->status < 200 || outcome->status > 299)
    return tl::unexpected(error_of(*outcome, effect));
  if (outcome->status == 204) return Value::map({});
  auto body = types::parse_json(outcome->body);
  if (!body || !body->is_map())
    return tl::unexpected(bad_reply("the answer of " + title_ + " is no JSON object", effect));
  return *std::move(body);
}

Answer<std::string> need_secret(const Surroundings& outside,
                                const std::string& reference,
                                std::string_view title) {
  auto secret = outside.secrets.get(reference);
  if (secret) return *std::move(secret);
  auto error = call_error("not_configured",
                          "there is no secret " + reference + " for " + std::string(title));
  error.details = types::Value::object({{"missing", types::Value::string("secret")}});
  return tl::unexpected(std::move(error));
}

std::string idempotency_key(const std::string& text, std::size_t longest) {
  return text.size() <= longest ? text : sha256_hex(text);
}

}  // namespace vozex::payments
