// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/chart_writer.h"

#include <algorithm>

namespace vozex::conformance {

void append_entry(Json& state, const Json& action) {
  Json entry = state.contains("on_entry") ? state["on_entry"] : Json::array();
  const bool blocks = !entry.empty() && entry.at(0).is_array();
  entry.push_back(blocks ? Json::array({action}) : action);
  state["on_entry"] = entry;
}

void ChartWriter::write_children(const Json& states, Json& out) {
  for (const Json& state : states) {
    const std::string name = name_of(state.at("id"));
    out[name] =
        text_or(state, "kind") == "history" ? write_history(state, out) : write_state(state);
  }
}

Json ChartWriter::write_state(const Json& state) {
  const std::string id = state.at("id");
  const std::string kind = text_or(state, "kind", "state");
  Json out = Json::object();
  if (kind == "final") out["type"] = "final";
  write_handlers(state, "onentry", "on_entry", Sees::kept, out);
  if (text_or(machine_, "binding") == "late") write_late_data(state, out);
  write_handlers(state, "onexit", "on_exit", Sees::nothing, out);
  if (state.contains("donedata")) write_donedata(state, out);
  write_transitions(state, id, out);
  write_invokes(state, out);
  Json children = Json::object();
  write_default(state, kind, out, children);
  write_children(list_of(state, "states"), children);
  if (children.empty()) return out;
  out[kind == "parallel" ? "regions" : "states"] = children;
  return out;
}

void ChartWriter::write_default(const Json& state,
                                const std::string& kind,
                                Json& out,
                                Json& children) {
  if (!state.contains("initial") || kind == "parallel") return;
  const Json& initial = state.at("initial");
  std::vector<std::string> targets;
  for (const std::string target : list_of(initial, "target")) targets.push_back(target);
  const Json actions = write_block(list_of(initial, "actions"), Sees::kept);
  const bool plain = targets.size() == 1 && actions.empty();
  if (plain && !is_history(targets.front())) {
    const std::string path = names_.paths.at(targets.front());
    out["initial"] = path.substr(names_.paths.at(state.at("id")).size() + 1);
    return;
  }
  // Content, history or several targets: a state of no duration goes on.
  Json go{{"target", target_paths(targets)}};
  if (!actions.empty()) go["do"] = actions;
  children["begin_"] = Json{{"always", Json::array({go})}};
  out["initial"] = "begin_";
}

Json ChartWriter::write_history(const Json& state, Json& siblings) {
  const Json& fallback = state.at("default");
  std::vector<std::string> targets;
  for (const std::string target : list_of(fallback, "target")) targets.push_back(target);
  Json out;
  out["type"] = "history";
  if (text_or(state, "history") == "deep") out["deep"] = true;
  out["default"] = target_paths(targets);
  const Json actions = write_block(list_of(fallback, "actions"), Sees::kept);
  if (actions.empty()) return out;
  // Content: a state of no duration beside it runs it and goes on.
  const std::string id = state.at("id");
  const std::string& above = parents_.at(id);
  for (const auto& [other, path] : names_.paths) {
    if (path == above && text_or(*states_.at(other), "kind") == "parallel")
      throw Obstacle("the default of a parallel state's history leads straight to its states");
  }
  const std::string name = name_of(id) + "_default_";
  siblings[name] =
      Json{{"always", Json::array({Json{{"target", target_paths(targets)}, {"do", actions}}})}};
  out["default"] = above.empty() ? name : above + "." + name;
  return out;
}

void ChartWriter::write_handlers(
    const Json& state, const char* from, const char* to, Sees sees, Json& out) {
  Json blocks = Json::array();
  for (const Json& handler : list_of(state, from)) {
    Json block = write_block(handler, sees);
    if (!block.empty()) blocks.push_back(std::move(block));
  }
  if (blocks.empty()) return;
  out[to] = blocks.size() == 1 ? blocks.at(0) : blocks;
}

// Bound late: a value is set when its state is entered the first time, in blocks before the others.
void ChartWriter::write_late_data(const Json& state, Json& out) {
  Json blocks = Json::array();
  for (const Json& variable : list_of(state, "datamodel")) {
    if (!variable.contains("expr") && !variable.contains("value")) continue;
    const std::string value = variable.contains("expr")
                                  ? translate_expression(variable.at("expr"), names_)
                                  : variable.at("value").dump();
    const std::string bound = new_scratch();
    blocks.push_back(Json::array({Json{
        {"set", Json{{text_or(variable, "id"), templated(value)}, {bound, templated("true")}}},
        {"when", "data." + bound + " != true"}}}));
  }
  if (blocks.empty()) return;
  Json old = out.contains("on_entry") ? out["on_entry"] : Json::array();
  if (!old.empty() && !old.at(0).is_array()) old = Json::array({old});
  for (const Json& block : old) blocks.push_back(block);
  out["on_entry"] = blocks;
}

bool ChartWriter::is_top(const Json& state) const {
  return parents_.at(state.at("id").get<std::string>()).empty();
}

void ChartWriter::write_donedata(const Json& state, Json& out) {
  const Json& donedata = state.at("donedata");
  Json value = Json::object();
  for (const Json& param : list_of(donedata, "params")) {
    value[text_or(param, "name")] = templated(translate_expression(text_or(param, "expr"), names_));
  }
  if (donedata.contains("content")) {
    const Json& content = donedata.at("content");
    value = content.contains("value")
                ? templated(content.at("value").dump())
                : templated(translate_expression(text_or(content, "expr"), names_));
  }
  if (is_top(state)) {
    if (value.is_string()) value = Json{{k_whole, value}};
    if (value.dump().find("1 / 0") != std::string::npos) return;
    for (const auto& [name, member] : value.items()) outputs_.insert(name);
    out["output"] = value;
    return;
  }
  add_scratch(k_done);
  append_entry(out, Json{{"set", Json{{k_done, value}}}});
}

}  // namespace vozex::conformance
