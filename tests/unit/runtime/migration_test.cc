// SPDX-License-Identifier: Apache-2.0
// Live instances change their version as a batch, there and back, and who can't is told why.
#include "engine/runtime/batch/migration.h"

#include <chrono>
#include <future>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/runtime/bulk_rig.h"

namespace vozex::runtime {
namespace {

using ports::BatchItemState;
using ports::BatchRow;
using testing::HasSubstr;
using types::Value;

std::string ticket(int version, const std::string& state, const std::string& migrate) {
  return R"(
vozex: 1
workflow: ticket
version: )" +
         std::to_string(version) + R"(
key: input.number
input: {number: string}
data: {count: {type: int, default: 0}}
events:
  ticket.closed: {data: {number: string}, match: event.data.number}
  ticket.counted: {data: {number: string}, match: event.data.number}
)" + migrate +
         R"(
initial: )" +
         state + R"(
states:
  )" + state +
         R"(:
    on:
      ticket.closed: closed
      ticket.counted: {set: {count: "${data.count + 1}"}}
    after: {30d: closed}
  closed: {type: final}
)";
}

class MigrationTest : public BulkRig {
 protected:
  MigrationTest() {
    EXPECT_TRUE(engine().deploy(compiled({ticket(1, "open", "")})));
    open_tickets(40);
    EXPECT_TRUE(engine().deploy(
        compiled({ticket(2, "waiting", "migrate: {from: 1, states: {open: waiting}}")})));
    EXPECT_TRUE(engine().deploy(
        compiled({ticket(3, "open", "migrate: {from: 2, states: {waiting: open}}")})));
  }
  BulkOrder to(std::uint32_t version) {
    BulkOrder order;
    order.operation = BulkOperation::migrate;
    order.query.workflow = "ticket";
    order.to_version = version;
    order.actor = {"ann", {"ops"}};
    order.reason = "new rules";
    return order;
  }
  std::map<InstanceId, ports::InstanceRow> rows() {
    std::map<InstanceId, ports::InstanceRow> all;
    const auto rows = store().queries().instances(filter_of(to(1).query, "default", {}), 100);
    EXPECT_TRUE(rows);
    for (const auto& row : *rows) all.emplace(row.id, row);
    return all;
  }
};

TEST_F(MigrationTest, ThereAndBackGivesEqualSnapshots) {
  const auto before = rows();
  const auto runs = driver();
  runs->start();
  const auto plan = runs->plan(to(2), "default");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->would, 40u);
  EXPECT_THAT(plan->sample.at(0).forecast.note, HasSubstr("open to waiting; timers kept 1"));
  const BatchRow there = wait(make(to(2)), is_done);
  EXPECT_EQ(there.applied, 40u);
  for (const auto& [id, row] : rows()) {
    EXPECT_EQ(row.version, 2u);
    EXPECT_EQ(row.state, "waiting");
    EXPECT_EQ(row.timer_at, before.at(id).timer_at) << "kept";
    const auto history = store().queries().history(id, 0, 10).value();
    EXPECT_THAT(history.back().entry, HasSubstr("version 1 in open became version 2 in waiting"));
    EXPECT_THAT(history.back().entry, HasSubstr("new rules"));
  }
  const BatchRow back = wait(make(to(3)), is_done);
  EXPECT_EQ(back.applied, 40u);
  for (const auto& [id, row] : rows()) {
    EXPECT_EQ(row.version, 3u);
    EXPECT_EQ(row.state, before.at(id).state);
    EXPECT_EQ(row.data, before.at(id).data);
    EXPECT_EQ(row.input, before.at(id).input);
    EXPECT_EQ(row.rt, before.at(id).rt);
    EXPECT_EQ(row.timer_at, before.at(id).timer_at);
  }
  // They go on as what they are now.
  const auto closed = wait_for([&](Done<EventAnswer> done) {
    machine::Event event;
    event.id = "e1";
    event.source = "test";
    event.name = "ticket.closed";
    event.data = Value::object({{"number", Value::string("t1")}});
    engine().post(std::move(event), std::move(done));
  });
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->disposition, machine::Disposition::transitioned);
}

TEST_F(MigrationTest, WhoCantIsToldWhy) {
  const auto runs = driver();
  runs->start();
  const auto plan = runs->plan(to(3), "default");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->would, 0u);
  ASSERT_EQ(plan->lines.size(), 1u);
  EXPECT_EQ(plan->lines[0].code, "no_migration");
  const auto id = make(to(3));
  EXPECT_EQ(wait(id, is_done).refused, 40u);
  const auto refused = batches().items(id, BatchItemState::refused, {}, 1).value();
  EXPECT_EQ(refused.at(0).code, "no_migration");
  EXPECT_THAT(refused.at(0).note, HasSubstr("migrate: {from: 1}"));
  const auto nowhere = make(to(9));
  EXPECT_EQ(wait(nowhere, is_done).refused, 40u);
  EXPECT_EQ(batches().items(nowhere, BatchItemState::refused, {}, 1).value().at(0).code,
            "version_not_found");
  for (const auto& [id_of, row] : rows()) EXPECT_EQ(row.version, 1u);
}

}  // namespace
}  // namespace vozex::runtime
