// SPDX-License-Identifier: Apache-2.0
// Timers without time between them that go round for ever.
#include <algorithm>

#include "engine/language/checks/checks.h"
#include "engine/machine/event.h"

namespace vozex::language {
namespace {

using machine::k_no_state;
using machine::k_root;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::TimerDecl;
using machine::Transition;
using machine::TransitionIndex;

// Where a leaf certainly leads to without an event and without time.
struct Next {
  StateIndex leaf = k_no_state;
  TransitionIndex transition = 0;
  bool timed = false;
};

class TimerLoops {
 public:
  TimerLoops(const Facts& facts, Report& report) : facts_(facts), report_(report) {}

  void check() {
    done_.assign(facts_.machine.states.size(), false);
    for (const State& state : facts_.machine.states) {
      if (is_leaf(state) && facts_.is_reachable(state.index)) follow(state.index);
    }
  }

 private:
  void follow(StateIndex leaf) {
    std::vector<Next> way;
    std::vector<StateIndex> at;
    while (leaf != k_no_state && !done_[leaf]) {
      done_[leaf] = true;
      at.push_back(leaf);
      way.push_back(next_of(leaf));
      leaf = way.back().leaf;
    }
    const auto begin = std::find(at.begin(), at.end(), leaf);
    if (leaf == k_no_state || begin == at.end()) return;
    const auto first = way.begin() + (begin - at.begin());
    const auto timed = std::find_if(first, way.end(), [](const Next& next) { return next.timed; });
    if (timed == way.end()) return;  // `always` alone: always_loops.cc
    std::string circle;
    for (auto state = begin; state != at.end(); ++state)
      circle += "`" + facts_.machine.states[*state].path + "` -> ";
    report_.warning(code::endless_timers,
                    facts_.machine.transitions[timed->transition].span,
                    "`after` goes round for ever without time between: " + circle + "`" +
                        facts_.machine.states[leaf].path + "`; the instance is held after " +
                        std::to_string(machine::k_max_turns) + " turns",
                    "give the timer a duration, or a `when` that something on the way changes");
  }

  Next next_of(StateIndex leaf) const {
    for (StateIndex at = leaf; at != k_no_state; at = facts_.machine.states[at].parent) {
      const State& state = facts_.machine.states[at];
      // Another region, or what a guard says, may lead elsewhere.
      if (state.kind == StateKind::parallel) return {};
      for (const TransitionIndex index : state.always) {
        if (facts_.dead[index]) continue;
        if (!facts_.guards[index].always) return {};
        return to(leaf, index, false);
      }
    }
    if (raises(leaf)) return {};
    for (const std::uint16_t index : facts_.machine.states[leaf].timers) {
      const TimerDecl& timer = facts_.machine.timers[index];
      if (timer.recurring || !is_without_time(timer) || timer.transitions.empty()) continue;
      const TransitionIndex first = timer.transitions.front();
      if (facts_.guards[first].always) return to(leaf, first, true);
    }
    return {};
  }

  Next to(StateIndex leaf, TransitionIndex index, bool timed) const {
    const Transition& transition = facts_.machine.transitions[index];
    const StateIndex next = leaf_after(facts_.machine, transition, leaf);
    // One that stays does not arm its timer again.
    if (next == k_no_state || (next == leaf && !transition.reenter)) return {};
    return {next, index, timed};
  }

  bool raises(StateIndex leaf) const {
    for (StateIndex at = leaf; at != k_root; at = facts_.machine.states[at].parent) {
      for (const machine::Block& block : facts_.machine.states[at].on_entry) {
        for (const machine::Action& action : block) {
          if (action.kind == machine::ActionKind::raise) return true;
        }
      }
    }
    return false;
  }

  static bool is_without_time(const TimerDecl& timer) {
    const types::Value* fixed = timer.when != nullptr ? expr::constant_of(*timer.when) : nullptr;
    return fixed != nullptr && fixed->kind() == types::Kind::duration &&
           fixed->to_duration() < machine::k_real_time;
  }

  const Facts& facts_;
  Report& report_;
  std::vector<bool> done_;
};

}  // namespace

void check_timer_loops(const Facts& facts, Report& report) { TimerLoops(facts, report).check(); }

}  // namespace vozex::language
