// SPDX-License-Identifier: Apache-2.0
//
// Calls, the outbox, and the sessions that own both.
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Duration k_lease = std::chrono::seconds(15);

class CallsTest : public StoreTest {
 protected:
  Group one(const ports::CallWrite& write) {
    Group group;
    group.calls.push_back(write);
    return group;
  }
  // The earliest of the calls that wait, all of one adapter.
  std::optional<Timestamp> next_call() {
    const auto waiting = store().work().waiting_calls().value();
    if (waiting.empty()) return std::nullopt;
    EXPECT_THAT(waiting, SizeIs(1));
    EXPECT_EQ(waiting[0].adapter, "mail");
    return waiting[0].next_at;
  }
  CallRow waiting_call(std::uint16_t index, const std::string& adapter, Timestamp next_at) {
    CallRow row = call_row(call_id(1, 1, index));
    row.adapter = adapter;
    row.state = CallState::waiting;
    row.owner = {};
    row.next_at = next_at;
    return row;
  }
  void join(std::uint32_t number) {
    ASSERT_TRUE(store().sessions().join(session_id(number), "process").has_value());
  }
  void leave(std::uint32_t number) {
    ASSERT_TRUE(store().sessions().leave(session_id(number)).has_value());
  }
  Group sending(std::uint16_t index, std::uint32_t owner) {
    Group group;
    group.outbox.push_back({shard_of(instance_id(1)),
                            instance_id(1),
                            5,
                            index,
                            session_id(owner),
                            R"({"index":)" + std::to_string(index) + "}"});
    return group;
  }
};
class Calls : public CallsTest {};
class Sessions : public CallsTest {};
const auto k_kinds = testing::ValuesIn(all_kinds());
const auto k_name = [](const auto& kind) { return to_string(kind.param); };
INSTANTIATE_TEST_SUITE_P(Stores, Calls, k_kinds, k_name);
INSTANTIATE_TEST_SUITE_P(Stores, Sessions, k_kinds, k_name);

TEST_P(Calls, AreReadBackAsWritten) {
  CallRow row = call_row(call_id(1, 7, 3));
  row.attempt = 2;
  row.next_at = at(5);
  row.decided_at = at(4);
  row.error = R"({"e":1})";
  ASSERT_EQ(commit_one(one(call(CallOp::insert, row))), Verdict::committed);
  ASSERT_THAT(calls(), SizeIs(1));
  const CallRow read = calls()[0];
  EXPECT_EQ(read.id, row.id);
  EXPECT_EQ(read.shard, row.shard);
  EXPECT_EQ(read.tenant, "acme");
  EXPECT_EQ(read.adapter, "mail");
  EXPECT_EQ(read.state, CallState::leased);
  EXPECT_EQ(read.owner, session_id(1));
  EXPECT_EQ(read.attempt, 2);
  EXPECT_EQ(read.next_at, at(5));
  EXPECT_EQ(read.decided_at, at(4));
  EXPECT_EQ(read.request, row.request);
  EXPECT_EQ(read.error, row.error);
}

TEST_P(Calls, InsertedTwiceAreStale) {
  const CallRow row = call_row(call_id(1));
  ASSERT_EQ(commit_one(one(call(CallOp::insert, row))), Verdict::committed);
  EXPECT_EQ(commit_one(one(call(CallOp::insert, row))), Verdict::stale);
}

TEST_P(Calls, EndOnlyForWhoHasTheLease) {
  const CallRow row = call_row(call_id(1));
  commit({one(call(CallOp::insert, row))});
  ports::CallWrite end = call(CallOp::end, row);
  end.expect_owner = session_id(2);
  EXPECT_EQ(commit_one(one(end)), Verdict::stale);
  end.expect_owner = session_id(1);
  end.expect_attempt = 2;
  EXPECT_EQ(commit_one(one(end)), Verdict::stale);
  end.expect_attempt = 1;
  EXPECT_EQ(commit_one(one(end)), Verdict::committed);
  EXPECT_THAT(calls(), IsEmpty());
  EXPECT_EQ(commit_one(one(end)), Verdict::stale) << "gone already";
}

