// SPDX-License-Identifier: Apache-2.0
//
// One request to the sandbox and its answer, without I/O; forms and queries as they come. Thread
// rule: plain values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace vozex::sandbox {

using nlohmann::json;

// Names and values of a query or a form, decoded.
using Filter = std::map<std::string, std::string>;

struct Incoming {
  std::string method;
  std::string path;  // without query; a gateway gets it without its own prefix
  Filter query;
  std::string authorization;
  std::string body;
  std::map<std::string, std::string> headers = {};  // names in lower case
};

enum class Wire { send, silence, reset };

struct Outgoing {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  Wire wire = Wire::send;
};

Outgoing json_answer(int status, const json& body);

// "a=1&b%5Bc%5D=2" as {"a": "1", "b[c]": "2"}; of a name that comes twice the last counts.
Filter parse_form(std::string_view text);
std::string value_of(const Filter& form, const std::string& name);

// "a/b/c" as its segments.
std::vector<std::string> segments(std::string_view path);

// Members of an object; empty where they are absent or of another type.
std::string text_at(const json& object, const char* name);
json object_at(const json& object, const char* name);

}  // namespace vozex::sandbox
