// SPDX-License-Identifier: Apache-2.0
// Timers without time between them, or with next to none, that go round for ever.
#include <algorithm>
#include <optional>

#include "engine/language/checks/checks.h"
#include "engine/machine/snapshot.h"

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
  bool waits = false;  // as long as breaks a row of turns
};

// Steps that far apart may go on for ever.
constexpr Duration k_shortest_pause = machine::k_own_steps_within / machine::k_max_own_steps;

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
    circle += "`" + facts_.machine.states[leaf].path + "`";
    const bool waits = std::any_of(first, way.end(), [](const Next& next) { return next.waits; });
    const Span span = facts_.machine.transitions[timed->transition].span;
    if (waits) {
      report_.warning(code::endless_timers,
                      span,
                      "`after` goes round for ever with less than " +
                          format_duration(k_shortest_pause) + " between: " + circle +
                          "; the instance is held after " +
                          std::to_string(machine::k_max_own_steps) + " steps within an hour",
                      "wait longer, use `every`, or a `when` that something on the way changes");
      return;
    }
    report_.warning(code::endless_timers,
                    span,
                    "`after` goes round for ever without time between: " + circle +
                        "; the instance is held after " + std::to_string(machine::k_max_turns) +
                        " turns",
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
      const std::optional<Duration> pause = pause_of(timer);
      if (timer.recurring || !pause || *pause >= k_shortest_pause || timer.transitions.empty())
        continue;
      const TransitionIndex first = timer.transitions.front();
      if (!facts_.guards[first].always) continue;
      Next next = to(leaf, first, true);
      next.waits = *pause >= machine::k_real_time;
      return next;
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

  // Of a timer with a constant duration.
  static std::optional<Duration> pause_of(const TimerDecl& timer) {
    const types::Value* fixed = timer.when != nullptr ? expr::constant_of(*timer.when) : nullptr;
    if (fixed == nullptr || fixed->kind() != types::Kind::duration) return std::nullopt;
    return fixed->to_duration();
  }

  const Facts& facts_;
  Report& report_;
  std::vector<bool> done_;
};

}  // namespace

void check_timer_loops(const Facts& facts, Report& report) { TimerLoops(facts, report).check(); }

}  // namespace vozex::language
