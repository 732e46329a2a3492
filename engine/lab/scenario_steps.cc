// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/scenario_steps.h"

#include <algorithm>
#include <utility>

namespace vozex::lab {
namespace {

using language::Node;

std::nullopt_t wrong(FileReader& reader,
                     const Node& node,
                     std::string message,
                     std::string hint = "") {
  reader.report.error(language::code::wrong_shape, node.span, std::move(message), std::move(hint));
  return std::nullopt;
}

std::vector<std::string> step_names() {
  std::vector<std::string> names;
  for (const language::KeySpec& key : language::grammar::step.keys) names.emplace_back(key.name);
  return names;
}

std::vector<std::string> event_names(const FileReader& reader) {
  std::vector<std::string> names{"cancel"};
  for (const auto& machine : reader.compiled.machines) {
    for (const machine::EventDecl& event : machine->events) names.push_back(event.name);
  }
  return names;
}

std::optional<EventStep> read_event(FileReader& reader, const Node& node) {
  EventStep step;
  if (!node.is_map()) {
    return wrong(reader,
                 node,
                 "`event` is a map, got " + describe(node),
                 "write `event: {payment.failed: {...}, id: e1}`");
  }
  if (const Node* duplicate = node.find("duplicate_of")) {
    step.duplicate_of = duplicate->text;
    return step;
  }
  step.event.source = "test";
  const Node* name = nullptr;
  const Node* data = nullptr;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i].text;
    if (key == "id") {
      step.event.id = node.items[i].text;
    } else if (key == "source") {
      step.event.source = node.items[i].text;
    } else if (key == "subject") {
      step.event.subject = node.items[i].text;
    } else if (key == "time") {
      const auto time = parse_timestamp(node.items[i].text);
      if (!time)
        return wrong(reader, node.items[i], "`time` is no moment", "write 2026-01-01T00:00:00Z");
      step.event.time = *time;
    } else if (name == nullptr) {
      name = &node.keys[i];
      data = &node.items[i];
    } else {
      return wrong(reader,
                   node.keys[i],
                   "`event` names one event, got `" + name->text + "` and `" + key + "`");
    }
  }
  if (name == nullptr)
    return wrong(
        reader, node, "`event` names no event", "write `event: {payment.failed: {...}, id: e1}`");
  step.event.name = name->text;
  const std::vector<std::string> known = event_names(reader);
  if (std::find(known.begin(), known.end(), name->text) == known.end()) {
    reader.report.error(language::code::unknown_event,
                        name->span,
                        "none of these files declares the event `" + name->text + "`",
                        language::did_you_mean(name->text, known));
    return std::nullopt;
  }
  step.event.data = types::Value::map({});
  if (data->is_null()) return step;
  auto value =
      read_whole(*data, reader.event_type(name->text), "`" + name->text + "`", reader.report);
  if (!value) return std::nullopt;
  step.event.data = *std::move(value);
  return step;
}

bool read_actor(FileReader& reader, const Node& node, machine::Actor& actor) {
  if (node.is_scalar()) {
    actor.id = node.text;
    return true;
  }
  check_keys(node, language::grammar::actor, reader.report);
  if (const Node* id = node.find("id")) actor.id = id->text;
  if (const Node* roles = node.find("roles")) {
    for (const Node& role : roles->items) actor.roles.push_back(role.text);
  }
  return true;
}

std::optional<ActionStep> read_action(FileReader& reader, const Node& node) {
  if (!node.is_map()) {
    return wrong(reader,
                 node,
                 "`action` is a map, got " + describe(node),
                 "write `action: {accept: {note: ok}, as: {id: ann, roles: [ops]}}`");
  }
  ActionStep step;
  step.taken.actor.id = "test";
  const Node* name = nullptr;
  const Node* form = nullptr;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& key = node.keys[i].text;
    if (key == "as") {
      read_actor(reader, node.items[i], step.taken.actor);
    } else if (key == "of") {
      step.workflow = node.items[i].text;
    } else if (key == "reason") {
      step.taken.reason = node.items[i].text;
    } else if (name == nullptr) {
      name = &node.keys[i];
      form = &node.items[i];
    } else {
      return wrong(reader,
                   node.keys[i],
                   "`action` names one action, got `" + name->text + "` and `" + key + "`");
    }
  }
  if (name == nullptr) return wrong(reader, node, "`action` names no action");
  step.taken.name = name->text;
  const machine::MachineRef machine =
      step.workflow.empty() ? reader.machine : reader.find_machine(step.workflow);
  if (machine == nullptr)
    return wrong(reader, node, "`of` names no workflow of these files: `" + step.workflow + "`");
  std::vector<std::string> known;
  types::TypeRef type;
  for (const machine::ManualAction& action : machine->actions) {
    known.push_back(action.name);
    if (action.name == name->text) type = action.form;
  }
  if (std::find(known.begin(), known.end(), name->text) == known.end()) {
    return wrong(reader,
                 *name,
                 machine->workflow + " has no action `" + name->text + "`",
                 language::did_you_mean(name->text, known));
  }
  step.taken.form = types::Value::map({});
  if (form->is_null()) return step;
  // Not complete on purpose: what a form lacks is for the engine to refuse.
  auto value = read_partial(*form, type, "the form of " + name->text, reader.report);
  if (!value) return std::nullopt;
  step.taken.form = *std::move(value);
  return step;
}

