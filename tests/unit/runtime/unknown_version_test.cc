// SPDX-License-Identifier: Apache-2.0
// Instances whose version this process doesn't know: deployed by others, unreadable here, or gone.
#include <gtest/gtest.h>

#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;

const char* const k_counter = R"(
vozex: 1
workflow: counter
version: 1
key: input.name
input: {name: string}
data: {total: {type: int, default: 0}}
events:
  counter.add: {data: {name: string, amount: int}, match: event.data.name}
states:
  open:
    on:
      counter.add: {set: {total: "${data.total + event.data.amount}"}}
    after: {1h: closed}
  closed: {type: final}
)";

// A process that knows no definition yet, beside the instance `a`.
class LateComer : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(rig_.ask(rig_.start("counter", object({{"name", text("a")}}))));
    rig_.cores[0]->forget();
    rig_.definitions = none_;
  }
  Result<EventAnswer> add_three() {
    Item item;
    machine::Event event;
    event.name = "counter.add";
    event.source = "test";
    event.data = object({{"name", text("a")}, {"amount", number(3)}});
    item.order = DeliverOrder{rig_.row("counter", "a").id, std::nullopt, event};
    return rig_.ask(std::move(item));
  }
  void put(const ports::InstanceRow& row) {
    ports::CommitRequest request;
    request.etag = 4711;
    request.session = rig_.session;
    ports::InstanceWrite write;
    write.row = row;
    write.old = row.etag;
    request.groups.emplace_back();
    request.groups[0].instances.push_back(std::move(write));
    ASSERT_TRUE(rig_.connections[0]->commit(request));
  }

  const DefinitionsRef none_ =
      std::make_shared<Definitions>(std::vector<machine::MachineRef>{}, types::Value());
  Rig rig_{{k_counter}};
  const DefinitionsRef stored_ = rig_.definitions;
};

TEST_F(LateComer, ReadsAVersionThatOthersDeployedWhenItIsMet) {
  rig_.read_definitions = [&] { return stored_; };
  const auto answer = add_three();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->disposition, Disposition::transitioned);
}

// The definitions are read, then others deploy a version and bring the instance to it, then its row
// is read: that a version isn't among what was read before proves nothing.
TEST_F(LateComer, ReadsAgainForAVersionThatIsYounger) {
  std::string second = k_counter;
  second.replace(second.find("version: 1"), 10, "version: 2");
  const auto both = std::make_shared<Definitions>(compiled({k_counter, second}), types::Value());
  int reads = 0;
  rig_.read_definitions = [&]() -> DefinitionsRef {
    if (++reads > 1) return both;
    ports::InstanceRow row = rig_.row("counter", "a");
    row.version = 2;
    put(row);
    return stored_;
  };
  const auto answer = add_three();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->disposition, Disposition::transitioned);
  EXPECT_EQ(reads, 2);
}

TEST_F(LateComer, HoldsAnInstanceWhoseVersionIsNowhere) {
  const auto answer = add_three();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "definition_missing");
  const ports::InstanceRow row = rig_.row("counter", "a");
  EXPECT_EQ(row.life, machine::Life::held);
  EXPECT_TRUE(row.incident);
  EXPECT_FALSE(row.timer_at);
  EXPECT_NE(row.rt.find("definition_missing"), std::string::npos) << row.rt;
}

// As during a rolling update: others can read it.
TEST_F(LateComer, LeavesAnInstanceAloneWhoseVersionOnlyOthersCanRead) {
  const auto broken = std::make_shared<Definitions>(std::vector<machine::MachineRef>{},
                                                    types::Value(),
                                                    Definitions::Deployments{},
                                                    Definitions::Versions{{"counter", 1}});
  rig_.read_definitions = [&] { return broken; };
  const auto answer = add_three();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "unknown_version");
  const ports::InstanceRow row = rig_.row("counter", "a");
  EXPECT_EQ(row.life, machine::Life::running);
  EXPECT_FALSE(row.incident);
  EXPECT_TRUE(row.timer_at);
}

}  // namespace
}  // namespace vozex::runtime
