// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/chart_writer.h"

#include <algorithm>
#include <cctype>

namespace vozex::conformance {

std::string ChartWriter::new_scratch() {
  const std::string name = "scratch_" + std::to_string(scratch_.size());
  scratch_.insert(name);
  names_.data.insert(name);
  return name;
}

void ChartWriter::write_if(const Json& action, Sees sees, const std::string& outer, Json& out) {
  const std::string taken = new_scratch();
  const std::string start = outer.empty() ? "false" : "!data." + outer;
  out.push_back(Json{{"set", Json{{taken, templated(start)}}}});
  for (const Json& branch : action.at("branches")) {
    const std::string mine = new_scratch();
    const std::string condition =
        branch.contains("cond") ? expression(branch, "cond", sees) : "true";
    if (condition.find("1 / 0") != std::string::npos)
      throw Obstacle("a failing `when` of an action ends its block");
    out.push_back(
        Json{{"set", Json{{mine, templated("!data." + taken + " && (" + condition + ")")}}}});
    out.push_back(Json{{"set", Json{{taken, templated("data." + taken + " || data." + mine)}}}});
    for (const Json& inner : list_of(branch, "then")) write_action(inner, sees, mine, out);
  }
}

namespace {

// Longer lists of loops that are written out fail.
constexpr int k_unrolled = 8;

bool is_identifier(const std::string& text) {
  const auto word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) == 0 &&
         std::all_of(text.begin(), text.end(), word);
}

// Assignments and choices between them: what one `set` with `for_each` can say.
bool is_foldable(const Json& body) {
  for (const Json& action : body) {
    const std::string kind = action.at("do");
    if (kind == "assign") continue;
    if (kind != "if") return false;
    for (const Json& branch : action.at("branches")) {
      if (!is_foldable(list_of(branch, "then"))) return false;
    }
  }
  return true;
}

}  // namespace

void ChartWriter::write_foreach(const Json& action,
                                Sees sees,
                                const std::string& condition,
                                Json& out) {
  for (const char* key : {"item", "index"}) {
    if (!action.contains(key) || is_identifier(action.at(key))) continue;
    // No place for it: refused when it is compiled, a failing action in SCXML.
    out.push_back(guarded(Json{{"log", k_failing_action}}, condition));
    return;
  }
  if (is_foldable(action.at("body"))) {
    write_folded(action, condition, out);
  } else {
    write_unrolled(action, sees, condition, out);
  }
}

void ChartWriter::write_folded(const Json& action, const std::string& condition, Json& out) {
  std::map<std::string, std::string> values;
  values[action.at("item").get<std::string>()] = "each_";
  if (action.contains("index")) {
    const std::string index = action.at("index");
    out.push_back(guarded(Json{{"set", Json{{index, templated("-1")}}}}, condition));
    values[index] = "data." + index + " + 1";
  }
  for (const Json& inner : action.at("body")) fold(inner, "", values);
  Json set = Json::object();
  for (const auto& [name, value] : values) set[name] = templated(value);
  const std::string list = translate_expression(action.at("array"), names_);
  out.push_back(guarded(Json{{"for_each", Json{{"each_", list}}}, {"set", set}}, condition));
}

// An action repeats alone: a loop over several is written out, over a copy of the list.
void ChartWriter::write_unrolled(const Json& action,
                                 Sees sees,
                                 const std::string& condition,
                                 Json& out) {
  const std::string list = new_scratch();
  out.push_back(guarded(Json{{"set", Json{{list, templated(expression(action, "array", sees))}}}},
                        condition));
  const std::string outer = condition.empty() ? "" : "data." + condition + " == true && ";
  const auto longer_than = [&](int count) {
    return outer + "size(data." + list + ") > " + std::to_string(count);
  };
  for (int i = 0; i < k_unrolled; ++i) {
    const std::string mine = new_scratch();
    out.push_back(Json{{"set", Json{{mine, templated(longer_than(i))}}}});
    Json set{{action.at("item").get<std::string>(),
              templated("data." + list + "[" + std::to_string(i) + "]")}};
    if (action.contains("index")) set[action.at("index").get<std::string>()] = i;
    out.push_back(guarded(Json{{"set", set}}, mine));
    for (const Json& inner : action.at("body")) write_action(inner, sees, mine, out);
  }
  out.push_back(Json{{"log", k_failing_action}, {"when", longer_than(k_unrolled)}});
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