std::optional<TaskStep> read_task_step(FileReader& reader,
                                       machine::TaskChange change,
                                       const Node& node) {
  TaskStep step;
  step.moved.change = change;
  step.moved.actor.id = "test";
  if (node.is_null()) return step;
  if (!node.is_map()) {
    return wrong(reader,
                 node,
                 "what is done to a task is a map, got " + describe(node),
                 "write `claim: {as: {id: ann, roles: [ops]}}`");
  }
  check_keys(node, language::grammar::task_step, reader.report);
  if (const Node* as = node.find("as")) read_actor(reader, *as, step.moved.actor);
  if (const Node* to = node.find("to")) step.moved.to = to->text;
  if (const Node* reason = node.find("reason")) step.moved.reason = reason->text;
  if (const Node* queue = node.find("queue")) step.queue = queue->text;
  return step;
}

std::optional<OperateStep> read_operation(FileReader& reader,
                                          const std::string& name,
                                          const Node& node) {
  const machine::Actor actor{"test", {}};
  if (name == "suspend") return OperateStep{machine::Suspended{actor, "test"}, name};
  if (name == "resume") return OperateStep{machine::Resumed{actor, "test"}, name};
  if (name == "move") {
    if (!node.is_scalar()) return wrong(reader, node, "`move` names a state");
    return OperateStep{machine::Moved{node.text, actor, "test"}, name};
  }
  auto data = read_partial(node, reader.machine->data, "data", reader.report);
  if (!data) return std::nullopt;
  return OperateStep{machine::Patched{*std::move(data), actor, "test"}, name};
}

// `migrate: {}` to the newest version, or `migrate: {to: 3}`.
std::optional<MigrateStep> read_migrate(FileReader& reader, const Node& node) {
  if (!node.is_null()) check_keys(node, language::grammar::migrate_step, reader.report);
  const Node* to = node.find("to");
  const machine::MachineRef newest = reader.find_machine(reader.machine->workflow);
  auto target = newest;
  if (to != nullptr) {
    const auto version = read_version(*to, "`to`", newest->version, reader.report);
    if (!version) return std::nullopt;
    target = reader.find_version(*to, *version);
  }
  if (target == nullptr) return std::nullopt;
  // What follows is about the new version.
  reader.machine = target;
  return MigrateStep{std::move(target)};
}

template <class Part>
std::optional<Step> step_of(std::optional<Part> part, const Span& span) {
  if (!part) return std::nullopt;
  return Step{*std::move(part), span};
}

std::optional<Step> read_start(FileReader& reader,
                               const Node& node,
                               const Node* defaults,
                               const Span& span) {
  const Node input = merged(defaults, &node);
  auto value = read_whole(input, reader.machine->input, "`start`", reader.report);
  if (!value) return std::nullopt;
  return Step{StartStep{*std::move(value)}, span};
}

}  // namespace

machine::MachineRef FileReader::find_machine(std::string_view workflow) const {
  machine::MachineRef found;
  for (const machine::MachineRef& candidate : compiled.machines) {
    if (candidate->workflow == workflow &&
        (found == nullptr || candidate->version > found->version))
      found = candidate;
  }
  return found;
}

machine::MachineRef FileReader::find_version(const Node& node, std::uint32_t version) const {
  for (const machine::MachineRef& candidate : compiled.machines) {
    if (candidate->workflow == machine->workflow && candidate->version == version) return candidate;
  }
  report.error(
      language::code::unknown_workflow,
      node.span,
      "none of these files is version " + std::to_string(version) + " of " + machine->workflow,
      "put the file of that version beside the new one");
  return nullptr;
}

machine::OperationRef FileReader::find_operation(std::string_view name) const {
  for (const machine::OperationRef& operation : compiled.operations) {
    if (operation->adapter + "." + operation->name == name) return operation;
  }
  return nullptr;
}

types::TypeRef FileReader::event_type(std::string_view event) const {
  if (const machine::EventDecl* decl = machine->find_event(event)) return decl->data;
  for (const machine::MachineRef& other : compiled.machines) {
    if (const machine::EventDecl* decl = other->find_event(event)) return decl->data;
  }
  return nullptr;
}

std::optional<Step> read_step(FileReader& reader, const Node& node, const Node* start_defaults) {
  if (!node.is_map() || node.keys.size() != 1) {
    return wrong(reader,
                 node,
                 "a step is one of " + language::list_names(step_names()),
                 "begin each with a dash: `- advance: 5m`");
  }
  const std::string& name = node.keys[0].text;
  const Node& body = node.items[0];
  const Span span = node.keys[0].span;
  if (name == "event") return step_of(read_event(reader, body), span);
  if (name == "action") return step_of(read_action(reader, body), span);
  if (name == "start") return read_start(reader, body, start_defaults, span);
  if (name == "expect") {
    ExpectStep step;
    if (!read_expectations(reader, body, step)) return std::nullopt;
    return Step{std::move(step), span};
  }
  if (name == "advance") {
    const auto by = read_duration(body, "`advance`", reader.report);
    if (!by) return std::nullopt;
    return Step{AdvanceStep{*by}, span};
  }
  if (name == "config") {
    auto values = read_partial(body, reader.machine->config, "`config`", reader.report);
    if (!values) return std::nullopt;
    return Step{ConfigStep{*std::move(values)}, span};
  }
  if (name == "suspend" || name == "resume" || name == "move" || name == "patch") {
    return step_of(read_operation(reader, name, body), span);
  }
  for (const auto change :
       {machine::TaskChange::claim, machine::TaskChange::release, machine::TaskChange::assign}) {
    if (name == to_string(change)) return step_of(read_task_step(reader, change, body), span);
  }
  if (name == "migrate") return step_of(read_migrate(reader, body), span);
  return wrong(reader,
               node.keys[0],
               "there is no step `" + name + "`",
               language::did_you_mean(name, step_names()));
}

}  // namespace vozex::lab
