// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/outside.h"

#include <utility>

namespace vozex::simulation {
namespace {

using types::Value;

constexpr Duration k_ms{std::chrono::milliseconds{1}};

ports::CallReply error(std::string code, bool retryable, bool unknown) {
  ports::CallError error;
  error.code = std::move(code);
  error.message = "simulated";
  error.retryable = retryable;
  error.outcome_unknown = unknown;
  return tl::unexpected(std::move(error));
}

ports::CallReply reference(const std::string& key) {
  return Value::object({{"reference", Value::string("ref " + key)}});
}

}  // namespace

void Outside::call(const ports::CallRequest& request,
                   std::function<void(ports::CallReply)> answer) {
  ++calls_;
  if (request.operation == "charge") {
    Done& done = charges_[request.idempotency_key];
    ++done.in_flight;
    ++done.sent;
  }
  const Duration there = dice_.between(k_ms, 200 * k_ms);
  const Duration back = dice_.between(k_ms, 200 * k_ms);
  agenda_.in(there, [this, request, back, answer = std::move(answer)] {
    ports::CallReply reply = carry_out(request);
    agenda_.in(back, [reply = std::move(reply), answer] { answer(reply); });
  });
}

ports::CallReply Outside::carry_out(const ports::CallRequest& request) {
  if (request.operation == "charge") return charge(request);
  if (request.operation == "find") return find(request);
  if (request.operation == "refund") return refund(request);
  if (dice_.chance(faults_.adapter_error)) return error("unavailable", true, false);
  if (dice_.chance(faults_.adapter_unknown)) return error("timeout", true, true);
  return reference(request.idempotency_key);
}

ports::CallReply Outside::charge(const ports::CallRequest& request) {
  Done& done = charges_[request.idempotency_key];
  --done.in_flight;
  if (declines(std::string(request.input.text_at("order")))) return error("declined", false, false);
  if (dice_.chance(faults_.adapter_error)) return error("unavailable", true, false);
  const bool unknown = dice_.chance(faults_.adapter_unknown);
  if (unknown && dice_.chance(0.5)) return error("timeout", true, true);
  ++done.charges;
  return unknown ? error("timeout", true, true) : reference(request.idempotency_key);
}

ports::CallReply Outside::refund(const ports::CallRequest& request) {
  if (dice_.chance(faults_.adapter_error)) return error("unavailable", true, false);
  const bool unknown = dice_.chance(faults_.adapter_unknown);
  if (unknown && dice_.chance(0.5)) return error("timeout", true, true);
  const std::string reference_text(request.input.text_at("reference"));
  const std::string key = reference_text.substr(4);  // "ref <key>"
  int& refunds = charges_[key].refunds;
  if (refunds == 0) undone_.push_back(key);
  refunds = 1;
  return unknown ? error("timeout", true, true) : reference(request.idempotency_key);
}

// What this answers is true for good: while a request is under way, it can't say.
ports::CallReply Outside::find(const ports::CallRequest& request) {
  const Done& done = charges_[request.idempotency_key];
  if (dice_.chance(faults_.adapter_error)) return error("unavailable", true, false);
  if (done.charges > 0) {
    return Value::object(
        {{"outcome", Value::string("happened")}, {"result", *reference(request.idempotency_key)}});
  }
  const bool unclear = done.in_flight > 0 || dice_.chance(faults_.ask_unclear);
  return Value::object({{"outcome", Value::string(unclear ? "unclear" : "not_happened")}});
}

}  // namespace vozex::simulation
