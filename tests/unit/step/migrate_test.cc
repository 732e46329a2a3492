// SPDX-License-Identifier: Apache-2.0
#include "engine/step/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "engine/machine/codec.h"
#include "engine/types/json.h"
#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/random_machine.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using namespace std::chrono_literals;
using machine::Machine;
using machine::MigratedTimers;
using machine::Migration;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Machine version(MachineBuilder& builder, std::uint32_t number) {
  Machine machine = builder.build();
  machine.version = number;
  return machine;
}

Migration from_first(std::vector<std::pair<std::string, std::string>> states = {}) {
  Migration migration;
  migration.from = 1;
  migration.states = std::move(states);
  return migration;
}

Result<StepOutcome> migrated(const Walk& walk, const Machine& to, const Migration& migration) {
  return migrate(walk.machine, to, migration, walk.snapshot, walk.now, types::Value::map({}));
}

// "where: why", one line each.
std::vector<std::string> obstacles(const Walk& walk,
                                   const Machine& to,
                                   const Migration& migration) {
  const auto plan =
      plan_migration(walk.machine, to, migration, walk.snapshot, walk.now, types::Value::map({}));
  std::vector<std::string> lines;
  if (!plan) return {plan.error().code};
  for (const ErrorDetail& one : plan->obstacles) lines.push_back(one.name + ": " + one.text);
  const auto done = migrated(walk, to, migration);
  EXPECT_EQ(done.has_value(), lines.empty());
  if (!done) {
    EXPECT_EQ(done.error().code, "migration_refused");
  }
  return lines;
}

std::string active(const Machine& machine, const machine::Snapshot& snapshot) {
  return state_text(machine, snapshot);
}

TEST(Migrate, StatesAreMappedWithWhatIsInsideThem) {
  MachineBuilder one;
  one.compound("live").state("live.open").state("live.paying").initial("live", {"live.paying"});
  MachineBuilder two;
  two.compound("running").state("running.open").state("running.paying");
  Walk walk(version(one, 1));
  const Machine to = version(two, 2);
  const auto done = migrated(walk, to, from_first({{"live", "running"}}));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(active(to, done->next), "running.paying");
  EXPECT_EQ(done->next.version, 2u);
  EXPECT_EQ(done->next.seq, walk.snapshot.seq + 1);
  EXPECT_TRUE(is_legal(to, done->next));
  EXPECT_EQ(done->explanation.note, "migrated from version 1 to 2");
  EXPECT_THAT(done->effects, IsEmpty());
}

TEST(Migrate, TheLongestEntryCounts) {
  const Migration migration = from_first({{"a", "x"}, {"a.b", "y.z"}});
  EXPECT_EQ(migrated_path(migration, "a"), "x");
  EXPECT_EQ(migrated_path(migration, "a.c"), "x.c");
  EXPECT_EQ(migrated_path(migration, "a.b.d"), "y.z.d");
  EXPECT_EQ(migrated_path(migration, "ab"), "ab");
}

TEST(Migrate, AStateWithoutACounterpartIsRefused) {
  MachineBuilder one;
  one.state("gone");
  MachineBuilder two;
  two.state("other").compound("wide").state("wide.in").final_state("end");
  Walk walk(version(one, 1));
  const Machine to = version(two, 2);
  EXPECT_THAT(obstacles(walk, to, from_first()),
              ElementsAre("gone: version 2 has no state gone: map gone to one"));
  EXPECT_THAT(obstacles(walk, to, from_first({{"gone", "wide"}})),
              ElementsAre("gone: wide has states inside in the new version: map gone to one of "
                          "them"));
  EXPECT_THAT(obstacles(walk, to, from_first({{"gone", "end"}})),
              ElementsAre("gone: a migration ends nothing, and end is an end"));
}

TEST(Migrate, TheConfigurationMustBeLegal) {
  MachineBuilder one;
  one.parallel("p").compound("p.l").state("p.l.a").compound("p.r").state("p.r.b");
  MachineBuilder two;
  two.parallel("p").compound("p.l").state("p.l.a").compound("p.r").state("p.r.b");
  two.compound("p.new").state("p.new.c");
  Walk walk(version(one, 1));
  EXPECT_THAT(obstacles(walk, version(two, 2), from_first()),
              ElementsAre("p: the region p.new of p would have no active state"));
  MachineBuilder flat;
  flat.compound("p").state("p.x").state("p.y");
  EXPECT_THAT(obstacles(walk, version(flat, 2), from_first({{"p.l.a", "p.x"}, {"p.r.b", "p.y"}})),
              ElementsAre("p: p would have two active states, p.x and p.y"));
}

