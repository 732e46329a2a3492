// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/calls/call_policy.h"

#include <algorithm>
#include <cmath>

namespace vozex::runtime {
namespace {

constexpr const char* k_unknown = "outcome_unknown";

CallDecision end_with(machine::ErrorInfo error) {
  CallDecision decision;
  decision.error = std::move(error);
  return decision;
}

CallDecision end_ok(types::Value result) {
  CallDecision decision;
  decision.ok = true;
  decision.result = std::move(result);
  return decision;
}

CallDecision go_on(CallDecision::Kind kind, Duration delay, machine::ErrorInfo error) {
  CallDecision decision;
  decision.kind = kind;
  decision.delay = delay;
  decision.error = std::move(error);
  return decision;
}

machine::ErrorInfo info_of(const ports::CallError& error, std::uint16_t tries) {
  return {error.code, error.message, error.retryable, tries, error.details};
}

bool is_unknown(const ports::CallError& error) {
  return error.outcome_unknown || error.code == k_unknown;
}

bool may_repeat(const CallSpec& spec) {
  return spec.read_only || spec.repeat != machine::Repeat::never;
}

bool is_exhausted(const CallSpec& spec, const CallHistory& history, Duration delay) {
  if (history.tries >= spec.retry.attempts) return true;
  return spec.retry.deadline && history.now + delay > history.decided_at + *spec.retry.deadline;
}

machine::ErrorInfo unknown_error(machine::ErrorInfo last) {
  last.code = k_unknown;
  if (last.message.empty()) last.message = "it is not known whether the call was carried out";
  last.retryable = false;
  return last;
}

// The same after all tries, when it is known that nothing was done.
machine::ErrorInfo known_error(machine::ErrorInfo last) {
  if (last.code != k_unknown) return last;
  last.code = "unavailable";
  last.message = "it was not carried out: no try came to its end";
  return last;
}

// What to do about an outcome that nobody knows.
CallDecision settle(const CallSpec& spec,
                    const CallHistory& history,
                    machine::ErrorInfo last,
                    std::optional<Duration> retry_after) {
  const Duration delay = backoff(spec.retry, history.tries, retry_after, history.random);
  if (may_repeat(spec)) {
    if (!is_exhausted(spec, history, delay)) {
      return go_on(CallDecision::Kind::repeat, delay, std::move(last));
    }
    return end_with(spec.read_only ? std::move(last) : unknown_error(std::move(last)));
  }
  if (spec.ask.empty()) return end_with(unknown_error(std::move(last)));
  // Not at once: what was sent may still be under way over there, and "not happened" must mean that
  // it won't.
  return go_on(CallDecision::Kind::ask, std::max(delay, spec.ask_after), std::move(last));
}

}  // namespace

CallDecision after_call(const CallSpec& spec,
                        const ports::CallReply& reply,
                        const CallHistory& history) {
  if (reply) return end_ok(*reply);
  const ports::CallError& error = reply.error();
  machine::ErrorInfo last = info_of(error, history.tries);
  if (is_unknown(error)) return settle(spec, history, std::move(last), error.retry_after);
  if (!error.retryable) return end_with(std::move(last));
  const Duration delay = backoff(spec.retry, history.tries, error.retry_after, history.random);
  if (is_exhausted(spec, history, delay)) return end_with(std::move(last));
  return go_on(CallDecision::Kind::retry, delay, std::move(last));
}

CallDecision after_ask(const CallSpec& spec,
                       const ports::CallReply& reply,
                       const machine::ErrorInfo& last,
                       const CallHistory& history) {
  if (reply) {
    const std::string_view outcome = reply->text_at("outcome");
    if (outcome == "happened") {
      const types::Value* result = reply->find("result");
      return end_ok(result != nullptr ? *result : types::Value());
    }
    if (outcome == "not_happened") {
      const Duration delay = backoff(spec.retry, history.tries, std::nullopt, history.random);
      if (is_exhausted(spec, history, delay)) return end_with(known_error(last));
      // Known by now, and kept: a process that dies while it waits must not make it unknown again,
      // nor use up a try.
      return go_on(CallDecision::Kind::retry, delay, last);
    }
  }
  const std::optional<Duration> retry_after = reply ? std::nullopt : reply.error().retry_after;
  const Duration delay = backoff(spec.retry, history.asks, retry_after, history.random);
  const bool late =
      spec.retry.deadline && history.now + delay > history.decided_at + *spec.retry.deadline;
  if (late || history.asks >= std::max(spec.retry.attempts, k_min_asks)) {
    return end_with(unknown_error(last));
  }
  return go_on(CallDecision::Kind::ask, delay, last);
}

CallDecision after_loss(const CallSpec& spec, const CallHistory& history) {
  machine::ErrorInfo last;
  last.code = k_unknown;
  last.message = "the process that made the call is gone";
  last.attempts = history.tries;
  if (history.losses > k_max_losses) {
    last.message = std::to_string(history.losses) + " processes ended while they made this call";
    return end_with(unknown_error(std::move(last)));
  }
  if (!may_repeat(spec)) return settle(spec, history, std::move(last), std::nullopt);
  // Nothing has failed: no need to wait, and what may be repeated is repeated at least once.
  return go_on(CallDecision::Kind::repeat, Duration{0}, std::move(last));
}

Duration backoff(const machine::RetryPolicy& policy,
                 std::uint16_t tries,
                 std::optional<Duration> retry_after,
                 double random) {
  const double exponent = tries > 0 ? tries - 1 : 0;
  const double raw =
      static_cast<double>(policy.backoff.count()) * std::pow(policy.factor, exponent);
  const double capped = std::min(raw, static_cast<double>(policy.max.count()));
  const double jittered = capped * (1.0 + policy.jitter * (2.0 * random - 1.0));
  const Duration delay{static_cast<std::int64_t>(std::max(jittered, 0.0))};
  if (!retry_after || *retry_after <= Duration{0}) return delay;
  return std::max(delay, std::min(*retry_after, k_max_retry_after) + k_retry_after_slack);
}

bool is_wanted(const machine::Snapshot& snapshot, const CallId& id, const CallSpec& spec) {
  for (const machine::Invocation& invocation : snapshot.invocations) {
    for (const machine::InvokedItem& item : invocation.items) {
      if (item.call == id) return item.status != machine::ItemStatus::cancelled;
    }
  }
  for (const machine::Undo& undo : snapshot.undo) {
    if (undo.by == id) return true;
  }
  return spec.compensation || !spec.of;
}

machine::ErrorInfo deadline_error(machine::ErrorInfo last) {
  last.retryable = false;
  if (!last.code.empty()) return last;
  last.code = "timeout";
  last.message = "its deadline passed before it could be sent";
  return last;
}

machine::ErrorInfo withdrawn_error() {
  machine::ErrorInfo error;
  error.code = "withdrawn";
  error.message = "the call was withdrawn before it was sent";
  return error;
}

}  // namespace vozex::runtime