TEST_P(Calls, ARetryWaitsForItsTimeAndIsClaimed) {
  CallRow row = call_row(call_id(1));
  commit({one(call(CallOp::insert, row))});
  EXPECT_EQ(next_call(), std::nullopt);
  ports::CallWrite retry = call(CallOp::retry, row);
  retry.row.next_at = at(30);
  retry.row.attempt = 2;
  retry.row.error = R"({"code":"timeout"})";
  ASSERT_EQ(commit_one(one(retry)), Verdict::committed);
  ASSERT_THAT(calls(), SizeIs(1));
  EXPECT_EQ(calls()[0].state, CallState::waiting);
  EXPECT_TRUE(calls()[0].owner.is_nil());
  EXPECT_EQ(calls()[0].attempt, 2);
  EXPECT_EQ(calls()[0].error, R"({"code":"timeout"})");
  EXPECT_EQ(calls()[0].request, row.request);

  EXPECT_EQ(next_call(), at(30));
  join(3);
  EXPECT_THAT(store().work().claim_calls(session_id(3), "mail", at(29), 10).value(), IsEmpty());
  const auto claimed = store().work().claim_calls(session_id(3), "mail", at(30), 10).value();
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(claimed[0].id, row.id);
  EXPECT_EQ(claimed[0].state, CallState::leased);
  EXPECT_EQ(claimed[0].owner, session_id(3));
  EXPECT_EQ(claimed[0].attempt, 2);
  EXPECT_EQ(claimed[0].request, row.request);
  join(4);
  EXPECT_THAT(store().work().claim_calls(session_id(4), "mail", at(99), 10).value(), IsEmpty());
  EXPECT_EQ(next_call(), std::nullopt);
}

TEST_P(Calls, AreClaimedEarliestFirstUpToTheLimit) {
  for (std::uint16_t i = 0; i < 4; ++i) {
    CallRow row = call_row(call_id(1, 1, i));
    row.state = CallState::waiting;
    row.owner = {};
    row.next_at = at(40 - i);
    commit({one(call(CallOp::insert, row))});
  }
  join(1);
  const auto claimed = store().work().claim_calls(session_id(1), "mail", at(50), 2).value();
  ASSERT_THAT(claimed, SizeIs(2));
  EXPECT_EQ(claimed[0].id, call_id(1, 1, 3));
  EXPECT_EQ(claimed[1].id, call_id(1, 1, 2));
  EXPECT_EQ(next_call(), at(39));
}

TEST_P(Calls, OfOneAdapterAreClaimedAndTheOthersLeft) {
  commit({one(call(CallOp::insert, waiting_call(0, "bank", at(3)))),
          one(call(CallOp::insert, waiting_call(1, "mail", at(9)))),
          one(call(CallOp::insert, waiting_call(2, "mail", at(5)))),
          one(call(CallOp::insert, waiting_call(3, "sms", at(7))))});
  const auto waiting = store().work().waiting_calls().value();
  ASSERT_THAT(waiting, SizeIs(3));
  EXPECT_EQ(waiting[0].adapter, "bank");
  EXPECT_EQ(waiting[1].adapter, "mail");
  EXPECT_EQ(waiting[1].next_at, at(5)) << "the earliest of two";
  EXPECT_EQ(waiting[2].next_at, at(7));
  join(1);
  const auto claimed = store().work().claim_calls(session_id(1), "mail", at(99), 10).value();
  ASSERT_THAT(claimed, SizeIs(2));
  EXPECT_EQ(claimed[0].id, call_id(1, 1, 2));
  EXPECT_THAT(store().work().claim_calls(session_id(1), "nobody", at(99), 10).value(), IsEmpty());
  EXPECT_THAT(store().work().waiting_calls().value(), SizeIs(2));
}

// Whoever inherits from a dead session must take its calls for sent.
TEST_P(Calls, AreNotClaimedForADeadSession) {
  commit({one(call(CallOp::insert, waiting_call(0, "mail", at(1))))});
  EXPECT_THAT(store().work().claim_calls(session_id(1), "mail", at(9), 10).value(), IsEmpty())
      << "it has not joined";
  join(1);
  leave(1);
  EXPECT_THAT(store().work().claim_calls(session_id(1), "mail", at(9), 10).value(), IsEmpty());
  join(2);
  EXPECT_THAT(store().work().claim_calls(session_id(2), "mail", at(9), 10).value(), SizeIs(1));
}