TEST(Migrate, HistoryIsMapped) {
  const auto built = [](const std::string& name) {
    MachineBuilder b;
    b.compound(name).state(name + ".one").state(name + ".two");
    b.state(name + ".back", machine::StateKind::history_shallow)
        .initial(name + ".back", {name + ".one"});
    b.state("away").on(name + ".one", "next", {.to = {name + ".two"}});
    b.on(name, "leave", {.to = {"away"}}).on("away", "return", {.to = {name + ".back"}});
    return b;
  };
  MachineBuilder one = built("a");
  MachineBuilder two = built("b");
  Walk walk(version(one, 1));
  walk.event("next").event("leave");
  const Machine to = version(two, 2);
  const auto done = migrated(walk, to, from_first({{"a", "b"}}));
  ASSERT_TRUE(done) << done.error().message;
  walk.machine = to;
  walk.snapshot = done->next;
  walk.event("return");
  EXPECT_EQ(walk.state(), "b.two");
}

TEST(Migrate, HistoryThatCantBeRememberedIsRefusedOrForgotten) {
  MachineBuilder one;
  one.compound("a").state("a.one").state("a.two");
  one.state("a.back", machine::StateKind::history_shallow).initial("a.back", {"a.one"});
  one.state("away").on("a", "leave", {.to = {"away"}});
  Walk walk(version(one, 1));
  walk.event("leave");
  MachineBuilder without;
  without.state("away");
  const auto plan = plan_migration(walk.machine,
                                   version(without, 2),
                                   from_first(),
                                   walk.snapshot,
                                   walk.now,
                                   types::Value::map({}));
  ASSERT_TRUE(plan);
  EXPECT_THAT(plan->forgotten, ElementsAre("a.back"));
  EXPECT_THAT(plan->obstacles, IsEmpty());
  MachineBuilder fewer;
  fewer.compound("a").state("a.two");
  fewer.state("a.back", machine::StateKind::history_shallow).initial("a.back", {"a.two"});
  fewer.state("away");
  EXPECT_THAT(obstacles(walk, version(fewer, 2), from_first()),
              ElementsAre("a.back: it remembers a.one, and a.back can't remember a.one"));
}

TEST(Migrate, DataAreSetDroppedFilledAndChecked) {
  const types::TypeRef whole = types::simple_type(types::TypeKind::integer);
  const types::TypeRef text = types::simple_type(types::TypeKind::string);
  MachineBuilder one;
  one.data("months", "3").data("old", "1").data("name", "'x'").state("a");
  MachineBuilder two;
  two.data("days", "0", whole).data("name", "''", text).data("fresh", "7", whole).state("a");
  Walk walk(version(one, 1));
  Machine to = version(two, 2);
  to.data = types::object_of({{"days", whole, {}, false, ""},
                              {"name", text, {}, false, ""},
                              {"fresh", whole, {}, false, ""}});
  Migration migration = from_first();
  migration.set = set("days", "data.months * 30").set;
  const auto done = migrated(walk, to, migration);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(types::to_json(done->next.data), R"({"days":90,"fresh":7,"name":"x"})");

  to.data = types::object_of({{"days", text, {}, false, ""}, {"name", whole, {}, false, ""}});
  to.data_fields.clear();
  EXPECT_THAT(
      obstacles(walk, to, migration),
      ElementsAre(HasSubstr("/data/days: expected string"), HasSubstr("/data/name: expected int")));
  migration.set = set("days", "data.nothing + 1").set;
  EXPECT_THAT(obstacles(walk, version(two, 2), migration).at(0), HasSubstr("/data: `set` fails"));
}

TEST(Migrate, TheInputMustFitTheNewType) {
  MachineBuilder one;
  one.state("a");
  MachineBuilder two;
  two.state("a");
  Walk walk(version(one, 1));
  Machine to = version(two, 2);
  to.input =
      types::object_of({{"order", types::simple_type(types::TypeKind::string), {}, false, ""}});
  EXPECT_THAT(obstacles(walk, to, from_first()).at(0), HasSubstr("/input"));
}

