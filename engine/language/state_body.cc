// SPDX-License-Identifier: Apache-2.0
#include "engine/language/state_body.h"

#include <algorithm>

#include "engine/language/actions.h"
#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/language/stages.h"
#include "engine/language/targets.h"
#include "engine/language/transitions.h"

namespace vozex::language {
namespace {

using machine::k_root;
using machine::State;
using machine::StateIndex;
using machine::StateKind;
using machine::TransitionIndex;

// Reports keys that a state of this kind can't have.
void refuse(Unit& unit,
            const Fields& fields,
            std::initializer_list<const char*> keys,
            const std::string& kind,
            const std::string& hint) {
  for (const char* key : keys) {
    if (!fields.has(key)) continue;
    unit.report.error(code::misplaced,
                      fields.key_span(key),
                      "`" + std::string(key) + "` can't stand in " + kind,
                      hint);
  }
}

void check_kind(Unit& unit, const Fields& fields, const State& state) {
  const Node* type = fields.get("type");
  if (type != nullptr && type->text == "parallel") {
    unit.report.error(
        code::bad_literal,
        type->span,
        "a parallel state needs no `type`",
        "write its regions: `regions: {left: {states: {...}}, right: {states: {...}}}`");
  } else if (type != nullptr) {
    read_choice(*type, "`type`", grammar::k_state_type_words, unit.report);
  }
  if (state.kind == StateKind::final &&
      unit.machine->states[state.parent].kind == StateKind::parallel) {
    unit.report.error(code::misplaced,
                      fields.key_span("type"),
                      "a region can't be an end itself",
                      "put the final state inside it: `states: {over: {type: final}}`");
  }
  fields.exclusive("states",
                   "regions",
                   "regions run side by side, states one after the other: nest one in the other");
  const bool final = state.kind == StateKind::final;
  const bool history =
      state.kind == StateKind::history_deep || state.kind == StateKind::history_shallow;
  if (final) {
    refuse(unit,
           fields,
           {"on",
            "always",
            "after",
            "every",
            "on_done",
            "invoke",
            "task",
            "actions",
            "states",
            "regions",
            "initial"},
           "a final state",
           "a final state is an end: nothing happens in it");
  } else {
    refuse(unit,
           fields,
           {"output", "outcome", "error"},
           "a state that is not final",
           "it belongs to a state with `type: final`");
  }
  if (history) {
    refuse(unit,
           fields,
           {"on",
            "always",
            "after",
            "every",
            "on_entry",
            "on_exit",
            "on_done",
            "invoke",
            "task",
            "actions",
            "states",
            "regions",
            "initial",
            "status"},
           "a history state",
           "it only remembers where its parent was: put it into a state beside it");
  } else {
    refuse(unit,
           fields,
           {"deep", "default"},
           "a state that is no history",
           "it belongs to a state with `type: history`");
  }
  if (fields.has("initial") && state.kind != StateKind::compound && !final && !history) {
    unit.report.error(code::misplaced,
                      fields.key_span("initial"),
                      "`initial` without `states`",
                      "it names the state inside that is entered first");
  }
}

// The public word while the state is active.
void compile_status(Unit& unit, State& state, const Node& node) {
  const types::TypeRef text = types::simple_type(types::TypeKind::string);
  if (has_template(node)) {
    state.status = compile_value(unit, node, {text, "`status`"}, state_place("`status`"));
    return;
  }
  if (reports_expression_literal(unit, node, {text, "`status`"}, state_place("`status`"))) return;
  std::vector<std::string> words;
  for (const auto& [word, shown] : unit.machine->status_words) words.push_back(word);
  state.status = expr::constant(types::Value::string(node.text), text);
  if (std::find(words.begin(), words.end(), node.text) != words.end()) return;
  std::string hint = did_you_mean(node.text, words);
  if (hint.empty()) {
    hint = words.empty() ? "declare it at the top: `status: {" + node.text + ": What people read}`"
                         : "declared: " + list_names(words);
  }
  unit.report.error(
      code::unknown_status, node.span, "`" + node.text + "` is no declared status word", hint);
}

bool needs_output(const Unit& unit) {
  if (unit.machine->output == nullptr) return false;
  const auto& fields = unit.machine->output->fields;
  return std::any_of(fields.begin(), fields.end(), [](const types::Field& field) {
    return !may_be_missing(field);
  });
}

void compile_final_output(Unit& unit, const Fields& fields, State& state) {
  const Node* output = fields.get("output");
  if (output == nullptr) {
    if (fields.has("output") || state.outcome != machine::Outcome::completed || !needs_output(unit))
      return;
    unit.report.error(code::no_output,
                      state.span,
                      "this end completes the workflow without its output " +
                          types::to_string(*unit.machine->output),
                      "add `output: {...}`, or `outcome: failed` or `cancelled`");
    return;
  }
  if (unit.machine->output == nullptr) {
    unit.report.error(code::no_output,
                      fields.key_span("output"),
                      "this end gives an output, and none is declared",
                      "declare it at the top: `output: {captured: int}`");
    return;
  }
  state.output = compile_value(unit,
                               *output,
                               {unit.machine->output, "the output of " + unit.machine->workflow},
                               state_place("`output`"));
}

void compile_final(Unit& unit, const Fields& fields, State& state) {
  if (state.parent != k_root) {
    refuse(unit,
           fields,
           {"output", "outcome", "error"},
           "a final state inside another",
           "it ends only its parent: a final state at the top level ends the workflow");
    return;
  }
  if (const Node* outcome = fields.get("outcome")) {
    if (const auto choice =
            read_choice(*outcome, "`outcome`", grammar::k_outcome_words, unit.report)) {
      state.outcome = static_cast<machine::Outcome>(*choice + 1);
    }
  }
  const Node* error = fields.get("error");
  if (error != nullptr) {
    if (state.outcome == machine::Outcome::completed) {
      unit.report.error(code::conflicting_keys,
                        fields.key_span("error"),
                        "an end with `error` hasn't completed",
                        "add `outcome: failed`");
    }
    compile_error(unit, *error, state_place("`error`"));
    const Node* word = error->find("code");
    const Node* message = error->find("message");
    if (word != nullptr && word->is_scalar()) state.error_code = word->text;
    if (message != nullptr) {
      state.error_message =
          compile_value(unit,
                        *message,
                        {types::simple_type(types::TypeKind::string), "`message`"},
                        state_place("`error`"));
    }
  }
  compile_final_output(unit, fields, state);
}

void compile_history(Unit& unit, const Fields& fields, State& state) {
  if (const Node* deep = fields.get("deep")) read_bool(*deep, "`deep`", unit.report);
  const Node* fallback = fields.get("default");
  if (!fields.has("default")) {
    unit.report.error(code::missing_key,
                      state.span,
                      "a history state needs `default`: where to go the first time",
                      "name a state beside it");
  }
  if (fallback == nullptr) return;
  if (!fallback->is_sequence()) {
    if (const auto target = resolve_inside(unit, state.parent, *fallback, "`default`"))
      state.initial = {*target};
    return;
  }
  for (const Node& item : fallback->items) {
    if (!has_shape(item, k_text, "each state of `default`", unit.report)) continue;
    if (const auto target = resolve_inside(unit, state.parent, item, "`default`"))
      state.initial.push_back(*target);
  }
  if (fallback->items.empty()) {
    unit.report.error(
        code::empty_section, fallback->span, "`default` names no state", "name a state beside it");
  }
  check_targets(unit, state.initial, fallback->span);
}

bool is_descriptor(const std::string& text) {
  if (text == "*") return true;
  return is_event_name(text.ends_with(".*") ? text.substr(0, text.size() - 2) : text);
}

// What `event.data` is for a descriptor: the declared type when all events it can be have the same.
types::TypeRef data_of(const Unit& unit, const std::string& descriptor) {
  types::TypeRef type;
  for (const auto& [name, event] : unit.events) {
    if (!machine::event_matches(descriptor, name)) continue;
    const types::TypeRef data = event.data == nullptr ? types::dyn_type() : event.data;
    if (type != nullptr && !types::equal(*type, *data)) return types::dyn_type();
    type = data;
  }
  return type == nullptr ? types::dyn_type() : type;
}

void compile_on(Unit& unit, StateIndex state, const Node& section) {
  for (std::size_t i = 0; i < section.keys.size(); ++i) {
    const Node& key = section.keys[i];
    if (!is_descriptor(key.text)) {
      unit.report.error(code::bad_name,
                        key.span,
                        "`" + key.text + "` can't be an event's name",
                        "use a name like payment.succeeded, payment.* or \"*\"");
      continue;
    }
    unit.handled.push_back({key.text, state, key.span});
    TransitionSite site;
    site.source = state;
    site.event = key.text;
    site.what = "`" + key.text + "`";
    site.place = state_place("`on`");
    site.place.event = event_type(data_of(unit, key.text));
    site.may_defer = true;
    const auto made = compile_transitions(unit, section.items[i], site);
    auto& on = unit.machine->states[state].on;
    on.insert(on.end(), made.begin(), made.end());
  }
}

void compile_on_done(Unit& unit, StateIndex index, const Fields& fields, const Node& node) {
  State& state = unit.machine->states[index];
  if (state.kind == StateKind::atomic && !fields.has("invoke")) {
    unit.report.error(
        code::never_done,
        fields.key_span("on_done"),
        "`on_done` of a state without `states`, `regions` or `invoke` can never happen",
        "use `always`, `after` or `on`");
  }
  TransitionSite site{index,
                      "done.state." + state.path,
                      "`on_done`",
                      state_place("`on_done` of a state"),
                      false,
                      nullptr,
                      nullptr};
  unit.machine->states[index].on_done = compile_transitions(unit, node, site);
}

void compile_always(Unit& unit, StateIndex index, const Node& node) {
  const TransitionSite site{
      index, "", "`always`", state_place("`always`"), false, nullptr, nullptr};
  unit.machine->states[index].always = compile_transitions(unit, node, site);
}

void compile_words(Unit& unit, const Fields& fields, State& state) {
  if (const Node* title = fields.get("title")) state.title = title->text;
  if (const Node* doc = fields.get("doc")) state.doc = doc->text;
  if (const Node* tags = fields.get("tags")) state.tags = read_texts(*tags, "`tags`", unit.report);
  if (const Node* status = fields.get("status")) compile_status(unit, state, *status);
}

// What both the workflow itself and a state can have.
void compile_handlers(Unit& unit, StateIndex index, const Node* on, const Node* actions) {
  if (on != nullptr) compile_on(unit, index, *on);
  if (actions != nullptr) compile_manual_actions(unit, index, *actions);
}

void compile_state(Unit& unit, StateIndex index) {
  const Node& node = *unit.state_nodes[index];
  if (node.broken || node.is_null()) return;
  const Fields fields(node, grammar::state, unit.state_spans[index], unit.report);
  State& state = unit.machine->states[index];
  check_kind(unit, fields, state);
  compile_words(unit, fields, state);
  if (state.kind == StateKind::final) compile_final(unit, fields, state);
  if (state.kind == StateKind::history_deep || state.kind == StateKind::history_shallow)
    compile_history(unit, fields, state);
  if (const Node* entry = fields.get("on_entry"))
    state.on_entry = compile_blocks(unit, *entry, "`on_entry`", state_place("`on_entry`"));
  if (const Node* exit = fields.get("on_exit"))
    state.on_exit = compile_blocks(unit, *exit, "`on_exit`", state_place("`on_exit`"));
  if (state.kind == StateKind::final) return;
  if (const Node* always = fields.get("always")) compile_always(unit, index, *always);
  if (const Node* after = fields.get("after")) compile_after(unit, index, *after);
  if (const Node* every = fields.get("every")) compile_every(unit, index, *every);
  if (const Node* invoke = fields.get("invoke")) compile_invokes(unit, index, *invoke);
  if (const Node* task = fields.get("task")) compile_task(unit, index, *task);
  compile_handlers(unit, index, fields.get("on"), fields.get("actions"));
  if (const Node* done = fields.get("on_done")) compile_on_done(unit, index, fields, *done);
}

// Of the root: its keys have been checked as those of the file.
const Node* map_at(const Node& root, std::string_view key) {
  const Node* node = root.find(key);
  return node != nullptr && node->is_map() && !node->broken ? node : nullptr;
}

}  // namespace

Place state_place(const std::string& label) {
  Place place;
  place.label = label;
  return place;
}

void compile_states(Unit& unit) {
  compile_handlers(unit, k_root, map_at(unit.root, "on"), map_at(unit.root, "actions"));
  for (StateIndex i = 1; i < unit.machine->states.size(); ++i) compile_state(unit, i);
}

}  // namespace vozex::language
