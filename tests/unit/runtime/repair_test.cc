// SPDX-License-Identifier: Apache-2.0
// Repairs on the simulated store: what is mended, what is left alone because it has changed
// meanwhile, what the audit log says, and that the instance goes on. The real databases:
// tests/api/doctor_repair_test.cc.
#include "engine/runtime/ops/repair.h"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/sha256.h"
#include "engine/runtime/ops/advice.h"
#include "tests/unit/runtime/clinic.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using simulated::Tables;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* k_house = R"(
vozex: 1
workflow: house
version: 1
key: input.name
input: {name: string}
initial: building
states:
  building:
    invoke: {workflow: room, input: {name: "${input.name}"}, on_done: built}
  built: {after: {1d: gone}}
  gone: {type: final}
)";
constexpr const char* k_room = R"(
vozex: 1
workflow: room
version: 1
key: "'room-' + input.name"
input: {name: string}
output: {name: string}
initial: painting
states:
  painting: {after: {1h: done}}
  done: {type: final, output: {name: "${input.name}"}}
)";

class StillClock final : public ports::Clock {
 public:
  Timestamp now() const override { return Timestamp{std::chrono::hours{24 * 20'000}}; }
  Duration boot() const override { return {}; }
};

class Repair : public testing::Test {
 protected:
  Repair() {
    EXPECT_TRUE(rig_.ask(rig_.start("shop", object({{"order", text("o1")}}))));
    EXPECT_TRUE(rig_.ask(rig_.start("house", object({{"name", text("h")}}))));
    request_.actor = "ann";
    request_.reason = "after the restore";
    request_.kept_in = "the file";
    request_.keep = [this](const std::string& line) -> Result<void> {
      if (full_) return fail(ErrorClass::unavailable, "keep_failed", "the disk is full");
      kept_ += line + "\n";
      return {};
    };
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
  // `seen`: what SQL would tell.
  std::vector<Finding> findings(std::vector<ports::Damage> seen = {}) {
    const Tables tables = rig_.store.inspect([](const Tables& all) { return all; });
    TableInspection inspection(tables, definitions());
    inspection.first = inspection.again = std::move(seen);
    auto diagnosis = diagnose(inspection, rig_.now, {});
    EXPECT_TRUE(diagnosis);
    return std::move(diagnosis->findings);
  }
  std::vector<std::string> mend(const std::vector<Finding>& findings) {
    const auto done = repair(repairs_, findings, request_, clock_, rig_);
    EXPECT_TRUE(done) << done.error().message;
    std::vector<std::string> said;
    for (const Repaired& one : *done)
      said.push_back(one.finding.code + " " + to_string(one.outcome));
    return said;
  }
  template <class Change>
  void alter(const std::string& workflow, Change&& change) {
    rig_.store.alter([&](Tables& tables) {
      for (auto& [key, row] : tables.live) {
        if (row.workflow == workflow) change(tables, row);
      }
    });
  }
  std::vector<ports::AuditEntry> audit() { return *repairs_.audit().entries({}, 100); }
  void fire_timer(const std::string& workflow, const std::string& key) {
    const ports::InstanceRow row = rig_.row(workflow, key);
    ASSERT_TRUE(row.timer_at);
    rig_.now = std::max(rig_.now, *row.timer_at);
    Item item;
    item.order = TimerOrder{{row.shard, row.id}, *row.timer_at};
    rig_.offer(std::move(item));
    EXPECT_TRUE(rig_.run());
  }

  Rig rig_{{k_bank, k_shop, k_parcel, k_house, k_room}};
  SimulatedRepairs repairs_{rig_.store};
  StillClock clock_;
  RepairRequest request_;
  std::string kept_;
  bool full_ = false;
};

TEST_F(Repair, WritesColumnsFromTheSnapshotOnceForAllOfThem) {
  alter("room", [](Tables&, ports::InstanceRow& row) {
    row.state = "done";
    row.timer_at.reset();
    row.incident = true;
  });
  EXPECT_THAT(mend(findings()),
              ElementsAre("state_differs done", "timer_differs done", "incident_differs done"));
  EXPECT_THAT(findings(), IsEmpty());
  ASSERT_EQ(audit().size(), 1u) << "one repair";
  EXPECT_EQ(audit()[0].actor, "ann");
  EXPECT_EQ(audit()[0].reason, "after the restore");
  EXPECT_EQ(audit()[0].action, "doctor.state_differs");
  EXPECT_THAT(audit()[0].detail, HasSubstr(R"("state":"done")")) << "what was before";
  ASSERT_TRUE(audit()[0].outcome);
  EXPECT_EQ(audit()[0].outcome->status, 200);
  fire_timer("room", "room-h");
  EXPECT_EQ(rig_.row("house", "h").state, "built");
}

TEST_F(Repair, BindsWhatTheSnapshotHolds) {
  alter("shop", [](Tables& tables, ports::InstanceRow& row) {
    tables.bindings.erase({row.tenant, "shop", row.key});
    row.timer_at = Timestamp{};
  });
  EXPECT_THAT(mend(findings()), ElementsAre("timer_differs done", "binding_missing done"))
      << "the second one after the first, though that wrote the row";
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_TRUE(rig_.ask(
      rig_.event("shop.paid", "e", object({{"order", text("o1")}, {"amount", number(5)}}))));
  EXPECT_GT(rig_.row("shop", "o1").seq, 1u) << "it is found again";
}

TEST_F(Repair, TakesNoKeyFromSomebodyElse) {
  alter("shop", [](Tables& tables, ports::InstanceRow& row) {
    auto& holders = tables.bindings[{row.tenant, "shop", row.key}].holders;
    holders = {{{row.shard, InstanceId{Bytes16{9}}}, false}};
  });
  EXPECT_THAT(mend(findings()), ElementsAre("binding_missing refused"));
  EXPECT_EQ(audit()[0].outcome->status, 409);
}

TEST_F(Repair, LeavesAloneWhatHasChangedSince) {
  alter("shop", [](Tables&, ports::InstanceRow& row) { row.incident = true; });
  const std::vector<Finding> found = findings();
  // A server goes on meanwhile.
  rig_.offer(rig_.end_of(rig_.calls.at(0), object({{"reference", text("r")}})));
  EXPECT_TRUE(rig_.run());
  const ports::InstanceRow before = rig_.row("shop", "o1");
  EXPECT_THAT(mend(found), ElementsAre("incident_differs passed"));
  EXPECT_EQ(rig_.row("shop", "o1").etag, before.etag);
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(Repair, SendsALostAnswerAgain) {
  ports::InstanceRow child = rig_.row("room", "room-h");
  rig_.store.alter([&](Tables& tables) {
    tables.live.erase({child.shard, child.id});
    child.life = machine::Life::completed;
    child.state = "done";
    child.output = R"({"name":"h"})";
    child.timer_at.reset();
    tables.finished.emplace(ports::InstanceKey{child.shard, child.id}, child);
    tables.bindings[{child.tenant, "room", child.key}].holders = {{{child.shard, child.id}, true}};
  });
  EXPECT_THAT(mend(findings()), ElementsAre("child_unheard done"));
  const auto messages = rig_.store.inspect([](const Tables& tables) { return tables.outbox; });
  ASSERT_EQ(messages.size(), 1u);
  auto item = item_of(messages.begin()->second);
  ASSERT_TRUE(item);
  rig_.offer(*std::move(item));
  EXPECT_TRUE(rig_.run());
  EXPECT_EQ(rig_.row("house", "h").state, "built");
  EXPECT_THAT(findings(), IsEmpty());
}

TEST_F(Repair, LeavesToAPersonWhatMayHaveBeenAnsweredBefore) {
  rig_.offer(rig_.end_of(rig_.calls.at(0), object({{"reference", text("r")}})));
  EXPECT_TRUE(rig_.run());
  EXPECT_TRUE(rig_.ask(
      rig_.event("shop.paid", "e", object({{"order", text("o1")}, {"amount", number(5)}}))));
  ports::InstanceRow parcel = rig_.row("parcel", "parcel-o1");
  rig_.store.alter([&](Tables& tables) {
    tables.live.erase({parcel.shard, parcel.id});
    parcel.life = machine::Life::completed;
    tables.finished.emplace(ports::InstanceKey{parcel.shard, parcel.id}, parcel);
  });
  const std::vector<Finding> found = findings();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "child_unheard");
  EXPECT_EQ(found[0].treatment, nullptr);
  EXPECT_THAT(found[0].command, HasSubstr("vozex instance move " + found[0].instance.text()));
  EXPECT_THAT(mend(found), IsEmpty());
}

TEST_F(Repair, TakesAwayACallThatNobodyWaitsFor) {
  const ports::InstanceRow shop = rig_.row("shop", "o1");
  ports::CallRow call;
  call.id = {shop.id, 77, 0};
  call.shard = shop.shard;
  call.tenant = "default";
  call.adapter = "bank";
  call.state = ports::CallState::dead;
  call.request = "{\"amount\":5}";
  rig_.store.alter([&](Tables& tables) { tables.calls.emplace(call.id, call); });
  EXPECT_THAT(mend(findings()), ElementsAre("dead_without_incident done"));
  EXPECT_THAT(findings(), IsEmpty());
  EXPECT_THAT(audit()[0].detail, Not(HasSubstr("amount"))) << "the log never forgets";
  EXPECT_THAT(audit()[0].detail, HasSubstr(call.id.text()));
  EXPECT_THAT(audit()[0].detail, HasSubstr(R"("in":"the file")"));
  EXPECT_THAT(kept_, HasSubstr(R"({\"amount\":5})"));
  EXPECT_THAT(kept_, HasSubstr(audit()[0].id.text()));
  EXPECT_THAT(audit()[0].detail, HasSubstr(sha256_hex(kept_.substr(0, kept_.size() - 1))));
}

TEST_F(Repair, TakesNothingAwayThatCanNotBeKept) {
  const ports::InstanceRow shop = rig_.row("shop", "o1");
  ports::CallRow call;
  call.id = {shop.id, 77, 0};
  call.shard = shop.shard;
  call.state = ports::CallState::dead;
  rig_.store.alter([&](Tables& tables) { tables.calls.emplace(call.id, call); });
  full_ = true;
  EXPECT_THAT(mend(findings()), ElementsAre("dead_without_incident refused"));
  EXPECT_THAT(audit(), IsEmpty());
  request_.keep = {};
  EXPECT_THAT(mend(findings()), ElementsAre("dead_without_incident refused"));
  EXPECT_EQ(findings().size(), 1u) << "it is still there";
}

// The one that its instance waits for is sent again by a person.
TEST_F(Repair, KeepsADeadCallThatSomebodyWaitsFor) {
  rig_.store.alter([&](Tables& tables) {
    for (auto& [id, call] : tables.calls) {
      call.state = ports::CallState::dead;
      call.owner = {};
    }
  });
  const std::vector<Finding> found = findings();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].command, HasSubstr("vozex call retry " + found[0].instance.text() + "/"));
  EXPECT_THAT(mend(found), IsEmpty());
}

ports::InstanceRecord twins(std::uint32_t live, std::uint32_t finished, const char* last) {
  ports::InstanceRecord record;
  record.live.emplace();
  record.live->seq = live;
  record.finished.emplace();
  record.finished->seq = finished;
  record.finished->life = machine::Life::completed;
  record.last.emplace();
  record.last->seq = std::max(live, finished);
  record.last->entry = last;
  return record;
}

TEST(KeepLater, FollowsTheHistory) {
  const auto goes = [](const ports::InstanceRecord& record) -> std::string {
    const TreatmentRef treatment = keep_later(record);
    if (treatment == nullptr) return "a person decides";
    return std::get<DropRow>(treatment->act).from == ports::Table::instances ? "live" : "finished";
  };
  EXPECT_EQ(goes(twins(3, 4, R"({"life":"completed"})")), "live");
  EXPECT_EQ(goes(twins(3, 3, R"({"to":"open"})")), "finished") << "it never ended";
  EXPECT_EQ(goes(twins(4, 3, R"({"to":"open"})")), "finished");
  EXPECT_EQ(goes(twins(4, 4, R"({"life":"cancelled"})")), "live");
  EXPECT_EQ(goes(twins(3, 5, R"({"disposition":"stale"})")), "live") << "a late result";
  EXPECT_EQ(goes(twins(4, 3, R"({"life":"completed"})")), "a person decides");
  EXPECT_EQ(goes(twins(3, 3, "nonsense")), "a person decides");
}

ports::Damage unreachable(const std::string& event) {
  ports::Damage damage{"parked_unreachable", {}, "parked event", false};
  damage.mark = MarkId{Bytes16{7}};
  damage.event = event;
  return damage;
}

// An early event whose keys were lost finds its instance when that starts.
TEST_F(Repair, SendsAKeptEventOnItsWayAgain) {
  EXPECT_TRUE(rig_.ask(
      rig_.event("shop.paid", "e", object({{"order", text("o9")}, {"amount", number(5)}}))));
  std::string event;
  MarkId mark;
  rig_.store.alter([&](Tables& tables) {
    ASSERT_EQ(tables.parked.size(), 1u);
    mark = tables.parked.begin()->first;
    event = tables.parked.begin()->second.row.event;
    tables.parked.begin()->second.keys.clear();
    tables.bindings.erase({"default", "shop", "o9"});
  });
  ports::Damage damage = unreachable(event);
  damage.mark = mark;
  EXPECT_THAT(mend(findings({damage})), ElementsAre("parked_unreachable done"));
  const auto messages = rig_.store.inspect([](const Tables& tables) { return tables.outbox; });
  ASSERT_EQ(messages.size(), 1u);
  rig_.offer(*item_of(messages.begin()->second));
  EXPECT_TRUE(rig_.run());
  EXPECT_TRUE(rig_.ask(rig_.start("shop", object({{"order", text("o9")}}))));
  rig_.offer(rig_.end_of(rig_.calls.back(), object({{"reference", text("r9")}})));
  EXPECT_TRUE(rig_.run());
  EXPECT_EQ(rig_.row("shop", "o9").state, "packing") << "it was paid before it began";
}

TEST_F(Repair, AnUndeclaredEventWaitsForItsDeclaration) {
  const auto treatment =
      send_on(unreachable(R"({"id":"e","source":"s","name":"never.heard","tenant":"default"})"),
              *rig_.definitions,
              rig_.now);
  const auto& group = std::get<ports::Group>(treatment->act);
  EXPECT_TRUE(group.outbox.empty());
  ASSERT_EQ(group.parks.size(), 1u);
  EXPECT_NE(group.parks[0].mark, MarkId{Bytes16{7}});
  EXPECT_THAT(group.unparks, ElementsAre(MarkId{Bytes16{7}}));
}

TEST_F(Repair, WhatIsOnlyAskedForChangesNothing) {
  alter("shop", [](Tables&, ports::InstanceRow& row) { row.incident = true; });
  request_.dry_run = true;
  EXPECT_THAT(mend(findings()), ElementsAre("incident_differs would_do"));
  EXPECT_THAT(audit(), IsEmpty());
  EXPECT_EQ(findings().size(), 1u);
}

TEST_F(Repair, OnlyWhatIsNamedIsMended) {
  alter("shop", [](Tables&, ports::InstanceRow& row) { row.incident = true; });
  request_.codes = {"timer_differs"};
  EXPECT_THAT(mend(findings()), IsEmpty());
  request_.codes = {"timer_differs", "incident_differs"};
  request_.instances = {InstanceId{Bytes16{5}}};
  EXPECT_THAT(mend(findings()), IsEmpty());
  request_.instances = {rig_.row("shop", "o1").id};
  EXPECT_THAT(mend(findings()), ElementsAre("incident_differs done"));
}

// Each code has its line in the manual, and advice for people.
TEST(Advice, IsGivenForEachCodeOfTheManual) {
  std::ifstream file(std::string(VOZEX_SOURCE_DIR) + "/docs/doctor.md");
  const std::string manual(std::istreambuf_iterator<char>(file), {});
  ASSERT_FALSE(manual.empty());
  for (const std::string_view code : finding_codes()) {
    EXPECT_THAT(manual, HasSubstr("`" + std::string(code) + "`"));
    Finding finding;
    finding.code = code;
    advise(finding);
    EXPECT_FALSE(finding.advice.empty()) << code;
  }
}

TEST_F(Repair, NothingIsDoneThatCanNotBeWrittenDown) {
  alter("shop", [](Tables&, ports::InstanceRow& row) { row.incident = true; });
  repairs_.book.writable = false;
  EXPECT_FALSE(repair(repairs_, findings(), request_, clock_, rig_));
  EXPECT_EQ(findings().size(), 1u);
}

}  // namespace
}  // namespace vozex::runtime
