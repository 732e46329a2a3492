// SPDX-License-Identifier: Apache-2.0
//
// What leads where in a machine: as the step enters and leaves states.
#include <gtest/gtest.h>

#include "engine/language/analysis/state_graph.h"
#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

using machine::MachineRef;
using machine::StateIndex;

struct Drawn {
  MachineRef machine;
  StateGraph graph;

  explicit Drawn(const std::string& states)
      : machine(compile_text_alone("vozex: 1\nworkflow: test\nversion: 1\nstates:\n" + states)),
        graph(*machine, std::vector<bool>(machine->transitions.size(), false)) {}

  StateIndex at(const std::string& path) const {
    const StateIndex index = machine->find_state(path);
    EXPECT_NE(index, machine::k_no_state) << path;
    return index;
  }
  bool reached(const std::string& path) const { return graph.is_reachable(at(path)); }
  bool again(const std::string& path) const { return graph.is_entered_again(at(path)); }
  bool leads(const std::string& from, const std::string& to) const {
    return graph.leads_to({at(to)})[at(from)];
  }
};

TEST(StateGraph, ReachesTargetsDefaultsAndRegions) {
  const Drawn drawn(
      "  a: {after: {1h: p.l.y}}\n"
      "  p:\n    regions:\n"
      "      l: {states: {x: {after: {1h: y}}, y: {after: {1h: b.d}}}}\n"
      "      r: {states: {v: {after: {1h: w}}, w: {after: {1h: v}}}}\n"
      "  b: {states: {c: {after: {1h: d}}, d: {after: {1h: done}}}}\n"
      "  done: {type: final}\n");
  EXPECT_TRUE(drawn.reached("p.l.y"));
  EXPECT_FALSE(drawn.reached("p.l.x"));  // the target names another state of the region
  EXPECT_TRUE(drawn.reached("p.r.v"));   // the other region begins where it begins
  EXPECT_TRUE(drawn.reached("p.r.w"));
  EXPECT_TRUE(drawn.reached("b"));
  EXPECT_FALSE(drawn.reached("b.c"));
  EXPECT_TRUE(drawn.reached("done"));
}

TEST(StateGraph, AgainIsAfterHavingBeenEntered) {
  const Drawn drawn(
      "  a: {after: {1h: b}}\n"
      "  b:\n    states:\n      c: {after: {1h: d}}\n      d: {after: {1h: c, 2h: done}}\n"
      "    after: {1d: e}\n"
      "  e: {after: {1h: {target: e, reenter: true}, 2h: {target: f, reenter: true}}}\n"
      "  f: {after: {1h: done}}\n"
      "  done: {type: final}\n");
  EXPECT_FALSE(drawn.again("a"));
  EXPECT_FALSE(drawn.again("b"));  // stays active while its inside changes
  EXPECT_TRUE(drawn.again("b.c"));
  EXPECT_TRUE(drawn.again("b.d"));
  EXPECT_TRUE(drawn.again("e"));
  EXPECT_FALSE(drawn.again("f"));
}

TEST(StateGraph, ARegionMayMakeTheOthersBeginAnew) {
  const Drawn drawn(
      "  p:\n    regions:\n"
      "      l: {states: {x: {after: {1h: away}}}}\n"
      "      r: {states: {v: {after: {1h: w}}, w: {}}}\n"
      "  away: {after: {1h: p, 2h: done}}\n"
      "  done: {type: final}\n");
  EXPECT_TRUE(drawn.again("p.r.v"));
  EXPECT_TRUE(drawn.again("p.r.w"));
  EXPECT_TRUE(drawn.leads("p.r.w", "away"));
}

TEST(StateGraph, HistoryBringsBackWhatWasActive) {
  const Drawn drawn(
      "  p:\n    states:\n      x: {after: {1h: y}}\n      y: {after: {1h: done}}\n"
      "      h: {type: history, default: x}\n    after: {1d: break}\n"
      "  break: {after: {1h: p.h}}\n"
      "  done: {type: final}\n");
  EXPECT_TRUE(drawn.again("p.y"));
  EXPECT_TRUE(drawn.leads("break", "p.y"));
  EXPECT_FALSE(drawn.leads("done", "p.x"));
}

TEST(StateGraph, ByWhichWayAStateIsLeftDecidesWhetherItComesBack) {
  const Drawn drawn(
      "  a: {after: {1h: b, 2h: c}}\n"
      "  b: {after: {1h: a}}\n"
      "  c: {after: {1h: done}}\n"
      "  done: {type: final}\n");
  const StateIndex a = drawn.at("a");
  EXPECT_TRUE(drawn.graph.is_entered_again_by(a, {0}));
  EXPECT_FALSE(drawn.graph.is_entered_again_by(a, {1}));
}

TEST(StateGraph, StatesOfDifferentRegionsAreTogether) {
  const Drawn drawn(
      "  p:\n    regions:\n      l: {states: {x: {after: {1h: y}}, y: {}}}\n"
      "      r: {states: {v: {after: {1h: done}}}}\n"
      "  done: {type: final}\n");
  const auto together = [&](const std::string& a, const std::string& b) {
    return can_be_together(*drawn.machine, drawn.at(a), drawn.at(b));
  };
  EXPECT_TRUE(together("p.l.x", "p.r.v"));
  EXPECT_TRUE(together("p.l.x", "p"));
  EXPECT_FALSE(together("p.l.x", "p.l.y"));
  EXPECT_FALSE(together("p.l.x", "done"));
}

}  // namespace
}  // namespace vozex::language
