// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/scxml_to_yaml.h"

#include <algorithm>

#include "tests/conformance/chart_writer.h"

namespace vozex::conformance {

std::string templated(const std::string& expression) { return "${" + expression + "}"; }

std::string text_or(const Json& object, const char* key, const std::string& fallback) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

const Json& list_of(const Json& object, const char* key) {
  static const Json k_none = Json::array();
  const auto found = object.find(key);
  return found != object.end() ? *found : k_none;
}

Json ChartWriter::write(const std::set<std::string>& given) {
  collect(machine_.at("states"), "");
  for (const Json& variable : list_of(machine_, "datamodel")) names_.data.insert(variable.at("id"));
  names_.machine = text_or(machine_, "name");
  // An event has one type in all files of a case: each declares every member there is.
  members_ = event_members(case_.dump());
  collect_all_fields(case_, members_);
  names_.bodies = members_.contains(k_whole);
  collect_events(machine_);
  keeps_event_ = enters_with_event(machine_.at("states"));
  if (keeps_event_) {
    add_scratch(k_event_name);
    add_scratch(k_event_data);
  }
  autoforwards_ = autoforwards(machine_.at("states"));
  uses_relays_ = autoforwards_ || has_relayed_child(machine_.at("states"));
  if (autoforwards_ && workflow_ == "chart" && case_.at("expect").contains("events"))
    throw Obstacle("what comes from outside goes to one instance: nobody forwards it to children");
  if (workflow_ == "chart") collect_events(list_of(case_.at("expect"), "events"));
  Json file;
  file["vozex"] = 1;
  file["workflow"] = workflow_;
  file["version"] = 1;
  file["errors"] = "event";
  write_input(file, given);
  write_data(file, given);
  Json states = Json::object();
  const std::string initial = write_initial(states);
  write_children(machine_.at("states"), states);
  file["initial"] = initial;
  write_root(file);
  file["states"] = states;
  if (!outputs_.empty()) {
    Json output = Json::object();
    for (const std::string& name : outputs_) output[name] = "optional<json>";
    file["output"] = output;
  }
  write_events(file);
  return file;
}

std::string name_of(const std::string& id) {
  std::string name = id;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-') c = '_';
  }
  return name;
}

void ChartWriter::collect(const Json& states, const std::string& above) {
  for (const Json& state : states) {
    const std::string id = state.at("id");
    const std::string path = above.empty() ? name_of(id) : above + "." + name_of(id);
    names_.paths[id] = path;
    states_[id] = &state;
    parents_[id] = above;
    for (const Json& variable : list_of(state, "datamodel")) {
      names_.data.insert(variable.at("id"));
      late_.push_back(variable);
    }
    int number = 0;
    for (const Json& invoke : list_of(state, "invoke")) {
      ++number;
      if (!invoke.contains("idlocation")) continue;
      const std::string own = generated_invoke(id, number);
      names_.invoke_ids[own] = id + "." + own;
    }
    collect(list_of(state, "states"), path);
  }
}

void ChartWriter::collect_fields(const Json& action, std::set<std::string>& fields) {
  for (const Json& param : list_of(action, "params")) fields.insert(text_or(param, "name"));
  for (const std::string name : list_of(action, "namelist")) fields.insert(name);
  if (action.contains("content")) fields.insert(k_whole);
}

void ChartWriter::collect_all_fields(const Json& node, std::set<std::string>& fields) {
  if (node.is_object() && (node.contains("do") || node.contains("namelist")))
    collect_fields(node, fields);
  if (!node.is_structured()) return;
  for (const Json& part : node) collect_all_fields(part, fields);
}

void ChartWriter::collect_action(const Json& action) {
  for (const char* key : {"item", "index"}) {
    if (action.contains(key)) add_scratch(name_of(action.at(key)));
  }
  if (action.contains("id")) send_ids_.insert(text_or(action, "id"));
  if (action.contains("idlocation")) send_ids_.insert(generated_id(++idlocations_));
  if (action.contains("eventexpr")) collect_fields(action, members_);
  if (!action.contains("event")) return;
  const std::string event = action.at("event");
  events_.insert(event);
  collect_fields(action, fields_[event]);
}

void ChartWriter::collect_events(const Json& node) {
  if (node.is_array()) {
    for (const Json& item : node) collect_events(item);
    return;
  }
  if (!node.is_object()) return;
  if (node.contains("do")) collect_action(node);
  if (node.contains("config")) events_.insert(text_or(node, "event"));
  if (node.contains("event") && node.at("event").is_array()) {
    for (const std::string descriptor : node.at("event")) {
      if (stem(descriptor) != "*") events_.insert(stem(descriptor));
    }
  }
  for (const auto& [key, value] : node.items()) {
    if (key != "invoke") collect_events(value);
  }
}

std::string generated_invoke(const std::string& state, int number) {
  return "invoked_" + name_of(state) + "_" + std::to_string(number);
}

