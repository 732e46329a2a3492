// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/outside.h"

#include <utility>

#include "engine/types/json.h"
#include "tests/simulation/world.h"

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

std::string text_of(const ports::CallReply& reply) {
  return reply ? types::to_json(*reply)
               : reply.error().code + (reply.error().outcome_unknown ? " (unknown)" : "");
}

}  // namespace

void Outside::call(const ports::CallRequest& request,
                   std::function<void(ports::CallReply)> answer) {
  ++calls_;
  Dice& dice = world_.dice;
  if (request.operation == "charge") look_at_repetition(request);
  const bool slow = dice.chance(world_.faults.adapter_slow);
  const Duration there = dice.between(k_ms, slow ? 40'000 * k_ms : 200 * k_ms);
  const Duration back = dice.between(k_ms, 200 * k_ms);
  // The adapter gives up at its time-out, and does not know what becomes of the request.
  const bool in_time = there + back <= request.timeout;
  if (!in_time) {
    world_.agenda.in(request.timeout, [answer] { answer(error("timeout", true, true)); });
  }
  world_.agenda.in(there, [this, request, back, in_time, answer = std::move(answer)] {
    ports::CallReply reply = carry_out(request);
    if (world_.tracing) {
      world_.note("outside",
                  request.operation + " of " + request.id.text() + ": " + text_of(reply) +
                      (in_time ? "" : ", too late"));
    }
    if (in_time) world_.agenda.in(back, [reply = std::move(reply), answer] { answer(reply); });
  });
}

void Outside::look_at_repetition(const ports::CallRequest& request) {
  Done& done = charges_[request.idempotency_key];
  const std::string name = "charge " + request.id.text();
  if (done.in_flight > 0) world_.witness.say("repeat: " + name + " is sent again while under way");
  if (done.charges > 0) world_.witness.say("repeat: " + name + " is sent again though it was done");
  if (!done.certain) world_.witness.say("repeat: " + name + " is sent again blindly");
  done.certain = false;
  ++done.in_flight;
  ++done.sent;
}

bool Outside::is_away() const { return world_.agenda.now() < away_until_; }
bool Outside::fails() const { return world_.dice.chance(world_.faults.adapter_error); }

ports::CallReply Outside::carry_out(const ports::CallRequest& request) {
  if (request.operation == "charge") return charge(request);
  if (is_away()) return error("unavailable", true, false);
  if (request.operation == "find") return find(request);
  if (request.operation == "refund") return refund(request);
  if (fails()) return error("unavailable", true, false);
  if (world_.dice.chance(world_.faults.adapter_unknown)) return error("timeout", true, true);
  return reference(request.idempotency_key);
}

ports::CallReply Outside::charge(const ports::CallRequest& request) {
  Done& done = charges_[request.idempotency_key];
  --done.in_flight;
  done.certain = done.in_flight == 0;
  if (is_away()) return error("unavailable", true, false);
  if (declines(std::string(request.input.text_at("order")))) return error("declined", false, false);
  if (fails()) return error("unavailable", true, false);
  const bool unknown = world_.dice.chance(world_.faults.adapter_unknown);
  done.certain = false;
  if (unknown && world_.dice.chance(0.5)) return error("timeout", true, true);
  ++done.charges;
  return unknown ? error("timeout", true, true) : reference(request.idempotency_key);
}

ports::CallReply Outside::refund(const ports::CallRequest& request) {
  if (fails()) return error("unavailable", true, false);
  const bool unknown = world_.dice.chance(world_.faults.adapter_unknown);
  if (unknown && world_.dice.chance(0.5)) return error("timeout", true, true);
  const std::string reference_text(request.input.text_at("reference"));
  const std::string key = reference_text.substr(4);  // "ref <key>"
  int& refunds = charges_[key].refunds;
  if (refunds == 0) undone_.push_back(key);
  refunds = 1;
  return unknown ? error("timeout", true, true) : reference(request.idempotency_key);
}

// What this answers is true for good: while a request is under way, it can't say.
ports::CallReply Outside::find(const ports::CallRequest& request) {
  Done& done = charges_[request.idempotency_key];
  if (fails()) return error("unavailable", true, false);
  if (done.charges > 0) {
    return Value::object(
        {{"outcome", Value::string("happened")}, {"result", *reference(request.idempotency_key)}});
  }
  const bool unclear = done.in_flight > 0 || world_.dice.chance(world_.faults.ask_unclear);
  if (!unclear) done.certain = true;
  return Value::object({{"outcome", Value::string(unclear ? "unclear" : "not_happened")}});
}

}  // namespace vozex::simulation
