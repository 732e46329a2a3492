// SPDX-License-Identifier: Apache-2.0
//
// `properties:`. Claims about every run, in the patterns that authors need of temporal logic:
// always, never, eventually, response (`after`, `eventually`), precedence (`first`, `before`).
#include "engine/language/declarations.h"
#include "engine/language/keys.h"
#include "engine/language/state_body.h"
#include "engine/language/values.h"

namespace vozex::language {
namespace {

using machine::PropertyKind;

struct Claim {
  PropertyKind kind;
  std::string_view first;
  std::string_view second;  // "" where one expression says all
};
constexpr Claim k_claims[] = {{PropertyKind::always, "always", ""},
                              {PropertyKind::never, "never", ""},
                              {PropertyKind::leads_to, "after", "eventually"},
                              {PropertyKind::precedes, "first", "before"},
                              {PropertyKind::eventually, "eventually", ""}};

const Claim* claim_of(const Fields& fields) {
  std::size_t written = 0;
  for (const KeySpec& key : grammar::property.keys) {
    if (key.name != "name" && key.name != "doc" && fields.has(key.name)) ++written;
  }
  for (const Claim& form : k_claims) {
    const bool both = form.second.empty() || fields.has(form.second);
    if (fields.has(form.first) && both && written == (form.second.empty() ? 1u : 2u)) return &form;
  }
  return nullptr;
}

expr::ProgramRef compile_claim(Unit& unit, const Fields& fields, std::string_view key) {
  const Node* node = key.empty() ? nullptr : fields.get(key);
  if (node == nullptr) return nullptr;
  return compile_condition(unit, *node, "`" + std::string(key) + "`", state_place("`properties`"));
}

void compile_property(Unit& unit, const Node& node) {
  if (node.broken) return;
  const Fields fields(node, grammar::property, node.span, unit.report);
  const Node* name = fields.need("name");
  const Claim* form = claim_of(fields);
  if (form == nullptr) {
    if (node.is_map() && !node.cut && fields.clean()) {
      unit.report.error(code::bad_property,
                        node.span,
                        "a property claims one thing",
                        "one of `always`, `never`, `eventually`; or `after` and `eventually`; or "
                        "`first` and `before`");
    }
    return;
  }
  machine::Property property;
  property.name = name == nullptr ? "" : name->text;
  property.kind = form->kind;
  property.span = name == nullptr ? node.span : name->span;
  property.first = compile_claim(unit, fields, form->first);
  property.second = compile_claim(unit, fields, form->second);
  for (const machine::Property& other : unit.machine->properties) {
    if (name == nullptr || other.name != property.name) continue;
    unit.report.error(code::duplicate_name,
                      name->span,
                      "another property is called `" + property.name + "`",
                      "`verify` reports properties by name: give each its own");
  }
  unit.machine->properties.push_back(std::move(property));
}

}  // namespace

void compile_properties(Unit& unit, const Node& list) {
  for (const Node& item : list.items) compile_property(unit, item);
}

}  // namespace vozex::language