Walk with_timers() {
  MachineBuilder one;
  one.data("n", "0").state("a").state("b");
  one.after("a", "duration('10m')", {.actions = {set("n", "1")}});
  one.after("a", "duration('1h')", {.to = {"b"}});
  return Walk(version(one, 1));
}

Machine with_other_timers() {
  MachineBuilder two;
  two.data("n", "0").state("x").state("y");
  two.after("x", "duration('20m')", {.actions = {set("n", "2")}});
  two.after("x", "duration('2h')", {.to = {"y"}});
  two.after("x", "duration('3h')", {.to = {"y"}});
  return version(two, 2);
}

std::vector<std::string> dues(const machine::Snapshot& snapshot, Timestamp since) {
  std::vector<std::string> found;
  for (const machine::ArmedTimer& timer : snapshot.timers)
    found.push_back(std::to_string(timer.index) + " in " + format_duration(timer.due - since));
  return found;
}

TEST(Migrate, TimersKeepTheirDueMoment) {
  Walk walk = with_timers();
  walk.advance(15min);  // the first has fired, and must not fire again
  const Machine to = with_other_timers();
  const auto done = migrated(walk, to, from_first({{"a", "x"}, {"b", "y"}}));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(dues(done->next, walk.now), ElementsAre("1 in 45m", "2 in 3h"));
  walk.machine = to;
  walk.snapshot = done->next;
  walk.advance(45min);
  EXPECT_EQ(walk.state(), "y");
  EXPECT_EQ(walk.text(), R"({"n":1})");
}

TEST(Migrate, TimersRestart) {
  Walk walk = with_timers();
  walk.advance(15min);
  Migration migration = from_first({{"a", "x"}, {"b", "y"}});
  migration.timers = MigratedTimers::restart;
  const auto done = migrated(walk, with_other_timers(), migration);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(dues(done->next, walk.now), ElementsAre("0 in 20m", "1 in 2h", "2 in 3h"));
}

MachineBuilder calling(const std::string& state, const std::string& id, const std::string& call) {
  MachineBuilder b;
  b.data("r", "''").state(state).state("done");
  b.invoke(
      state,
      {.id = id, .call = call, .on_done = {{.to = {"done"}, .actions = {set("r", "result.r")}}}});
  return b;
}

TEST(Migrate, AnOpenCallGoesOn) {
  MachineBuilder one = calling("a", "pay", "pay.charge");
  MachineBuilder two = calling("b", "pay", "pay.charge");
  Walk walk(version(one, 1));
  const CallId call = walk.calls.at(0).id;
  const Machine to = version(two, 2);
  const auto done = migrated(walk, to, from_first({{"a", "b"}}));
  ASSERT_TRUE(done) << done.error().message;
  walk.machine = to;
  walk.snapshot = done->next;
  walk.finish(call, json(R"({"r": "ok"})"));
  EXPECT_EQ(walk.state(), "done");
  EXPECT_EQ(walk.text(), R"({"r":"ok"})");
}

TEST(Migrate, AnOpenCallWithoutItsInvokeIsRefused) {
  MachineBuilder one = calling("a", "pay", "pay.charge");
  Walk walk(version(one, 1));
  MachineBuilder renamed = calling("a", "charge", "pay.charge");
  EXPECT_THAT(obstacles(walk, version(renamed, 2), from_first()),
              ElementsAre("a: pay is under way: the new version has no invoke pay"));
  MachineBuilder other = calling("a", "pay", "pay.refund");
  EXPECT_THAT(obstacles(walk, version(other, 2), from_first()),
              ElementsAre("a: pay is under way: the invoke pay calls something else in the new "
                          "version"));
}

