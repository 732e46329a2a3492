// SPDX-License-Identifier: Apache-2.0
// Random machines and events: never a crash, equal arguments give equal outcomes to the byte, the
// configuration is always legal, every snapshot survives storing, and stored text that was damaged
// is refused and not believed. Walk checks most of it in every step.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "engine/machine/codec.h"
#include "tests/unit/step/machine_builder.h"
#include "tests/unit/step/random_machine.h"
#include "tests/unit/step/walk.h"

namespace vozex::testing {
namespace {

constexpr int k_events = 60;

// A start may be refused (an expression fails): then there is nothing to walk.
bool starts(const machine::Machine& machine) {
  StartRequest request;
  request.input = types::Value::map({});
  return start(machine, request, Timestamp{}, types::Value::map({})).has_value();
}

bool went_well() { return !::testing::Test::HasFailure(); }

TEST(Properties, RandomLivesAreLegalRepeatableAndStorable) {
  std::size_t lives = 0;
  std::size_t ended = 0;
  rc::check("random lives", [&](std::uint32_t seed) {
    std::mt19937 dice(seed);
    machine::Machine machine = random_machine(dice);
    if (!starts(machine)) return;
    Walk walk(std::move(machine));
    ++lives;
    for (int i = 0; i < k_events && went_well(); ++i) {
      walk.now += std::chrono::seconds{dice() % 4};
      walk.take(random_event(dice, walk));
    }
    ended += is_ended(walk.snapshot.life) ? 1u : 0u;
    RC_ASSERT(went_well());
  });
  std::cout << lives << " lives, " << ended << " ended\n";
}

TEST(Properties, NothingStaysBehindInAnEndedInstance) {
  rc::check("ended instances wait for nothing", [](std::uint32_t seed) {
    std::mt19937 dice(seed);
    machine::Machine machine = random_machine(dice);
    if (!starts(machine)) return;
    Walk walk(std::move(machine));
    for (int i = 0; i < k_events && !is_ended(walk.snapshot.life); ++i)
      walk.take(random_event(dice, walk));
    if (!is_ended(walk.snapshot.life)) return;
    RC_ASSERT(walk.snapshot.timers.empty());
    RC_ASSERT(walk.snapshot.sends.empty());
    for (const machine::Invocation& open : walk.snapshot.invocations)
      RC_ASSERT(open.state == machine::k_no_state);
    RC_ASSERT(next_due(walk.snapshot) == std::nullopt);
    RC_ASSERT(walk.snapshot.replied);
  });
}

TEST(Properties, DamagedTextIsAnErrorOrAnotherSnapshotAndNeverACrash) {
  rc::check("damaged snapshots", [](std::uint32_t seed) {
    std::mt19937 dice(seed);
    machine::Machine machine = random_machine(dice);
    if (!starts(machine)) return;
    Walk walk(std::move(machine));
    for (int i = 0; i < 20; ++i) walk.take(random_event(dice, walk));
    for (int i = 0; i < 50; ++i) {
      machine::StoredSnapshot stored = encode(walk.machine, walk.snapshot);
      const std::size_t at = dice() % stored.rt.size();
      switch (dice() % 4) {
        case 0: stored.rt[at] = static_cast<char>(dice() % 256); break;
        case 1: stored.rt.erase(at, 1 + dice() % 5); break;
        case 2:
          stored.rt.insert(at, stored.rt.substr(dice() % stored.rt.size(), dice() % 12));
          break;
        default: stored.rt[at] = static_cast<char>('0' + dice() % 10); break;
      }
      machine::Snapshot back = walk.snapshot;
      if (!decode(walk.machine, stored, back)) continue;
      // Believed: then it must be one that step() can go on with.
      RC_ASSERT(is_legal(walk.machine, back));
      step(walk.machine, back, random_event(dice, walk), walk.now, types::Value::map({}));
    }
  });
}

}  // namespace
}  // namespace vozex::testing
