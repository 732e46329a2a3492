// SPDX-License-Identifier: Apache-2.0
// Steps that never come to rest: circles of `always` that nothing on the way can end, and circles
// of `raise`.
#include <algorithm>
#include <map>

#include "engine/language/analysis/components.h"
#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using machine::Action;
using machine::Block;
using machine::k_no_state;
using machine::k_root;
using machine::Machine;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::Transition;
using machine::TransitionIndex;

// One eventless transition that may fire while a leaf is active, and the leaf that it leads to.
struct Hop {
  TransitionIndex transition = 0;
  StateIndex to = k_no_state;
  std::vector<TransitionIndex> asked_before;  // those that must not have fired
};

// Where an active leaf's configuration is known: no region beside it can move by itself.
class AloneStates {
 public:
  explicit AloneStates(const Machine& machine) : machine_(machine), before_(1, 0) {
    for (const State& state : machine.states)
      before_.push_back(before_.back() + (state.always.empty() ? 0U : 1U));
  }
  bool is_alone(StateIndex leaf) const {
    for (StateIndex at = leaf; at != k_root; at = machine_.states[at].parent) {
      const StateIndex above = machine_.states[at].parent;
      if (machine_.states[above].kind != StateKind::parallel) continue;
      const State& parent = machine_.states[above];
      const State& region = machine_.states[at];
      if (before_[parent.end] - before_[above + 1] != before_[region.end] - before_[at])
        return false;
    }
    return true;
  }

 private:
  const Machine& machine_;
  std::vector<std::uint32_t> before_;  // how many of the states before this index have `always`
};

std::vector<Hop> hops_from(const Facts& facts, StateIndex leaf) {
  std::vector<Hop> hops;
  std::vector<TransitionIndex> asked;
  for (StateIndex at = leaf; at != k_no_state; at = facts.machine.states[at].parent) {
    for (const TransitionIndex index : facts.machine.states[at].always) {
      if (facts.dead[index]) continue;
      if (hops.size() == k_max_compared) return hops;
      hops.push_back(
          {index, leaf_after(facts.machine, facts.machine.transitions[index], leaf), asked});
      if (facts.guards[index].always) return hops;
      asked.push_back(index);
    }
  }
  return hops;
}

void note_writes(const Block& block, std::set<std::string>& written) {
  for (const Action& action : block) {
    for (const machine::Assignment& assignment : action.set)
      written.insert(assignment.path.front().field);
  }
}

// The circles among leaves that `always` can go round.
class Circles {
 public:
  explicit Circles(const Facts& facts) : facts_(facts), hops_(facts.machine.states.size()) {
    const AloneStates alone(facts.machine);
    Edges edges(hops_.size());
    for (const State& state : facts.machine.states) {
      const bool end = state.kind == StateKind::final && state.parent == k_root;
      if (!is_leaf(state) || end || !facts.is_reachable(state.index)) continue;
      if (!alone.is_alone(state.index)) continue;
      hops_[state.index] = hops_from(facts, state.index);
      for (const Hop& hop : hops_[state.index]) {
        if (hop.to != k_no_state) edges[state.index].push_back(hop.to);
      }
    }
    component_ = components(edges);
    for (const State& state : facts.machine.states) {
      for (const Hop& hop : hops_[state.index]) note_writes(state.index, hop);
    }
  }

  void report(Report& out) {
    seen_.assign(hops_.size(), 0);
    for (StateIndex leaf = 0; leaf < hops_.size(); ++leaf) {
      if (seen_[leaf] == 0 && !hops_[leaf].empty()) walk(leaf, out);
    }
  }

 private:
  bool in_circle(StateIndex from, const Hop& hop) const {
    return hop.to != k_no_state && component_[from] == component_[hop.to];
  }

  void note_writes(StateIndex leaf, const Hop& hop) {
    if (!in_circle(leaf, hop)) return;
    std::set<std::string>& written = written_[component_[leaf]];
    language::note_writes(facts_.machine.transitions[hop.transition].actions, written);
    for (StateIndex at = leaf; at != k_root; at = facts_.machine.states[at].parent) {
      for (const Block& block : facts_.machine.states[at].on_entry)
        language::note_writes(block, written);
      for (const Block& block : facts_.machine.states[at].on_exit)
        language::note_writes(block, written);
    }
  }

