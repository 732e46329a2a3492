// SPDX-License-Identifier: Apache-2.0
// Steps that never come to rest: events that what they trigger raises again.
#include <algorithm>

#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using machine::Action;
using machine::ActionKind;
using machine::Block;
using machine::k_no_state;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::Transition;
using machine::TransitionIndex;

// Follows what one raised event leads to, as long as it is certain.
class RaiseChains {
 public:
  RaiseChains(const Facts& facts, Report& report) : facts_(facts), report_(report) {}

  void check() {
    for (const Alternatives& list : facts_.lists) {
      if (list.site != Site::on) continue;
      for (const TransitionIndex index : list.transitions) {
        const Transition& transition = facts_.machine.transitions[index];
        if (facts_.unit.raised.contains(transition.event) && facts_.may_fire(index))
          start_in(list.state, transition.event);
      }
    }
  }

 private:
  using Moment = std::pair<StateIndex, std::string>;  // the active leaf, and what was raised

  void start_in(StateIndex state, const std::string& event) {
    const StateIndex leaf = default_leaf(facts_.machine, state);
    if (leaf != k_no_state && facts_.is_reachable(leaf)) follow({leaf, event});
  }

  void follow(Moment moment) {
    std::vector<Moment> way;
    while (done_.insert(moment).second) {
      way.push_back(moment);
      const Transition* taken = take(moment);
      if (taken == nullptr) return;
      const StateIndex leaf = leaf_after(facts_.machine, *taken, moment.first);
      if (leaf == k_no_state) return;
      const auto raised = raised_by(*taken, moment.first, leaf);
      if (!raised) return;
      moment = {leaf, *raised};
      if (std::find(way.begin(), way.end(), moment) == way.end()) continue;
      report_.warning(code::endless_loop,
                      taken->span,
                      "`raise: " + moment.second + "` goes round for ever: what it triggers in `" +
                          facts_.machine.states[moment.first].path +
                          "` raises it again; the step is refused and the instance held",
                      "give the transition or the `raise` a `when` that ends it");
      return;
    }
  }

  // The transition that certainly takes the event; none when it isn't certain.
  const Transition* take(const Moment& moment) const {
    for (StateIndex at = moment.first; at != k_no_state; at = facts_.machine.states[at].parent) {
      const State& state = facts_.machine.states[at];
      if (!state.always.empty() || state.kind == StateKind::parallel) return nullptr;
      for (const TransitionIndex index : state.on) {
        const Transition& transition = facts_.machine.transitions[index];
        if (facts_.dead[index] || !machine::event_matches(transition.event, moment.second))
          continue;
        return facts_.guards[index].always && !transition.defer ? &transition : nullptr;
      }
    }
    return nullptr;
  }

  // The one event that a microstep raises whatever happens.
  std::optional<std::string> raised_by(const Transition& transition,
                                       StateIndex from,
                                       StateIndex to) const {
    std::vector<const Action*> raises;
    const auto look = [&](const Block& block) {
      for (const Action& action : block) {
        if (action.kind == ActionKind::raise) raises.push_back(&action);
      }
    };
    look(transition.actions);
    const StateIndex domain = domain_of(facts_.machine, transition);
    if (domain != k_no_state) {
      for (StateIndex at = from; at != domain; at = facts_.machine.states[at].parent) {
        for (const Block& block : facts_.machine.states[at].on_exit) look(block);
      }
      for (StateIndex at = to; at != domain; at = facts_.machine.states[at].parent) {
        for (const Block& block : facts_.machine.states[at].on_entry) look(block);
      }
    }
    const bool certain =
        raises.size() == 1 && raises[0]->when == nullptr && raises[0]->for_each == nullptr;
    return certain ? std::optional(raises[0]->name) : std::nullopt;
  }

  const Facts& facts_;
  Report& report_;
  std::set<Moment> done_;
};

}  // namespace

void check_raise_loops(const Facts& facts, Report& report) { RaiseChains(facts, report).check(); }

}  // namespace vozex::language
