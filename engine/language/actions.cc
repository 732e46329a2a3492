// SPDX-License-Identifier: Apache-2.0
#include "engine/language/actions.h"

#include <algorithm>
#include <array>

#include "engine/language/calls.h"
#include "engine/language/data_path.h"
#include "engine/language/keys.h"
#include "engine/language/literals.h"

namespace vozex::language {
namespace {

using machine::Action;
using machine::ActionKind;
using types::TypeKind;
using types::TypeRef;

// What an action can do; exactly one of them stands in it.
constexpr std::array<std::string_view, 10> k_kinds{
    "set", "reply", "emit", "raise", "call", "start", "log", "incident", "send", "cancel"};

TypeRef text_type() { return types::simple_type(TypeKind::string); }

// The data of an event that is sent, against its declared type.
expr::ProgramRef compile_event_data(
    Unit& unit, const std::string& event, const Node* data, const Span& owner, const Place& place) {
  const auto known = unit.events.find(event);
  const TypeRef type = known == unit.events.end() || known->second.data == nullptr
                           ? types::dyn_type()
                           : known->second.data;
  if (data != nullptr) return compile_value(unit, *data, {type, "the data of " + event}, place);
  if (type->kind != TypeKind::object) return nullptr;
  Node empty;
  empty.kind = NodeKind::map;
  empty.span = owner;
  return compile_value(unit, empty, {type, "the data of " + event}, place);
}

bool reports_bad_event(Unit& unit, const Node& name) {
  if (is_event_name(name.text)) return false;
  unit.report.error(code::bad_name,
                    name.span,
                    "`" + name.text + "` can't be an event's name",
                    has_template(name) ? "an event's name is fixed: it can't be computed"
                                       : "use words of letters, digits, _ and - joined by dots");
  return true;
}

void compile_emit(Unit& unit, const Node& node, Action& action, const Place& place) {
  action.kind = ActionKind::emit;
  const Fields fields(node, grammar::emit, node.span, unit.report);
  const Node* event = fields.need("event");
  if (event == nullptr || reports_bad_event(unit, *event)) return;
  action.name = event->text;
  unit.emitted.push_back({event->text, event->span});
  action.value = compile_event_data(unit, event->text, fields.get("data"), event->span, place);
}

void compile_raise(Unit& unit, const Node& node, Action& action, const Place& place) {
  action.kind = ActionKind::raise;
  if (node.is_scalar()) {
    if (reports_bad_event(unit, node)) return;
    action.name = node.text;
    action.value = compile_event_data(unit, node.text, nullptr, node.span, place);
  } else {
    const Fields fields(node, grammar::raise, node.span, unit.report);
    const Node* event = fields.need("event");
    if (event == nullptr || reports_bad_event(unit, *event)) return;
    action.name = event->text;
    action.value = compile_event_data(unit, event->text, fields.get("data"), event->span, place);
  }
  unit.raised.insert(action.name);
}

void compile_start(Unit& unit, const Node& node, Action& action, const Place& place) {
  action.kind = ActionKind::start;
  const Fields fields(node, grammar::start_instance, node.span, unit.report);
  const Node* workflow = fields.need("workflow");
  if (workflow == nullptr) return;
  action.name = workflow->text;
  const WorkflowOutline* started = find_workflow(unit, workflow->text, workflow->span);
  if (started == nullptr) return;
  Node empty;
  empty.kind = NodeKind::map;
  empty.span = workflow->span;
  const Node* input = fields.get("input");
  action.value = compile_value(unit,
                               input == nullptr ? empty : *input,
                               {started->input, "the input of " + workflow->text},
                               place);
}

void compile_target(Unit& unit, const Node& to, Action& action) {
  if (to.is_scalar()) {
    const auto choice = read_choice(to, "`to`", grammar::k_send_to_words, unit.report);
    action.target = choice == 1U ? machine::SendTarget::parent : machine::SendTarget::self;
    return;
  }
  const Node* child = to.find("child");
  if (child == nullptr || to.keys.size() != 1 || !child->is_scalar()) {
    unit.report.error(code::wrong_shape, to.span, "expected self, parent or {child: id} for `to`");
    return;
  }
  action.target = machine::SendTarget::child;
  action.child = child->text;
  if (unit.invoke_ids.contains(child->text)) return;
  unit.report.error(code::unknown_child,
                    child->span,
                    "no invoke has the id `" + child->text + "`",
                    did_you_mean(child->text, names_in(unit.invoke_ids)));
}

void compile_send(Unit& unit, const Node& node, Action& action, const Place& place) {
  action.kind = ActionKind::send;
  const Fields fields(node, grammar::send, node.span, unit.report);
  const Node* event = fields.need("event");
  if (const Node* to = fields.get("to")) compile_target(unit, *to, action);
  if (const Node* id = fields.get("id")) action.id = id->text;
  if (const Node* delay = fields.get("delay")) {
    action.delay = compile_moment(unit, *delay, "`delay`", place);
    if (action.target != machine::SendTarget::self) {
      unit.report.error(code::conflicting_keys,
                        fields.key_span("delay"),
                        "only an event to `self` can be delayed",
                        "wait in a state with `after`, then send it");
    }
  }
  if (event == nullptr || reports_bad_event(unit, *event)) return;
  action.name = event->text;
  if (action.target == machine::SendTarget::self) unit.raised.insert(event->text);
  action.value = compile_event_data(unit, event->text, fields.get("data"), event->span, place);
}

// {error: ...} is the failing answer, unless the output declares a field of that name.
bool is_error_reply(const Unit& unit, const Node& node) {
  if (!node.is_map() || node.keys.size() != 1 || node.keys[0].text != "error") return false;
  return unit.machine->output == nullptr ||
         types::find_field(*unit.machine->output, "error") == nullptr;
}

void compile_reply(Unit& unit, const Node& node, Action& action, const Place& place) {
  action.kind = ActionKind::reply;
  if (is_error_reply(unit, node)) {
    action.error = compile_error(unit, node.items[0], place);
    return;
  }
  if (unit.machine->output == nullptr) {
    unit.report.error(code::no_output,
                      node.span,
                      "`reply` answers with the workflow's output, and none is declared",
                      "declare it at the top: `output: {captured: int}`");
    return;
  }
  action.value = compile_value(
      unit, node, {unit.machine->output, "the output of " + unit.machine->workflow}, place);
}

void compile_kind(Unit& unit,
                  std::string_view kind,
                  const Fields& fields,
                  const Node& node,
                  Action& action,
                  const Place& place) {
  if (kind == "set") {
    if (auto set = compile_set(unit, node, place)) action.set = std::move(set->set);
    action.kind = ActionKind::set;
  }
  if (kind == "reply") compile_reply(unit, node, action, place);
  if (kind == "emit") compile_emit(unit, node, action, place);
  if (kind == "raise") compile_raise(unit, node, action, place);
  if (kind == "start") compile_start(unit, node, action, place);
  if (kind == "send") compile_send(unit, node, action, place);
  if (kind == "call") {
    action.kind = ActionKind::call;
    action.call = std::make_shared<machine::CallDecl>(compile_call(unit, node, fields, place));
  }
  if (kind == "log" || kind == "incident") {
    action.kind = kind == "log" ? ActionKind::log : ActionKind::incident;
    action.value = compile_value(unit, node, {text_type(), "`" + std::string(kind) + "`"}, place);
  }
  if (kind == "cancel") {
    action.kind = ActionKind::cancel;
    action.name = node.text;
  }
}

// The one thing that an action does; "" after reporting none or several.
std::string_view kind_of(Unit& unit, const Node& node, const Fields& fields) {
  std::string_view kind;
  for (const std::string_view candidate : k_kinds) {
    if (!fields.has(candidate)) continue;
    if (!kind.empty()) {
      unit.report.error(code::bad_action,
                        fields.key_span(candidate),
                        "one action does one thing: `" + std::string(kind) + "` and `" +
                            std::string(candidate) + "` are two",
                        "make them two entries of the list");
      return "";
    }
    kind = candidate;
  }
  const bool said = node.broken || node.cut || !fields.clean();
  if (kind.empty() && !said && node.is_map()) {
    std::vector<std::string> kinds(k_kinds.begin(), k_kinds.end());
    if (!fields.has("doc") || node.keys.size() > 1 || node.keys.empty()) {
      unit.report.error(code::bad_action,
                        node.span,
                        "an action that does nothing",
                        "one of " + list_names(kinds));
    }
  }
  return kind;
}

void check_call_keys(Unit& unit, std::string_view kind, const Fields& fields) {
  for (const std::string_view key : {"with", "timeout", "retry", "idempotency_key"}) {
    if (kind.empty() || kind == "call" || !fields.has(key)) continue;
    unit.report.error(
        code::conflicting_keys,
        fields.key_span(key),
        "`" + std::string(key) + "` belongs to `call`, not to `" + std::string(kind) + "`");
  }
}

std::optional<Action> compile_action(Unit& unit, const Node& node, Place place) {
  const Fields fields(node, grammar::action, node.span, unit.report);
  Action action;
  action.span = node.keys.empty() ? node.span : node.keys[0].span;
  if (const Node* loop = fields.get("for_each")) {
    if (auto compiled = compile_loop(unit, *loop, place)) {
      action.for_each = std::move(compiled->list);
      place.each = std::move(compiled->loop);
    } else {
      // Keep the name known, so that its uses don't report again.
      if (loop->keys.size() == 1)
        place.each = Loop{loop->keys[0].text, types::simple_type(TypeKind::nothing)};
    }
  }
  if (const Node* when = fields.get("when"))
    action.when = compile_condition(unit, *when, "`when`", place);
  const std::string_view kind = kind_of(unit, node, fields);
  check_call_keys(unit, kind, fields);
  const Node* content = kind.empty() ? nullptr : fields.get(kind);
  if (content == nullptr) return std::nullopt;
  compile_kind(unit, kind, fields, *content, action, place);
  return action;
}

}  // namespace

expr::ProgramRef compile_error(Unit& unit, const Node& node, const Place& place) {
  const Fields fields(node, grammar::error, node.span, unit.report);
  const Node* error_code = fields.need("code");
  std::vector<std::pair<std::string, expr::ProgramRef>> members;
  const auto add = [&](const std::string& name, const Node* value, const TypeRef& type) {
    if (value == nullptr) return;
    if (auto program = compile_value(unit, *value, {type, "`" + name + "`"}, place))
      members.emplace_back(name, std::move(program));
  };
  add("code", error_code, text_type());
  add("message", fields.get("message"), text_type());
  add("details", fields.get("details"), types::dyn_type());
  return expr::object(std::move(members));
}

std::optional<Action> compile_set(Unit& unit, const Node& node, const Place& place) {
  Action action;
  action.kind = ActionKind::set;
  action.span = node.keys.empty() ? node.span : node.keys[0].span;
  if (!has_shape(node, k_map, "`set`", unit.report)) return std::nullopt;
  if (node.keys.empty() && node.cut) return std::nullopt;
  if (node.keys.empty()) {
    unit.report.error(
        code::empty_section, node.span, "`set` sets nothing", "write `field: value` below it");
    return std::nullopt;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    auto path = compile_path(unit, node.keys[i], place);
    if (!path) continue;
    machine::Assignment assignment;
    const TypeRef wanted =
        path->removable ? types::optional_of(without_optional(path->type)) : path->type;
    assignment.value =
        compile_value(unit, node.items[i], {wanted, "`" + node.keys[i].text + "`"}, place);
    assignment.path = std::move(path->steps);
    assignment.type = path->type;
    assignment.span = node.keys[i].span;
    action.set.push_back(std::move(assignment));
  }
  return action;
}

machine::Block compile_block(Unit& unit,
                             const Node& node,
                             const std::string& what,
                             const Place& place) {
  machine::Block block;
  if (!has_shape(node, k_list | k_map, what, unit.report)) return block;
  if (node.is_map()) {
    if (auto action = compile_action(unit, node, place)) block.push_back(std::move(*action));
    return block;
  }
  for (const Node& item : node.items) {
    if (auto action = compile_action(unit, item, place)) block.push_back(std::move(*action));
  }
  return block;
}

std::vector<machine::Block> compile_blocks(Unit& unit,
                                           const Node& node,
                                           const std::string& what,
                                           const Place& place) {
  const bool several =
      node.is_sequence() && std::any_of(node.items.begin(), node.items.end(), [](const Node& n) {
        return n.is_sequence();
      });
  if (!several) return {compile_block(unit, node, what, place)};
  std::vector<machine::Block> blocks;
  for (const Node& item : node.items) {
    if (has_shape(item, k_list, "each block of " + what, unit.report))
      blocks.push_back(compile_block(unit, item, what, place));
  }
  return blocks;
}

}  // namespace vozex::language
