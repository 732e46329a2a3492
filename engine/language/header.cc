// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/language/stages.h"

namespace vozex::language {
namespace {

void read_identity(Unit& unit, const Fields& fields) {
  machine::Machine& machine = *unit.machine;
  check_language_version(unit.root, unit.report);
  machine.workflow = unit.document.name;
  constexpr std::int64_t k_last_version = 1'000'000;
  if (const Node* version = fields.need("version")) {
    machine.version = static_cast<std::uint32_t>(
        read_int(*version, "`version`", 1, k_last_version, unit.report).value_or(1));
  }
  if (const Node* title = fields.get("title")) machine.title = title->text;
  if (const Node* doc = fields.get("doc")) machine.doc = doc->text;
  if (const Node* errors = fields.get("errors")) {
    const auto choice = read_choice(*errors, "`errors`", grammar::k_error_mode_words, unit.report);
    machine.errors = choice == 1U ? machine::ErrorMode::event : machine::ErrorMode::incident;
  }
  if (const Node* status = fields.get("status")) {
    for (std::size_t i = 0; i < status->keys.size(); ++i) {
      if (!has_shape(
              status->items[i], k_text, "the words of `" + status->keys[i].text + "`", unit.report))
        continue;
      machine.status_words.emplace_back(status->keys[i].text, status->items[i].text);
    }
  }
}

void read_imports(Unit& unit, const Fields& fields) {
  unit.imports = imports_of(fields.get("import"), unit.library, unit.report);
  for (const std::string& name : unit.imports) {
    const SharedTypes& shared = *unit.library.shared.at(name);
    unit.types.import(shared.types, name, fields.key_span("import"), unit.report);
    for (const auto& [event, type] : shared.events) unit.events[event].data = type.data;
    for (const auto& [policy, value] : shared.policies) unit.policies[policy] = value;
  }
  if (const Node* types = fields.get("types")) unit.types.declare(*types, unit.report);
  unit.types.resolve_all(unit.report);
  if (const Node* policies = fields.get("policies"))
    read_policies(*policies, unit.policies, unit.report);
}

// What is not known at the start must be optional or have a default, so that reading data never
// fails.
void check_start_value(Unit& unit, const DeclaredField& declared) {
  const types::TypeKind kind = declared.field.type->kind;
  const bool may_lack = declared.field.has_default || kind == types::TypeKind::optional ||
                        kind == types::TypeKind::dyn || kind == types::TypeKind::nothing;
  if (may_lack) return;
  const std::string type = types::to_string(*declared.field.type);
  unit.report.error(
      code::no_start_value,
      declared.span,
      "`" + declared.field.name + "` has no value when an instance starts",
      "give it a default, {type: " + type + ", default: ...}, or make it optional<" + type + ">");
}

// `data: some_type`
void check_named_data(Unit& unit, const Node& data) {
  for (const types::Field& field : unit.machine->data->fields) {
    DeclaredField declared;
    declared.field = field;
    declared.span = data.span;
    check_start_value(unit, declared);
  }
}

void read_types(Unit& unit, const Fields& fields) {
  machine::Machine& machine = *unit.machine;
  machine.input = types::object_of({});
  machine.data = types::object_of({});
  machine.config = types::object_of({});
  if (const Node* input = fields.get("input")) {
    machine.input = unit.types.read_object(*input, "`input`", unit.report, &unit.input_fields);
  }
  if (const Node* output = fields.get("output"))
    machine.output = unit.types.read_object(*output, "`output`", unit.report);
  if (const Node* config = fields.get("config"))
    machine.config = unit.types.read_object(*config, "`config`", unit.report);
  if (const Node* data = fields.get("data")) {
    machine.data = unit.types.read_object(*data, "`data`", unit.report, &unit.data_fields);
    for (const DeclaredField& declared : unit.data_fields) check_start_value(unit, declared);
    if (data->is_scalar()) check_named_data(unit, *data);
  }
  unit.names = {machine.input, machine.data, machine.config, nullptr};
}

// {order_id: string} directly below the event, as `types_of:` files write it.
bool reports_bare_fields(Unit& unit, const Node& key, const Node& node) {
  if (!node.is_map() || node.keys.empty()) return false;
  std::vector<std::string> known;
  for (const KeySpec& spec : grammar::event.keys) known.emplace_back(spec.name);
  for (const Node& name : node.keys) {
    if (!did_you_mean(name.text, known).empty()) return false;
  }
  unit.report.error(code::unknown_key,
                    node.keys[0].span,
                    "`" + node.keys[0].text + "` is no key of an event",
                    "in a workflow the fields stand below `data`: `" + key.text + ": {data: {" +
                        node.keys[0].text + ": ...}}`");
  return true;
}

void read_event(Unit& unit, const Node& key, const Node& node) {
  if (!is_event_name(key.text)) {
    unit.report.error(code::bad_name,
                      key.span,
                      "`" + key.text + "` can't be an event's name",
                      "use words of letters, digits, _ and - joined by dots: payment.succeeded");
    return;
  }
  KnownEvent& event = unit.events[key.text];
  event.own = true;
  event.span = key.span;
  if (node.broken || reports_bare_fields(unit, key, node)) return;
  if (node.is_null()) return;
  const Fields fields(node, grammar::event, key.span, unit.report);
  event.has_policy = fields.has("unhandled");
  const Node* data = fields.get("data");
  if (data == nullptr) return;
  types::TypeRef type = unit.types.read_object(*data, "the data of " + key.text, unit.report);
  if (type->kind == types::TypeKind::nothing) return;
  declare_event_type(unit.library, key.text, type, key.span, unit.report);
  event.data = std::move(type);
}

}  // namespace

void read_header(Unit& unit) {
  const Fields fields(unit.root, grammar::workflow, unit.root.span, unit.report);
  read_identity(unit, fields);
  read_imports(unit, fields);
  read_types(unit, fields);
  if (const Node* events = fields.get("events")) {
    for (std::size_t i = 0; i < events->keys.size(); ++i)
      read_event(unit, events->keys[i], events->items[i]);
  }
  fields.need("states");
  WorkflowOutline& outline = unit.library.workflows[unit.machine->workflow];
  const Span name = fields.key_span("workflow");
  if (outline.document != nullptr && outline.version == unit.machine->version) {
    unit.report.error(code::duplicate_name,
                      name,
                      "`" + unit.machine->workflow + "` version " +
                          std::to_string(outline.version) + " is also in " +
                          outline.document->source.name(),
                      "raise `version`, or remove one of the files");
  }
  unit.library.versions[{unit.machine->workflow, unit.machine->version}] = unit.machine.get();
  if (outline.document == nullptr || outline.version < unit.machine->version) {
    outline = {&unit.document, unit.machine->version, unit.machine->input, unit.machine->output};
  }
}

}  // namespace vozex::language
