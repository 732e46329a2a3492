// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/diff/renames.h"

#include <algorithm>
#include <set>

#include "engine/base/text.h"
#include "engine/lab/transition_roles.h"
#include "engine/machine/migration.h"

namespace vozex::lab {
namespace {

using machine::k_no_state;
using machine::k_root;
using machine::Machine;
using machine::StateIndex;

constexpr double k_enough = 0.5;
constexpr double k_name_weight = 0.45;
// Above this many pairs nothing is guessed: a file that shares so little is another workflow.
constexpr std::size_t k_max_pairs = 40'000;

using Signature = std::set<std::string>;

// A timer is the same in another length.
std::string name_of(const TransitionRole& role) {
  const bool timer = role.trigger == Trigger::after || role.trigger == Trigger::every;
  return timer ? to_string(role.trigger) : role_text(role);
}

// What a state does and who leads to it, by names that a rename of the state itself leaves alone.
std::vector<Signature> signatures_of(const Machine& machine) {
  std::vector<Signature> all(machine.states.size());
  const std::vector<TransitionRole> roles = roles_of(machine);
  for (std::size_t i = 0; i < roles.size(); ++i) {
    const machine::Transition& transition = machine.transitions[i];
    const std::string role = name_of(roles[i]);
    all[transition.source].insert(role);
    for (const StateIndex target : transition.targets) {
      all[transition.source].insert(role + " -> " + machine.states[target].id);
      all[target].insert(machine.states[transition.source].id + " " + role + " ->");
    }
  }
  for (const machine::State& state : machine.states) {
    Signature& signature = all[state.index];
    for (const machine::Block& block : state.on_entry) {
      for (const machine::Action& action : block) signature.insert("entry " + action_text(action));
    }
    for (const std::uint16_t invoke : state.invokes)
      signature.insert("invoke " + invoke_text(machine.invokes[invoke]));
    for (const StateIndex child : state.children)
      signature.insert("child " + machine.states[child].id);
    if (state.status != nullptr) signature.insert("status " + source_line(state.status));
    if (!state.title.empty()) signature.insert("title " + state.title);
  }
  return all;
}

double overlap(const Signature& a, const Signature& b) {
  const auto common =
      std::count_if(a.begin(), a.end(), [&](const std::string& one) { return b.contains(one); });
  const std::size_t all = a.size() + b.size() - static_cast<std::size_t>(common);
  return all == 0 ? 0 : static_cast<double>(common) / static_cast<double>(all);
}

double name_likeness(const std::string& a, const std::string& b) {
  const std::size_t longest = std::max({a.size(), b.size(), std::size_t{1}});
  const std::size_t distance = std::min(edit_distance(a, b, longest), longest);
  return 1.0 - static_cast<double>(distance) / static_cast<double>(longest);
}

bool may_be_same(const machine::State& a, const machine::State& b) {
  using machine::StateKind;
  const auto rests = [](const machine::State& state) {
    return state.kind == StateKind::atomic || state.kind == StateKind::compound;
  };
  return a.kind == b.kind || (rests(a) && rests(b));
}

struct Candidate {
  double likeness = 0;
  StateIndex from = 0;
  StateIndex to = 0;
};

class Pairing {
 public:
  Pairing(const Machine& before, const Machine& after) : before_(before), after_(after) {
    pairs_.to_new.assign(before.states.size(), k_no_state);
    pairs_.to_old.assign(after.states.size(), k_no_state);
    join(k_root, k_root);
  }

  void by_migration(const machine::Migration& migration) {
    for (const machine::State& state : before_.states) {
      const StateIndex to = after_.find_state(machine::migrated_path(migration, state.path));
      if (state.index != k_root && to != k_no_state && to != k_root) join(state.index, to);
    }
  }
  void by_path() {
    for (const machine::State& state : before_.states) {
      const StateIndex to = after_.find_state(state.path);
      if (to != k_no_state) join(state.index, to);
    }
  }
  void by_likeness() {
    for (const Candidate& one : candidates()) {
      if (!is_free(one.from, one.to)) continue;
      join(one.from, one.to);
      pairs_.guessed.push_back(
          {before_.states[one.from].path, after_.states[one.to].path, one.likeness});
    }
  }
  StatePairs done() && { return std::move(pairs_); }

 private:
  bool is_free(StateIndex from, StateIndex to) const {
    return pairs_.to_new[from] == k_no_state && pairs_.to_old[to] == k_no_state;
  }
  void join(StateIndex from, StateIndex to) {
    if (!is_free(from, to)) return;
    pairs_.to_new[from] = to;
    pairs_.to_old[to] = from;
  }

  // Best first; of equals in document order.
  std::vector<Candidate> candidates() const {
    std::vector<Candidate> all;
    const auto unpaired = [](const std::vector<StateIndex>& partners) {
      return static_cast<std::size_t>(std::count(partners.begin(), partners.end(), k_no_state));
    };
    if (unpaired(pairs_.to_new) * unpaired(pairs_.to_old) > k_max_pairs) return all;
    const std::vector<Signature> old_signatures = signatures_of(before_);
    const std::vector<Signature> new_signatures = signatures_of(after_);
    for (const machine::State& from : before_.states) {
      for (const machine::State& to : after_.states) {
        if (!is_free(from.index, to.index) || !may_be_same(from, to)) continue;
        const double likeness =
            k_name_weight * name_likeness(from.id, to.id) +
            (1 - k_name_weight) * overlap(old_signatures[from.index], new_signatures[to.index]);
        if (likeness >= k_enough) all.push_back({likeness, from.index, to.index});
      }
    }
    std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
      return a.likeness > b.likeness;
    });
    return all;
  }

  const Machine& before_;
  const Machine& after_;
  StatePairs pairs_;
};

}  // namespace

StatePairs pair_states(const Machine& before,
                       const Machine& after,
                       const machine::Migration* migration) {
  Pairing pairing(before, after);
  if (migration != nullptr) pairing.by_migration(*migration);
  pairing.by_path();
  pairing.by_likeness();
  return std::move(pairing).done();
}

}  // namespace vozex::lab
