// SPDX-License-Identifier: Apache-2.0
// Bulk operations: what an order means, and a driver that runs some thousand instances on the
// simulated store, is stopped in the middle, and goes on as another.
#include "engine/runtime/ops/bulk_driver.h"

#include <atomic>
#include <chrono>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/runtime/ops/bulk_retry.h"
#include "engine/types/json.h"
#include "tests/unit/runtime/bulk_rig.h"

namespace vozex::runtime {
namespace {

using ports::BatchItemState;
using ports::BatchRow;
using ports::BatchState;
using testing::HasSubstr;

Timestamp at(std::int64_t seconds) { return Timestamp(std::chrono::seconds(seconds)); }

BulkOrder order_of(BulkOperation operation) {
  BulkOrder order;
  order.operation = operation;
  order.query.workflow = "ticket";
  order.actor = {"ann", {"ops"}};
  order.reason = "because";
  return order;
}

TEST(Bulk, AnOrderSurvivesItsJson) {
  BulkOrder order = order_of(BulkOperation::migrate);
  order.to_version = 3;
  order.query.version = 2;
  order.query.state = "live.paying";
  order.query.life = machine::Life::held;
  order.query.incident = true;
  order.query.dead_calls = true;
  order.query.key = "k";
  order.query.root.bytes[3] = 9;
  order.target = "live.paid";
  order.data = types::Value::object({{"a", types::Value::integer(1)}});
  const std::string json = types::to_json(to_value(order));
  const auto again = parse_bulk_order(json);
  ASSERT_TRUE(again);
  EXPECT_EQ(types::to_json(to_value(*again)), json);
  EXPECT_EQ(again->query.root, order.query.root);
  EXPECT_EQ(again->actor.roles, order.actor.roles);
  EXPECT_FALSE(parse_bulk_order("{}"));
  EXPECT_FALSE(parse_bulk_order("nonsense"));
  EXPECT_FALSE(parse_bulk_order(R"({"operation": "explode", "query": {}})"));
}

TEST(Bulk, AForecastFollowsTheLife) {
  ports::InstanceRow row;
  row.version = 2;
  const auto code = [&](BulkOperation operation, machine::Life life, std::size_t dead = 0) {
    row.life = life;
    BulkOrder order = order_of(operation);
    order.to_version = 2;
    return forecast(order, row, dead).code;
  };
  using machine::Life;
  EXPECT_EQ(code(BulkOperation::cancel, Life::running), "");
  EXPECT_EQ(code(BulkOperation::cancel, Life::completed), "instance_ended");
  EXPECT_EQ(code(BulkOperation::retry, Life::running), "nothing_to_retry");
  EXPECT_EQ(code(BulkOperation::retry, Life::running, 1), "");
  EXPECT_EQ(code(BulkOperation::retry, Life::held), "");
  EXPECT_EQ(code(BulkOperation::retry, Life::suspended), "nothing_to_retry");
  EXPECT_EQ(code(BulkOperation::skip, Life::running), "nothing_to_skip");
  EXPECT_EQ(code(BulkOperation::resume, Life::running), "not_held");
  EXPECT_EQ(code(BulkOperation::resume, Life::suspended), "");
  EXPECT_EQ(code(BulkOperation::suspend, Life::held), "not_running");
  EXPECT_EQ(code(BulkOperation::migrate, Life::running), "same_version");
}

TEST(Bulk, ACallThatWentOutAgainIsNotSentOnceMore) {
  ports::InstanceRow row;
  row.life = machine::Life::held;
  ports::CallRow call;
  call.state = ports::CallState::dead;
  call.id.seq = 4;
  call.attempt = 3;
  const BulkBasis basis = parse_basis(to_json(basis_of(row, {call})));
  EXPECT_TRUE(basis.held);
  EXPECT_TRUE(basis.covers(call));
  call.attempt = 4;
  EXPECT_FALSE(basis.covers(call));
  call.attempt = 3;
  call.state = ports::CallState::leased;
  EXPECT_FALSE(basis.covers(call));
  call.state = ports::CallState::dead;
  call.id.seq = 5;
  EXPECT_FALSE(basis.covers(call));
  EXPECT_TRUE(parse_basis("").calls.empty());
  EXPECT_FALSE(parse_basis("nonsense").held);
}

TEST(Bulk, WhatCameOfSendingCallsAgain) {
  BulkBasis basis;
  basis.calls = {{"a", 1}, {"b", 1}};
  EventAnswer sent;
  sent.disposition = machine::Disposition::transitioned;
  EventAnswer stale;
  stale.disposition = machine::Disposition::stale;
  const auto result = [&](std::vector<Result<EventAnswer>> answers) {
    return retry_result({}, basis, answers, at(1));
  };
  EXPECT_EQ(result({sent, stale})->note,
            "1 call sent again; 1 call dropped: nobody waits for them any more");
  EXPECT_EQ(result({sent, fail(ErrorClass::conflict, "call_not_dead", "")})->state,
            BatchItemState::applied);
  EXPECT_EQ(result({sent, fail(ErrorClass::unavailable, "away", "")}), std::nullopt)
      << "it is asked for again";
  const auto refused = result({fail(ErrorClass::refused, "instance_held", "resume it first")});
  EXPECT_EQ(refused->state, BatchItemState::refused);
  EXPECT_EQ(refused->code, "instance_held");
  EXPECT_EQ(result({})->state, BatchItemState::applied) << "an earlier try had sent them";
  basis = {};
  EXPECT_EQ(result({})->code, "nothing_to_retry");
  basis.held = true;
  EXPECT_EQ(result({})->note, "it goes on");
}

TEST(Bulk, WhatAnAnswerSaysOfAnItem) {
  const InstanceId id;
  const auto state = [&](Result<EventAnswer> answer) {
    const auto item = bulk_result(id, answer, at(1));
    return item ? std::optional(item->state) : std::nullopt;
  };
  EXPECT_EQ(state(fail(ErrorClass::unavailable, "away", "")), std::nullopt);
  EXPECT_EQ(state(fail(ErrorClass::outcome_unknown, "who_knows", "")), std::nullopt);
  EXPECT_EQ(state(fail(ErrorClass::refused, "no", "")), BatchItemState::refused);
  EXPECT_EQ(state(fail(ErrorClass::conflict, "busy", "")), BatchItemState::failed);
  EventAnswer answer;
  answer.disposition = machine::Disposition::duplicate;
  answer.deliveries.resize(1);
  answer.deliveries[0].disposition = machine::Disposition::incident;
  EXPECT_EQ(state(answer), BatchItemState::failed) << "a repetition is told of the first time";
  answer.deliveries[0].disposition = machine::Disposition::ended;
  EXPECT_EQ(state(answer), BatchItemState::refused);
  answer.deliveries[0].disposition = machine::Disposition::transitioned;
  EXPECT_EQ(state(answer), BatchItemState::applied);
}

TEST(Bulk, ThePaceKeepsTheRate) {
  BulkPace pace;
  std::size_t done = 0;
  Timestamp now = at(10);
  for (; now < at(20); now += std::chrono::milliseconds(10)) {
    const std::size_t room = pace.room(50, now);
    done += room;
    if (room > 0) pace.did(room, 50, now, now);
  }
  EXPECT_GE(done, 495u);
  EXPECT_LE(done, 515u);
  BulkPace slow;
  EXPECT_EQ(slow.room(1, at(10)), 1u);
  slow.did(1, 1, at(10), at(10));
  EXPECT_EQ(slow.room(1, at(10)), 0u);
  EXPECT_EQ(slow.next(), at(11));
}

TEST(Bulk, WithoutARateItGivesWayToOthers) {
  BulkPace pace;
  const std::size_t first = pace.room(0, at(10));
  const auto late = k_bulk_patience + Duration{1};
  pace.did(first, 0, at(10), at(10) + late);
  EXPECT_EQ(pace.next(), at(10) + 2 * late) << "half of the time is for others";
  EXPECT_EQ(pace.room(0, pace.next() - Duration{1}), 0u);
  EXPECT_LT(pace.room(0, pace.next()), first) << "others wait behind a chunk";
  for (int i = 0; i < 100; ++i) pace.did(1, 0, at(20), at(20));
  EXPECT_EQ(pace.room(0, at(20)), k_bulk_chunk);
  for (int i = 0; i < 100; ++i) pace.did(1, 0, at(20), at(30));
  EXPECT_EQ(pace.next(), at(30) + k_bulk_max_rest);
  EXPECT_EQ(pace.room(0, at(40)), k_bulk_chunk_step) << "it never stands still";
}

constexpr const char* k_ticket = R"(
vozex: 1
workflow: ticket
version: 1
key: input.number
input: {number: string}
data: {note: {type: string, default: ''}}
events:
  ticket.closed: {data: {number: string}, match: event.data.number}
initial: open
states:
  open:
    on: {ticket.closed: closed}
    after: {30d: closed}
  waiting: {on: {ticket.closed: closed}, after: {30d: closed}}
  closed: {type: final}
)";

class BulkDriverTest : public BulkRig {
 protected:
  BulkDriverTest() { EXPECT_TRUE(engine().deploy(compiled({k_ticket}))); }

