// SPDX-License-Identifier: Apache-2.0
//
// The named types that a file sees: those it declares under `types:` and those it imports; and the
// reader of types as files write them: short notation, a map of fields, or the long form {type,
// default, min, ...}. Specification: docs/language/types.md. Tests: tests/unit/language.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/language/node.h"
#include "engine/language/report.h"
#include "engine/language/type_bounds.h"
#include "engine/types/type.h"

namespace vozex::language {

// A declared member of input, data, config, a form or an object type, with its default when that is
// an expression.
struct DeclaredField {
  types::Field field;
  const Node* default_node = nullptr;  // as written; null without
  bool computed = false;               // the default holds ${...}
  Span span;                           // of the name
};

class TypeTable {
 public:
  // Imported types are visible; a file's own types may not repeat their names.
  void import(const TypeTable& other, const std::string& from, const Span& span, Report& report);
  // The `types:` section. The node must outlive the table.
  void declare(const Node& section, Report& report);

  // nullptr when there is none. Resolves on demand; reports a type that contains itself.
  types::TypeRef find(std::string_view name, Report& report);
  std::vector<std::string> names() const;
  // Own ones, resolved.
  const std::map<std::string, types::TypeRef, std::less<>>& resolved() const { return resolved_; }
  void resolve_all(Report& report);

  // A type in any form. Never null: what can't be read has been reported and is `nothing`.
  types::TypeRef read(const Node& node, const std::string& what, Report& report);
  // Fields by name: {order_id: string, amount: {type: int, min: 1}}.
  std::vector<DeclaredField> read_fields(const Node& map, const std::string& what, Report& report);
  // An object type: fields, or the name of an object type. `defaults` gets the fields where given.
  types::TypeRef read_object(const Node& node,
                             const std::string& what,
                             Report& report,
                             std::vector<DeclaredField>* declared = nullptr);

 private:
  types::TypeRef resolve(const std::string& name, const Node& node, Report& report);
  types::TypeRef read_notation(const Node& node, const std::string& what, Report& report);
  DeclaredField read_field(const Node& key, const Node& value, Report& report);
  DeclaredField read_long_form(const Node& key, const Node& value, Report& report);

  std::map<std::string, const Node*, std::less<>> pending_;
  std::map<std::string, Span, std::less<>> declared_at_;
  std::set<std::string, std::less<>> resolving_;
  std::map<std::string, types::TypeRef, std::less<>> resolved_;
  std::map<std::string, std::string, std::less<>> imported_from_;
  TypeBounds bounds_;
};

types::TypeRef object_type(const std::vector<DeclaredField>& fields, std::string name = "");

// Whether a text holds an expression.
bool has_template(const Node& node);

}  // namespace vozex::language