std::string generated_id(int number) { return "sent_" + std::to_string(number); }

bool enters_with_event(const Json& states) {
  for (const Json& state : states) {
    if (mentions_event(list_of(state, "onentry").dump())) return true;
    if (enters_with_event(list_of(state, "states"))) return true;
  }
  return false;
}

void ChartWriter::write_input(Json& file, const std::set<std::string>& given) {
  file["input"] = Json::object();
  for (const std::string& name : given) file["input"][name] = Json{{"type", "optional<json>"}};
}

void ChartWriter::write_data(Json& file, const std::set<std::string>& given) {
  Json data = Json::object();
  const auto add = [&](const Json& variable) {
    const std::string id = variable.at("id");
    std::string initial = "null";
    if (variable.contains("expr")) initial = translate_expression(variable.at("expr"), names_);
    if (variable.contains("value")) initial = variable.at("value").dump();
    if (variable.contains("text")) initial = variable.at("text").dump();
    if (given.contains(id)) initial = "input." + id + ".orValue(" + initial + ")";
    const bool from_data = variable.contains("expr") && !given.contains(id) &&
                           initial.find("data.") != std::string::npos;
    if (initial == "1 / 0" || from_data) {
      // A start value that fails refuses the start, and none sees another; in SCXML one that fails
      // is an error, and later ones see earlier ones: a first state sets them.
      computed_.emplace_back(id, initial);
      initial = "null";
    }
    data[id] = Json{{"type", "json"}, {"default", templated(initial)}};
  };
  for (const Json& variable : list_of(machine_, "datamodel")) add(variable);
  const bool late = text_or(machine_, "binding") == "late";
  for (const Json& variable : late_) add(late ? Json{{"id", variable.at("id")}} : variable);
  for (const std::string& scratch : scratch_)
    data[scratch] = Json{{"type", "json"}, {"default", templated("null")}};
  data_ = data;
  file["data"] = data;
}

std::string ChartWriter::write_initial(Json& states) {
  std::vector<std::string> targets;
  for (const std::string id : list_of(machine_, "initial")) targets.push_back(id);
  if (targets.empty()) targets.push_back(machine_.at("states").at(0).at("id"));
  const bool plain = targets.size() == 1 && computed_.empty();
  if (plain && states_.contains(targets.front()) && !is_history(targets.front())) {
    return names_.paths.at(targets.front());
  }
  // Several at once: a state of no duration goes to them.
  Json begin;
  Json sets = Json::array();
  for (const auto& [id, value] : computed_)
    sets.push_back(Json::array({Json{{"set", Json{{id, templated(value)}}}}}));
  if (!sets.empty()) begin["on_entry"] = sets;
  begin["always"] = Json::array({Json{{"target", target_paths(targets)}}});
  states["begin_"] = begin;
  return "begin_";
}

bool ChartWriter::is_history(const std::string& id) const {
  return text_or(*states_.at(id), "kind") == "history";
}

Json ChartWriter::target_paths(const std::vector<std::string>& ids) {
  Json paths = Json::array();
  for (const std::string& id : ids) {
    if (!names_.paths.contains(id)) throw Obstacle("a target that names no state doesn't compile");
    paths.push_back(names_.paths.at(id));
  }
  return paths.size() == 1 ? paths.front() : paths;
}

bool ChartWriter::is_below(const std::string& id, const std::string& ancestor) const {
  return names_.paths.at(id).starts_with(names_.paths.at(ancestor) + ".");
}

void ChartWriter::add_scratch(const std::string& name) {
  scratch_.insert(name);
  names_.data.insert(name);
}

void ChartWriter::write_events(Json& file) {
  Json events = Json::object();
  for (const std::string& event : events_) {
    if (event.starts_with("done.") || event.starts_with("error") || event == "done") continue;
    Json fields = Json::object();
    std::set<std::string> all = fields_[event];
    all.insert(members_.begin(), members_.end());
    for (const std::string& field : all) fields[field] = "optional<json>";
    events[event] = Json{{"data", fields}};
  }
  file["events"] = events;
  Json data = file["data"];
  for (const std::string& name : scratch_)
    data[name] = Json{{"type", "json"}, {"default", templated("null")}};
  file["data"] = data;
}

TranslatedChart translate_chart(const nlohmann::json& test_case) {
  TranslatedChart out;
  const Json ordered = Json::parse(test_case.dump());
  try {
    ChartWriter writer(ordered, ordered.at("machine"), "chart", {}, out);
    out.files.insert(out.files.begin(), {"chart.yaml", ""});
    const std::string text = writer.write({}).dump();
    out.files.front().text = text;
    out.paths = writer.paths();
  } catch (const Obstacle& obstacle) {
    out.obstacle = obstacle.what();
  }
  return out;
}

}  // namespace vozex::conformance
