// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/language/actions.h"
#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/language/state_body.h"
#include "engine/language/transitions.h"

namespace vozex::language {
namespace {

using machine::ManualAction;
using machine::StateIndex;
using types::TypeKind;
using types::TypeRef;

TypeRef text_type() { return types::simple_type(TypeKind::string); }

// Fields that a form starts with: each may be left out.
TypeRef all_optional(const types::Type& form) {
  std::vector<types::Field> fields = form.fields;
  for (types::Field& field : fields) {
    if (field.type->kind != TypeKind::optional) field.type = types::optional_of(field.type);
  }
  return types::object_of(std::move(fields));
}

void read_settings(Unit& unit, const Fields& fields, ManualAction& action) {
  if (const Node* title = fields.get("title")) action.title = title->text;
  if (const Node* roles = fields.get("roles"))
    action.roles = read_texts(*roles, "`roles`", unit.report);
  if (const Node* confirm = fields.get("confirm"))
    action.confirm = read_bool(*confirm, "`confirm`", unit.report).value_or(false);
  constexpr std::int64_t k_most_approvals = 100;
  if (const Node* approvals = fields.get("approvals")) {
    action.approvals = static_cast<std::uint16_t>(
        read_int(*approvals, "`approvals`", 1, k_most_approvals, unit.report).value_or(1));
  }
  if (const Node* form = fields.get("form"))
    action.form = unit.types.read_object(*form, "`form`", unit.report);
}

// Seen by the guard and the transition: who acts, and what was filled in.
TransitionSite action_site(StateIndex state, const ManualAction& action) {
  TransitionSite site{
      state, "action " + action.name, "`then`", state_place("`actions`"), false, nullptr, nullptr};
  site.place.actor = actor_type();
  site.place.event =
      event_type(types::object_of({}), action.form == nullptr ? types::object_of({}) : action.form);
  return site;
}

void compile_then(
    Unit& unit, const Fields& fields, const Node& then, TransitionSite site, ManualAction& action) {
  for (const char* key : {"target", "reenter"}) {
    fields.exclusive("then", key, "the transitions below `then` say where to go");
  }
  std::optional<machine::Action> set;
  machine::Block block;
  if (const Node* node = fields.get("set")) set = compile_set(unit, *node, site.place);
  if (const Node* node = fields.get("do")) block = compile_block(unit, *node, "`do`", site.place);
  if (set) site.common_set = &*set;
  if (!block.empty()) site.common_do = &block;
  action.transitions = compile_transitions(unit, then, site);
}

void compile_manual_action(Unit& unit, StateIndex state, const Node& key, const Node& node) {
  const Fields fields(node, grammar::manual_action, key.span, unit.report);
  ManualAction action;
  action.state = state;
  action.name = key.text;
  action.span = key.span;
  read_settings(unit, fields, action);
  const TransitionSite site = action_site(state, action);
  Place looking = site.place;
  looking.event = nullptr;
  looking.no_event =
      "`event` is not visible in `when` of an action: it is asked before anybody acts; check "
      "`event.form` below `then`";
  if (const Node* when = fields.get("when"))
    action.when = compile_condition(unit, *when, "`when`", looking);
  if (const Node* prefill = fields.get("prefill")) {
    if (action.form == nullptr) {
      unit.report.error(code::conflicting_keys,
                        fields.key_span("prefill"),
                        "`prefill` without a `form`",
                        "declare the form's fields");
    } else if (action.form->kind == TypeKind::object) {
      action.prefill = compile_value(
          unit, *prefill, {all_optional(*action.form), "the form of " + action.name}, looking);
    }
  }
  if (const Node* then = fields.get("then")) {
    compile_then(unit, fields, *then, site, action);
  } else if (!fields.has("then")) {
    // The guard belongs to the action itself: the transition has none of its own.
    if (const auto transition = compile_transition_keys(unit, fields, key.span, site)) {
      unit.machine->transitions[*transition].when = nullptr;
      action.transitions.push_back(*transition);
    }
  }
  unit.machine->states[state].actions.push_back(
      static_cast<std::uint16_t>(unit.machine->actions.size()));
  unit.machine->actions.push_back(std::move(action));
}

// A text, a list of texts, or one ${...} that gives a list.
expr::ProgramRef compile_roles(Unit& unit,
                               const Node& roles,
                               const std::string& what,
                               const Place& place) {
  const TypeRef wanted =
      roles.is_sequence() || has_template(roles) ? types::list_of(text_type()) : text_type();
  auto program = compile_value(unit, roles, {wanted, what}, place);
  if (wanted->kind == TypeKind::string && program != nullptr) return expr::array({program});
  return program;
}

expr::ProgramRef compile_assignee(Unit& unit, const Node& node, const Place& place) {
  return compile_value(unit, node, {types::optional_of(text_type()), "`assignee`"}, place);
}

void compile_escalation(Unit& unit, const Node& node, machine::TaskDecl& task) {
  if (!has_shape(node, k_map, "each step of `escalate`", unit.report)) return;
  const Fields fields(node, grammar::escalation, node.span, unit.report);
  const Place place = state_place("`escalate`");
  machine::Escalation step;
  step.span = node.keys.empty() ? node.span : node.keys[0].span;
  if (const Node* queue = fields.get("queue"))
    step.queue = compile_value(unit, *queue, {text_type(), "`queue`"}, place);
  if (const Node* roles = fields.get("roles"))
    step.roles = compile_roles(unit, *roles, "`roles`", place);
  if (const Node* assignee = fields.get("assignee"))
    step.assignee = compile_assignee(unit, *assignee, place);
  const bool says_nothing = std::all_of(
      node.keys.begin(), node.keys.end(), [](const Node& key) { return key.text == "doc"; });
  if (says_nothing) {
    unit.report.error(code::idle_escalation,
                      node.span,
                      "this step of `escalate` gives the task to nobody else",
                      "add `queue`, `roles` or `assignee`");
  }
  task.escalations.push_back(std::move(step));
}

void compile_escalations(Unit& unit, const Node& node, machine::TaskDecl& task) {
  if (!node.is_sequence()) return compile_escalation(unit, node, task);
  for (const Node& item : node.items) compile_escalation(unit, item, task);
  if (node.items.empty()) {
    unit.report.error(code::empty_section,
                      node.span,
                      "`escalate` has no step",
                      "add one, like `{queue: leads}`, or leave it out");
  }
  if (node.items.size() > 1 && !task.overdue_every) {
    unit.report.error(code::escalation_never_comes,
                      node.items[1].span,
                      "the second step of `escalate` never comes: the task becomes overdue once",
                      "add `repeat: 4h` beside `escalate`");
  }
}

// `overdue: {repeat: 4h, do: ...}`, with `then` for several transitions.
void compile_overdue_map(Unit& unit,
                         const Node& node,
                         const TransitionSite& site,
                         machine::TaskDecl& task) {
  const Fields fields(node, grammar::overdue, node.span, unit.report);
  const Span span = node.keys.empty() ? node.span : node.keys[0].span;
  if (const Node* repeat = fields.get("repeat")) {
    task.overdue_every = read_duration(*repeat, "`repeat`", unit.report);
    if (task.overdue_every && *task.overdue_every <= Duration::zero()) {
      unit.report.error(code::bad_literal,
                        repeat->span,
                        "`repeat` needs a duration longer than nothing, got `" + repeat->text + "`",
                        "write it as 30m, 4h or 1d");
    }
  }
  if (const Node* escalate = fields.get("escalate")) compile_escalations(unit, *escalate, task);
  if (const Node* then = fields.get("then")) {
    for (const char* key : {"target", "when", "set", "do", "reenter"}) {
      fields.exclusive("then", key, "put it into the transitions below `then`");
    }
    task.overdue = compile_transitions(unit, *then, site);
  } else if (const auto transition = compile_transition_keys(unit, fields, span, site)) {
    task.overdue.push_back(*transition);
  }
}

void compile_overdue(Unit& unit, const Node& node, machine::TaskDecl& task) {
  const TransitionSite site{
      task.state, "overdue", "`overdue`", state_place("`overdue`"), false, nullptr, nullptr};
  if (node.is_map()) {
    compile_overdue_map(unit, node, site, task);
  } else {
    task.overdue = compile_transitions(unit, node, site);
  }
}

}  // namespace

void compile_manual_actions(Unit& unit, StateIndex state, const Node& node) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node& key = node.keys[i];
    if (!is_state_name(key.text)) {
      unit.report.error(code::bad_name,
                        key.span,
                        "`" + key.text + "` can't be an action's name",
                        "use letters, digits, _ and -; what people read is its `title`");
      continue;
    }
    if (!node.items[i].broken) compile_manual_action(unit, state, key, node.items[i]);
  }
}

