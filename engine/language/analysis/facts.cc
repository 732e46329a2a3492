// SPDX-License-Identifier: Apache-2.0
#include "engine/language/analysis/facts.h"

#include <algorithm>

#include "engine/language/analysis/programs.h"

namespace vozex::language {
namespace {

using machine::k_no_state;
using machine::Machine;
using machine::State;
using machine::StateIndex;
using machine::Transition;
using machine::TransitionIndex;
using types::TypeKind;
using types::TypeRef;

// ---- where transitions stand ----

void add_list(std::vector<Alternatives>& lists,
              Site site,
              StateIndex state,
              std::size_t owner,
              const std::vector<TransitionIndex>& transitions) {
  if (!transitions.empty()) lists.push_back({site, state, owner, transitions});
}

std::vector<Alternatives> collect_lists(const Machine& machine) {
  std::vector<Alternatives> lists;
  for (const State& state : machine.states) {
    add_list(lists, Site::on, state.index, 0, state.on);
    add_list(lists, Site::always, state.index, 0, state.always);
    add_list(lists, Site::state_done, state.index, 0, state.on_done);
    for (const std::uint16_t i : state.timers) {
      const machine::TimerDecl& timer = machine.timers[i];
      add_list(
          lists, timer.recurring ? Site::every : Site::after, state.index, i, timer.transitions);
    }
    for (const std::uint16_t i : state.invokes) {
      const machine::InvokeDecl& invoke = machine.invokes[i];
      add_list(lists, Site::invoke_done, state.index, i, invoke.on_done);
      add_list(lists, Site::invoke_error, state.index, i, invoke.on_error);
      add_list(lists, Site::invoke_each, state.index, i, invoke.on_each);
    }
    for (const std::uint16_t i : state.actions)
      add_list(lists, Site::action, state.index, i, machine.actions[i].transitions);
    if (state.task)
      add_list(lists, Site::overdue, state.index, *state.task, machine.tasks[*state.task].overdue);
  }
  return lists;
}

std::vector<std::size_t> index_lists(const std::vector<Alternatives>& lists, std::size_t count) {
  std::vector<std::size_t> list_of(count, 0);
  for (std::size_t i = 0; i < lists.size(); ++i) {
    for (const TransitionIndex index : lists[i].transitions) list_of[index] = i;
  }
  return list_of;
}

// ---- types of what guards read ----

// The member below `path` ("a.b") of an object, when each step is always there.
TypeRef member(TypeRef type, std::string_view path) {
  while (type != nullptr && !path.empty()) {
    if (type->kind != TypeKind::object) return nullptr;
    const std::size_t dot = path.find('.');
    const types::Field* field = types::find_field(*type, path.substr(0, dot));
    if (field == nullptr) return nullptr;
    type = field->type;
    path = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  }
  return type;
}

bool skip(std::string_view& path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  return true;
}

TypeRef type_of_path(const Machine& machine,
                     const Alternatives& list,
                     const Transition* transition,
                     std::string_view path) {
  if (skip(path, "data.")) return member(machine.data, path);
  if (skip(path, "input.")) return member(machine.input, path);
  if (skip(path, "config.")) return member(machine.config, path);
  if (list.site == Site::action && skip(path, "event.form."))
    return member(machine.actions[list.owner].form, path);
  if (list.site == Site::on && transition != nullptr && skip(path, "event.data.")) {
    const machine::EventDecl* event = machine.find_event(transition->event);
    return event == nullptr ? nullptr : member(event->data, path);
  }
  if (list.site == Site::invoke_done && skip(path, "result.")) {
    const machine::InvokeDecl& invoke = machine.invokes[list.owner];
    const bool one = invoke.kind == machine::InvokeKind::call && invoke.for_each == nullptr;
    return one && invoke.call.operation != nullptr ? member(invoke.call.operation->output, path)
                                                   : nullptr;
  }
  return nullptr;
}

// ---- guards ----

// in_state() of a state that can't be active beside the source, or that always is.
bool contradicts_states(const Machine& machine, StateIndex source, const expr::Product& product) {
  std::vector<StateIndex> together{source};
  for (const auto& [path, inside] : product.state_tests) {
    const StateIndex asked = machine.find_state(path);
    if (asked == k_no_state) continue;
    if (!inside && is_within(machine, source, asked)) return true;
    if (!inside) continue;
    for (const StateIndex other : together) {
      if (!can_be_together(machine, asked, other)) return true;
    }
    together.push_back(asked);
  }
  return false;
}

Guard read_guard(const Machine& machine, const Alternatives& list, const Transition& transition) {
  Guard guard;
  if (transition.when == nullptr) {
    guard.always = true;
    guard.predicate = expr::Predicate{{expr::Product{}}};
    return guard;
  }
  guard.predicate = expr::predicate_of(*transition.when, types_for(machine, list, transition));
  if (!guard.predicate) return guard;
  std::erase_if(guard.predicate->products, [&](const expr::Product& product) {
    return contradicts_states(machine, transition.source, product);
  });
  guard.never = guard.predicate->never();
  guard.always = guard.predicate->always();
  return guard;
}

std::vector<Guard> read_guards(const Machine& machine, const std::vector<Alternatives>& lists) {
  std::vector<Guard> guards(machine.transitions.size());
  for (const Alternatives& list : lists) {
    for (const TransitionIndex index : list.transitions)
      guards[index] = read_guard(machine, list, machine.transitions[index]);
  }
  return guards;
}

// Those behind others that take all that they could.
void mark_shadowed(const Machine& machine,
                   const Alternatives& list,
                   const std::vector<Guard>& guards,
                   std::vector<bool>& dead) {
  const std::size_t count = std::min(list.transitions.size(), k_max_compared);
  for (std::size_t i = 0; i < count; ++i) {
    const TransitionIndex index = list.transitions[i];
    const Transition& later = machine.transitions[index];
    if (dead[index] || !guards[index].predicate) continue;
    std::vector<const expr::Predicate*> earlier;
    for (std::size_t j = 0; j < i; ++j) {
      const TransitionIndex before = list.transitions[j];
      if (!guards[before].predicate || dead[before]) continue;
      if (list.site == Site::on && !takes_all_of(machine.transitions[before].event, later.event))
        continue;
      earlier.push_back(&*guards[before].predicate);
    }
    if (earlier.empty()) continue;
    const auto types = types_for(machine, list, later);
    const auto& products = guards[index].predicate->products;
    dead[index] = std::all_of(products.begin(), products.end(), [&](const expr::Product& product) {
      return expr::covers(earlier, product, types);
    });
  }
}

std::vector<bool> find_dead(const Machine& machine,
                            const std::vector<Alternatives>& lists,
                            const std::vector<Guard>& guards) {
  std::vector<bool> dead(machine.transitions.size(), false);
  for (std::size_t i = 0; i < guards.size(); ++i) dead[i] = guards[i].never;
  for (const Alternatives& list : lists) mark_shadowed(machine, list, guards, dead);
  return dead;
}

}  // namespace

expr::TypeOfPath types_for(const Machine& machine, const Alternatives& list) {
  return [&machine, &list](std::string_view path) {
    return type_of_path(machine, list, nullptr, path);
  };
}

expr::TypeOfPath types_for(const Machine& machine,
                           const Alternatives& list,
                           const Transition& transition) {
  return [&machine, &list, &transition](std::string_view path) {
    return type_of_path(machine, list, &transition, path);
  };
}

std::string name_of(const Machine& machine, StateIndex state) {
  return state == machine::k_root ? "the workflow itself" : "`" + machine.states[state].path + "`";
}

bool takes_all_of(std::string_view descriptor, std::string_view other) {
  if (descriptor == other) return true;
  std::string met(other);
  if (met.ends_with('*')) met.back() = '?';  // a word that no event has
  return machine::event_matches(descriptor, met);
}

StateIndex default_leaf(const Machine& machine, StateIndex state) {
  while (machine.states[state].kind == machine::StateKind::compound) {
    if (machine.states[state].initial.size() != 1) return k_no_state;
    const StateIndex inside = machine.states[state].initial[0];
    for (StateIndex at = machine.states[inside].parent; at != state;
         at = machine.states[at].parent) {
      if (machine.states[at].kind == machine::StateKind::parallel) return k_no_state;
    }
    state = inside;
  }
  return is_leaf(machine.states[state]) ? state : k_no_state;
}

StateIndex leaf_after(const Machine& machine, const Transition& transition, StateIndex leaf) {
  if (domain_of(machine, transition) == k_no_state) return leaf;
  if (transition.targets.size() != 1) return k_no_state;
  return default_leaf(machine, transition.targets[0]);
}

Facts::Facts(const Unit& compiled)
    : unit(compiled),
      machine(*compiled.machine),
      lists(collect_lists(machine)),
      list_of(index_lists(lists, machine.transitions.size())),
      guards(read_guards(machine, lists)),
      dead(find_dead(machine, lists, guards)),
      graph(machine, dead) {
  for_each_program(machine, [&](const UsedProgram& used) {
    for (const expr::Reference& reference : expr::references_of(used.program)) {
      std::string_view path = reference.path;
      if (path == "data") {
        for (const machine::DataField& field : machine.data_fields) read_fields.insert(field.name);
      } else if (skip(path, "data.")) {
        read_fields.emplace(path.substr(0, path.find('.')));
      }
    }
  });
  const auto note = [&](const std::vector<machine::Assignment>& assignments) {
    for (const machine::Assignment& assignment : assignments)
      written_fields.insert(assignment.path.front().field);
  };
  for_each_action(machine, [&](const machine::Action& action) { note(action.set); });
  for (const machine::Migration& migration : machine.migrations) note(migration.set);
}

bool Facts::leaves_at_once(StateIndex state) const {
  const State& here = machine.states[state];
  std::vector<const expr::Predicate*> guarded;
  for (const TransitionIndex index : here.always) {
    if (dead[index]) continue;
    const StateIndex domain = domain_of(machine, machine.transitions[index]);
    // One that stays may be the one that fires.
    if (domain == k_no_state || is_within(machine, domain, state)) return false;
    if (guards[index].always) return true;
    if (guards[index].predicate && guarded.size() < k_max_compared)
      guarded.push_back(&*guards[index].predicate);
  }
  if (guarded.empty()) return false;
  const Alternatives& all = list(here.always.front());
  return expr::covers(guarded, expr::Product{}, types_for(machine, all));
}

bool Facts::rests_in(StateIndex state) const {
  if (!is_leaf(machine.states[state]) || !is_reachable(state)) return false;
  for (StateIndex at = state; at != k_no_state; at = machine.states[at].parent) {
    if (leaves_at_once(at)) return false;
  }
  return machine.states[state].kind == machine::StateKind::atomic ||
         machine.states[state].parent != machine::k_root;
}

}  // namespace vozex::language
