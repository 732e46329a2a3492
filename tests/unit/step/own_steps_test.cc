// SPDX-License-Identifier: Apache-2.0
// What an instance does by itself ends when it is too much for an hour: loops of short timers and
// of calls. Pollers, fan-outs and instances that others keep busy go on.
#include <gtest/gtest.h>

#include "engine/machine/codec.h"
#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

using machine::k_free_steps;
using machine::k_max_own_steps;
using machine::Life;
using std::chrono::hours;
using std::chrono::milliseconds;

// One instance that steps in place: a Walk looks at too much for so many steps.
class Runner {
 public:
  explicit Runner(const MachineBuilder& builder) : walk_(builder.build()) {
    snapshot = walk_.snapshot;
    now = walk_.now;
    open_ = walk_.out.effects;
  }

  void take(machine::Cause cause, const std::string& name = "own") {
    machine::Event event;
    event.id = "e";
    event.source = "test";
    event.name = name;
    event.time = now;
    event.data = types::Value::map({});
    event.cause = std::move(cause);
    StepReport report;
    step_in_place(report, walk_.machine, snapshot, event, now, types::Value::map({}));
    open_ = std::move(report.effects);
  }
  // The next timer, at its time.
  bool fire() {
    const auto due = next_timer(walk_.machine, snapshot);
    if (!due) return false;
    now = std::max(now, due->due);
    take(*due);
    return true;
  }
  int fire(int most) {
    int fired = 0;
    while (fired < most && snapshot.life == Life::running && fire()) ++fired;
    return fired;
  }
  void finish(const CallId& call) {
    machine::CallEnded ended;
    ended.call = call;
    ended.ok = true;
    ended.result = types::Value::map({});
    take(ended);
  }
  // The calls that the last step decided.
  std::vector<CallId> calls() const {
    std::vector<CallId> calls;
    for (const machine::Effect& effect : open_) {
      if (const auto* call = std::get_if<machine::StartCall>(&effect)) calls.push_back(call->id);
    }
    return calls;
  }
  std::string rt() const { return encode(walk_.machine, snapshot).rt; }

  machine::Snapshot snapshot;
  Timestamp now;

 private:
  Walk walk_;
  std::vector<machine::Effect> open_;
};

MachineBuilder looping(const std::string& delay) {
  MachineBuilder b;
  b.state("a").state("b");
  b.after("a", delay, {.to = {"b"}}).after("b", delay, {.to = {"a"}});
  b.on("a", "poke", {.actions = {log("poked")}}).on("b", "poke", {.actions = {log("poked")}});
  return b;
}

MachineBuilder asking() {
  MachineBuilder b;
  b.state("ask").state("again");
  b.always("again", {.to = {"ask"}});
  b.invoke("ask", {.id = "it", .on_done = {{.to = {"again"}}}});
  return b;
}

constexpr int k_first = static_cast<int>(k_max_own_steps + k_free_steps);

TEST(OwnSteps, OfShortTimersEndInAnIncident) {
  Runner runner(looping("duration('10ms')"));
  EXPECT_EQ(runner.fire(2 * k_first), k_first) << "the start is a step, and the last is refused";
  EXPECT_EQ(runner.snapshot.life, Life::held);
  ASSERT_EQ(runner.snapshot.incidents.size(), 1u);
  EXPECT_EQ(runner.snapshot.incidents[0].code, "too_many_own_steps");
  ASSERT_EQ(runner.snapshot.queued.size(), 1u) << "the timer waits for whoever mends it";
  // A person lets it go on: it has as many again.
  runner.take(machine::Resumed{{"ann", {}}, "once more"});
  EXPECT_EQ(runner.snapshot.life, Life::running);
  EXPECT_EQ(runner.fire(2 * k_first), static_cast<int>(k_max_own_steps));
  EXPECT_EQ(runner.snapshot.life, Life::held);
}

TEST(OwnSteps, OfDelayedSendsCount) {
  MachineBuilder b;
  b.state("a").on_entry("a", {send("tick", "duration('20ms')")});
  b.on("a", "tick", {.to = {"a"}, .reenter = true});
  Runner runner(b);
  EXPECT_EQ(runner.fire(2 * k_first), k_first);
  EXPECT_EQ(runner.snapshot.incidents.at(0).code, "too_many_own_steps");
}

TEST(OwnSteps, OfCallAfterCallCount) {
  Runner runner(asking());
  int made = 0;
  while (runner.snapshot.life == Life::running && made < 2 * k_first) {
    ASSERT_EQ(runner.calls().size(), 1u);
    runner.now += milliseconds(3);
    runner.finish(runner.calls()[0]);
    ++made;
  }
  EXPECT_EQ(made, k_first);
  EXPECT_EQ(runner.snapshot.incidents.at(0).code, "too_many_own_steps");
}

TEST(OwnSteps, ThatWaitLongEnoughGoOnForEver) {
  Runner runner(looping("duration('100ms')"));
  EXPECT_EQ(runner.fire(5 * k_first), 5 * k_first);
  MachineBuilder poller;
  for (const char* region : {"p.x", "p.y", "p.z"}) {
    if (region[2] == 'x') poller.parallel("p");
    poller.compound(region).state(std::string(region) + ".on");
    poller.every(std::string(region) + ".on", "duration('1s')", {.actions = {log("poll")}});
  }
  Runner polling(poller);
  EXPECT_EQ(polling.fire(3 * k_first), 3 * k_first);
  EXPECT_EQ(polling.snapshot.own_steps, machine::OwnSteps{}) << "`every` has a bound of its own";
}

TEST(OwnSteps, AreOneForAFanOutHoweverManyItHas) {
  MachineBuilder b;
  b.data("n", "0").state("idle").state("many");
  b.after("idle", "duration('1h')", {.to = {"many"}});
  b.invoke(
      "many",
      {.id = "all", .for_each = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", .on_done = {{.to = {"idle"}}}});
  Runner runner(b);
  while (runner.snapshot.seq < 2 * k_free_steps) {
    ASSERT_TRUE(runner.fire());
    for (const CallId& call : runner.calls()) runner.finish(call);
  }
  EXPECT_LE(runner.snapshot.own_steps.count, 2u) << "an hour has one timer and one fan-out";
}

TEST(OwnSteps, ArePaidForByEventsFromElsewhere) {
  Runner runner(looping("duration('10ms')"));
  for (int i = 0; i < 2 * k_first && runner.snapshot.life == Life::running; ++i) {
    runner.fire();
    if (i % 50 == 0) runner.take(machine::External{}, "poke");
  }
  EXPECT_EQ(runner.snapshot.life, Life::running);
  EXPECT_LE(runner.snapshot.own_steps.count, machine::k_own_steps_for_an_event);
}

// Next to no instance has more in its row than before.
TEST(OwnSteps, OfInstancesWithFewStepsAreNotStored) {
  Runner runner(looping("duration('10ms')"));
  runner.fire(static_cast<int>(k_free_steps) - 1);
  EXPECT_EQ(runner.snapshot.seq, k_free_steps);
  EXPECT_EQ(runner.rt().find("own_steps"), std::string::npos);
  runner.fire(2);
  EXPECT_NE(runner.rt().find("\"own_steps\":[2,"), std::string::npos) << runner.rt();
  // Outside of the hour it begins anew.
  runner.now += hours{2};
  runner.fire();
  EXPECT_EQ(runner.snapshot.own_steps.count, 1u);
}

}  // namespace
}  // namespace vozex::testing
