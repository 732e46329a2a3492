// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/body.h"

#include <algorithm>
#include <charconv>

#include "engine/base/assert.h"
#include "engine/types/json.h"
#include "engine/types/notation.h"
#include "engine/types/validate_words.h"

namespace vozex::handlers {

using types::Value;

std::string media_type(const http::Request& request) {
  const std::string_view header = request.header("content-type");
  std::string type(header.substr(0, header.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return http::ascii_lower(type);
}

namespace {

void find_unkept(const Value& value, const types::Place& place, std::vector<types::Fault>& faults) {
  if (value.is_string() && !http::is_plain_text(value.as_string())) {
    faults.push_back({types::pointer_to(&place), "expected UTF-8 text without U+0000"});
  } else if (value.is_list()) {
    for (std::size_t i = 0; i < value.as_list().size(); ++i)
      find_unkept(value.as_list()[i], {&place, "", i, true}, faults);
  } else if (value.is_map()) {
    for (const auto& [name, member] : value.as_map()) {
      const types::Place here{&place, name.as_string()};
      find_unkept(name, here, faults);
      find_unkept(member, here, faults);
    }
  }
}

}  // namespace

std::vector<types::Fault> unkept_texts(const Value& value) {
  std::vector<types::Fault> faults;
  find_unkept(value, {}, faults);
  return faults;
}

Asked<Value> json_text(std::string_view text) {
  auto value = types::parse_json(text);
  if (!value) return Refusal(http::problem(value.error()));
  if (text.find("\\u0000") == std::string_view::npos) return *std::move(value);
  if (const auto faults = unkept_texts(*value); !faults.empty())
    return Refusal(invalid_body(faults));
  return *std::move(value);
}

Asked<Value> json_body(const http::Request& request) {
  if (request.body.empty()) return Value::map({});
  const std::string type = media_type(request);
  if (!type.empty() && type != "application/json" && !type.ends_with("+json")) {
    return Refusal(http::problem(Error{ErrorClass::invalid,
                                       "unsupported_media_type",
                                       "Expected application/json, got " + type + ".",
                                       {}}));
  }
  return json_text(request.body);
}

Asked<Value> json_body(const http::Request& request, const types::Type& type) {
  auto value = json_body(request);
  if (!value) return value;
  auto checked = types::validate(*value, type, types::Unknown::refuse);
  if (!checked) return Refusal(invalid_body(checked.error()));
  return *std::move(checked);
}

http::Response invalid_body(const std::vector<types::Fault>& faults) {
  Error error{
      ErrorClass::invalid, "invalid_body", "The body doesn't fit: " + types::describe(faults), {}};
  for (const types::Fault& fault : faults) error.details.push_back({fault.pointer, fault.message});
  return http::problem(error);
}

types::TypeRef body_type(std::initializer_list<std::pair<const char*, const char*>> fields) {
  std::vector<types::Field> declared;
  for (const auto& [name, notation] : fields) {
    auto type = types::parse_type(notation, [](std::string_view) { return types::TypeRef(); });
    VOZEX_ASSERT(type.has_value());
    types::Field field;
    field.name = name;
    field.type = *type;
    declared.push_back(std::move(field));
  }
  return types::object_of(std::move(declared));
}

http::Response answer(unsigned status, const Value& value) {
  std::string body;
  types::append_json(body, value);
  return http::Response::json(status, std::move(body));
}

Asked<InstanceId> instance_id(const http::Request& request) {
  const std::string_view text = request.parameter("id");
  if (const auto id = InstanceId::parse(text)) return *id;
  return Refusal(http::problem(Error{ErrorClass::not_found,
                                     "not_found",
                                     "\"" + std::string(text) +
                                         "\" is no instance id: expected a UUID. By business key: "
                                         "/v1/instances/{workflow}/{key}.",
                                     {}}));
}

Refusal bad_query(std::string_view sentence) {
  return Refusal(http::problem(422, "invalid_query", "The query is not valid", sentence));
}

Asked<bool> query_flag(const http::Request& request, const char* name) {
  const std::string text = request.query_value(name).value_or("");
  if (text.empty() || text == "false") return false;
  if (text == "true") return true;
  return bad_query("Expected `" + std::string(name) + "` true or false, got \"" + text + "\".");
}

Asked<InstanceId> query_id(const http::Request& request, const char* name) {
  const auto text = request.query_value(name);
  if (!text || text->empty()) return InstanceId{};
  if (const auto id = InstanceId::parse(*text)) return *id;
  return bad_query("Expected `" + std::string(name) + "` to be an instance id, got \"" + *text +
                   "\".");
}

Asked<std::size_t> page_limit(const http::Request& request) {
  const auto text = request.query_value("limit");
  if (!text) return k_default_page;
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
  if (error != std::errc() || end != text->data() + text->size() || limit == 0) {
    return bad_query("Expected `limit` from 1 to " + std::to_string(k_max_page) + ", got \"" +
                     *text + "\".");
  }
  return std::min(limit, k_max_page);
}

machine::Actor actor_of(const http::Request& request, const Value* said) {
  machine::Actor actor{request.caller, {"ops"}};
  if (said == nullptr || !said->is_map()) return actor;
  if (const auto id = said->text_at("id"); !id.empty()) actor.id = std::string(id);
  if (const Value* roles = said->find("roles"); roles != nullptr && roles->is_list()) {
    actor.roles.clear();
    for (const Value& role : roles->as_list()) {
      if (role.is_string()) actor.roles.push_back(role.as_string());
    }
  }
  return actor;
}

}  // namespace vozex::handlers
