// SPDX-License-Identifier: Apache-2.0
// More open messages of one sender than one load shows: a process that died left them all. Whoever
// delivers one of them delivers those before it first.
#include <gtest/gtest.h>

#include "engine/runtime/items/messages.h"
#include "engine/types/json.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

constexpr const char* k_log = R"(
vozex: 1
workflow: log
version: 1
key: input.name
input: {name: string}
data: {lines: {type: list<int>, default: []}}
events: {log.line: {data: {name: string, number: int}, match: event.data.name}}
initial: open
states:
  open:
    on: {log.line: {set: {lines: "${data.lines + [event.data.number]}"}}}
    actions: {leave: {title: Leave, target: closed}}
  closed: {type: final}
)";

class Order : public testing::Test {
 protected:
  Order() {
    for (const char* name : {"first", "other"})
      EXPECT_TRUE(rig_.ask(rig_.start("log", object({{"name", text(name)}}))));
  }

  ports::OutboxRow line(const std::string& name, std::uint32_t number) {
    machine::Event event;
    event.id = std::to_string(number) + "/0";
    event.source = "instance:" + sender_.text();
    event.name = "log.line";
    event.tenant = "default";
    event.time = rig_.now;
    event.data = object({{"name", text(name)}, {"number", number_of(number)}});
    ports::OutboxRow row;
    row.shard = shard_of(sender_);
    row.from = sender_;
    row.seq = number;
    row.owner = SessionId{Bytes16{9}};
    row.event = outbox_text(FindOrder{std::move(event)});
    return row;
  }
  static types::Value number_of(std::uint32_t value) { return types::Value::integer(value); }

  void post(const ports::OutboxRow& row) {
    ports::CommitRequest request;
    request.etag = ++etag_;
    request.now = rig_.now;
    request.groups.emplace_back().outbox.push_back(row);
    ASSERT_TRUE(rig_.connections[0]->commit(request));
  }

  std::vector<std::int64_t> lines_of(const std::string& name) {
    std::vector<std::int64_t> lines;
    const auto data = types::parse_json(rig_.row("log", name).data);
    for (const types::Value& line : data->find("lines")->as_list())
      lines.push_back(line.as_integer());
    return lines;
  }
  std::size_t left() {
    return rig_.store.inspect([](const simulated::Tables& tables) { return tables.outbox.size(); });
  }

  Rig rig_{{k_log}};
  const InstanceId sender_{Bytes16{7}};
  Etag etag_ = 1'000'000;
};

TEST_F(Order, HoldsHoweverManyTheSenderHasOpen) {
  constexpr std::uint32_t k_lines = 3 * ports::k_max_earlier + 10;
  std::vector<std::int64_t> wanted;
  for (std::uint32_t i = 1; i <= k_lines; ++i) {
    post(line("first", i));
    wanted.push_back(i);
  }
  rig_.offer(*item_of(line("first", k_lines)));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(lines_of("first"), wanted);
  EXPECT_EQ(left(), 0u) << "nothing is lost, nothing is left";
}

// The one that must go first is not among those that one load shows.
TEST_F(Order, IsNotHiddenByMessagesForOthers) {
  constexpr std::uint32_t k_others = ports::k_max_earlier + 20;
  for (std::uint32_t i = 1; i <= k_others; ++i) post(line("other", i));
  post(line("first", k_others + 1));
  post(line("first", k_others + 2));
  rig_.offer(*item_of(line("first", k_others + 2)));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(lines_of("first"), (std::vector<std::int64_t>{k_others + 1, k_others + 2}));
}

// What can't be delivered doesn't hold the rest up for ever.
TEST_F(Order, OfMessagesThatCannotBeReadIsNotWaitedFor) {
  for (std::uint32_t i = 1; i <= 2 * ports::k_max_earlier; ++i) {
    ports::OutboxRow row = line("first", i);
    row.event = "rotten";
    post(row);
  }
  constexpr std::uint32_t k_last = 2 * ports::k_max_earlier + 1;
  post(line("first", k_last));
  rig_.offer(*item_of(line("first", k_last)));
  ASSERT_TRUE(rig_.run());
  EXPECT_EQ(lines_of("first"), std::vector<std::int64_t>{k_last});
}

}  // namespace
}  // namespace vozex::runtime