TEST(Migrate, DeferredEventsStayAndAliasesAreBoundAnew) {
  MachineBuilder one;
  one.data("ref", "'r1'").alias("ref", "data.ref").state("a");
  one.on("a", "later", {.defer = true});
  MachineBuilder two;
  two.data("ref", "''").alias("reference", "data.ref").state("a").state("b");
  two.on("a", "later", {.defer = true});
  Walk walk(version(one, 1));
  walk.event("later");
  const auto done = migrated(walk, version(two, 2), from_first());
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(done->next.deferred.size(), 1u);
  ASSERT_EQ(done->effects.size(), 2u);
  EXPECT_EQ(std::get<machine::UnbindKey>(done->effects[0]).alias, "ref");
  EXPECT_EQ(std::get<machine::BindKey>(done->effects[1]).alias, "reference");
  EXPECT_THAT(done->next.keys, ElementsAre("reference=r1"));
}

TEST(Migrate, InvariantsOfTheNewVersionMustHold) {
  MachineBuilder one;
  one.data("n", "5").state("a");
  MachineBuilder two;
  two.data("n", "0").state("a").invariant("small", "data.n < 3");
  Walk walk(version(one, 1));
  EXPECT_THAT(obstacles(walk, version(two, 2), from_first()).at(0),
              HasSubstr("invariant \"small\" doesn't hold"));
}

TEST(Migrate, WhatHasEndedOrIsOfAnotherVersionStays) {
  MachineBuilder one;
  one.state("a").final_state("end").on("a", "stop", {.to = {"end"}});
  Walk walk(version(one, 1));
  const Machine to = version(one, 3);
  Migration migration = from_first();
  migration.from = 2;
  EXPECT_THAT(obstacles(walk, to, migration), ElementsAre("wrong_version"));
  walk.event("stop");
  EXPECT_THAT(obstacles(walk, to, from_first()), ElementsAre("instance_ended"));
}

// The same machine with other names at the top.
Machine renamed(const Machine& machine, const std::string& before, const std::string& after) {
  Machine other = machine;
  for (machine::State& state : other.states) {
    if (!state.path.empty()) state.path = after + state.path.substr(before.size());
    if (state.parent == machine::k_root) state.id = state.path;
  }
  for (machine::InvokeDecl& invoke : other.invokes) {
    if (invoke.id.find('#') != std::string::npos)
      invoke.id = after + invoke.id.substr(before.size());
  }
  return other;
}

Migration renaming(const Machine& from, const Machine& to) {
  Migration migration;
  migration.from = from.version;
  for (std::size_t i = 1; i < from.states.size(); ++i) {
    if (from.states[i].parent == machine::k_root)
      migration.states.emplace_back(from.states[i].path, to.states[i].path);
  }
  return migration;
}

TEST(MigrateProperty, ThereAndBackIsTheSameInstance) {
  std::size_t done = 0;
  std::string refused;
  rc::check("there and back", [&](std::uint32_t seed) {
    std::mt19937 dice(seed);
    Machine first = random_machine(dice);
    first.version = 1;
    Machine second = renamed(first, "", "other_");
    second.version = 2;
    StartRequest request;
    request.input = types::Value::map({});
    if (!start(first, request, Timestamp{}, types::Value::map({}))) return;
    Walk walk(first);
    for (int i = 0; i < 20; ++i) walk.take(random_event(dice, walk));
    if (is_ended(walk.snapshot.life)) return;
    const types::Value config = types::Value::map({});
    const auto there =
        migrate(first, second, renaming(first, second), walk.snapshot, walk.now, config);
    // Children answer to invokes by id: those that the compiler named can't move.
    if (!there) {
      refused = there.error().message;
      return;
    }
    RC_ASSERT(is_legal(second, there->next));
    const auto back =
        migrate(second, first, renaming(second, first), there->next, walk.now, config);
    RC_ASSERT(back.has_value());
    machine::Snapshot same = back->next;
    same.seq = walk.snapshot.seq;
    same.at = walk.snapshot.at;
    RC_ASSERT(same.configuration == walk.snapshot.configuration);
    RC_ASSERT(same.history == walk.snapshot.history);
    RC_ASSERT(same.keys == walk.snapshot.keys);
    RC_ASSERT(encode(first, same).data == encode(first, walk.snapshot).data);
    RC_ASSERT(same.timers.size() == walk.snapshot.timers.size());
    RC_ASSERT(same.invocations.size() == walk.snapshot.invocations.size());
    ++done;
  });
  // How many of the random walks end where they can migrate is chance: some must.
  EXPECT_GT(done, 5u) << refused;
}

}  // namespace
}  // namespace vozex::testing
