// SPDX-License-Identifier: Apache-2.0
// Events in the states that they meet: ignored in some, deferred for ever, or taken again and again
// in their own target.
#include <algorithm>

#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using machine::event_matches;
using machine::k_no_state;
using machine::k_root;
using machine::Machine;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::Transition;
using machine::TransitionIndex;

// ---- ignored ----

// Which states take or mask one event, in one pass over the machine.
class Takers {
 public:
  Takers(const Facts& facts, const std::string& event)
      : machine_(facts.machine), around_(machine_.states.size(), false), before_(1, 0) {
    for (const State& state : machine_.states) {
      const bool here = std::any_of(state.on.begin(), state.on.end(), [&](TransitionIndex index) {
        return !facts.dead[index] && event_matches(machine_.transitions[index].event, event);
      });
      any_ = any_ || here;
      around_[state.index] = here || (state.parent != k_no_state && around_[state.parent]);
      before_.push_back(before_.back() + (here ? 1U : 0U));
    }
  }

  bool any() const { return any_; }

  // The state itself, one around it, or one in a region beside it.
  bool takes(StateIndex state) const {
    if (around_[state]) return true;
    for (StateIndex above = machine_.states[state].parent; above != k_no_state;
         above = machine_.states[above].parent) {
      const State& parent = machine_.states[above];
      if (parent.kind == StateKind::parallel && before_[parent.end] > before_[above]) return true;
    }
    return false;
  }

 private:
  const Machine& machine_;
  bool any_ = false;
  std::vector<bool> around_;           // by state: it or one around it takes the event
  std::vector<std::uint32_t> before_;  // how many of the states before this index take it
};

void check_gaps(const Facts& facts, Report& report) {
  std::vector<StateIndex> resting;
  for (const State& state : facts.machine.states) {
    if (state.kind == StateKind::atomic && facts.rests_in(state.index))
      resting.push_back(state.index);
  }
  std::size_t passes = 0;
  for (const machine::EventDecl& event : facts.machine.events) {
    const KnownEvent& known = facts.unit.events.find(event.name)->second;
    if (event.match.empty() || known.has_policy || !known.own) continue;
    if (++passes > k_max_event_passes) return;
    const Takers takers(facts, event.name);
    const bool starts =
        std::any_of(facts.machine.start_rules.begin(),
                    facts.machine.start_rules.end(),
                    [&](const machine::StartRule& rule) { return rule.event == event.name; });
    if (!takers.any() && !starts) continue;
    std::vector<std::string> gaps;
    for (const StateIndex state : resting) {
      if (!takers.takes(state)) gaps.push_back(facts.machine.states[state].path);
    }
    if (gaps.empty()) continue;
    constexpr std::size_t k_shown = 5;
    report.warning(
        code::event_gap,
        known.span,
        "`" + event.name + "` is ignored when it comes in " + list_names(gaps, k_shown),
        "take it there, defer it, mask it with {}, or say `unhandled: ignore` (or defer, reject, "
        "incident) here");
  }
}

// ---- deferred for ever ----

// By state: whether an instance in it can come to one that takes such an event.
std::vector<bool> leads_to_taker(const Facts& facts, const std::string& event) {
  std::vector<StateIndex> takers;
  for (const Alternatives& list : facts.lists) {
    if (list.site != Site::on) continue;
    const bool takes =
        std::any_of(list.transitions.begin(), list.transitions.end(), [&](TransitionIndex index) {
          const Transition& other = facts.machine.transitions[index];
          return !other.defer && facts.may_fire(index) &&
                 (takes_all_of(other.event, event) || takes_all_of(event, other.event));
        });
    if (takes) takers.push_back(list.state);
  }
  return facts.graph.leads_to(takers);
}

void check_deferred(const Facts& facts, Report& report) {
  std::map<std::string, std::vector<bool>> known;
  for (TransitionIndex i = 0; i < facts.machine.transitions.size(); ++i) {
    const Transition& transition = facts.machine.transitions[i];
    if (!transition.defer || !facts.may_fire(i)) continue;
    auto found = known.find(transition.event);
    if (found == known.end()) {
      if (known.size() >= k_max_event_passes) return;
      found = known.emplace(transition.event, leads_to_taker(facts, transition.event)).first;
    }
    if (found->second[transition.source]) continue;
    report.warning(code::never_taken_later,
                   transition.span,
                   "no state that " + name_of(facts.machine, transition.source) +
                       " leads to takes `" + transition.event +
                       "`: once deferred it waits until the instance ends, and is lost",
                   "take it in a later state, or mask it here with {}");
  }
}

// ---- again in its own target ----

// What happens once more when the states from below `domain` to the leaf are entered again.
std::string starts_again(const Facts& facts, StateIndex leaf, StateIndex domain) {
  for (StateIndex at = leaf; at != domain; at = facts.machine.states[at].parent) {
    const State& state = facts.machine.states[at];
    if (!state.invokes.empty()) return "its `invoke` starts anew";
    if (!state.timers.empty()) return "its timers start anew";
    if (state.task) return "its task is made anew";
    if (!state.on_entry.empty()) return "its `on_entry` runs again";
  }
  return "";
}

bool is_taken_on_the_way(const Facts& facts,
                         StateIndex leaf,
                         StateIndex domain,
                         const std::string& event) {
  for (StateIndex at = leaf; at != domain; at = facts.machine.states[at].parent) {
    const State& state = facts.machine.states[at];
    // What `always` does with it is not followed.
    if (!state.always.empty()) return true;
    for (const TransitionIndex index : state.on) {
      if (event_matches(facts.machine.transitions[index].event, event)) return true;
    }
  }
  return false;
}

void check_own_targets(const Facts& facts, Report& report) {
  const Machine& machine = facts.machine;
  for (const Alternatives& list : facts.lists) {
    if (list.site != Site::on || is_leaf(machine.states[list.state])) continue;
    for (const TransitionIndex index : list.transitions) {
      const Transition& transition = machine.transitions[index];
      const bool outer = transition.event.ends_with('*') || transition.reenter;
      if (outer || !facts.guards[index].always || !facts.may_fire(index)) continue;
      if (transition.targets.size() != 1 || domain_of(machine, transition) != list.state) continue;
      const StateIndex target = transition.targets[0];
      const StateIndex leaf = default_leaf(machine, target);
      if (leaf == k_no_state || machine.states[leaf].kind != StateKind::atomic) continue;
      const std::string again = starts_again(facts, leaf, list.state);
      if (again.empty() || is_taken_on_the_way(facts, leaf, list.state, transition.event)) continue;
      report.warning(code::fires_in_target,
                     transition.span,
                     "a second `" + transition.event + "` fires this again in its own target `" +
                         machine.states[target].path + "`: that is left and entered once more, " +
                         again,
                     "mask it there with `on: {" + transition.event + ": {}}`" +
                         (list.state == k_root ? ""
                                               : ", or move `" + machine.states[target].path +
                                                     "` out of " + name_of(machine, list.state)));
    }
  }
}

}  // namespace

void check_coverage(const Facts& facts, Report& report) {
  check_gaps(facts, report);
  check_deferred(facts, report);
  check_own_targets(facts, report);
}

}  // namespace vozex::language
