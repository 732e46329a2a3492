// SPDX-License-Identifier: Apache-2.0
// Calls: failures that nobody takes, calls that can be left half done, calls that are repeated
// without a key, retries that do nothing.
#include <algorithm>

#include "engine/language/checks/checks.h"

namespace vozex::language {
namespace {

using machine::InvokeDecl;
using machine::InvokeKind;
using machine::k_no_state;
using machine::Machine;
using machine::OperationDecl;
using machine::Repeat;
using machine::StateIndex;
using machine::Transition;
using machine::TransitionIndex;

std::string text_of(const OperationDecl& operation) {
  return operation.adapter + "." + operation.name;
}

bool is_call(const InvokeDecl& invoke) {
  return invoke.kind == InvokeKind::call && invoke.call.operation != nullptr;
}

// ---- failures ----

bool is_failure_taken(const Facts& facts, const InvokeDecl& invoke) {
  const auto alive = [&](TransitionIndex index) { return !facts.dead[index]; };
  if (std::any_of(invoke.on_error.begin(), invoke.on_error.end(), alive)) return true;
  const std::string event = "error.invoke." + invoke.id;
  for (StateIndex at = invoke.state; at != k_no_state; at = facts.machine.states[at].parent) {
    const auto& on = facts.machine.states[at].on;
    const bool taken = std::any_of(on.begin(), on.end(), [&](TransitionIndex index) {
      return alive(index) && machine::event_matches(facts.machine.transitions[index].event, event);
    });
    if (taken) return true;
  }
  return false;
}

void check_failures(const Facts& facts, Report& report) {
  for (const InvokeDecl& invoke : facts.machine.invokes) {
    if (!is_call(invoke) || !facts.is_reachable(invoke.state)) continue;
    const OperationDecl& operation = *invoke.call.operation;
    const bool may_matter = !operation.errors.empty() || !operation.read_only;
    if (!may_matter || is_failure_taken(facts, invoke)) continue;
    report.warning(code::untaken_failure,
                   invoke.span,
                   "nothing takes a failure of " + text_of(operation) +
                       ": it becomes an incident, "
                       "and the instance stays in " +
                       name_of(facts.machine, invoke.state) + " until somebody acts",
                   operation.errors.empty()
                       ? "add `on_error: <state>` or a list of them"
                       : "add `on_error`; it may fail with " + list_names(operation.errors));
  }
}

// ---- left half done ----

// Whether the outcome of this invoke is what the list waits for: then it is over.
bool ends_with(const Alternatives& list, const InvokeDecl& invoke, std::size_t number) {
  if (list.site == Site::state_done) return true;
  const bool outcome = list.site == Site::invoke_done || list.site == Site::invoke_error;
  return outcome && list.owner == number &&
         (invoke.for_each == nullptr || invoke.join == machine::Join::all);
}

// done.invoke.x and error.invoke.x below `on` are outcomes, too.
bool is_outcome(const Transition& transition) {
  return transition.event.starts_with("done.") || transition.event.starts_with("error.");
}

// What leaves a state whatever happens inside it, or from a region beside it. Collected once.
class Leaving {
 public:
  explicit Leaving(const Facts& facts)
      : facts_(facts),
        none_(static_cast<TransitionIndex>(facts.machine.transitions.size())),
        own_(facts.machine.states.size(), none_),
        beside_(facts.machine.states.size()),
        lists_by_state_(facts.machine.states.size()) {
    for (std::size_t i = 0; i < facts.lists.size(); ++i) {
      lists_by_state_[facts.lists[i].state].push_back(i);
      if (facts.lists[i].site != Site::state_done) note(facts.lists[i]);
    }
  }

  // A transition that leaves the state while the invoke may be under way; null when none does.
  const Transition* while_open(const InvokeDecl& invoke, std::size_t number) const {
    const Machine& machine = facts_.machine;
    for (const std::size_t i : lists_by_state_[invoke.state]) {
      const Alternatives& list = facts_.lists[i];
      if (ends_with(list, invoke, number)) continue;
      for (const TransitionIndex index : list.transitions) {
        const Transition& transition = machine.transitions[index];
        const StateIndex domain = domain_of(machine, transition);
        const bool leaves = domain != k_no_state && machine.is_descendant(invoke.state, domain);
        if (leaves && !facts_.dead[index] && !is_outcome(transition)) return &transition;
      }
    }
    for (StateIndex at = invoke.state; machine.states[at].parent != k_no_state;
         at = machine.states[at].parent) {
      const StateIndex above = machine.states[at].parent;
      if (own_[above] != none_) return &machine.transitions[own_[above]];
      for (const FromRegion& other : beside_[above]) {
        if (other.region != at) return &machine.transitions[other.transition];
      }
    }
    return nullptr;
  }

 private:
  struct FromRegion {
    StateIndex region;
    TransitionIndex transition;
  };

  void note(const Alternatives& list) {
    const Machine& machine = facts_.machine;
    for (const TransitionIndex index : list.transitions) {
      const Transition& transition = machine.transitions[index];
      const StateIndex domain = domain_of(machine, transition);
      if (domain == k_no_state || !facts_.may_fire(index) || is_outcome(transition)) continue;
      if (own_[list.state] == none_) own_[list.state] = index;
      for (StateIndex at = list.state; machine.is_descendant(at, domain);
           at = machine.states[at].parent) {
        const StateIndex above = machine.states[at].parent;
        if (machine.states[above].kind == machine::StateKind::parallel && above != domain)
          note_beside(beside_[above], {at, index});
      }
    }
  }

