// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/calls/call_core.h"

#include <gtest/gtest.h>

#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

using std::chrono::seconds;
using types::Value;

class FixedRandom final : public ports::Random {
 public:
  std::uint64_t next() override { return std::uint64_t{1} << 63; }
  InstanceId new_instance_id(Timestamp) override { return {}; }
};

class CallCoreTest : public testing::Test {
 protected:
  OutgoingCall call(std::uint8_t instance,
                    machine::Repeat repeat = machine::Repeat::never,
                    bool awaited = true) {
    auto operation = std::make_shared<machine::OperationDecl>();
    operation->adapter = "bank";
    operation->name = "charge";
    operation->repeat = repeat;
    operation->ask = "find";
    machine::StartCall start;
    start.operation = operation;
    if (awaited) start.of = machine::InvocationRef{"pay", 1, 0};
    start.retry.jitter = 0;
    OutgoingCall outgoing;
    outgoing.row.id = {InstanceId{Bytes16{instance}}, ++seq_, 0};
    outgoing.row.adapter = "bank";
    outgoing.row.owner = session_;
    outgoing.row.decided_at = now_;
    outgoing.row.request = request_text(start, {});
    return outgoing;
  }

  // The same call with an overall deadline, from its decision.
  static void deadline(OutgoingCall& outgoing, Duration length) {
    const auto request = types::parse_json(outgoing.row.request);
    outgoing.row.request =
        types::to_json(request->with("deadline_us", Value::integer(length.count())));
  }

  std::vector<Item> take(OutgoingCall outgoing) {
    return core_.take(std::move(outgoing), session_, now_);
  }
  std::optional<CallCore::Attempt> next() {
    EXPECT_TRUE(core_.wake(now_).empty());
    return core_.next("bank", now_);
  }
  std::vector<Item> answer(const CallCore::Attempt& attempt, ports::CallReply reply) {
    return core_.finished(attempt, reply, now_);
  }
  static ports::CallReply error(std::string code, bool unknown = false) {
    ports::CallError error;
    error.code = std::move(code);
    error.retryable = true;
    error.outcome_unknown = unknown;
    return tl::unexpected(std::move(error));
  }

