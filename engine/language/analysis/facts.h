// SPDX-License-Identifier: Apache-2.0
//
// Facts: what the static checks know of a compiled machine: where each transition stands, what its
// guard says, which transitions are dead, which states can be reached and entered again, what reads
// and writes data. Computed once from a file without errors; the checks (engine/language/checks)
// are functions of it. Pure, one thread. Tests: tests/unit/language/analysis_test.cc.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/expr/predicate.h"
#include "engine/language/analysis/state_graph.h"
#include "engine/language/unit.h"

namespace vozex::language {

// Where a transition stands.
enum class Site : std::uint8_t {
  on,
  always,
  after,
  every,
  state_done,
  invoke_done,
  invoke_error,
  invoke_each,
  action,
  overdue
};

// Transitions of which the first fires whose guard holds. All of `on` of a state are one list:
// which of them an event meets, its descriptor says.
struct Alternatives {
  Site site = Site::on;
  machine::StateIndex state = machine::k_no_state;
  std::size_t owner = 0;  // the timer, invoke or manual action, by index
  std::vector<machine::TransitionIndex> transitions;
};

// Pair-wise work on one list stops behind so many of its transitions.
inline constexpr std::size_t k_max_compared = 32;
// Checks that go over all states for each event stop behind so many events.
inline constexpr std::size_t k_max_event_passes = 256;

struct Guard {
  std::optional<expr::Predicate> predicate;  // nothing: too large to say
  bool always = false;                       // for certain
  bool never = false;
};

struct Facts {
  explicit Facts(const Unit& compiled);

  const Unit& unit;
  const machine::Machine& machine;
  std::vector<Alternatives> lists;   // in document order of their states
  std::vector<std::size_t> list_of;  // by transition: into `lists`
  std::vector<Guard> guards;         // by transition
  std::vector<bool> dead;            // by transition: never fires, whatever happens
  StateGraph graph;
  std::set<std::string> read_fields;     // first steps of data paths that something reads
  std::set<std::string> written_fields;  // those that some `set` writes

  const Alternatives& list(machine::TransitionIndex index) const { return lists[list_of[index]]; }
  bool is_reachable(machine::StateIndex state) const { return graph.is_reachable(state); }
  // A transition that may fire in a state that may be reached.
  bool may_fire(machine::TransitionIndex index) const {
    return !dead[index] && is_reachable(machine.transitions[index].source);
  }
  // Whether some `always` leaves the state for certain each time it is looked at: an instance never
  // rests in it.
  bool leaves_at_once(machine::StateIndex state) const;
  // An instance can wait in it for something to happen: a reachable leaf that nothing leaves at
  // once.
  bool rests_in(machine::StateIndex state) const;
};

// The declared types of what a list's guards read, as far as reading them can't fail.
expr::TypeOfPath types_for(const machine::Machine& machine, const Alternatives& list);
// The same in one transition of it: with its event's data.
expr::TypeOfPath types_for(const machine::Machine& machine,
                           const Alternatives& list,
                           const machine::Transition& transition);

// Whether an event descriptor meets every event that the other meets: "payment.*" those of
// "payment.failed".
bool takes_all_of(std::string_view descriptor, std::string_view other);

// The one leaf that is entered with a state; k_no_state where regions or history make it several or
// unknown.
machine::StateIndex default_leaf(const machine::Machine& machine, machine::StateIndex state);

// The leaf that is active after a transition that fired while `leaf` was; k_no_state where that
// isn't one.
machine::StateIndex leaf_after(const machine::Machine& machine,
                               const machine::Transition& transition,
                               machine::StateIndex leaf);

// How an author finds a state in the file: `live.paying`, "the workflow itself" for the root.
std::string name_of(const machine::Machine& machine, machine::StateIndex state);

}  // namespace vozex::language
