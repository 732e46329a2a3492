// SPDX-License-Identifier: Apache-2.0
#include "engine/language/transitions.h"

#include <algorithm>

#include "engine/language/actions.h"
#include "engine/language/keys.h"
#include "engine/language/targets.h"

namespace vozex::language {
namespace {

using machine::Action;
using machine::ActionKind;
using machine::StateIndex;
using machine::Transition;
using machine::TransitionIndex;

std::vector<StateIndex> compile_target(Unit& unit, const Node& node, StateIndex source) {
  std::vector<StateIndex> targets;
  if (node.is_scalar()) {
    if (const auto target = resolve_target(unit, source, node)) targets.push_back(*target);
    return targets;
  }
  for (const Node& item : node.items) {
    if (const auto target = resolve_target(unit, source, item)) targets.push_back(*target);
  }
  if (targets.size() == node.items.size()) check_targets(unit, targets, node.span);
  return targets;
}

// Timers, invokes and tasks start anew when a state is entered again: then the author must say
// which it is.
void check_reenter(Unit& unit, const Transition& transition, bool said, const Span& span) {
  const machine::Machine& machine = *unit.machine;
  if (said || transition.source == machine::k_root) return;
  const Node& node = *unit.state_nodes[transition.source];
  const char* running = node.find("after") != nullptr || node.find("every") != nullptr ? "timers"
                        : node.find("invoke") != nullptr                               ? "an invoke"
                        : node.find("task") != nullptr                                 ? "a task"
                                                                                       : nullptr;
  const bool inside =
      std::any_of(transition.targets.begin(), transition.targets.end(), [&](StateIndex target) {
        return target == transition.source || machine.is_descendant(target, transition.source);
      });
  if (running == nullptr || !inside) return;
  const std::string path = machine.states[transition.source].path;
  unit.report.error(code::reenter_needed,
                    span,
                    "this goes from `" + path + "` into itself, and `" + path + "` has " + running,
                    "say `reenter: true` to leave and enter it anew (all starts again), or "
                    "`reenter: false` to stay");
}

// The same place set by the action and by one of its `then` transitions.
void check_common_paths(Unit& unit, const Action& common, const Action& own) {
  const auto text = [](const machine::Assignment& assignment) {
    return assignment.path.size() == 1 ? assignment.path.front().field : std::string();
  };
  for (const machine::Assignment& assignment : own.set) {
    for (const machine::Assignment& before : common.set) {
      if (text(before).empty() || text(before) != text(assignment)) continue;
      unit.report.error(code::conflicting_keys,
                        assignment.span,
                        "`" + text(assignment) + "` is already set by the action itself",
                        "set it in one of the two places");
    }
  }
}

void add_actions(Unit& unit,
                 const Fields& fields,
                 const TransitionSite& site,
                 Transition& transition) {
  Action set;
  set.kind = ActionKind::set;
  if (site.common_set != nullptr) set = *site.common_set;
  if (const Node* node = fields.get("set")) {
    if (auto own = compile_set(unit, *node, site.place)) {
      if (site.common_set != nullptr) check_common_paths(unit, *site.common_set, *own);
      if (set.set.empty()) set.span = own->span;
      std::move(own->set.begin(), own->set.end(), std::back_inserter(set.set));
    }
  }
  if (!set.set.empty()) transition.actions.push_back(std::move(set));
  if (site.common_do != nullptr)
    transition.actions.insert(
        transition.actions.end(), site.common_do->begin(), site.common_do->end());
  if (const Node* node = fields.get("do")) {
    machine::Block block = compile_block(unit, *node, "`do`", site.place);
    std::move(block.begin(), block.end(), std::back_inserter(transition.actions));
  }
}

void read_defer(Unit& unit,
                const Fields& fields,
                const Node& node,
                const TransitionSite& site,
                Transition& transition) {
  transition.defer = read_bool(node, "`defer`", unit.report).value_or(false);
  if (!site.may_defer) {
    unit.report.error(code::misplaced,
                      fields.key_span("defer"),
                      "`defer` keeps an event for later: " + site.what + " has none",
                      "only transitions below `on` can defer");
  }
  for (const char* key : {"target", "set", "do", "reenter"}) {
    if (transition.defer)
      fields.exclusive("defer", key, "a deferred event is kept, and handled in a later state");
  }
}

TransitionIndex add(Unit& unit, Transition transition) {
  unit.machine->transitions.push_back(std::move(transition));
  return static_cast<TransitionIndex>(unit.machine->transitions.size() - 1);
}

Transition begin_transition(const TransitionSite& site, const Span& span) {
  Transition transition;
  transition.source = site.source;
  transition.event = site.event;
  transition.span = span;
  return transition;
}

std::optional<TransitionIndex> compile_one(Unit& unit,
                                           const Node& node,
                                           const TransitionSite& site) {
  if (node.broken) return std::nullopt;
  if (node.is_map()) {
    const Span span = node.keys.empty() ? node.span : node.keys[0].span;
    const Fields fields(node, grammar::transition, node.span, unit.report);
    return compile_transition_keys(unit, fields, span, site);
  }
  if (!has_shape(node, k_text | k_map, "a transition", unit.report)) return std::nullopt;
  Transition transition = begin_transition(site, node.span);
  if (const auto target = resolve_target(unit, site.source, node))
    transition.targets.push_back(*target);
  check_reenter(unit, transition, false, node.span);
  if (site.common_set != nullptr) transition.actions.push_back(*site.common_set);
  if (site.common_do != nullptr)
    transition.actions.insert(
        transition.actions.end(), site.common_do->begin(), site.common_do->end());
  return add(unit, std::move(transition));
}

}  // namespace

std::optional<TransitionIndex> compile_transition_keys(Unit& unit,
                                                       const Fields& fields,
                                                       const Span& span,
                                                       const TransitionSite& site) {
  Transition transition = begin_transition(site, span);
  if (const Node* target = fields.get("target"))
    transition.targets = compile_target(unit, *target, site.source);
  if (const Node* when = fields.get("when"))
    transition.when = compile_condition(unit, *when, "`when`", site.place);
  if (const Node* reenter = fields.get("reenter")) {
    transition.reenter = read_bool(*reenter, "`reenter`", unit.report).value_or(false);
    if (!fields.has("target")) {
      unit.report.error(code::conflicting_keys,
                        fields.key_span("reenter"),
                        "`reenter` without a `target`",
                        "name the state: `target: " + unit.machine->states[site.source].id + "`");
    }
  }
  check_reenter(unit, transition, fields.has("reenter"), fields.key_span("target"));
  add_actions(unit, fields, site, transition);
  if (const Node* defer = fields.get("defer")) read_defer(unit, fields, *defer, site, transition);
  return add(unit, std::move(transition));
}

std::vector<TransitionIndex> compile_transitions(Unit& unit,
                                                 const Node& node,
                                                 const TransitionSite& site) {
  std::vector<TransitionIndex> made;
  if (!has_shape(node, k_text | k_map | k_list, site.what, unit.report)) return made;
  if (!node.is_sequence()) {
    if (const auto index = compile_one(unit, node, site)) made.push_back(*index);
    return made;
  }
  for (const Node& item : node.items) {
    if (const auto index = compile_one(unit, item, site)) made.push_back(*index);
  }
  return made;
}

}  // namespace vozex::language