  FixedRandom random_;
  CallCore core_{CallLimits(2), random_};
  SessionId session_{Bytes16{1}};
  Timestamp now_{std::chrono::hours{24 * 20'000}};
  std::uint32_t seq_ = 0;
};

TEST_F(CallCoreTest, NoMoreThanTheWorkersAreUnderWay) {
  for (std::uint8_t i = 0; i < 3; ++i) EXPECT_TRUE(take(call(i)).empty());
  const auto first = next();
  ASSERT_TRUE(first);
  ASSERT_TRUE(next());
  EXPECT_FALSE(next());
  const auto items = answer(*first, Value::integer(1));
  ASSERT_EQ(items.size(), 1u);
  EXPECT_TRUE(std::get<CallOrder>(items[0].order).ok);
  EXPECT_TRUE(next());
}

TEST_F(CallCoreTest, TheGateHoldsPlacesAndGivesThemBack) {
  int places = 0;
  while (core_.reserve("bank")) ++places;
  EXPECT_EQ(places, 6);
  core_.release("bank");
  EXPECT_TRUE(core_.reserve("bank"));
  OutgoingCall held = call(1);
  held.reserved = true;
  take(std::move(held));
  EXPECT_FALSE(core_.reserve("bank")) << "the place went over to the call";
}

TEST_F(CallCoreTest, AFailureThatMayGoAgainBecomesAWaitingRow) {
  take(call(1));
  const auto items = answer(*next(), error("unavailable"));
  ASSERT_EQ(items.size(), 1u);
  const auto& write = std::get<CallWriteOrder>(items[0].order).write;
  EXPECT_EQ(write.op, ports::CallOp::retry);
  EXPECT_EQ(write.row.attempt, 2);
  EXPECT_EQ(write.row.next_at, now_ + seconds{2});
  EXPECT_EQ(write.expect_owner, session_);
  EXPECT_EQ(write.expect_attempt, 1);
  EXPECT_EQ(parse_error(write.row.error).code, "unavailable");
  EXPECT_TRUE(core_.is_idle());
}

TEST_F(CallCoreTest, AnUnknownOutcomeStaysAndIsAskedAbout) {
  take(call(1));
  EXPECT_TRUE(answer(*next(), error("timeout", true)).empty());
  EXPECT_FALSE(next()) << "what was sent may still be under way";
  ASSERT_TRUE(core_.wake_at());
  now_ = *core_.wake_at();
  const auto question = next();
  ASSERT_TRUE(question);
  EXPECT_EQ(question->request.operation, "find");
  const Value unclear = Value::object({{"outcome", Value::string("unclear")}});
  EXPECT_TRUE(answer(*question, unclear).empty());
  EXPECT_FALSE(next());
  ASSERT_TRUE(core_.wake_at());
  now_ = *core_.wake_at();
  const auto again = next();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->request.operation, "find");
  const Value done =
      Value::object({{"outcome", Value::string("happened")}, {"result", Value::integer(4)}});
  const auto items = answer(*again, done);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(std::get<CallOrder>(items[0].order).result, Value::integer(4));
}

TEST_F(CallCoreTest, AnInheritedCallIsAskedAboutBeforeAnythingElse) {
  OutgoingCall inherited = call(1);
  inherited.maybe_sent = true;
  inherited.row.attempt = 2;
  EXPECT_TRUE(take(std::move(inherited)).empty());
  EXPECT_FALSE(next()) << "what was sent may still be under way";
  ASSERT_TRUE(core_.wake_at());
  now_ = *core_.wake_at();
  EXPECT_EQ(next()->request.operation, "find");
}

// Six processes in turn died while the call was theirs: none of that is an answer of the bank.
TEST_F(CallCoreTest, LostLeasesUseUpNoTries) {
  OutgoingCall inherited = call(1);
  inherited.maybe_sent = true;
  inherited.row.attempt = 7;
  inherited.row.losses = 6;
  EXPECT_TRUE(take(std::move(inherited)).empty());
  now_ = *core_.wake_at();
  const auto question = next();
  ASSERT_TRUE(question);
  EXPECT_EQ(question->request.operation, "find");
  const auto items = answer(*question, Value::object({{"outcome", Value::string("not_happened")}}));
  ASSERT_EQ(items.size(), 1u);
  const auto& write = std::get<CallWriteOrder>(items[0].order).write;
  EXPECT_EQ(write.op, ports::CallOp::retry);
  EXPECT_EQ(write.row.attempt, 7) << "its first try is still to come";

  OutgoingCall again{write.row};
  again.row.owner = session_;
  now_ = write.row.next_at;
  take(std::move(again));
  const auto attempt = next();
  ASSERT_TRUE(attempt);
  EXPECT_EQ(attempt->request.operation, "charge");
  EXPECT_EQ(attempt->request.attempt, 7) << "it may be the seventh that the bank sees";
  const auto failed = answer(*attempt, error("unavailable"));
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(std::get<CallWriteOrder>(failed[0].order).write.row.attempt, 8);
}

TEST_F(CallCoreTest, WithdrawingEndsWhatWasNotSentAndLetsTheRestEnd) {
  const OutgoingCall waiting = call(1);
  take(waiting);
  bool known = false;
  const auto items = core_.withdraw(waiting.row.id, known);
  EXPECT_TRUE(known);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(std::get<CallOrder>(items[0].order).error.code, "withdrawn");
  EXPECT_FALSE(next());

  const OutgoingCall sent = call(2);
  take(sent);
  const auto attempt = next();
  EXPECT_TRUE(core_.withdraw(sent.row.id, known).empty());
  const auto end = answer(*attempt, error("unavailable"));
  ASSERT_EQ(end.size(), 1u);
  EXPECT_EQ(std::get<CallOrder>(end[0].order).error.code, "withdrawn") << "not done: no retry";

  EXPECT_TRUE(core_.withdraw({InstanceId{Bytes16{9}}, 1, 0}, known).empty());
  EXPECT_FALSE(known);
}

TEST_F(CallCoreTest, AWithdrawnCallWithAnUnknownOutcomeIsSettledFirst) {
  const OutgoingCall sent = call(1);
  take(sent);
  const auto attempt = next();
  bool known = false;
  core_.withdraw(sent.row.id, known);
  EXPECT_TRUE(answer(*attempt, error("timeout", true)).empty());
  EXPECT_FALSE(next()) << "what was sent may still be under way";
  ASSERT_TRUE(core_.wake_at());
  now_ = *core_.wake_at();
  const auto question = next();
  ASSERT_TRUE(question);
  const Value no = Value::object({{"outcome", Value::string("not_happened")}});
  const auto items = answer(*question, no);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(std::get<CallOrder>(items[0].order).error.code, "withdrawn");
}

TEST_F(CallCoreTest, CallsOfActionsOfOneInstanceGoOneAfterTheOther) {
  take(call(1, machine::Repeat::never, false));
  take(call(1, machine::Repeat::never, false));
  take(call(2, machine::Repeat::never, false));
  const auto first = next();
  ASSERT_TRUE(first);
  const auto other = next();
  ASSERT_TRUE(other);
  EXPECT_NE(other->request.id.instance, first->request.id.instance);
  answer(*other, Value());
  EXPECT_FALSE(next());
  EXPECT_TRUE(answer(*first, error("unavailable")).empty()) << "stays here, so that order is kept";
  EXPECT_FALSE(next());
  now_ += seconds{2};
  EXPECT_EQ(next()->request.id, first->request.id);
}

TEST_F(CallCoreTest, ASilentAdapterIsLeftAloneForAWhile) {
  for (int i = 0; i < k_breaker_failures; ++i) {
    take(call(1));
    answer(*next(), error("unavailable"));
  }
  EXPECT_FALSE(core_.reserve("bank"));
  take(call(1));
  EXPECT_FALSE(next());
  ASSERT_TRUE(core_.wake_at());
  now_ = *core_.wake_at();
  take(call(2));
  const auto trial = next();
  ASSERT_TRUE(trial);
  EXPECT_FALSE(next()) << "one attempt decides";
  answer(*trial, Value());
  EXPECT_TRUE(next());
  EXPECT_TRUE(core_.reserve("bank"));
}

TEST_F(CallCoreTest, ASlowAdapterTakesNobodyElsesPlace) {
  for (std::uint8_t i = 0; i < 10; ++i) take(call(i));
  ASSERT_TRUE(next());
  ASSERT_TRUE(next());
  EXPECT_EQ(core_.room("bank", now_), 0u);
  EXPECT_EQ(core_.room("mail", now_), 2 * k_held_per_worker);
  EXPECT_TRUE(core_.reserve("mail"));
}

TEST_F(CallCoreTest, AsManyAreHeldAsTheAdapterAnswersInHalfASecond) {
  const auto answered_after = [&](Duration took) {
    take(call(1));
    const auto attempt = next();
    ASSERT_TRUE(attempt);
    now_ += took;
    answer(*attempt, Value());
  };
  answered_after(seconds{2});
  EXPECT_EQ(core_.room("bank", now_), 2 * k_held_per_worker) << "slow";
  for (int i = 0; i < 40; ++i) answered_after(std::chrono::milliseconds{50});
  const std::size_t quick = core_.room("bank", now_);
  EXPECT_GE(quick, 2u * 8) << "ten of fifty milliseconds each, nearly";
  EXPECT_LE(quick, 2u * 10);
  for (int i = 0; i < 80; ++i) answered_after(Duration{10});
  EXPECT_EQ(core_.room("bank", now_), 2 * k_max_held_per_worker) << "and no more than so many";
  for (int i = 0; i < 20; ++i) answered_after(seconds{2});
  EXPECT_EQ(core_.room("bank", now_), 2 * k_held_per_worker) << "it has become slow again";
}

TEST_F(CallCoreTest, AnAdapterMayHaveALimitOfItsOwn) {
  CallLimits limits(2);
  limits.of["bank"] = 1;
  CallCore core(limits, random_);
  for (std::uint8_t i = 0; i < 3; ++i) core.take(call(i), session_, now_);
  ASSERT_TRUE(core.next("bank", now_));
  EXPECT_FALSE(core.next("bank", now_));
  const auto adapters = core.adapters(now_);
  ASSERT_EQ(adapters.size(), 1u);
  EXPECT_EQ(adapters[0].limit, 1u);
  EXPECT_EQ(adapters[0].in_flight, 1u);
  EXPECT_EQ(adapters[0].queued, 2u);
}

TEST_F(CallCoreTest, AnOpenBreakerIsSkippedInTheClaimAndAHalfOpenOneGetsItsTrial) {
  for (int i = 0; i < k_breaker_failures; ++i) {
    take(call(1));
    answer(*next(), error("unavailable"));
  }
  EXPECT_EQ(core_.adapters(now_).at(0).breaker, BreakerState::open);
  EXPECT_EQ(core_.room("bank", now_), 0u);
  EXPECT_EQ(core_.room_at("bank"), now_ + k_breaker_pause);
  now_ += k_breaker_pause;
  EXPECT_EQ(core_.adapters(now_).at(0).breaker, BreakerState::half_open);
  EXPECT_EQ(core_.room("bank", now_), 1u);
  take(call(2));
  EXPECT_EQ(core_.room("bank", now_), 0u) << "the trial is here";
  const auto trial = next();
  now_ += seconds{1};
  answer(*trial, Value());
  EXPECT_EQ(core_.room("bank", now_), 2 * k_held_per_worker);
}

TEST_F(CallCoreTest, ACallThatCouldNotBeSentInTimeEndsByItsDeadline) {
  OutgoingCall late = call(1);
  deadline(late, seconds{60});
  take(late);
  now_ += seconds{59};
  EXPECT_TRUE(core_.wake(now_).empty());
  EXPECT_EQ(core_.wake_at(), now_ + seconds{1});
  now_ += seconds{1};
  const auto items = core_.wake(now_);
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(std::get<CallOrder>(items[0].order).error.code, "timeout");
  EXPECT_FALSE(next());
  EXPECT_TRUE(core_.is_idle());
  const auto claimed = take(late);
  ASSERT_EQ(claimed.size(), 1u) << "nor when it is claimed after it";
}

TEST_F(CallCoreTest, AnAttemptDoesNotOutlastTheDeadline) {
  OutgoingCall late = call(1);
  deadline(late, seconds{25});
  take(late);
  now_ += seconds{20};
  const auto attempt = next();
  ASSERT_TRUE(attempt);
  EXPECT_EQ(attempt->request.timeout, seconds{5});
  now_ += seconds{10};
  EXPECT_TRUE(core_.wake(now_).empty()) << "it is under way: its own reply ends it";
  EXPECT_EQ(answer(*attempt, Value()).size(), 1u);
}

TEST_F(CallCoreTest, WhatOpsSendAgainGoesOutWhateverItsDeadline) {
  OutgoingCall dead = call(1);
  deadline(dead, seconds{60});
  now_ += std::chrono::hours{5};
  dead.by_hand = true;
  EXPECT_TRUE(take(dead).empty());
  const auto attempt = next();
  ASSERT_TRUE(attempt);
  EXPECT_EQ(attempt->request.timeout, k_default_timeout);
}

TEST_F(CallCoreTest, NothingOfADeadSessionGoesOut) {
  take(call(1));
  take(call(2));
  const auto flying = next();
  ASSERT_TRUE(flying);
  core_.reset();
  EXPECT_FALSE(next());
  EXPECT_TRUE(answer(*flying, Value()).empty());
  EXPECT_EQ(core_.in_flight(), 0u);
  OutgoingCall old = call(3);
  old.row.owner = SessionId{Bytes16{7}};
  take(std::move(old));
  EXPECT_FALSE(next());
}

}  // namespace
}  // namespace vozex::runtime