void compile_task(Unit& unit, StateIndex state, const Node& node) {
  const Fields fields(node, grammar::task, node.span, unit.report);
  machine::TaskDecl task;
  task.state = state;
  task.span = node.keys.empty() ? node.span : node.keys[0].span;
  const Place place = state_place("`task`");
  if (const Node* queue = fields.need("queue"))
    task.queue = compile_value(unit, *queue, {text_type(), "`queue`"}, place);
  if (const Node* roles = fields.get("roles"))
    task.roles = compile_roles(unit, *roles, "`roles`", place);
  if (const Node* supervisors = fields.get("supervisors"))
    task.supervisors = compile_roles(unit, *supervisors, "`supervisors`", place);
  if (const Node* assignee = fields.get("assignee"))
    task.assignee = compile_assignee(unit, *assignee, place);
  if (const Node* title = fields.get("title"))
    task.title = compile_value(unit, *title, {text_type(), "`title`"}, place);
  if (const Node* due = fields.get("due")) task.due = compile_moment(unit, *due, "`due`", place);
  if (const Node* overdue = fields.get("overdue")) {
    if (!fields.has("due")) {
      unit.report.error(code::conflicting_keys,
                        fields.key_span("overdue"),
                        "`overdue` without `due` can never happen",
                        "add `due: 24h`");
    }
    compile_overdue(unit, *overdue, task);
  }
  unit.machine->states[state].task = static_cast<std::uint16_t>(unit.machine->tasks.size());
  unit.machine->tasks.push_back(std::move(task));
}

}  // namespace vozex::language
