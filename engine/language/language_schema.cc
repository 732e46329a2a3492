// SPDX-License-Identifier: Apache-2.0
#include "engine/language/language_schema.h"

#include <map>
#include <string>
#include <utility>

#include "engine/language/grammar.h"

namespace vozex::language {
namespace {

using types::Value;

constexpr const char* k_dialect = "https://json-schema.org/draft/2020-12/schema";
constexpr const char* k_name = "^[A-Za-z_][A-Za-z0-9_]*$";
constexpr const char* k_state_name = "^[A-Za-z_][A-Za-z0-9_-]*$";
constexpr const char* k_state_path = "^[A-Za-z_][A-Za-z0-9_-]*([.][A-Za-z_][A-Za-z0-9_-]*)*$";
constexpr const char* k_event_name = "^[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*$";
constexpr const char* k_descriptor = "^([*]|[A-Za-z0-9_-]+([.][A-Za-z0-9_-]+)*([.][*])?)$";
constexpr const char* k_operation = "^[A-Za-z_][A-Za-z0-9_]*[.][A-Za-z_][A-Za-z0-9_]*$";
constexpr const char* k_type = "^[A-Za-z_][A-Za-z0-9_]*([<(].*[>)])?$";
// Which units may follow which is left to the compiler.
constexpr const char* k_duration =
    "^(P([0-9.]+[YMWD])*(T([0-9.]+[HMS])+)?|([0-9.]+(d|h|ms|us|m|s))+)$";
constexpr const char* k_moment =
    "^(P([0-9.]+[YMWD])*(T([0-9.]+[HMS])+)?|([0-9.]+(d|h|ms|us|m|s))+"
    "|[0-9]{4}-[0-9]{2}-[0-9]{2}T.*)$|[$][{]";
constexpr const char* k_warning = "^VZ06[0-9]{2}$";

Value text(std::string_view word) { return Value::string(std::string(word)); }

Value of_type(std::string_view name) { return Value::object({{"type", text(name)}}); }

Value scalar() {
  return Value::object({{"type", Value::list({text("string"), text("number"), text("boolean")})}});
}

Value matching(const char* pattern) { return of_type("string").with("pattern", text(pattern)); }

Value words(const Form& form) {
  Value::List list;
  for (const std::string_view word : form.words) {
    list.push_back(form.text == Content::integer ? Value::integer(std::stoll(std::string(word)))
                                                 : text(word));
  }
  return Value::object({{"enum", Value::list(std::move(list))}});
}

// Of a scalar, as a value and, by its pattern, as the key of a map.
Value scalar_schema(Content content) {
  switch (content) {
    case Content::any:
    case Content::value: return Value::map({});
    case Content::boolean: return of_type("boolean");
    case Content::integer: return of_type("integer");
    case Content::number: return of_type("number");
    case Content::duration:
      return matching(k_duration).with("examples", Value::list({text("30s"), text("1h30m")}));
    case Content::moment: return matching(k_moment);
    case Content::name:
    case Content::object_type:
    case Content::import_name:
    case Content::policy:
    case Content::own_operation:
    case Content::data_field:
    case Content::input_field:
    case Content::config_field:
    case Content::alias: return matching(k_name);
    case Content::state_name:
    case Content::manual_action: return matching(k_state_name);
    case Content::event_name:
    case Content::event: return matching(k_event_name);
    case Content::descriptor: return matching(k_descriptor);
    case Content::state: return matching(k_state_path);
    case Content::operation: return matching(k_operation);
    case Content::type: return matching(k_type);
    case Content::warning_code: return matching(k_warning);
    case Content::cron:
    case Content::timezone:
    case Content::called:
    case Content::workflow:
    case Content::status:
    case Content::data_path:
    case Content::invoke_id: return of_type("string");
    case Content::text:
    case Content::choice:
    case Content::expression: return scalar();
  }
  return Value::map({});
}

class Generator {
 public:
  Value reference(const Schema& schema) {
    const std::string id(schema.id);
    if (!definitions_.contains(id)) {
      definitions_.emplace(id, Value());  // it may contain itself
      definitions_[id] = keys(schema);
    }
    return refer(id);
  }

