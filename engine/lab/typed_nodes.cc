// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/typed_nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/language/keys.h"
#include "engine/language/literals.h"

namespace vozex::lab {
namespace {

using language::Node;
using language::Report;
using types::Type;
using types::TypeKind;
using types::TypeRef;
using types::Value;

const TypeRef& known_or_any(const TypeRef& type) {
  static const TypeRef k_any = types::dyn_type();
  return type != nullptr ? type : k_any;
}

std::optional<Value> partial_object(const Node& node,
                                    const Type& type,
                                    const std::string& what,
                                    Report& report) {
  Value::Map members;
  bool good = true;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& name = node.keys[i].text;
    const types::Field* field = types::find_field(type, name);
    if (field == nullptr) {
      report.error(language::code::unknown_field,
                   node.keys[i].span,
                   fmt::format("{} has no field `{}`", what, name),
                   language::did_you_mean(name, language::field_names(type)));
      good = false;
      continue;
    }
    auto value = read_partial(node.items[i], field->type, "`" + name + "`", report);
    good = good && value.has_value();
    if (value) members.push_back({Value::string(name), *std::move(value)});
  }
  if (!good) return std::nullopt;
  return Value::map(std::move(members));
}

std::optional<Value> partial_map(const Node& node,
                                 const TypeRef& element,
                                 const std::string& what,
                                 Report& report) {
  Value::Map members;
  bool good = true;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    auto value = read_partial(node.items[i], element, what, report);
    good = good && value.has_value();
    if (value) members.push_back({Value::string(node.keys[i].text), *std::move(value)});
  }
  if (!good) return std::nullopt;
  return Value::map(std::move(members));
}

std::optional<Value> partial_list(const Node& node,
                                  const TypeRef& element,
                                  const std::string& what,
                                  Report& report) {
  Value::List items;
  bool good = true;
  for (const Node& item : node.items) {
    auto value = read_partial(item, element, what, report);
    good = good && value.has_value();
    if (value) items.push_back(*std::move(value));
  }
  if (!good) return std::nullopt;
  return Value::list(std::move(items));
}

const TypeRef& money_type() {
  static const TypeRef k_money =
      types::object_of({{"minor", types::simple_type(TypeKind::integer), {}, false, ""},
                        {"currency", types::simple_type(TypeKind::string), {}, false, ""}});
  return k_money;
}

}  // namespace

std::optional<Value> read_whole(const Node& node,
                                const TypeRef& type,
                                const std::string& what,
                                Report& report) {
  return language::read_literal(node, *known_or_any(type), what, report);
}

std::optional<Value> read_partial(const Node& node,
                                  const TypeRef& declared,
                                  const std::string& what,
                                  Report& report) {
  if (node.broken) return std::nullopt;
  if (node.is_null()) return Value();
  const TypeRef type = language::without_optional(known_or_any(declared));
  const bool any = type->kind == TypeKind::dyn || type->kind == TypeKind::nothing;
  if (node.is_map()) {
    if (type->kind == TypeKind::object) return partial_object(node, *type, what, report);
    if (type->kind == TypeKind::money) return partial_object(node, *money_type(), what, report);
    if (type->kind == TypeKind::map || any)
      return partial_map(node, any ? nullptr : type->element, what, report);
  }
  if (node.is_sequence() && (type->kind == TypeKind::list || any)) {
    return partial_list(node, any ? nullptr : type->element, what, report);
  }
  return language::read_literal(node, *type, what, report);
}

Node merged(const Node* base, const Node* over) {
  if (base == nullptr || !base->is_map()) return over != nullptr ? *over : Node{};
  if (over == nullptr || !over->is_map())
    return over != nullptr && !over->is_null() ? *over : *base;
  Node result = *over;
  for (std::size_t i = 0; i < base->keys.size(); ++i) {
    if (over->find(base->keys[i].text) != nullptr) continue;
    result.keys.push_back(base->keys[i]);
    result.items.push_back(base->items[i]);
  }
  return result;
}

std::optional<Duration> read_duration(const Node& node, const std::string& what, Report& report) {
  const auto duration = node.is_scalar() ? parse_duration(node.text) : std::nullopt;
  if (duration && duration->count() >= 0) return duration;
  report.error(language::code::bad_literal,
               node.span,
               what + " wants a duration, got " +
                   (node.is_scalar() ? "`" + node.text + "`" : describe(node)),
               "write `30m`, `1h30m` or `7d`");
  return std::nullopt;
}

std::optional<std::uint32_t> read_version(const Node& node,
                                          const std::string& what,
                                          std::uint32_t newest,
                                          Report& report) {
  const auto version = language::read_int(node, what, 1, newest, report);
  if (!version) return std::nullopt;
  return static_cast<std::uint32_t>(*version);
}

void check_keys(const Node& map, const language::Schema& schema, Report& report) {
  std::vector<std::string> known;
  for (const language::KeySpec& key : schema.keys) known.emplace_back(key.name);
  for (const Node& key : map.keys) {
    if (find_key(schema, key.text) != nullptr) continue;
    std::string hint = language::did_you_mean(key.text, known);
    if (hint.empty()) hint = "it takes " + language::list_names(known);
    report.error(language::code::unknown_key,
                 key.span,
                 std::string(schema.what) + " has no key `" + key.text + "`",
                 std::move(hint));
  }
}

}  // namespace vozex::lab