  std::size_t suspended() {
    return store().inspect([](const simulated::Tables& tables) {
      std::size_t count = 0;
      for (const auto& [key, row] : tables.live) count += row.life == machine::Life::suspended;
      return count;
    });
  }
};

TEST_F(BulkDriverTest, ThreeThousandAreSuspendedOnceThoughTheDriverIsReplaced) {
  constexpr int k_tickets = 3000;
  open_tickets(k_tickets);
  const auto id = make(order_of(BulkOperation::suspend));
  {
    const auto first = driver();
    first->start();
    wait(id, [](const BatchRow& row) { return row.applied >= 300; });
  }
  const BatchRow half = *batches().batch(id).value();
  EXPECT_TRUE(half.owner.is_nil()) << "a driver that stops gives its batches back";
  const auto second = driver();
  second->start();
  const BatchRow row = wait(id, is_done);
  EXPECT_EQ(row.total, 3000u);
  EXPECT_EQ(row.applied, 3000u);
  EXPECT_EQ(row.refused + row.failed, 0u);
  EXPECT_EQ(suspended(), 3000u);
  const std::size_t steps =
      store().inspect([](const simulated::Tables& t) { return t.history.size(); });
  EXPECT_EQ(steps, 6000u) << "one start and one suspension each";
}

TEST_F(BulkDriverTest, ABatchThatOnlyTheHeartbeatTellsOfIsRun) {
  open_tickets(5);
  const auto runs = driver();
  const auto told = runs->listener();
  ports::News news;
  told(news);
  runs->start();
  const auto id = make(order_of(BulkOperation::suspend));
  news.batches = true;
  told(news);
  EXPECT_EQ(wait(id, is_done).applied, 5u);
}

TEST_F(BulkDriverTest, WhatWasDoneButNotRecordedIsADuplicate) {
  open_tickets(20);
  const BulkOrder order = order_of(BulkOperation::suspend);
  const auto id = make(order);
  // Another process did all of it and died before it could say so.
  const auto rows = store().queries().instances(filter_of(order.query, "default", {}), 100);
  ASSERT_TRUE(rows);
  for (const auto& row : *rows) {
    const auto answer = wait_for([&](Done<EventAnswer> done) {
      engine().operate({row.id, bulk_event(order, id, row.id, now()), ""}, std::move(done));
    });
    EXPECT_TRUE(answer);
  }
  const auto runs = driver();
  runs->start();
  const BatchRow row = wait(id, is_done);
  EXPECT_EQ(row.applied, 20u);
  EXPECT_EQ(row.refused, 0u) << "a second suspension would have been refused";
}

TEST_F(BulkDriverTest, ManyArePatchedAndMoved) {
  open_tickets(12);
  const auto runs = driver();
  runs->start();
  BulkOrder patch = order_of(BulkOperation::patch);
  patch.data = types::Value::object({{"note", types::Value::string("seen")}});
  EXPECT_EQ(wait(make(patch), is_done).applied, 12u);
  BulkOrder wrong = patch;
  wrong.data = types::Value::object({{"note", types::Value::integer(5)}});
  EXPECT_EQ(wait(make(wrong), is_done).refused, 12u);
  BulkOrder move = order_of(BulkOperation::move);
  move.target = "waiting";
  EXPECT_EQ(wait(make(move), is_done).applied, 12u);
  const auto rows = store().queries().instances(filter_of(move.query, "default", {}), 100).value();
  ASSERT_EQ(rows.size(), 12u);
  for (const ports::InstanceRow& row : rows) {
    EXPECT_EQ(row.state, "waiting");
    EXPECT_EQ(row.data, R"({"note":"seen"})");
  }
}

TEST_F(BulkDriverTest, RefusalsHaveTheirReasonAndAPlanForetellsThem) {
  open_tickets(30);
  const auto runs = driver();
  runs->start();
  BulkOrder some = order_of(BulkOperation::suspend);
  some.query.key = "t7";
  wait(make(some), is_done);
  EXPECT_EQ(suspended(), 1u);

  const auto plan = runs->plan(order_of(BulkOperation::suspend), "default");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->matched, 30u);
  EXPECT_EQ(plan->would, 29u);
  ASSERT_EQ(plan->lines.size(), 2u);
  EXPECT_EQ(plan->lines[1].code, "not_running");
  EXPECT_EQ(plan->lines[1].count, 1u);
  EXPECT_EQ(suspended(), 1u) << "a plan writes nothing";

