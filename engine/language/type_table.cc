// SPDX-License-Identifier: Apache-2.0
#include "engine/language/type_table.h"

#include <fmt/format.h>

#include "engine/base/text.h"
#include "engine/expr/expr.h"
#include "engine/language/keys.h"
#include "engine/language/literals.h"
#include "engine/types/json.h"
#include "engine/types/notation.h"

namespace vozex::language {
namespace {

using types::Type;
using types::TypeKind;
using types::TypeRef;

TypeRef nothing() { return types::simple_type(TypeKind::nothing); }

std::vector<std::string> long_form_names() {
  std::vector<std::string> names;
  for (const KeySpec& key : grammar::long_type.keys) names.emplace_back(key.name);
  return names;
}

// {type: int, defualt: 3} is meant as the long form; {type: string, sku: string} is an object with
// a field `type`.
bool is_long_form(const Node& map) {
  const Node* type = map.find("type");
  if (type == nullptr || !type->is_scalar()) return false;
  static const std::vector<std::string> known = long_form_names();
  for (const Node& key : map.keys) {
    const bool near = nearest(key.text, known).has_value();
    if (!near) return false;
  }
  return true;
}

// `tries: 0`: the type that a value written in the place of a type seems to have; "" when it is
// none.
std::string type_of_literal(const Node& node) {
  if (node.text.empty()) return "string";
  if (node.text == "true" || node.text == "false") return "bool";
  if (node.text.find_first_not_of("0123456789-") == std::string::npos) return "int";
  return node.text.find_first_not_of("0123456789-.") == std::string::npos ? "double" : "";
}

// Regular expressions are known to the expression functions: one of them is asked.
void read_pattern(const Node& node, types::Constraints& constraints, Report& report) {
  std::string probe = "''.matches(";
  types::append_json_string(probe, node.text);
  const auto compiled = expr::compile(probe + ")", {});
  if (compiled) {
    constraints.pattern = node.text;
    return;
  }
  report.error(code::bad_constraint,
               node.span,
               "`pattern` is no regular expression",
               compiled.error().front().message);
}

void read_limits(const Fields& fields, types::Constraints& constraints, Report& report) {
  if (const Node* node = fields.get("min")) constraints.min = read_number(*node, "`min`", report);
  if (const Node* node = fields.get("max")) constraints.max = read_number(*node, "`max`", report);
  constexpr std::int64_t k_longest = 1 << 30;
  const auto length = [&](const char* key, std::optional<std::uint32_t>& into) {
    const Node* node = fields.get(key);
    if (node == nullptr) return;
    if (const auto value = read_int(*node, std::string("`") + key + "`", 0, k_longest, report)) {
      into = static_cast<std::uint32_t>(*value);
    }
  };
  length("min_length", constraints.min_length);
  length("max_length", constraints.max_length);
  if (const Node* node = fields.get("pattern")) read_pattern(*node, constraints, report);
  if (const Node* node = fields.get("format")) {
    if (read_choice(*node, "`format`", grammar::k_format_words, report))
      constraints.format = node->text;
  }
}

struct Applies {
  const char* key;
  bool numbers;
  bool lengths;
  bool strings;
};
constexpr Applies k_applies[] = {
    {"min", true, false, false},
    {"max", true, false, false},
    {"min_length", false, true, true},
    {"max_length", false, true, true},
    {"pattern", false, false, true},
    {"format", false, false, true},
};

// `min` on a string is a mistake, not a wish.
void check_applicable(const Fields& fields, const Type& type, Report& report) {
  const TypeKind kind = without_optional(type).kind;
  if (kind == TypeKind::nothing) return;
  const bool number = kind == TypeKind::integer || kind == TypeKind::uint || kind == TypeKind::real;
  const bool sized = kind == TypeKind::list || kind == TypeKind::map;
  const bool text = kind == TypeKind::string;
  for (const Applies& entry : k_applies) {
    if (!fields.has(entry.key)) continue;
    if ((number && entry.numbers) || (sized && entry.lengths) || (text && entry.strings)) continue;
    report.error(code::bad_constraint,
                 fields.key_span(entry.key),
                 std::string("`") + entry.key + "` says nothing about " + types::to_string(type),
                 entry.numbers
                     ? "it limits numbers; for texts and lists use min_length and max_length"
                     : "");
  }
}

TypeRef constrained(const TypeRef& type, const types::Constraints& constraints) {
  if (constraints == types::Constraints{}) return type;
  if (type->kind == TypeKind::optional)
    return types::optional_of(constrained(type->element, constraints));
  auto copy = std::make_shared<Type>(*type);
  copy->constraints = constraints;
  return copy;
}

}  // namespace

bool has_template(const Node& node) {
  if (node.is_scalar()) return node.text.find("${") != std::string::npos;
  for (const Node& item : node.items) {
    if (has_template(item)) return true;
  }
  return false;
}

TypeRef object_type(const std::vector<DeclaredField>& fields, std::string name) {
  std::vector<types::Field> list;
  list.reserve(fields.size());
  for (const DeclaredField& declared : fields) list.push_back(declared.field);
  return types::object_of(std::move(list), std::move(name));
}

void TypeTable::import(const TypeTable& other,
                       const std::string& from,
                       const Span& span,
                       Report& report) {
  for (const auto& [name, type] : other.resolved_) {
    const auto before = imported_from_.find(name);
    if (before != imported_from_.end() && !types::equal(*resolved_.at(name), *type)) {
      report.error(
          code::duplicate_name,
          span,
          fmt::format("type `{}` comes from `{}` and from `{}`", name, before->second, from),
          "rename one of them");
      continue;
    }
    resolved_[name] = type;
    imported_from_.emplace(name, from);
  }
}

void TypeTable::declare(const Node& section, Report& report) {
  for (std::size_t i = 0; i < section.keys.size(); ++i) {
    const Node& key = section.keys[i];
    if (!is_identifier(key.text)) {
      report.error(code::bad_name,
                   key.span,
                   "`" + key.text + "` can't be a type's name",
                   "use letters, digits and _");
      continue;
    }
    const auto imported = imported_from_.find(key.text);
    if (imported != imported_from_.end()) {
      report.error(code::duplicate_name,
                   key.span,
                   "type `" + key.text + "` is already imported from `" + imported->second + "`",
                   "give it another name, or use the imported one");
      continue;
    }
    pending_[key.text] = &section.items[i];
    declared_at_[key.text] = key.span;
  }
}

void TypeTable::resolve_all(Report& report) {
  for (const auto& [name, span] : declared_at_) find(name, report);
}

std::vector<std::string> TypeTable::names() const {
  std::vector<std::string> all;
  all.reserve(resolved_.size() + pending_.size());
  for (const auto& [name, type] : resolved_) all.push_back(name);
  for (const auto& [name, node] : pending_) all.push_back(name);
  return all;
}

TypeRef TypeTable::find(std::string_view name, Report& report) {
  if (const auto known = resolved_.find(name); known != resolved_.end()) return known->second;
  const auto pending = pending_.find(name);
  if (pending == pending_.end()) return nullptr;
  if (resolving_.contains(name)) {
    report.error(code::cyclic_type,
                 declared_at_.find(name)->second,
                 "type `" + std::string(name) + "` contains itself",
                 "break the circle: keep an id instead, or use json");
    return nothing();
  }
  const std::string key(name);
  const Node& node = *pending->second;
  resolving_.insert(key);
  TypeRef type = resolving_.size() > k_max_type_depth ? nothing() : resolve(key, node, report);
  if (resolving_.size() > k_max_type_depth || is_too_large(bounds_.measure(*type))) {
    report.error(code::too_many,
                 declared_at_.find(name)->second,
                 "type `" + key + "` becomes too large when the types in it are written out",
                 "at most " + std::to_string(k_max_type_size) + " parts and " +
                     std::to_string(k_max_type_depth) + " levels: use json for a part of it");
    type = nothing();
  }
  resolving_.erase(key);
  pending_.erase(key);
  return resolved_[key] = std::move(type);
}

TypeRef TypeTable::resolve(const std::string& name, const Node& node, Report& report) {
  if (node.is_map() && !is_long_form(node))
    return object_type(read_fields(node, "type `" + name + "`", report), name);
  return read(node, "type `" + name + "`", report);
}

TypeRef TypeTable::read(const Node& node, const std::string& what, Report& report) {
  const char* example = node.items.empty() ? "{type: list<string>, default: []}" : "list<string>";
  if (!has_shape(node, k_text | k_map, what, report, example)) return nothing();
  if (node.is_scalar()) return read_notation(node, what, report);
  if (is_long_form(node)) {
    Node key;
    key.text = what;
    key.span = node.span;
    return read_long_form(key, node, report).field.type;
  }
  return object_type(read_fields(node, what, report));
}

TypeRef TypeTable::read_notation(const Node& node, const std::string& what, Report& report) {
  const auto lookup = [&](std::string_view name) { return find(name, report); };
  auto type = types::parse_type(node.text, lookup);
  if (type) return std::move(*type);
  // Once more for a suggestion: the names are many, and rarely needed.
  if (!report.is_full()) type = types::parse_type(node.text, lookup, names());
  if (type) return std::move(*type);
  const types::NotationError& problem = type.error();
  std::string hint = problem.suggestion.empty() ? "" : "did you mean `" + problem.suggestion + "`?";
  if (hint.empty() && problem.message.starts_with("unknown type")) {
    hint = "declare it under `types:`, or import the file that does";
  }
  if (const std::string meant = type_of_literal(node); !meant.empty()) {
    hint = "a field has a type: write `{type: " + meant +
           ", default: " + (node.text.empty() ? "\"\"" : node.text) + "}`";
  }
  report.error(code::unknown_type,
               locate(report.source(), node, problem.offset, problem.length),
               problem.message + " for " + what,
               hint);

  return nothing();
}

DeclaredField TypeTable::read_field(const Node& key, const Node& value, Report& report) {
  if (value.is_map() && is_long_form(value)) return read_long_form(key, value, report);
  DeclaredField declared;
  declared.field.name = key.text;
  declared.span = key.span;
  declared.field.type = read(value, "`" + key.text + "`", report);
  return declared;
}

DeclaredField TypeTable::read_long_form(const Node& key, const Node& value, Report& report) {
  DeclaredField declared;
  declared.field.name = key.text;
  declared.span = key.span;
  const Fields fields(value, grammar::long_type, key.span, report);
  const Node* notation = fields.need("type");
  const Node* options = fields.get("options");
  types::Constraints constraints;
  read_limits(fields, constraints, report);
  if (options != nullptr) {
    declared.field.type = types::enum_of(read_texts(*options, "`options`", report));
  } else {
    declared.field.type =
        notation == nullptr ? nothing() : read_notation(*notation, "`" + key.text + "`", report);
  }
  check_applicable(fields, *declared.field.type, report);
  declared.field.type = constrained(declared.field.type, constraints);
  if (const Node* doc = fields.get("doc")) declared.field.doc = doc->text;
  const Node* fallback = fields.get("default");
  declared.field.has_default = fields.has("default");
  if (fallback == nullptr) return declared;
  declared.default_node = fallback;
  declared.computed = has_template(*fallback);
  declared.field.has_default = true;
  if (!declared.computed && declared.field.type->kind != TypeKind::nothing) {
    declared.field.default_value =
        read_literal(*fallback, *declared.field.type, "the default of `" + key.text + "`", report);
  }
  return declared;
}

std::vector<DeclaredField> TypeTable::read_fields(const Node& map,
                                                  const std::string& what,
                                                  Report& report) {
  std::vector<DeclaredField> fields;
  if (!has_shape(map, k_map, what, report)) return fields;
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    const Node& key = map.keys[i];
    if (!is_identifier(key.text)) {
      report.error(code::bad_name,
                   key.span,
                   "`" + key.text + "` can't be a field's name",
                   "use letters, digits and _");
      continue;
    }
    if (map.items[i].broken) {
      DeclaredField unknown;
      unknown.field.name = key.text;
      unknown.field.type = nothing();
      unknown.field.has_default = true;
      fields.push_back(std::move(unknown));
      continue;
    }
    fields.push_back(read_field(key, map.items[i], report));
  }
  return fields;
}

TypeRef TypeTable::read_object(const Node& node,
                               const std::string& what,
                               Report& report,
                               std::vector<DeclaredField>* declared) {
  if (!has_shape(node, k_text | k_map, what, report)) return types::object_of({});
  if (node.is_map()) {
    auto fields = read_fields(node, what, report);
    TypeRef type = object_type(fields);
    if (declared != nullptr) *declared = std::move(fields);
    return type;
  }
  TypeRef type = read_notation(node, what, report);
  if (type->kind == TypeKind::object || type->kind == TypeKind::nothing) return type;
  report.error(code::wrong_type,
               node.span,
               what + " must be an object type, got " + types::to_string(*type),
               "write its fields: {order_id: string, ...}, or name a type that has fields");
  return types::object_of({});
}

}  // namespace vozex::language
