// SPDX-License-Identifier: Apache-2.0
#include "engine/types/schema.h"

#include <optional>
#include <utility>
#include <vector>

namespace vozex::types {
namespace {

constexpr const char* k_dialect = "https://json-schema.org/draft/2020-12/schema";
// Both notations of base/time.h; which units may follow which is left to validate().
constexpr const char* k_duration =
    "^-?(?:P(?:[0-9.]+[WD])*(?:T(?:[0-9.]+[HMS])+)?|(?:[0-9.]+(?:d|h|ms|us|m|s))+)$";

class Builder {
 public:
  Builder(SchemaDefinitions& definitions, Unknown unknown)
      : definitions_(definitions), unknown_(unknown) {}

  Value schema(const Type& type) {
    if (type.name.empty()) return body(type);
    const auto known = definitions_.named.find(type.name);
    Value full = body(type).with("title", Value::string(type.name));
    if (known == definitions_.named.end()) {
      definitions_.named.emplace(type.name, std::move(full));
    } else if (!(known->second == full)) {
      return full;  // another type of the same name, from another file: it stands where it is used
    }
    return Value::object({{"$ref", Value::string(definitions_.prefix + type.name)}});
  }

 private:
  Value body(const Type& type) {
    switch (type.kind) {
      case TypeKind::dyn:
      case TypeKind::nothing: return Value::map({});
      case TypeKind::null: return of_type("null");
      case TypeKind::boolean: return of_type("boolean");
      case TypeKind::integer: return bounded(of_type("integer"), type.constraints);
      case TypeKind::uint:
        return bounded(of_type("integer").with("minimum", Value::integer(0)), type.constraints);
      case TypeKind::real: return bounded(of_type("number"), type.constraints);
      case TypeKind::string: return text(type.constraints);
      case TypeKind::secret: return text(type.constraints).with("writeOnly", Value::boolean(true));
      case TypeKind::bytes:
        return of_type("string").with("contentEncoding", Value::string("base64"));
      case TypeKind::timestamp: return of_type("string").with("format", Value::string("date-time"));
      case TypeKind::duration: return duration();
      case TypeKind::money: return money(type.constraints);
      case TypeKind::enumeration: return of_type("string").with("enum", strings(type.options));
      case TypeKind::list:
        return counted(
            of_type("array").with("items", schema(*type.element)), type.constraints, "Items");
      case TypeKind::map: return map(type);
      case TypeKind::object: return object(type);
      case TypeKind::optional: return nullable(schema(*type.element));
      case TypeKind::type: return of_type("string");
    }
    return Value::map({});
  }

  Value object(const Type& type) {
    Value properties = Value::map({});
    std::vector<std::string> required;
    for (const Field& field : type.fields) {
      Value property = schema(*field.type);
      if (!field.doc.empty()) property = property.with("description", Value::string(field.doc));
      if (field.default_value) property = property.with("default", *field.default_value);
      properties = properties.with(field.name, std::move(property));
      const bool may_miss = field.has_default || field.default_value.has_value() ||
                            field.type->kind == TypeKind::optional;
      if (!may_miss) required.push_back(field.name);
    }
    Value result = of_type("object").with("properties", std::move(properties));
    if (!required.empty()) result = result.with("required", strings(required));
    if (unknown_ == Unknown::refuse) {
      result = result.with("additionalProperties", Value::boolean(false));
    }
    return result;
  }

  Value map(const Type& type) {
    Value result = of_type("object").with("additionalProperties", schema(*type.element));
    return counted(std::move(result), type.constraints, "Properties");
  }

  // {minor, currency}; the plain one is a definition of its own, as every second type has one.
  Value money(const Constraints& rules) {
    const Value minor =
        bounded(of_type("integer"), rules)
            .with("description", Value::string("amount in the currency's minor unit"));
    const Value currency = of_type("string")
                               .with("pattern", Value::string("^[A-Z]{3}$"))
                               .with("description", Value::string("ISO 4217 code"));
    Value full = of_type("object")
                     .with("properties", Value::object({{"minor", minor}, {"currency", currency}}))
                     .with("required", strings({"minor", "currency"}))
                     .with("additionalProperties", Value::boolean(false))
                     .with("title", Value::string("money"));
    if (!(rules == Constraints{})) return full;
    definitions_.named.emplace("money", std::move(full));
    return Value::object({{"$ref", Value::string(definitions_.prefix + "money")}});
  }

  static Value duration() {
    return of_type("string")
        .with("pattern", Value::string(k_duration))
        .with("examples", strings({"1h30m", "PT90M"}));
  }

  static Value text(const Constraints& rules) {
    Value result = counted(of_type("string"), rules, "Length");
    // RE2 here, ECMA 262 there: what both know means the same; ours always means the whole text.
    if (!rules.pattern.empty()) {
      result = result.with("pattern", Value::string("^(?:" + rules.pattern + ")$"));
    }
    if (!rules.format.empty()) result = result.with("format", Value::string(rules.format));
    return result;
  }

  static Value bounded(Value result, const Constraints& rules) {
    if (rules.min) result = result.with("minimum", Value::real(*rules.min));
    if (rules.max) result = result.with("maximum", Value::real(*rules.max));
    return result;
  }

  static Value counted(Value result, const Constraints& rules, const std::string& what) {
    const auto count = [](std::uint32_t n) { return Value::integer(n); };
    if (rules.min_length) result = result.with("min" + what, count(*rules.min_length));
    if (rules.max_length) result = result.with("max" + what, count(*rules.max_length));
    return result;
  }

  static Value nullable(Value inner) {
    if (inner.as_map().empty()) return inner;
    const bool plain = !inner.text_at("type").empty() && inner.find("enum") == nullptr;
    if (plain) return inner.with("type", strings({std::string(inner.text_at("type")), "null"}));
    return Value::object({{"anyOf", Value::list({std::move(inner), of_type("null")})}});
  }

  static Value of_type(const char* name) { return Value::object({{"type", Value::string(name)}}); }

  static Value strings(const std::vector<std::string>& words) {
    Value::List items;
    for (const std::string& word : words) items.push_back(Value::string(word));
    return Value::list(std::move(items));
  }

  SchemaDefinitions& definitions_;
  const Unknown unknown_;
};

}  // namespace

Value schema_of(const Type& type, SchemaDefinitions& definitions, Unknown unknown) {
  return Builder(definitions, unknown).schema(type);
}

Value json_schema(const Type& type, std::string_view title, Unknown unknown) {
  SchemaDefinitions definitions;
  Value document = schema_of(type, definitions, unknown).with("$schema", Value::string(k_dialect));
  if (!title.empty()) document = document.with("title", Value::string(std::string(title)));
  if (definitions.named.empty()) return document;
  Value::Map named;
  for (auto& [name, schema] : definitions.named) named.push_back({Value::string(name), schema});
  return document.with("$defs", Value::map(std::move(named)));
}

}  // namespace vozex::types
