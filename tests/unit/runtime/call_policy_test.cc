// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/calls/call_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vozex::runtime {
namespace {

using Kind = CallDecision::Kind;
using std::chrono::minutes;
using std::chrono::seconds;
using types::Value;

CallSpec spec_of(machine::Repeat repeat, std::string ask = "") {
  CallSpec spec;
  spec.operation = "charge";
  spec.repeat = repeat;
  spec.ask = std::move(ask);
  spec.retry.attempts = 3;
  spec.retry.backoff = seconds{2};
  spec.retry.factor = 3;
  spec.retry.max = seconds{10};
  spec.retry.jitter = 0;
  return spec;
}

ports::CallReply failed(std::string code, bool retryable, bool unknown = false) {
  ports::CallError error;
  error.code = std::move(code);
  error.retryable = retryable;
  error.outcome_unknown = unknown;
  return tl::unexpected(std::move(error));
}

ports::CallReply asked(const std::string& outcome) {
  return Value::object({{"outcome", Value::string(outcome)}, {"result", Value::integer(7)}});
}

CallHistory after(std::uint16_t tries, std::uint16_t asks = 0) {
  CallHistory history;
  history.tries = tries;
  history.asks = asks;
  return history;
}

struct Row {
  const char* what;
  machine::Repeat repeat;
  const char* ask;
  ports::CallReply reply;
  std::uint16_t tries;
  Kind kind;
  const char* code;  // of the error it ends with, or goes on with
};

TEST(CallPolicy, WhatFollowsFromAnAttempt) {
  using machine::Repeat;
  const Row rows[] = {
      {"final error", Repeat::never, "find", failed("declined", false), 1, Kind::end, "declined"},
      {"not done, goes again",
       Repeat::never,
       "find",
       failed("unavailable", true),
       1,
       Kind::retry,
       "unavailable"},
      {"not done, exhausted",
       Repeat::never,
       "find",
       failed("unavailable", true),
       3,
       Kind::end,
       "unavailable"},
      {"unknown, may not be repeated: asks",
       Repeat::never,
       "find",
       failed("timeout", true, true),
       1,
       Kind::ask,
       "timeout"},
      {"unknown in the last attempt: asks all the same",
       Repeat::never,
       "find",
       failed("timeout", true, true),
       3,
       Kind::ask,
       "timeout"},
      {"unknown, nobody to ask: ends",
       Repeat::never,
       "",
       failed("timeout", true, true),
       1,
       Kind::end,
       "outcome_unknown"},
      {"unknown by its code alone",
       Repeat::never,
       "find",
       failed("outcome_unknown", false),
       1,
       Kind::ask,
       "outcome_unknown"},
      {"unknown, may be repeated by its key",
       Repeat::by_key,
       "",
       failed("timeout", true, true),
       1,
       Kind::repeat,
       "timeout"},
      {"unknown, repeated too often",
       Repeat::by_key,
       "",
       failed("timeout", true, true),
       3,
       Kind::end,
       "outcome_unknown"},
      {"unknown, safe",
       Repeat::safe,
       "",
       failed("timeout", false, true),
       1,
       Kind::repeat,
       "timeout"},
  };
  for (const Row& row : rows) {
    const auto decision = after_call(spec_of(row.repeat, row.ask), row.reply, after(row.tries));
    EXPECT_EQ(decision.kind, row.kind) << row.what;
    EXPECT_EQ(decision.error.code, row.code) << row.what;
    EXPECT_FALSE(decision.ok) << row.what;
  }
}

// Asked at once, the other side says "not happened" of what it is still doing, and it would be done
// twice.
TEST(CallPolicy, AQuestionWaitsUntilNothingIsUnderWayAnyMore) {
  const CallSpec spec = spec_of(machine::Repeat::never, "find");
  EXPECT_GT(after_call(spec, failed("outcome_unknown", false, true), after(1)).delay, Duration{0});
  EXPECT_GT(after_loss(spec, after(1)).delay, Duration{0});
  CallSpec slow = spec;
  slow.ask_after = seconds{30};
  EXPECT_EQ(after_call(slow, failed("outcome_unknown", false, true), after(1)).delay, seconds{30});
  EXPECT_EQ(after_loss(slow, after(1)).delay, seconds{30});
  machine::ErrorInfo last;
  EXPECT_LT(after_ask(slow, asked("unclear"), last, after(1, 1)).delay, seconds{30})
      << "only the first question waits for it";
}

TEST(CallPolicy, AnAnswerSettlesAnUnknownOutcome) {
  const CallSpec spec = spec_of(machine::Repeat::never, "find");
  machine::ErrorInfo last;
  last.code = "timeout";
  const auto happened = after_ask(spec, asked("happened"), last, after(1, 1));
  EXPECT_TRUE(happened.ok);
  EXPECT_EQ(happened.result, Value::integer(7));
  EXPECT_EQ(after_ask(spec, asked("not_happened"), last, after(1, 1)).kind, Kind::retry);
  const auto exhausted = after_ask(spec, asked("not_happened"), last, after(3, 1));
  EXPECT_EQ(exhausted.kind, Kind::end);
  EXPECT_EQ(exhausted.error.code, "timeout") << "it is known, so it is not outcome_unknown";
  last.code = "outcome_unknown";
  EXPECT_EQ(after_ask(spec, asked("not_happened"), last, after(3, 1)).error.code, "unavailable");
  last.code = "timeout";
  EXPECT_EQ(after_ask(spec, asked("unclear"), last, after(1, 1)).kind, Kind::ask);
  EXPECT_EQ(after_ask(spec, failed("unavailable", true), last, after(1, 1)).kind, Kind::ask);
  const auto given_up = after_ask(spec, asked("unclear"), last, after(1, 3));
  EXPECT_EQ(given_up.kind, Kind::end);
  EXPECT_EQ(given_up.error.code, "outcome_unknown");
}

TEST(CallPolicy, ALostProcessLeavesAnUnknownOutcome) {
  EXPECT_EQ(after_loss(spec_of(machine::Repeat::never, "find"), after(1)).kind, Kind::ask);
  EXPECT_EQ(after_loss(spec_of(machine::Repeat::by_key), after(1)).kind, Kind::repeat);
  EXPECT_EQ(after_loss(spec_of(machine::Repeat::safe), after(9)).kind, Kind::repeat);
  const auto nobody = after_loss(spec_of(machine::Repeat::never), after(1));
  EXPECT_EQ(nobody.kind, Kind::end);
  EXPECT_EQ(nobody.error.code, "outcome_unknown");
}

TEST(CallPolicy, ACallThatOutlivesNoProcessIsGivenUp) {
  CallHistory history = after(0);
  history.losses = k_max_losses;
  EXPECT_EQ(after_loss(spec_of(machine::Repeat::by_key), history).kind, Kind::repeat);
  history.losses = k_max_losses + 1;
  for (const auto repeat : {machine::Repeat::by_key, machine::Repeat::never}) {
    const auto end = after_loss(spec_of(repeat, "find"), history);
    EXPECT_EQ(end.kind, Kind::end);
    EXPECT_EQ(end.error.code, "outcome_unknown");
    EXPECT_THAT(end.error.message, testing::HasSubstr("51 processes"));
  }
}

TEST(CallPolicy, DelaysGrowAreCappedJitteredAndObeyTheOtherSide) {
  machine::RetryPolicy policy = spec_of(machine::Repeat::safe).retry;
  EXPECT_EQ(backoff(policy, 1, std::nullopt, 0.5), seconds{2});
  EXPECT_EQ(backoff(policy, 2, std::nullopt, 0.5), seconds{6});
  EXPECT_EQ(backoff(policy, 3, std::nullopt, 0.5), seconds{10});
  EXPECT_EQ(backoff(policy, 1, minutes{1}, 0.5), minutes{1} + k_retry_after_slack);
  EXPECT_EQ(backoff(policy, 1, seconds{0}, 0.5), seconds{2});
  EXPECT_EQ(backoff(policy, 3, seconds{1}, 0.5), seconds{10});
  policy.jitter = 0.5;
  EXPECT_EQ(backoff(policy, 1, std::nullopt, 0.0), seconds{1});
  EXPECT_GT(backoff(policy, 1, std::nullopt, 0.99), Duration{seconds{2}});
}

TEST(CallPolicy, ADeadlineEndsTheRetries) {
  CallSpec spec = spec_of(machine::Repeat::never, "find");
  spec.retry.deadline = seconds{5};
  CallHistory history = after(1);
  history.now = history.decided_at + seconds{2};
  EXPECT_EQ(after_call(spec, failed("unavailable", true), history).kind, Kind::retry);
  history.now = history.decided_at + seconds{4};
  EXPECT_EQ(after_call(spec, failed("unavailable", true), history).kind, Kind::end);
}

TEST(CallPolicy, ARequestComesBackFromItsRow) {
  auto operation = std::make_shared<machine::OperationDecl>();
  operation->adapter = "bank";
  operation->name = "charge";
  operation->repeat = machine::Repeat::by_key;
  operation->ask = "find";
  operation->ask_after = seconds{45};
  machine::StartCall call;
  call.operation = operation;
  call.of = machine::InvocationRef{"pay", 3, 1};
  call.input = Value::object({{"order", Value::string("o1")}});
  call.idempotency_key = "k1";
  call.timeout = seconds{7};
  call.retry.deadline = minutes{3};
  call.retry.factor = 1.5;
  machine::Snapshot by;
  by.workflow = "shop";
  by.key = "o1";
  const auto spec = parse_request(request_text(call, by));
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->operation, "charge");
  EXPECT_EQ(spec->ask, "find");
  EXPECT_EQ(spec->ask_after, seconds{45});
  EXPECT_EQ(spec->repeat, machine::Repeat::by_key);
  EXPECT_EQ(spec->of, call.of);
  EXPECT_EQ(spec->input, call.input);
  EXPECT_EQ(spec->idempotency_key, "k1");
  EXPECT_EQ(spec->timeout, Duration{seconds{7}});
  EXPECT_EQ(spec->retry.deadline, Duration{minutes{3}});
  EXPECT_EQ(spec->retry.factor, 1.5);
  EXPECT_EQ(spec->workflow, "shop");
}

}  // namespace
}  // namespace vozex::runtime