TEST_P(Calls, AreListedPageByPageAndByAdapter) {
  for (std::uint16_t i = 0; i < 5; ++i) {
    const CallRow row = waiting_call(i, i == 3 ? "bank" : "mail", at(1));
    commit({one(call(CallOp::insert, row))});
  }
  auto& queries = store().queries();
  ports::CallFilter filter{CallState::waiting, {}, "mail", {}};
  const auto first = queries.calls(filter, 2).value();
  ASSERT_THAT(first, SizeIs(2));
  filter.after = first[1].id;
  const auto second = queries.calls(filter, 10).value();
  ASSERT_THAT(second, SizeIs(2));
  EXPECT_EQ(second[0].id, call_id(1, 1, 2));
  EXPECT_EQ(second[1].id, call_id(1, 1, 4));
  filter.after = second[1].id;
  EXPECT_THAT(queries.calls(filter, 10).value(), IsEmpty());
}

TEST_P(Calls, DeadOnesStayUntilLeasedAgain) {
  const CallRow row = call_row(call_id(1));
  commit({one(call(CallOp::insert, row))});
  ports::CallWrite dead = call(CallOp::dead, row);
  dead.row.error = R"({"code":"refused"})";
  ASSERT_EQ(commit_one(one(dead)), Verdict::committed);
  const auto letters = store().queries().calls({CallState::dead, {}, {}, {}}, 10).value();
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(letters[0].error, R"({"code":"refused"})");
  EXPECT_TRUE(letters[0].owner.is_nil());
  join(1);
  EXPECT_THAT(store().work().claim_calls(session_id(1), "mail", at(9999), 10).value(), IsEmpty());

  ports::CallWrite lease = call(CallOp::lease, row);
  lease.row.owner = session_id(2);
  lease.row.attempt = 5;
  lease.expect_attempt = 4;
  EXPECT_EQ(commit_one(one(lease)), Verdict::stale) << "another attempt";
  lease.expect_attempt = 1;
  ASSERT_EQ(commit_one(one(lease)), Verdict::committed);
  EXPECT_EQ(calls()[0].state, CallState::leased);
  EXPECT_EQ(calls()[0].owner, session_id(2));
  EXPECT_EQ(calls()[0].attempt, 5);
  lease.expect_attempt = 0;
  EXPECT_EQ(commit_one(one(lease)), Verdict::stale) << "leased already";
}

TEST_P(Calls, WithoutOwnerEndForWhoExpectsNone) {
  CallRow row = call_row(call_id(1));
  row.state = CallState::waiting;
  row.owner = {};
  commit({one(call(CallOp::insert, row))});
  ports::CallWrite end = call(CallOp::end, row);
  end.expect_owner = session_id(1);
  EXPECT_EQ(commit_one(one(end)), Verdict::stale);
  end.expect_owner = {};
  EXPECT_EQ(commit_one(one(end)), Verdict::committed);
}

TEST_P(Calls, LeasedToNobodyEndForNobody) {
  CallRow row = call_row(call_id(1));
  row.owner = {};
  commit({one(call(CallOp::insert, row))});
  EXPECT_EQ(commit_one(one(call(CallOp::end, row))), Verdict::committed);
}

TEST_P(Calls, AWithdrawalDeletesWhatWaitsAndIsNeverStale) {
  const CallRow leased = call_row(call_id(1, 1, 0));
  CallRow waiting = call_row(call_id(1, 1, 1));
  waiting.state = CallState::waiting;
  waiting.owner = {};
  commit({one(call(CallOp::insert, leased)), one(call(CallOp::insert, waiting))});
  Group group;
  group.calls = {call(CallOp::withdraw, leased),
                 call(CallOp::withdraw, waiting),
                 call(CallOp::withdraw, call_row(call_id(9)))};
  ASSERT_EQ(commit_one(group), Verdict::committed);
  ASSERT_THAT(calls(), SizeIs(1));
  EXPECT_EQ(calls()[0].id, leased.id);
}

TEST_P(Calls, OfOneGroupAreAllOrNone) {
  const CallRow row = call_row(call_id(1, 1, 0));
  commit({one(call(CallOp::insert, row))});
  Group group;
  group.calls = {call(CallOp::end, row), call(CallOp::end, call_row(call_id(1, 1, 1)))};
  EXPECT_EQ(commit_one(group), Verdict::stale);
  EXPECT_THAT(calls(), SizeIs(1));
}