  // Two regions are enough: one of them is not that of the invoke.
  static void note_beside(std::vector<FromRegion>& known, FromRegion other) {
    if (known.empty() || (known.size() == 1 && known[0].region != other.region))
      known.push_back(other);
  }

  const Facts& facts_;
  TransitionIndex none_;
  std::vector<TransitionIndex> own_;             // by state
  std::vector<std::vector<FromRegion>> beside_;  // by parallel state
  std::vector<std::vector<std::size_t>> lists_by_state_;
};

void check_undo(const Facts& facts, Report& report) {
  const Leaving leaving(facts);
  for (std::size_t i = 0; i < facts.machine.invokes.size(); ++i) {
    const InvokeDecl& invoke = facts.machine.invokes[i];
    if (!is_call(invoke) || invoke.call.operation->read_only || invoke.call.compensate != nullptr ||
        !facts.is_reachable(invoke.state))
      continue;
    const Transition* left = leaving.while_open(invoke, i);
    if (left == nullptr) continue;
    report.warning(code::call_left_open,
                   invoke.span,
                   "line " + std::to_string(left->span.line) + " can leave " +
                       name_of(facts.machine, invoke.state) + " while " +
                       text_of(*invoke.call.operation) +
                       " is on its way: if it then succeeds, nothing undoes it, and it becomes an "
                       "incident",
                   "add `compensate: {call: ..., with: ...}`, or hold back what leaves the state "
                   "with `defer: true`; an operation that changes nothing says `read_only: true` "
                   "in its adapter");
  }
}

// ---- done again ----

bool is_safe_to_repeat(const OperationDecl& operation) {
  return operation.read_only || operation.repeat == Repeat::safe;
}

// Of the alternatives of `on_error` those that an unknown outcome may take: after other errors it
// is known that nothing was done.
std::vector<TransitionIndex> taken_when_unknown(const Facts& facts, const Alternatives& list) {
  expr::Product unknown;
  unknown.values.emplace("error.code",
                         *expr::Domain::only(types::Value::string("outcome_unknown")));
  const expr::Predicate asked{{unknown}};
  const auto types = types_for(facts.machine, list);
  std::vector<TransitionIndex> taking;
  for (const TransitionIndex index : list.transitions) {
    const Guard& guard = facts.guards[index];
    if (facts.dead[index]) continue;
    const auto both = guard.predicate ? expr::both(*guard.predicate, asked) : std::nullopt;
    if (!both || !both->never()) taking.push_back(index);
    if (guard.predicate && expr::covers({&*guard.predicate}, unknown, types)) break;
  }
  return taking;
}

// What leaves the state of an invoke while it isn't known whether the call succeeded. After a
// success, entering the state again is what the author wants.
std::vector<TransitionIndex> ways_without_success(const Facts& facts, std::size_t number) {
  const InvokeDecl& invoke = facts.machine.invokes[number];
  std::vector<TransitionIndex> ways;
  for (const Alternatives& list : facts.lists) {
    if (list.state != invoke.state || list.site == Site::state_done) continue;
    if (list.site == Site::invoke_done && list.owner == number) continue;
    if (list.site == Site::invoke_error && list.owner == number) {
      const auto taking = taken_when_unknown(facts, list);
      ways.insert(ways.end(), taking.begin(), taking.end());
      continue;
    }
    for (const TransitionIndex index : list.transitions) {
      if (!facts.dead[index] && !is_outcome(facts.machine.transitions[index]))
        ways.push_back(index);
    }
  }
  return ways;
}

void check_repeats(const Facts& facts, Report& report) {
  std::size_t passes = 0;
  for (std::size_t i = 0; i < facts.machine.invokes.size(); ++i) {
    const InvokeDecl& invoke = facts.machine.invokes[i];
    if (!is_call(invoke) || invoke.call.idempotency_key != nullptr) continue;
    const OperationDecl& operation = *invoke.call.operation;
    if (is_safe_to_repeat(operation) || !facts.graph.is_entered_again(invoke.state)) continue;
    if (++passes > k_max_event_passes) return;
    if (!facts.graph.is_entered_again_by(invoke.state, ways_without_success(facts, i))) continue;
    report.warning(code::repeated_without_key,
                   invoke.span,
                   name_of(facts.machine, invoke.state) + " can be entered again before " +
                       text_of(operation) +
                       " is known to have succeeded: it may then be done twice, since each entry "
                       "has an idempotency key of its own",
                   "say what it is done once for: `idempotency_key: \"${input.<id>}\"`");
  }
}

// ---- retries ----

void check_retries(const Facts& facts, Report& report) {
  for (const RetriedCall& call : facts.unit.retried) {
    const OperationDecl& operation = *call.operation;
    const bool blind = operation.repeat == Repeat::never && operation.ask.empty();
    if (!blind || operation.read_only || call.attempts < 2) continue;
    report.warning(code::blind_retry,
                   call.span,
                   text_of(operation) +
                       " must never be repeated, and nothing can be asked whether "
                       "it happened: when an answer is lost this retries nothing, "
                       "the call fails with `outcome_unknown`",
                   "give the operation `ask: <operation>` in its adapter, or handle "
                   "`error.code == 'outcome_unknown'` in `on_error`");
  }
}

}  // namespace

void check_calls(const Facts& facts, Report& report) {
  check_failures(facts, report);
  check_undo(facts, report);
  check_repeats(facts, report);
  check_retries(facts, report);
}

}  // namespace vozex::language
