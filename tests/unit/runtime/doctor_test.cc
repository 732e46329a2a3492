// SPDX-License-Identifier: Apache-2.0
// What only the doctor's own rules can tell: open calls and children, lives, waiting. Instances of
// the simulated store are damaged in a copy of its tables; what SQL tells is planted in
// tests/api/doctor_test.cc.
#include "engine/runtime/ops/doctor.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/types/json.h"
#include "tests/unit/runtime/clinic.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using simulated::Tables;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* k_dead_end = R"(
vozex: 1
workflow: alley
version: 1
key: input.name
input: {name: string}
initial: open
states:
  open: {after: {1d: closed}}
  closed: {}
)";

class Doctor : public testing::Test {
 protected:
  Doctor() {
    const auto start = [&](const char* workflow, const char* member, const char* key) {
      EXPECT_TRUE(rig_.ask(rig_.start(workflow, object({{member, text(key)}}))));
    };
    start("shop", "order", "o1");
    start("shop", "order", "o2");
    start("alley", "name", "a");
    // o2 goes on to its parcel; o1 waits for its charge.
    rig_.offer(rig_.end_of(rig_.calls.at(1), object({{"reference", text("r2")}})));
    EXPECT_TRUE(rig_.run());
    EXPECT_TRUE(rig_.ask(
        rig_.event("shop.paid", "e", object({{"order", text("o2")}, {"amount", number(5)}}))));
    tables_ = rig_.store.inspect([](const Tables& tables) { return tables; });
    EXPECT_EQ(row("shop", "o2").state, "packing");
  }

  ports::InstanceRow& row(const std::string& workflow, const std::string& key) {
    for (auto& [place, row] : tables_.live) {
      if (row.workflow == workflow && row.key == key) return row;
    }
    ADD_FAILURE() << workflow << " " << key;
    return tables_.live.begin()->second;
  }
  std::vector<ports::DefinitionRow> definitions() const {
    std::vector<ports::DefinitionRow> rows;
    for (const machine::MachineRef& machine : rig_.definitions->all()) {
      rows.push_back(
          {machine->workflow,
           machine->version,
           machine->content_hash,
           bundle_of(*machine,
                     [this](const std::string& name) { return rig_.definitions->newest(name); }),
           {}});
    }
    return rows;
  }
  std::vector<std::string> codes() {
    TableInspection inspection(tables_, definitions());
    const auto diagnosis = diagnose(inspection, rig_.now, {});
    EXPECT_TRUE(diagnosis);
    std::vector<std::string> codes;
    for (const Finding& finding : diagnosis->findings) {
      codes.push_back(finding.code + " " + finding.workflow);
      EXPECT_FALSE(finding.what.empty());
      EXPECT_FALSE(finding.advice.empty()) << finding.code;
    }
    return codes;
  }
  void end(ports::InstanceRow gone) {
    const ports::InstanceKey key{gone.shard, gone.id};
    tables_.live.erase(key);
    gone.life = machine::Life::completed;
    tables_.finished.emplace(key, gone);
  }

  Rig rig_{{k_bank, k_shop, k_parcel, k_dead_end}};
  Tables tables_;
};

TEST_F(Doctor, HasNothingToSayOfHealthyOnes) { EXPECT_THAT(codes(), IsEmpty()); }

TEST_F(Doctor, FindsACallWithoutARow) {
  tables_.calls.clear();
  EXPECT_THAT(codes(), ElementsAre("call_missing shop"));
}

TEST_F(Doctor, FindsACallThatWasGivenUpInSilence) {
  for (auto& [id, call] : tables_.calls) call.state = ports::CallState::dead;
  EXPECT_THAT(codes(), ElementsAre("dead_without_incident shop"));
}

TEST_F(Doctor, FindsAChildThatIsGoneUnlessItIsStillOnItsWay) {
  const ports::InstanceRow child = row("parcel", "parcel-o2");
  tables_.live.erase({child.shard, child.id});
  EXPECT_THAT(codes(), ElementsAre("child_missing shop"));
  ports::OutboxRow message;
  message.shard = child.shard;
  message.from = row("shop", "o2").id;
  tables_.outbox.emplace(simulated::key_of(message), message);
  EXPECT_THAT(codes(), IsEmpty());
}

TEST_F(Doctor, FindsAChildWhoseEndNobodyHeard) {
  end(row("parcel", "parcel-o2"));
  EXPECT_THAT(codes(), ElementsAre("child_unheard shop"));
}

TEST_F(Doctor, FindsAChildWithoutItsParent) {
  const ports::InstanceRow parent = row("shop", "o2");
  tables_.live.erase({parent.shard, parent.id});
  EXPECT_THAT(codes(), ElementsAre("parent_missing parcel"));
}

TEST_F(Doctor, FindsWhatIsHeldWithoutAReason) {
  ports::InstanceRow& held = row("alley", "a");
  held.life = machine::Life::held;
  held.timer_at.reset();
  EXPECT_THAT(codes(), ElementsAre("held_without_incident alley"));
}

TEST_F(Doctor, FindsWhatCanNeverGoOn) {
  ports::InstanceRow& stuck = row("alley", "a");
  stuck.state = "closed";
  stuck.rt = R"({"format":1,"states":["closed"]})";
  stuck.timer_at.reset();
  EXPECT_THAT(codes(), ElementsAre("nothing_to_wait_for alley"));
  // Without its timer a state that only has one is as stuck.
  stuck.state = "open";
  stuck.rt = R"({"format":1,"states":["open"]})";
  EXPECT_THAT(codes(), ElementsAre("nothing_to_wait_for alley"));
}

TEST_F(Doctor, FindsDataThatDoesNotFitItsType) {
  row("shop", "o1").data = R"({"paid":"much"})";
  EXPECT_THAT(codes(), ElementsAre("data_invalid shop"));
}

TEST_F(Doctor, FindsADefinitionThatNoLongerCompiles) {
  std::vector<ports::DefinitionRow> rows = definitions();
  for (ports::DefinitionRow& row : rows) row.bundle = "{}";
  TableInspection inspection(tables_, rows);
  const auto diagnosis = diagnose(inspection, rig_.now, {});
  ASSERT_TRUE(diagnosis);
  std::set<std::string> codes;
  for (const Finding& finding : diagnosis->findings) codes.insert(finding.code);
  EXPECT_THAT(codes, ElementsAre("definition_unreadable"));
}

// What servers mend by themselves is told when it is still there after a while.
TEST_F(Doctor, LooksTwiceAtWhatPasses) {
  TableInspection inspection(tables_, definitions());
  const ports::Damage passing{"outbox_stuck", {}, "message 1", true};
  const ports::Damage staying{"outbox_stuck", {}, "message 2", true};
  inspection.first = {passing, staying, {"call_orphan", {}, "call 1", false}};
  inspection.again = {staying};
  int settled = 0;
  const auto diagnosis = diagnose(inspection, rig_.now, [&] { ++settled; });
  ASSERT_TRUE(diagnosis);
  EXPECT_EQ(settled, 1);
  EXPECT_EQ(inspection.begun, 2) << "at a new moment";
  std::vector<std::string> said;
  for (const Finding& finding : diagnosis->findings) said.push_back(finding.what);
  EXPECT_THAT(said, ElementsAre("message 2", "call 1"));
}

}  // namespace
}  // namespace vozex::runtime