  Value definitions() {
    Value::Map all;
    for (auto& [id, schema] : definitions_) all.push_back({Value::string(id), schema});
    return Value::map(std::move(all));
  }

 private:
  static Value refer(const std::string& id) {
    return Value::object({{"$ref", Value::string("#/$defs/" + id)}});
  }

  Value keys(const Schema& schema) {
    Value properties = Value::map({});
    Value::List required;
    for (const KeySpec& key : schema.keys) {
      properties = properties.with(key.name, value(*key.form).with("description", text(key.doc)));
      if (key.required) required.push_back(text(key.name));
    }
    Value result = of_type("object")
                       .with("properties", std::move(properties))
                       .with("additionalProperties", Value::boolean(false));
    if (!required.empty()) result = result.with("required", Value::list(std::move(required)));
    return result;
  }

  Value value(const Form& form) {
    if (form.id.empty()) return alternatives(form);
    const std::string id = "form_" + std::string(form.id);
    if (!definitions_.contains(id)) {
      definitions_.emplace(id, Value());
      definitions_[id] = alternatives(form);
    }
    return refer(id);
  }

  // Lists and maps that a form lets through without saying what they are, are accidents of YAML
  // that the compiler explains: they are no alternatives.
  Value alternatives(const Form& form) {
    if (form.text == Content::value && (form.shapes & k_list) != 0) return Value::map({});
    Value::List all;
    if ((form.shapes & k_text) != 0)
      all.push_back(form.words.empty() ? scalar_schema(form.text) : words(form));
    if ((form.shapes & k_map) != 0) add_maps(form, all);
    if ((form.shapes & k_list) != 0 && form.item != nullptr)
      all.push_back(of_type("array").with("items", value(*form.item)));
    if ((form.shapes & k_nothing) != 0) all.push_back(of_type("null"));
    if (all.size() == 1) return all.front();
    return Value::object({{"anyOf", Value::list(std::move(all))}});
  }

  void add_maps(const Form& form, Value::List& all) {
    if (form.together) {
      all.push_back(keys(*form.keys).with("additionalProperties", value(*form.entry)));
      return;
    }
    if (form.keys != nullptr) all.push_back(reference(*form.keys));
    if (form.entry == nullptr) return;
    Value map = of_type("object").with("additionalProperties", value(*form.entry));
    if (const Value names = scalar_schema(form.names); names.find("pattern") != nullptr)
      map = map.with("propertyNames", Value::object({{"pattern", *names.find("pattern")}}));
    all.push_back(std::move(map));
  }

  std::map<std::string, Value, std::less<>> definitions_;
};

Value files(Generator& generator) {
  struct Mark {
    const char* key;
    const Schema* schema;
  };
  // As kind_of() of compile.h tells them apart; the last one is asked first.
  const Mark marks[] = {{"adapter", &grammar::adapter},
                        {"types_of", &grammar::shared_types},
                        {"scenarios", &grammar::test_file}};
  Value schema = generator.reference(grammar::workflow);
  for (const Mark& mark : marks) {
    schema = Value::object({{"if", Value::object({{"required", Value::list({text(mark.key)})}})},
                            {"then", generator.reference(*mark.schema)},
                            {"else", std::move(schema)}});
  }
  return schema.with("type", text("object"));
}

Value root_of(FileKind kind, Generator& generator) {
  switch (kind) {
    case FileKind::workflow: return generator.reference(grammar::workflow);
    case FileKind::types_of: return generator.reference(grammar::shared_types);
    case FileKind::adapter: return generator.reference(grammar::adapter);
    case FileKind::test: return generator.reference(grammar::test_file);
    case FileKind::unknown: return files(generator);
  }
  return files(generator);
}

}  // namespace

types::Value language_schema(FileKind kind) {
  Generator generator;
  Value schema = root_of(kind, generator);
  return schema.with("$schema", text(k_dialect))
      .with("title", text("VOZEX"))
      .with("$defs", generator.definitions());
}

}  // namespace vozex::language