  // What the guard says is the same each time round.
  bool is_steady(TransitionIndex index, const std::set<std::string>& written) const {
    const Transition& transition = facts_.machine.transitions[index];
    if (transition.when == nullptr) return true;
    if (!expr::state_queries_of(*transition.when).empty()) return false;
    for (const expr::Reference& reference : expr::references_of(*transition.when)) {
      const std::string& path = reference.path;
      if (path == "data" || path.starts_with("invoked")) return false;
      if (!path.starts_with("data.")) continue;
      const std::string field = path.substr(5, path.find('.', 5) - 5);
      if (written.contains(field)) return false;
    }
    return true;
  }

  bool is_steady(StateIndex leaf, const Hop& hop) const {
    const auto found = written_.find(component_[leaf]);
    if (!in_circle(leaf, hop) || found == written_.end()) return false;
    return is_steady(hop.transition, found->second) &&
           std::all_of(hop.asked_before.begin(), hop.asked_before.end(), [&](TransitionIndex i) {
             return is_steady(i, found->second);
           });
  }

  // Whether all guards of the circle may hold at once. Two tests that aren't understood may exclude
  // each other.
  bool can_go_round(const std::vector<std::pair<StateIndex, const Hop*>>& circle) const {
    std::optional<expr::Predicate> all = expr::Predicate{{expr::Product{}}};
    for (const auto& [leaf, hop] : circle) {
      const Guard& guard = facts_.guards[hop->transition];
      if (!guard.predicate || !all) return false;
      all = expr::both(*all, *guard.predicate);
    }
    return all && std::any_of(all->products.begin(), all->products.end(), [](const auto& product) {
             const bool plain =
                 std::all_of(product.values.begin(), product.values.end(), [](const auto& value) {
                   return expr::is_plain_path(value.first);
                 });
             return product.tests.size() + product.values.size() <= 1 ||
                    (product.tests.empty() && plain);
           });
  }

  void say(const std::vector<std::pair<StateIndex, const Hop*>>& circle, Report& out) const {
    std::string way;
    constexpr std::size_t k_shown = 6;
    for (std::size_t i = 0; i < std::min(circle.size(), k_shown); ++i)
      way += "`" + facts_.machine.states[circle[i].first].path + "` -> ";
    way += circle.size() > k_shown ? "..."
                                   : "`" + facts_.machine.states[circle.front().first].path + "`";
    const Transition& first = facts_.machine.transitions[circle.front().second->transition];
    const bool guarded = std::any_of(circle.begin(), circle.end(), [&](const auto& part) {
      return !facts_.guards[part.second->transition].always;
    });
    out.warning(code::endless_loop,
                first.span,
                std::string("`always` goes round for ever: ") + way +
                    (guarded ? ", and nothing on the way changes what its `when` reads" : "") +
                    "; the step is refused and the instance held",
                "let a `set` on the way change what a `when` reads, or wait for an event or a "
                "timer");
  }

  // Depth first along steady hops; a way back to where we are is a circle.
  void walk(StateIndex start, Report& out) {
    std::vector<std::pair<StateIndex, const Hop*>> path;
    std::vector<std::size_t> next{0};
    std::vector<StateIndex> at{start};
    seen_[start] = 1;
    while (!at.empty()) {
      const StateIndex leaf = at.back();
      if (next.back() == hops_[leaf].size()) {
        seen_[leaf] = 2;
        at.pop_back();
        next.pop_back();
        if (!path.empty()) path.pop_back();
        continue;
      }
      const Hop& hop = hops_[leaf][next.back()++];
      if (!is_steady(leaf, hop) || seen_[hop.to] == 2) continue;
      path.emplace_back(leaf, &hop);
      if (seen_[hop.to] == 0 && !hops_[hop.to].empty()) {
        seen_[hop.to] = 1;
        at.push_back(hop.to);
        next.push_back(0);
        continue;
      }
      const auto begin = std::find_if(
          path.begin(), path.end(), [&](const auto& part) { return part.first == hop.to; });
      if (begin != path.end()) {
        const std::vector<std::pair<StateIndex, const Hop*>> circle(begin, path.end());
        if (can_go_round(circle)) say(circle, out);
      }
      path.pop_back();
    }
  }

  const Facts& facts_;
  std::vector<std::vector<Hop>> hops_;  // by leaf
  std::vector<std::uint32_t> component_;
  std::map<std::uint32_t, std::set<std::string>> written_;  // by component: fields of data
  std::vector<std::uint8_t> seen_;                          // by leaf: 1 on the way, 2 done
};

}  // namespace

void check_always_loops(const Facts& facts, Report& report) { Circles(facts).report(report); }

}  // namespace vozex::language
