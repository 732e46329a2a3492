// SPDX-License-Identifier: Apache-2.0
#include "engine/language/literals.h"

#include <fmt/format.h>

#include <charconv>

#include "engine/base/text.h"
#include "engine/language/keys.h"
#include "engine/types/validate.h"

namespace vozex::language {
namespace {

using types::Type;
using types::TypeKind;
using types::Value;

template <class T>
std::optional<T> whole(std::string_view text) {
  T value{};
  const char* last = text.data() + text.size();
  const auto [end, failed] = std::from_chars(text.data(), last, value);
  if (failed != std::errc{} || end != last || text.empty()) return std::nullopt;
  return value;
}

bool looks_real(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789+-.eE") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

// Without a declared type: true, false, null, decimal numbers, else text.
std::optional<Value> read_untyped(const Node& node, Report& report) {
  if (node.is_null()) return Value();
  if (!node.is_plain()) return Value::string(node.text);
  if (node.text == "true") return Value::boolean(true);
  if (node.text == "false") return Value::boolean(false);
  if (reports_octal(node, report, true)) return std::nullopt;
  if (const auto number = whole<std::int64_t>(node.text)) return Value::integer(*number);
  if (looks_real(node.text)) {
    if (const auto number = whole<double>(node.text)) return Value::real(*number);
  }
  return Value::string(node.text);
}

std::optional<Value> read_enum(const Node& node,
                               const Type& type,
                               const std::string& what,
                               Report& report) {
  for (const std::string& option : type.options) {
    if (option == node.text) return Value::string(option);
  }
  report.error(code::wrong_type,
               node.span,
               "expected " + join_or(type.options) + " for " + what + ", got `" + node.text + "`",
               did_you_mean(node.text, type.options));
  return std::nullopt;
}

std::string quotes_hint(const Node& node, const Type& type) {
  const bool number = type.kind == TypeKind::integer || type.kind == TypeKind::real ||
                      type.kind == TypeKind::uint || type.kind == TypeKind::boolean;
  return number && node.is_scalar() && !node.is_plain()
             ? "take the quotes away: a text in quotes is a string"
             : "";
}

std::optional<Value> plain_number(const Node& node, const Type& type) {
  if (!node.is_plain()) return std::nullopt;
  if (type.kind == TypeKind::boolean) {
    if (node.text == "true") return Value::boolean(true);
    if (node.text == "false") return Value::boolean(false);
  }
  if (type.kind == TypeKind::integer) {
    if (const auto number = whole<std::int64_t>(node.text)) return Value::integer(*number);
  }
  if (type.kind == TypeKind::uint) {
    if (const auto number = whole<std::uint64_t>(node.text)) return Value::uint(*number);
  }
  if (type.kind == TypeKind::real && looks_real(node.text)) {
    if (const auto number = whole<double>(node.text)) return Value::real(*number);
  }
  return std::nullopt;
}

std::optional<Value> number_or_time(const Node& node, const Type& type) {
  if (type.kind == TypeKind::timestamp) {
    if (const auto at = parse_timestamp(node.text)) return Value::timestamp(*at);
    return std::nullopt;
  }
  if (type.kind == TypeKind::duration) {
    if (const auto length = parse_duration(node.text)) return Value::duration(*length);
    return std::nullopt;
  }
  return plain_number(node, type);
}

std::optional<Value> checked(const Node& node,
                             const Value& value,
                             const Type& type,
                             const std::string& what,
                             Report& report) {
  auto valid = types::validate(value, type, types::Unknown::refuse);
  if (valid) return std::move(*valid);
  report.error(code::wrong_type,
               node.span,
               what + " doesn't fit its type: " + types::describe(valid.error()));
  return std::nullopt;
}

std::optional<Value> read_members(const Node& node,
                                  const Type& type,
                                  const std::string& what,
                                  Report& report) {
  Value::Map entries;
  bool good = true;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const std::string& name = node.keys[i].text;
    types::TypeRef wanted = type.kind == TypeKind::map ? type.element : types::dyn_type();
    if (type.kind == TypeKind::object) {
      const types::Field* field = types::find_field(type, name);
      if (field == nullptr) {
        good = false;
        const auto names = field_names(type);
        report.error(code::unknown_field,
                     node.keys[i].span,
                     fmt::format("`{}` is no field of {}", name, what),
                     (did_you_mean(name, names).empty() ? "" : did_you_mean(name, names) + " ") +
                         "its fields: " + list_names(names));
        continue;
      }
      wanted = field->type;
    }
    auto value = read_literal(node.items[i], *wanted, "`" + name + "`", report);
    good = good && value.has_value();
    if (value && !value->is_null()) entries.push_back({Value::string(name), std::move(*value)});
  }
  if (!good) return std::nullopt;
  return Value::map(std::move(entries));
}

}  // namespace

const Type& without_optional(const Type& type) {
  const Type* inner = &type;
  while (inner->kind == TypeKind::optional) inner = inner->element.get();
  return *inner;
}

types::TypeRef without_optional(types::TypeRef type) {
  while (type != nullptr && type->kind == TypeKind::optional) type = type->element;
  return type;
}

bool may_be_missing(const types::Field& field) {
  return field.has_default || field.type->kind == TypeKind::optional;
}

std::vector<std::string> field_names(const Type& object) {
  std::vector<std::string> names;
  names.reserve(object.fields.size());
  for (const types::Field& field : object.fields) names.push_back(field.name);
  return names;
}

void report_mismatch(const Node& node, const Type& type, const std::string& what, Report& report) {
  report.error(code::wrong_type,
               node.span,
               "expected " + types::to_string(type) + " for " + what + ", got " + describe(node),
               node.text == "now" ? "write `\"${now}\"`" : quotes_hint(node, type));
}

std::optional<Value> read_scalar(const Node& node,
                                 const Type& type,
                                 const std::string& what,
                                 Report& report) {
  if (node.broken) return std::nullopt;
  const Type& inner = without_optional(type);
  if (node.is_null()) {
    const bool fits = type.kind == TypeKind::optional || inner.kind == TypeKind::dyn ||
                      inner.kind == TypeKind::null;
    if (fits) return Value();
    report_mismatch(node, type, what, report);
    return std::nullopt;
  }
  if (inner.kind == TypeKind::nothing) return std::nullopt;
  if (inner.kind == TypeKind::dyn) return read_untyped(node, report);
  if (inner.kind == TypeKind::string)
    return checked(node, Value::string(node.text), inner, what, report);
  if (inner.kind == TypeKind::enumeration) return read_enum(node, inner, what, report);
  if (inner.kind == TypeKind::secret) {
    report.error(code::wrong_type,
                 node.span,
                 what + " is a secret: a secret never stands in a file",
                 "secrets come through the door or from an adapter");
    return std::nullopt;
  }
  if (inner.kind == TypeKind::boolean && node.is_plain() && reports_word_boolean(node, report))
    return std::nullopt;
  const bool number = inner.kind == TypeKind::integer || inner.kind == TypeKind::uint;
  if (number && reports_octal(node, report)) return std::nullopt;
  if (const auto value = number_or_time(node, inner))
    return checked(node, *value, inner, what, report);
  report_mismatch(node, inner, what, report);
  return std::nullopt;
}

std::optional<Value> read_literal(const Node& node,
                                  const Type& type,
                                  const std::string& what,
                                  Report& report) {
  if (node.broken) return std::nullopt;
  if (node.is_scalar() || node.is_null()) return read_scalar(node, type, what, report);
  const Type& inner = without_optional(type);
  if (inner.kind == TypeKind::nothing) return std::nullopt;
  const bool wants_list = inner.kind == TypeKind::list || inner.kind == TypeKind::dyn;
  const bool wants_map = inner.kind == TypeKind::map || inner.kind == TypeKind::object ||
                         inner.kind == TypeKind::dyn || inner.kind == TypeKind::money;
  if (node.is_sequence() ? !wants_list : !wants_map) {
    report_mismatch(node, type, what, report);
    return std::nullopt;
  }
  if (node.is_map()) {
    const auto members = read_members(node, inner, what, report);
    return members ? checked(node, *members, inner, what, report) : std::nullopt;
  }
  Value::List items;
  for (const Node& item : node.items) {
    const types::TypeRef element = inner.kind == TypeKind::list ? inner.element : types::dyn_type();
    auto value = read_literal(item, *element, "an entry of " + what, report);
    if (value) items.push_back(std::move(*value));
  }
  if (items.size() != node.items.size()) return std::nullopt;
  return checked(node, Value::list(std::move(items)), inner, what, report);
}

}  // namespace vozex::language
