// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/chart_writer.h"

#include <algorithm>

namespace vozex::conformance {

Json ChartWriter::write_state(const Json& state) {
  const std::string id = state.at("id");
  const std::string kind = text_or(state, "kind", "state");
  Json out = Json::object();
  if (kind == "history") return write_history(state);
  if (kind == "final") out["type"] = "final";
  write_handlers(state, "onentry", "on_entry", out);
  write_handlers(state, "onexit", "on_exit", out);
  if (state.contains("donedata")) write_donedata(state.at("donedata"), out);
  write_transitions(state, id, out);
  write_invokes(state, out);
  Json children = Json::object();
  write_default(state, kind, out, children);
  for (const Json& child : list_of(state, "states"))
    children[name_of(child.at("id"))] = write_state(child);
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
  const Json actions = write_block(list_of(initial, "actions"), false);
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

Json ChartWriter::write_history(const Json& state) {
  const Json& fallback = state.at("default");
  if (!list_of(fallback, "actions").empty())
    throw Obstacle("a history's default has no actions of its own");
  std::vector<std::string> targets;
  for (const std::string target : list_of(fallback, "target")) targets.push_back(target);
  if (targets.size() > 1) throw Obstacle("a history has one default");
  Json out;
  out["type"] = "history";
  if (text_or(state, "history") == "deep") out["deep"] = true;
  out["default"] = target_paths(targets);
  return out;
}

void ChartWriter::write_handlers(const Json& state, const char* from, const char* to, Json& out) {
  Json all = Json::array();
  const Json& handlers = list_of(state, from);
  for (const Json& handler : handlers) {
    for (const Json& action : write_block(handler, false)) all.push_back(action);
  }
  if (handlers.size() > 1 && all.dump().find("1 / 0") != std::string::npos) {
    throw Obstacle(
        "a state has one on_entry and one on_exit block: a failing action ends all of it");
  }
  if (!all.empty()) out[to] = all;
}

void ChartWriter::write_donedata(const Json& donedata, Json& out) {
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
  add_scratch(k_done);
  Json entry = out.contains("on_entry") ? out["on_entry"] : Json::array();
  entry.push_back(Json{{"set", Json{{k_done, value}}}});
  out["on_entry"] = entry;
}

void ChartWriter::write_invokes(const Json& state, Json& out) {
  Json all = Json::array();
  for (const Json& invoke : list_of(state, "invoke")) all.push_back(write_invoke(invoke));
  if (!all.empty()) out["invoke"] = all;
}

Json ChartWriter::write_invoke(const Json& invoke) {
  if (invoke.contains("autoforward"))
    throw Obstacle("events are not forwarded to children: `send` says which");
  if (invoke.contains("finalize"))
    throw Obstacle("there is no finalize: what a child sends is an event like any other");
  const std::string child = workflow_ + "_" + std::to_string(++children_);
  std::set<std::string> given;
  Json input = Json::object();
  const Json& inner = inner_machine(invoke);
  std::set<std::string> declared;
  for (const Json& variable : list_of(inner, "datamodel"))
    declared.insert(variable.at("id").get<std::string>());
  const auto pass = [&](const std::string& name, const std::string& expression) {
    const std::string value = translate_expression(expression, names_);
    if (!declared.contains(name) && value != "1 / 0") return;
    given.insert(name);
    input[name] = templated(value);
  };
  for (const Json& param : list_of(invoke, "params"))
    pass(param.at("name"), text_or(param, "expr"));
  for (const std::string name : list_of(invoke, "namelist")) pass(name, "data." + name);
  ChartWriter writer(case_, inner, child, out_);
  out_.files.push_back({child + ".yaml", ""});
  const std::size_t place = out_.files.size() - 1;
  const std::string text = writer.write(given).dump();
  out_.files[place].text = text;
  for (const std::string& event : writer.sent_to_parent_) events_.insert(event);
  Json result;
  if (invoke.contains("id")) result["id"] = name_of(invoke.at("id"));
  result["workflow"] = child;
  result["input"] = input;
  return result;
}

const Json& ChartWriter::inner_machine(const Json& invoke) const {
  if (invoke.contains("src")) return case_.at("machines").at(invoke.at("src").get<std::string>());
  return invoke.at("content").at("machine");
}

}  // namespace vozex::conformance
