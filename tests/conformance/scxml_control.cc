// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/chart_writer.h"

#include <algorithm>

namespace vozex::conformance {

std::string ChartWriter::new_scratch() {
  const std::string name = "scratch_" + std::to_string(scratch_.size());
  scratch_.insert(name);
  names_.data.insert(name);
  return name;
}

void ChartWriter::write_if(const Json& action,
                           bool sees_event,
                           const std::string& outer,
                           Json& out) {
  const std::string taken = new_scratch();
  const std::string start = outer.empty() ? "false" : "!data." + outer;
  out.push_back(Json{{"set", Json{{taken, templated(start)}}}});
  for (const Json& branch : action.at("branches")) {
    const std::string mine = new_scratch();
    const std::string condition =
        branch.contains("cond") ? expression(branch, "cond", sees_event) : "true";
    out.push_back(
        Json{{"set", Json{{mine, templated("!data." + taken + " && (" + condition + ")")}}}});
    out.push_back(Json{{"set", Json{{taken, templated("data." + taken + " || data." + mine)}}}});
    for (const Json& inner : list_of(branch, "then")) write_action(inner, sees_event, mine, out);
  }
}

void ChartWriter::write_foreach(const Json& action, Json& out) {
  std::map<std::string, std::string> values;
  const std::string item = action.at("item");
  if (!names_.data.contains(item)) names_.data.insert(item);
  declare(item);
  values[item] = "each_";
  if (action.contains("index")) {
    const std::string index = action.at("index");
    names_.data.insert(index);
    declare(index);
    out.push_back(Json{{"set", Json{{index, templated("-1")}}}});
    values[index] = "data." + index + " + 1";
  }
  for (const Json& inner : action.at("body")) fold(inner, "", values);
  Json set = Json::object();
  for (const auto& [name, value] : values) set[name] = templated(value);
  out.push_back(
      Json{{"for_each", Json{{"each_", translate_expression(action.at("array"), names_)}}},
           {"set", set}});
}

void ChartWriter::declare(const std::string& name) {
  if (data_.contains(name)) return;
  scratch_.insert(name);
}

void ChartWriter::fold(const Json& action,
                       const std::string& condition,
                       std::map<std::string, std::string>& values) {
  const std::string kind = action.at("do");
  if (kind == "assign") {
    const std::string name = location(action);
    const std::string old = values.contains(name) ? values.at(name) : "data." + name;
    const std::string value = substitute(translate_expression(action.at("expr"), names_), values);
    values[name] =
        condition.empty() ? value : "(" + condition + ") ? (" + value + ") : (" + old + ")";
    return;
  }
  if (kind != "if") throw Obstacle("a loop holds one action");
  std::string before = "false";
  const std::map<std::string, std::string> at_start = values;
  for (const Json& branch : action.at("branches")) {
    const std::string own =
        branch.contains("cond")
            ? substitute(translate_expression(branch.at("cond"), names_), at_start)
            : "true";
    const std::string mine = "!(" + before + ") && (" + own + ")";
    for (const Json& inner : list_of(branch, "then")) fold(inner, mine, values);
    before = "(" + before + ") || (" + own + ")";
  }
}

}  // namespace vozex::conformance
