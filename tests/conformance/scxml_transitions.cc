// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/chart_writer.h"

#include <algorithm>

namespace vozex::conformance {

namespace {

bool takes_all(const Json& transition) {
  for (const std::string descriptor : list_of(transition, "event")) {
    if (stem(descriptor) == "*") return true;
  }
  return false;
}

void refuse_failed_send(const Json& transition) {
  for (const std::string descriptor : list_of(transition, "event")) {
    if (descriptor.starts_with("error") &&
        transition.dump().find("_event.sendid") != std::string::npos)
      throw Obstacle("an error event doesn't say which send failed");
  }
}

}  // namespace

Json ChartWriter::write_transition(const Json& transition, const std::string& source) {
  Json out = Json::object();
  std::vector<std::string> targets;
  for (const std::string id : list_of(transition, "target")) targets.push_back(id);
  if (!targets.empty()) out["target"] = target_paths(targets);
  const bool has_event = transition.contains("event");
  const Sees sees = has_event ? Sees::event : Sees::kept;
  refuse_failed_send(transition);
  std::string when;
  if (transition.contains("cond")) {
    when = transition.at("cond");
    if (is_about_done(transition)) when = with_done_data(when);
    when = expression(Json{{"cond", when}}, "cond", sees);
  }
  if (uses_relays_ && takes_all(transition)) {
    const std::string own = "!event.name.startsWith('" + std::string(k_relay) + "')";
    when = when.empty() ? own : own + " && (" + when + ")";
  }
  if (!when.empty()) out["when"] = when;
  Json actions = write_block(list_of(transition, "actions"), sees);
  if (keeps_event_ && has_event) {
    actions.insert(actions.begin(),
                   Json{{"set",
                         Json{{k_event_name, templated("event.name")},
                              {k_event_data, templated("dyn(event.data)")}}}});
  }
  if (!actions.empty()) out["do"] = actions;
  if (targets.empty()) return out;
  const Json& state = *states_.at(source);
  const bool compound = state.contains("states") && text_or(state, "kind") == "state";
  bool internal = text_or(transition, "type") == "internal" && compound;
  for (const std::string& id : targets) internal = internal && is_below(id, source);
  out["reenter"] = !internal;
  return out;
}

bool is_about_done(const Json& transition) {
  for (const std::string descriptor : list_of(transition, "event")) {
    if (descriptor.starts_with("done.state")) return true;
  }
  return false;
}

std::string ChartWriter::with_done_data(std::string text) {
  add_scratch(k_done);
  for (const auto& [from, to] :
       {std::pair{"has(_event.data)", "true"}, std::pair{"_event.data", "data.done_"}}) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from)) {
      text.replace(at, std::string(from).size(), to);
    }
  }
  return text;
}

bool is_prefix(const std::string& descriptor, const std::string& event) {
  return event == descriptor || event.starts_with(descriptor + ".");
}

std::string stem(const std::string& descriptor) {
  if (descriptor == "*" || descriptor == ".*") return "*";
  if (descriptor.ends_with(".*")) return descriptor.substr(0, descriptor.size() - 2);
  return descriptor.ends_with(".") ? descriptor.substr(0, descriptor.size() - 1) : descriptor;
}

bool covers(const std::string& descriptor, const std::string& key) {
  const std::string wanted = stem(descriptor);
  // Paths have dots, ids are one token.
  if (wanted.starts_with("done.state.")) return wanted == key;
  return wanted == "*" || is_prefix(wanted, stem(key));
}

void ChartWriter::add_keys(const std::string& descriptor, std::set<std::string>& keys) {
  const std::string wanted = stem(descriptor);
  if (wanted == "*") {
    keys.insert({"*", "error.*", "done.*"});
    return;
  }
  if (wanted.starts_with("done.state.")) {
    keys.insert(done_name(wanted));
    return;
  }
  if (wanted == "error" || wanted == "done" || wanted == "done.state" || wanted == "done.invoke") {
    keys.insert(wanted + ".*");
    return;
  }
  keys.insert(wanted);
  const auto longer = [&](const std::string& event) { return event.starts_with(wanted + "."); };
  if (std::any_of(events_.begin(), events_.end(), longer)) keys.insert(wanted + ".*");
}

std::string ChartWriter::done_name(const std::string& name) const {
  const std::string prefix = "done.state.";
  if (!name.starts_with(prefix)) return name;
  const std::string id = name.substr(prefix.size());
  const auto path = names_.paths.find(id);
  return path != names_.paths.end() ? "done.state." + path->second : name;
}

bool more_special(const std::string& a, const std::string& b) {
  const auto rank = [](const std::string& key) {
    const auto dots = std::count(key.begin(), key.end(), '.');
    return std::pair(key == "*" ? -1 : static_cast<int>(dots) * 2, key.ends_with("*") ? 0 : 1);
  };
  return rank(a) != rank(b) ? rank(a) > rank(b) : a < b;
}

void ChartWriter::write_transitions(const Json& state, const std::string& id, Json& out) {
  Json always = Json::array();
  std::set<std::string> keys;
  for (const Json& transition : list_of(state, "transitions")) {
    if (!transition.contains("event")) {
      always.push_back(write_transition(transition, id));
      continue;
    }
    for (const std::string descriptor : transition.at("event")) add_keys(descriptor, keys);
  }
  if (!always.empty()) out["always"] = always;
  if (keys.empty()) return;
  std::vector<std::string> ordered(keys.begin(), keys.end());
  std::sort(ordered.begin(), ordered.end(), more_special);
  Json on = Json::object();
  for (const std::string& key : ordered) {
    Json list = Json::array();
    for (const Json& transition : list_of(state, "transitions")) {
      bool takes = false;
      for (const std::string descriptor : list_of(transition, "event")) {
        const std::string wanted =
            descriptor.starts_with("done.state.") ? done_name(stem(descriptor)) : descriptor;
        takes = takes || covers(wanted, key);
      }
      if (takes) list.push_back(write_transition(transition, id));
    }
    on[key] = list;
  }
  out["on"] = on;
}

}  // namespace vozex::conformance