TEST_P(Calls, AreListedByInstanceAndState) {
  commit({one(call(CallOp::insert, call_row(call_id(1, 1, 0)))),
          one(call(CallOp::insert, call_row(call_id(1, 2, 0)))),
          one(call(CallOp::insert, call_row(call_id(2, 1, 0))))});
  commit({one(call(CallOp::dead, call_row(call_id(2, 1, 0))))});
  auto& queries = store().queries();
  EXPECT_THAT(queries.calls({std::nullopt, instance_id(1), {}, {}}, 10).value(), SizeIs(2));
  EXPECT_THAT(queries.calls({CallState::leased, {}, {}, {}}, 10).value(), SizeIs(2));
  EXPECT_THAT(queries.calls({CallState::dead, {}, {}, {}}, 10).value(), SizeIs(1));
  EXPECT_THAT(queries.calls({CallState::dead, instance_id(1), {}, {}}, 10).value(), IsEmpty());
  EXPECT_THAT(queries.calls({std::nullopt, {}, {}, {}}, 2).value(), SizeIs(2));
}

TEST_P(Sessions, BeatUntilTheyLeave) {
  auto& sessions = store().sessions();
  EXPECT_EQ(sessions.beat(session_id(1), k_lease).error().kind, ErrorClass::not_found);
  join(1);
  EXPECT_TRUE(sessions.beat(session_id(1), k_lease).has_value());
  EXPECT_TRUE(sessions.leave(session_id(1)).has_value());
  EXPECT_EQ(sessions.beat(session_id(1), k_lease).error().kind, ErrorClass::not_found);
}

TEST_P(Sessions, AreLivingUntilTheyLeaveOrAreBuried) {
  auto& sessions = store().sessions();
  join(2);
  join(1);
  join(3);
  const auto living = [&] { return sessions.beat(session_id(3), k_lease).value().news->living; };
  EXPECT_THAT(living(), ElementsAre(session_id(1), session_id(2), session_id(3)));
  leave(2);
  EXPECT_THAT(living(), ElementsAre(session_id(1), session_id(3)));
  backend().age_sessions(k_lease + Duration(std::chrono::seconds(1)));
  ASSERT_TRUE(sessions.beat(session_id(3), k_lease).has_value());
  ASSERT_TRUE(sessions.inherit(session_id(3), k_lease, 10).has_value());
  EXPECT_THAT(living(), ElementsAre(session_id(3)));
}

TEST_P(Sessions, DieByTheDatabasesClockAndNeverRevive) {
  auto& sessions = store().sessions();
  join(1);
  join(2);
  backend().age_sessions(std::chrono::seconds(10));
  ASSERT_TRUE(sessions.inherit(session_id(2), k_lease, 10).has_value());
  EXPECT_TRUE(sessions.beat(session_id(1), k_lease).has_value()) << "ten of fifteen seconds";
  backend().age_sessions(std::chrono::seconds(16));
  EXPECT_TRUE(sessions.beat(session_id(2), k_lease).has_value()) << "nobody has buried it";
  ASSERT_TRUE(sessions.inherit(session_id(2), k_lease, 10).has_value());
  EXPECT_EQ(sessions.beat(session_id(1), k_lease).error().kind, ErrorClass::not_found);
  ASSERT_TRUE(sessions.join(session_id(1), "again").has_value());
  EXPECT_EQ(sessions.beat(session_id(1), k_lease).error().kind, ErrorClass::not_found);
}

TEST_P(Sessions, GiveTheirCallsToAnHeirWhoRaisesTheAttempt) {
  join(1);
  join(2);
  CallRow row = call_row(call_id(1));
  commit({one(call(CallOp::insert, row))});
  EXPECT_THAT(store().sessions().inherit(session_id(2), k_lease, 10).value().calls, IsEmpty());
  backend().age_sessions(k_lease + Duration(std::chrono::seconds(1)));
  ASSERT_TRUE(store().sessions().beat(session_id(2), k_lease).has_value());
  const auto inherited = store().sessions().inherit(session_id(2), k_lease, 10).value();
  ASSERT_THAT(inherited.calls, SizeIs(1));
  EXPECT_EQ(inherited.calls[0].id, row.id);
  EXPECT_EQ(inherited.calls[0].owner, session_id(2));
  EXPECT_EQ(inherited.calls[0].attempt, 2);
  EXPECT_EQ(inherited.calls[0].losses, 1) << "it was nobody's failure";
  EXPECT_EQ(inherited.calls[0].request, row.request);
  // The stopped process wakes and loses.
  EXPECT_EQ(commit_one(one(call(CallOp::end, row))), Verdict::stale);
  EXPECT_EQ(commit_one(one(call(CallOp::end, inherited.calls[0]))), Verdict::committed);
}