  const auto id = make(order_of(BulkOperation::suspend));
  const BatchRow row = wait(id, is_done);
  EXPECT_EQ(row.applied, 29u);
  EXPECT_EQ(row.refused, 1u);
  const auto refused = batches().items(id, BatchItemState::refused, {}, 10).value();
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].code, "not_running");
  EXPECT_THAT(refused[0].note, HasSubstr("suspended"));
  const auto history = store().queries().history(refused[0].instance, 0, 10).value();
  EXPECT_THAT(history.back().entry, HasSubstr("because"));
  EXPECT_THAT(history.back().entry, HasSubstr("ann"));
}

TEST_F(BulkDriverTest, PausedItStandsAndCancelledItEnds) {
  open_tickets(200);
  const auto runs = driver();
  runs->start();
  const auto id = make(order_of(BulkOperation::cancel), 20);
  wait(id, [](const BatchRow& row) { return row.applied > 0; });
  batches().change(id, BatchState::paused, now()).value();
  // A round that was under way may still be recorded; another batch shows that rounds went by.
  BulkOrder other = order_of(BulkOperation::suspend);
  other.query.key = "nobody";
  wait(make(other), is_done);
  const BatchRow paused = *batches().batch(id).value();
  wait(make(other), is_done);
  EXPECT_EQ(batches().batch(id).value()->applied, paused.applied);
  EXPECT_LT(paused.applied, 200u);
  batches().change(id, BatchState::cancelled, now()).value();
  wait(make(other), is_done);
  const BatchRow row = *batches().batch(id).value();
  EXPECT_EQ(row.state, BatchState::cancelled);
  EXPECT_EQ(row.applied, paused.applied);
}

}  // namespace
}  // namespace vozex::runtime
