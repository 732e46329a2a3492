// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/language/calls.h"
#include "engine/language/declarations.h"
#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/language/stages.h"
#include "engine/language/state_body.h"
#include "engine/language/values.h"

namespace vozex::language {
namespace {

using machine::AliasDecl;
using machine::EventDecl;
using types::Type;
using types::TypeKind;
using types::TypeRef;

constexpr std::string_view k_before_start =
    "is not visible here: the instance doesn't exist yet; use `input`";

Place before_start(const std::string& label) {
  Place place = state_place(label);
  place.no_instance = std::string(k_before_start);
  return place;
}

// Texts, whole numbers and choices make keys; optionals and lists of them none or several.
bool is_key_type(const Type& type, bool several) {
  if (several && (type.kind == TypeKind::optional || type.kind == TypeKind::list))
    return is_key_type(*type.element, true);
  return type.kind == TypeKind::string || type.kind == TypeKind::enumeration ||
         type.kind == TypeKind::integer || type.kind == TypeKind::uint ||
         type.kind == TypeKind::dyn || type.kind == TypeKind::nothing;
}

expr::ProgramRef compile_key(
    Unit& unit, const Node& node, const std::string& what, const Place& place, bool several) {
  expr::ProgramRef program = compile_bare(unit, node, {nullptr, what}, place);
  if (program == nullptr) return nullptr;
  const Type& type = *expr::type_of(*program);
  if (is_key_type(type, several)) return program;
  unit.report.error(code::bad_match,
                    node.span,
                    "expected a text for " + what + ", got " + types::to_string(type),
                    several ? "a string, an optional<string> or a list<string>"
                    : type.kind == TypeKind::optional
                        ? "a business key is always there: it can't be optional"
                        : "");
  return nullptr;
}

void compile_business_key(Unit& unit, const Node& node) {
  Place place = before_start("`key`");
  if (node.is_scalar()) {
    unit.machine->key = compile_key(unit, node, "`key`", place, false);
    return;
  }
  const Fields fields(node, grammar::business_key, node.span, unit.report);
  if (const Node* value = fields.need("value"))
    unit.machine->key = compile_key(unit, *value, "`key`", place, false);
  if (const Node* reuse = fields.get("reuse")) {
    unit.machine->key_reusable =
        read_choice(*reuse, "`reuse`", grammar::k_reuse_words, unit.report) == 1U;
  }
}

machine::DataField data_field(const std::string& name, const TypeRef& type) {
  machine::DataField field;
  field.name = name;
  field.type = type;
  return field;
}

// Literal defaults that were meant as expressions.
void check_literal_default(Unit& unit, const Node& node, const Place& place) {
  if (node.broken) return;
  if (node.is_scalar() && !has_template(node))
    reports_expression_literal(unit, node, {nullptr, "the default"}, place);
  for (const Node& item : node.items) check_literal_default(unit, item, place);
}

// Defaults that are expressions, and of data also the literal ones.
void compile_defaults(Unit& unit) {
  Place place = state_place("a default");
  place.no_instance = std::string(k_before_start);
  for (const DeclaredField& declared : unit.input_fields) {
    if (!declared.computed) {
      if (declared.default_node != nullptr)
        check_literal_default(unit, *declared.default_node, place);
      continue;
    }
    machine::DataField field = data_field(declared.field.name, declared.field.type);
    field.default_value = compile_value(
        unit, *declared.default_node, {field.type, "the default of `" + field.name + "`"}, place);
    unit.machine->input_defaults.push_back(std::move(field));
  }
  for (const DeclaredField& declared : unit.data_fields) {
    machine::DataField field = data_field(declared.field.name, declared.field.type);
    if (declared.computed) {
      field.default_value = compile_value(
          unit, *declared.default_node, {field.type, "the default of `" + field.name + "`"}, place);
    } else if (declared.field.default_value && !declared.field.default_value->is_null()) {
      if (declared.default_node != nullptr)
        check_literal_default(unit, *declared.default_node, place);
      field.default_value = expr::constant(*declared.field.default_value, field.type);
    }
    unit.machine->data_fields.push_back(std::move(field));
  }
}

// `data: some_type`: fields without defaults.
void add_named_data(Unit& unit) {
  if (!unit.data_fields.empty()) return;
  for (const types::Field& field : unit.machine->data->fields) {
    machine::DataField made = data_field(field.name, field.type);
    if (field.default_value) made.default_value = expr::constant(*field.default_value, field.type);
    unit.machine->data_fields.push_back(std::move(made));
  }
}

std::vector<AliasDecl> compile_named(Unit& unit,
                                     const Node& section,
                                     const std::string& kind,
                                     bool keys) {
  std::vector<AliasDecl> made;
  for (std::size_t i = 0; i < section.keys.size(); ++i) {
    const Node& name = section.keys[i];
    if (!is_identifier(name.text)) {
      unit.report.error(code::bad_name,
                        name.span,
                        "`" + name.text + "` can't be a name",
                        "use letters, digits and _");
      continue;
    }
    const std::string what = kind + " `" + name.text + "`";
    const Place place = state_place("`" + kind + "`");
    AliasDecl alias;
    alias.name = name.text;
    alias.span = name.span;
    alias.value = keys ? compile_key(unit, section.items[i], what, place, true)
                       : compile_bare(unit, section.items[i], {nullptr, what}, place);
    made.push_back(std::move(alias));
  }
  return made;
}

void compile_match_form(Unit& unit, const Node& node, EventDecl& event) {
  const Place place = event_place("`match`", event.data);
  if (node.broken) return;
  if (node.is_scalar()) {
    if (unit.machine->key == nullptr && unit.root.find("key") == nullptr) {
      unit.report.error(code::bad_match,
                        node.span,
                        "this matches the business key, and the workflow has no `key`",
                        "add `key: input....` at the top, or match an alias: {alias: expression}");
    }
    event.match.push_back({"", compile_key(unit, node, "`match`", place, true)});
    return;
  }
  if (!node.is_map() || node.keys.empty()) {
    unit.report.error(code::wrong_shape,
                      node.span,
                      "expected an expression for the business key or {alias: expression}, got " +
                          describe(node));
    return;
  }
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node& name = node.keys[i];
    const auto& aliases = unit.machine->aliases;
    const bool known = std::any_of(aliases.begin(), aliases.end(), [&](const AliasDecl& alias) {
      return alias.name == name.text;
    });
    if (!known) {
      std::vector<std::string> names;
      names.reserve(aliases.size());
      for (const AliasDecl& alias : aliases) names.push_back(alias.name);
      std::string hint = did_you_mean(name.text, names);
      if (hint.empty())
        hint = names.empty() ? "declare it: `aliases: {" + name.text + ": data.some_field}`"
                             : "declared: " + list_names(names);
      unit.report.error(
          code::unknown_alias, name.span, "no alias is called `" + name.text + "`", hint);
    }
    event.match.push_back({name.text, compile_key(unit, node.items[i], "`match`", place, true)});
  }
}

void compile_event(Unit& unit, const std::string& name, const Node& node) {
  const auto known = unit.events.find(name);
  if (known == unit.events.end()) return;
  EventDecl event;
  event.name = name;
  event.span = known->second.span;
  event.data = known->second.data == nullptr ? types::dyn_type() : known->second.data;
  if (const Node* match = node.find("match"); match != nullptr && !match->broken) {
    if (match->is_sequence()) {
      for (const Node& form : match->items) compile_match_form(unit, form, event);
    } else {
      compile_match_form(unit, *match, event);
    }
  }
  if (const Node* unhandled = node.find("unhandled"); unhandled != nullptr && !unhandled->broken) {
    const auto choice =
        read_choice(*unhandled, "`unhandled`", grammar::k_unhandled_words, unit.report);
    event.unhandled = static_cast<machine::Unhandled>(choice.value_or(0));
  }
  if (const Node* early = node.find("early"); early != nullptr && !early->broken) {
    event.early = read_choice(*early, "`early`", grammar::k_early_words, unit.report) == 1U
                      ? machine::Early::drop
                      : machine::Early::keep;
  }
  if (const Node* from = node.find("from"); from != nullptr && !from->broken) {
    const auto choice = read_choice(*from, "`from`", grammar::k_sender_words, unit.report);
    event.from = static_cast<machine::Sender>(choice.value_or(0));
  }
  unit.machine->events.push_back(std::move(event));
}

void compile_invariant(Unit& unit, const Node& node) {
  const Fields fields(node, grammar::invariant, node.span, unit.report);
  const Node* name = fields.need("name");
  const Node* holds = fields.need("holds");
  if (holds == nullptr) return;
  machine::Invariant invariant;
  invariant.name = name == nullptr ? "" : name->text;
  invariant.holds = compile_condition(unit, *holds, "`holds`", state_place("`holds`"));
  unit.machine->invariants.push_back(std::move(invariant));
}

const Node* section(const Unit& unit, std::string_view key, bool list = false) {
  const Node* node = unit.root.find(key);
  if (node == nullptr || node->broken) return nullptr;
  return (list ? node->is_sequence() : node->is_map()) ? node : nullptr;
}

}  // namespace