TEST_P(Sessions, ThatLeftAreInheritedAtOnceUpToTheLimit) {
  join(1);
  join(2);
  for (std::uint16_t i = 0; i < 5; ++i) {
    commit({one(call(CallOp::insert, call_row(call_id(1, 1, i)))), sending(i, 1)});
  }
  leave(1);
  auto first = store().sessions().inherit(session_id(2), k_lease, 3).value();
  EXPECT_THAT(first.calls, SizeIs(3));
  EXPECT_THAT(first.outbox, SizeIs(3));
  auto second = store().sessions().inherit(session_id(2), k_lease, 3).value();
  EXPECT_THAT(second.calls, SizeIs(2));
  EXPECT_THAT(second.outbox, SizeIs(2));
  EXPECT_THAT(store().sessions().inherit(session_id(2), k_lease, 3).value().calls, IsEmpty());
}

TEST_P(Sessions, ThatNeverWereLeaveNothingBehind) {
  join(2);
  commit({one(call(CallOp::insert, call_row(call_id(1))))});  // of session 1, which never joined
  EXPECT_THAT(store().sessions().inherit(session_id(2), k_lease, 10).value().calls, SizeIs(1));
}

TEST_P(Sessions, ADeadHeirInheritsNothing) {
  join(1);
  join(2);
  commit({one(call(CallOp::insert, call_row(call_id(1))))});
  leave(2);
  leave(1);
  EXPECT_EQ(store().sessions().inherit(session_id(2), k_lease, 10).error().kind,
            ErrorClass::not_found);
  EXPECT_EQ(calls().at(0).owner, session_id(1));
}

// Of one sender, before the last of those asked about; in order, and none of those.
TEST_P(Sessions, WhatASenderPostedEarlierIsLoadedInOrder) {
  const auto posted = [](std::uint32_t from, std::uint32_t seq, std::uint16_t index) {
    ports::OutboxRow row;
    row.shard = key_of(from).shard;
    row.from = instance_id(from);
    row.seq = seq;
    row.index = index;
    row.owner = session_id(1);
    row.event = std::to_string(seq) + "/" + std::to_string(index);
    return row;
  };
  Group group;
  for (std::uint32_t seq = 1; seq <= 4; ++seq) {
    group.outbox.push_back(posted(1, seq, 0));
    group.outbox.push_back(posted(1, seq, 1));
  }
  group.outbox.push_back(posted(2, 1, 0));
  group.outbox.push_back(posted(3, 2, 0));
  commit({group});
  const auto earlier = [&](std::vector<ports::OutboxRow> asked) {
    ports::LoadRequest request;
    request.outbox = std::move(asked);
    std::vector<std::string> events;
    const auto reply = store().open_lane().value()->load(request);
    for (const auto& row : reply->outbox) {
      EXPECT_EQ(row.from, instance_id(1));
      EXPECT_EQ(row.owner, session_id(1));
      events.push_back(row.event);
    }
    return events;
  };
  EXPECT_THAT(earlier({posted(1, 3, 0), posted(1, 2, 0), posted(3, 2, 0)}),
              ElementsAre("1/0", "1/1", "2/1"));
  EXPECT_THAT(earlier({posted(1, 1, 0), posted(2, 1, 0)}), IsEmpty());
}

TEST_P(Sessions, OutboxRowsGoWhenDelivered) {
  join(1);
  join(2);
  commit({sending(0, 1), sending(1, 1)});
  Group delivered;
  delivered.instances.push_back(insertion(2));
  delivered.outbox_done.push_back({shard_of(instance_id(1)), instance_id(1), 5, 0, {}, ""});
  ASSERT_EQ(commit_one(delivered), Verdict::committed);
  Group again;
  again.outbox_done = delivered.outbox_done;
  EXPECT_EQ(commit_one(again), Verdict::committed) << "gone already is no error";

  leave(1);
  const auto inherited = store().sessions().inherit(session_id(2), k_lease, 10).value();
  ASSERT_THAT(inherited.outbox, SizeIs(1));
  EXPECT_EQ(inherited.outbox[0].from, instance_id(1));
  EXPECT_EQ(inherited.outbox[0].seq, 5u);
  EXPECT_EQ(inherited.outbox[0].index, 1);
  EXPECT_EQ(inherited.outbox[0].owner, session_id(2));
  EXPECT_EQ(inherited.outbox[0].event, R"({"index":1})");
}

}  // namespace
}  // namespace vozex::store_test
