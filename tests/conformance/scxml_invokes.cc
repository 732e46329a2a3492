// SPDX-License-Identifier: Apache-2.0
//
// Invokes. Three things of SCXML's have no key here and are written with others: `finalize`,
// `autoforward`, and that a cancelled child is no longer heard. The events concerned get a first
// token, arrive at the root, and go on from there as internal ones.
#include "tests/conformance/chart_writer.h"

namespace vozex::conformance {
namespace {

bool sends_to_parent(const Json& node) {
  if (node.is_array()) {
    for (const Json& item : node) {
      if (sends_to_parent(item)) return true;
    }
    return false;
  }
  if (!node.is_object()) return false;
  if (text_or(node, "do") == "send" && text_or(node, "target") == "#_parent") return true;
  for (const auto& [key, value] : node.items()) {
    if (sends_to_parent(value)) return true;
  }
  return false;
}

bool speaks_when_left(const Json& states) {
  for (const Json& state : states) {
    if (sends_to_parent(list_of(state, "onexit")) || speaks_when_left(list_of(state, "states")))
      return true;
  }
  return false;
}

bool is_on(const Json& invoke, const char* key) {
  return invoke.contains(key) && invoke.at(key) != false && invoke.at(key) != "false";
}

}  // namespace

bool autoforwards(const Json& states) {
  for (const Json& state : states) {
    for (const Json& invoke : list_of(state, "invoke")) {
      if (is_on(invoke, "autoforward")) return true;
    }
    if (autoforwards(list_of(state, "states"))) return true;
  }
  return false;
}

bool ChartWriter::wants_relay(const Json& invoke, const Json& inner) const {
  return autoforwards_ || invoke.contains("finalize") || speaks_when_left(list_of(inner, "states"));
}

bool ChartWriter::has_relayed_child(const Json& states) const {
  for (const Json& state : states) {
    for (const Json& invoke : list_of(state, "invoke")) {
      if (invoke.contains("srcexpr") ? invoke.contains("finalize")
                                     : wants_relay(invoke, inner_machine(invoke)))
        return true;
    }
    if (has_relayed_child(list_of(state, "states"))) return true;
  }
  return false;
}

void ChartWriter::write_invokes(const Json& state, Json& out) {
  Json all = Json::array();
  int position = 0;
  for (const Json& invoke : list_of(state, "invoke"))
    all.push_back(write_invoke(state, invoke, ++position, out));
  if (!all.empty()) out["invoke"] = all;
}

void ChartWriter::write_input_of(const Json& invoke,
                                 const Json& inner,
                                 std::set<std::string>& given,
                                 Json& input) const {
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
}

Json ChartWriter::write_invoke(const Json& state, const Json& invoke, int position, Json& out) {
  if (invoke.contains("typeexpr") && machine_.dump().find("scxml") == std::string::npos)
    throw Obstacle("no `typeexpr`: a file says what it invokes");
  const std::string type = text_or(invoke, "type", "scxml");
  if (type != "scxml" && !type.starts_with("http://www.w3.org/TR/scxml"))
    throw Obstacle("no invoke of type " + type);
  const std::string state_id = state.at("id");
  std::string id = name_of(text_or(invoke, "id"));
  if (id.empty() && (is_on(invoke, "autoforward") || invoke.contains("idlocation")))
    id = generated_invoke(state_id, position);
  if (invoke.contains("idlocation")) {
    const auto known = names_.invoke_ids.find(id);
    const std::string shown = known != names_.invoke_ids.end() ? known->second : id;
    append_entry(out, Json{{"set", Json{{text_or(invoke, "idlocation"), shown}}}});
  }
  const std::string& path = names_.paths.at(state_id);
  if (is_on(invoke, "autoforward")) followers_[id] = path;
  Json result;
  if (!id.empty()) result["id"] = id;
  Json input = Json::object();
  if (invoke.contains("srcexpr")) {
    write_computed_source(path, invoke, id, input, result);
  } else {
    result["workflow"] = write_child(path, invoke, inner_machine(invoke), id, input);
  }
  result["input"] = input;
  return result;
}

void ChartWriter::write_computed_source(
    const std::string& path, const Json& invoke, const std::string& id, Json& input, Json& result) {
  const auto machines = case_.find("machines");
  if (machines == case_.end() || machines->empty())
    throw Obstacle("a machine that is computed: a file names the workflows that it starts");
  const std::string source = translate_expression(invoke.at("srcexpr"), names_);
  std::string name = "string(1 / 0)";
  Json choices = Json::array();
  for (const auto& [key, inner] : machines->items()) {
    const std::string child = write_child(path, invoke, inner, id, input);
    const std::string spelt =
        "['" + key + "', '" + key + ".scxml', 'file:" + key + "', 'file:" + key + ".scxml']";
    name = "(" + source + " in " + spelt + " ? '" + child + "' : " + name + ")";
    choices.push_back(child);
  }
  result["workflow"] = templated(name);
  result["one_of"] = choices;
}

std::string ChartWriter::write_child(const std::string& state_path,
                                     const Json& invoke,
                                     const Json& inner,
                                     const std::string& id,
                                     Json& input) {
  const std::string number = std::to_string(++children_);
  const std::string child = workflow_ + "_" + number;
  std::set<std::string> given;
  write_input_of(invoke, inner, given, input);
  const std::string relay = wants_relay(invoke, inner) ? k_relay + ("k" + number) + "." : "";
  const auto shown = names_.invoke_ids.find(id);
  const std::string carried = shown != names_.invoke_ids.end() ? shown->second : id;
  ChartWriter writer(
      case_, inner, child, {relay, members_.contains(k_invoke_id) ? carried : std::string()}, out_);
  out_.files.push_back({child + ".yaml", ""});
  const std::size_t place = out_.files.size() - 1;
  const std::string text = writer.write(given).dump();
  out_.files[place].text = text;
  for (const std::string& event : writer.sent_to_parent_) {
    events_.insert(event);
    const auto fields = writer.fields_.find(event);
    if (fields != writer.fields_.end())
      fields_[event].insert(fields->second.begin(), fields->second.end());
  }
  if (!relay.empty()) write_relays(state_path, invoke, inner, relay, writer);
  return child;
}

const Json& ChartWriter::inner_machine(const Json& invoke) const {
  if (invoke.contains("src")) {
    std::string src = invoke.at("src");
    if (src.starts_with("file:")) src = src.substr(5);
    return case_.at("machines").at(src);
  }
  if (!invoke.contains("content")) throw Obstacle("an invoke without a machine");
  const Json& content = invoke.at("content");
  if (content.contains("machine")) return content.at("machine");
  const std::string expression = text_or(content, "expr");
  for (const Json& variable : list_of(machine_, "datamodel")) {
    if (variable.contains("machine") && expression == "data." + text_or(variable, "id"))
      return variable.at("machine");
  }
  throw Obstacle("a machine that is computed: a file names the workflows that it starts");
}

// ---- relays

std::string ChartWriter::relayed_name(const std::string& prefix, const std::string& event) {
  const std::string name = prefix + event;
  events_.insert(name);
  fields_[name] = fields_[event];
  return name;
}

Json ChartWriter::data_of(const std::string& event) const {
  Json data = Json::object();
  const auto known = fields_.find(event);
  std::set<std::string> all = members_;
  if (known != fields_.end()) all.insert(known->second.begin(), known->second.end());
  for (const std::string& field : all)
    data[field] = templated("event.data.?" + field + ".orValue(null)");
  return data;
}

Json ChartWriter::finalize_actions(const Json& invoke) {
  const Json& finalize = list_of(invoke, "finalize");
  if (!finalize.empty() || !invoke.contains("finalize")) return write_block(finalize, Sees::event);
  // An empty one takes over what has the names of the invoke's data.
  Json actions = Json::array();
  for (const std::string name : list_of(invoke, "namelist")) {
    members_.insert(name);
    actions.push_back(Json{
        {"set", Json{{name, templated("event.data.?" + name + ".orValue(data." + name + ")")}}}});
  }
  return actions;
}

Json ChartWriter::relay_actions(const std::string& event, const Json& finalize) {
  Json actions = finalize;
  const Json data = data_of(event);
  Json raised{{"event", event}};
  if (!data.empty()) raised["data"] = data;
  actions.push_back(Json{{"raise", raised}});
  for (const auto& [id, path] : followers_) {
    Json sent{{"event", event}, {"to", Json{{"child", id}}}};
    if (!data.empty()) sent["data"] = data;
    actions.push_back(Json{
        {"send", sent},
        {"when",
         "in_state('" + path + "') && invoked." + id + ".exists(one, one.status == 'running')"}});
  }
  return actions;
}

void ChartWriter::write_relays(const std::string& state_path,
                               const Json& invoke,
                               const Json& inner,
                               const std::string& prefix,
                               const ChartWriter& child) {
  const Json finalize = finalize_actions(invoke);
  const bool heard_later = !speaks_when_left(list_of(inner, "states"));
  for (const std::string& event : child.sent_to_parent_) {
    const std::string name = relayed_name(prefix, event);
    Json transitions = Json::array(
        {Json{{"when", "in_state('" + state_path + "')"}, {"do", relay_actions(event, finalize)}}});
    if (heard_later) transitions.push_back(Json{{"do", relay_actions(event, Json::array())}});
    relays_[name] = transitions;
  }
}

// Only events to itself can be delayed: one for the parent comes back and goes on from the root.
Json ChartWriter::forward_to_parent(Json send) {
  const std::string event = send.at("event");
  send["event"] = "forward." + event;
  events_.insert("forward." + event);
  fields_["forward." + event] = fields_[event];
  forwarded_.insert(event);
  return Json{{"send", send}};
}

void ChartWriter::write_root(Json& file) {
  Json on = Json::object();
  for (const std::string& event : forwarded_) {
    Json sent{{"event", event}, {"to", "parent"}};
    const Json data = data_of("forward." + event);
    if (!data.empty()) sent["data"] = data;
    on["forward." + event] = Json{{"do", Json::array({Json{{"send", sent}}})}};
  }
  for (const std::string& event : relayed_self_) {
    on[relayed_name(k_relay_self, event)] = Json{{"do", relay_actions(event, Json::array())}};
  }
  for (const auto& [name, transitions] : relays_) on[name] = transitions;
  if (!on.empty()) file["on"] = on;
}

}  // namespace vozex::conformance