Place event_place(const std::string& label, const TypeRef& data) {
  Place place = state_place(label);
  place.event = event_type(data);
  place.no_instance = "is not visible here: the instance is still looked for; use `event`";
  place.no_input = "is not visible here: the instance is still looked for; use `event`";
  return place;
}

void compile_declarations(Unit& unit) {
  machine::Machine& machine = *unit.machine;
  if (const Node* key = unit.root.find("key");
      key != nullptr && (key->is_scalar() || key->is_map()) && !key->broken) {
    compile_business_key(unit, *key);
  }
  compile_defaults(unit);
  add_named_data(unit);
  if (const Node* aliases = section(unit, "aliases"))
    machine.aliases = compile_named(unit, *aliases, "alias", true);
  if (const Node* search = section(unit, "search"))
    machine.search = compile_named(unit, *search, "search", false);
  if (const Node* events = section(unit, "events")) {
    for (std::size_t i = 0; i < events->keys.size(); ++i)
      compile_event(unit, events->keys[i].text, events->items[i]);
  }
  if (const Node* start = section(unit, "start")) compile_start(unit, *start);
  if (const Node* invariants = section(unit, "invariants", true)) {
    for (const Node& item : invariants->items) compile_invariant(unit, item);
  }
  if (const Node* properties = section(unit, "properties", true))
    compile_properties(unit, *properties);
  if (const Node* migrate = unit.root.find("migrate"); migrate != nullptr && !migrate->broken)
    compile_migrations(unit, *migrate);
}

}  // namespace vozex::language
