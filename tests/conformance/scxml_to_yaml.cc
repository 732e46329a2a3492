// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/scxml_to_yaml.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "tests/conformance/scxml_expressions.h"

namespace vozex::conformance {
namespace {

// Thrown where our language has no words; the reason becomes the case's line.
struct Obstacle : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Variables that the translation adds.
constexpr const char* k_done = "done_";        // what the last inner final state ended with
constexpr const char* k_event = "event_";      // the name of the last event
constexpr const char* k_nothing = "nothing_";  // null

std::string templated(const std::string& expression) { return "${" + expression + "}"; }

std::string text_or(const Json& object, const char* key, const std::string& fallback = "") {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : fallback;
}

const Json& list_of(const Json& object, const char* key) {
  static const Json k_none = Json::array();
  const auto found = object.find(key);
  return found != object.end() ? *found : k_none;
}

// One machine of a case; those it invokes are made by the same class.
class ChartWriter {
 public:
  ChartWriter(const Json& test_case,
              const Json& machine,
              std::string workflow,
              TranslatedChart& out)
      : case_(test_case), machine_(machine), workflow_(std::move(workflow)), out_(out) {}

  // `given` names the data that the invoker passes in.
  Json write(const std::set<std::string>& given) {
    collect(machine_.at("states"), "");
    for (const Json& variable : list_of(machine_, "datamodel"))
      names_.data.insert(variable.at("id"));
    collect_events(machine_);
    keeps_event_ = enters_with_event(machine_.at("states"));
    if (keeps_event_) add_scratch(k_event);
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
    for (const Json& state : machine_.at("states"))
      states[name_of(state.at("id"))] = write_state(state);
    file["initial"] = initial;
    write_root(file);
    file["states"] = states;
    write_events(file);
    return file;
  }

  const std::map<std::string, std::string>& paths() const { return names_.paths; }

 private:
  static std::string name_of(const std::string& id) {
    std::string name = id;
    for (char& c : name) {
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-') c = '_';
    }
    return name;
  }

  void collect(const Json& states, const std::string& above) {
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
      collect(list_of(state, "states"), path);
    }
  }

  // Every event that is raised, sent or waited for by name.
  void collect_events(const Json& node) {
    if (node.is_array()) {
      for (const Json& item : node) collect_events(item);
    } else if (node.is_object()) {
      if (node.contains("do") && node.contains("event")) {
        const std::string event = node.at("event");
        events_.insert(event);
        for (const Json& param : list_of(node, "params")) {
          fields_[event].insert(text_or(param, "name"));
        }
        for (const std::string name : list_of(node, "namelist")) fields_[event].insert(name);
        if (node.contains("content")) fields_[event].insert(k_whole);
        if (node.contains("id")) send_ids_.insert(text_or(node, "id"));
      }
      if (node.contains("config")) events_.insert(text_or(node, "event"));
      if (node.contains("event") && node.at("event").is_array()) {
        for (const std::string descriptor : node.at("event")) {
          if (descriptor.find('*') == std::string::npos) events_.insert(descriptor);
        }
      }
      for (const auto& [key, value] : node.items()) {
        if (key != "invoke") collect_events(value);
      }
    }
  }

  // `event` is not visible in on_entry: what is needed of it goes through data.
  static bool enters_with_event(const Json& states) {
    for (const Json& state : states) {
      if (mentions_event(list_of(state, "onentry").dump())) return true;
      if (enters_with_event(list_of(state, "states"))) return true;
    }
    return false;
  }

  void write_input(Json& file, const std::set<std::string>& given) {
    file["input"] = Json::object();
    for (const std::string& name : given) file["input"][name] = Json{{"type", "optional<json>"}};
  }

  void write_data(Json& file, const std::set<std::string>& given) {
    Json data = Json::object();
    const auto add = [&](const Json& variable) {
      const std::string id = variable.at("id");
      std::string initial = "null";
      if (variable.contains("expr")) initial = translate_expression(variable.at("expr"), names_);
      if (variable.contains("value")) initial = variable.at("value").dump();
      if (variable.contains("text")) initial = variable.at("text").dump();
      if (given.contains(id)) initial = "input." + id + ".orValue(" + initial + ")";
      if (initial == "1 / 0") {
        // A start value that fails refuses the start; SCXML goes on and says so: a first state sets
        // it.
        failing_.insert(id);
        initial = "null";
      }
      data[id] = Json{{"type", "json"}, {"default", templated(initial)}};
    };
    for (const Json& variable : list_of(machine_, "datamodel")) add(variable);
    for (const Json& variable : late_) add(variable);
    for (const std::string& scratch : scratch_)
      data[scratch] = Json{{"type", "json"}, {"default", templated("null")}};
    data_ = data;
    file["data"] = data;
  }

  std::string write_initial(Json& states) {
    std::vector<std::string> targets;
    for (const std::string id : list_of(machine_, "initial")) targets.push_back(id);
    if (targets.empty()) targets.push_back(machine_.at("states").front().at("id"));
    const bool plain = targets.size() == 1 && failing_.empty();
    if (plain && states_.contains(targets.front()) && !is_history(targets.front())) {
      return names_.paths.at(targets.front());
    }
    // Several at once: a state of no duration goes to them.
    Json begin;
    Json sets = Json::array();
    for (const std::string& id : failing_)
      sets.push_back(Json{{"set", Json{{id, templated("1 / 0")}}}});
    if (!sets.empty()) begin["on_entry"] = sets;
    begin["always"] = Json::array({Json{{"target", target_paths(targets)}}});
    states["begin_"] = begin;
    return "begin_";
  }

  bool is_history(const std::string& id) const {
    return text_or(*states_.at(id), "kind") == "history";
  }

  Json target_paths(const std::vector<std::string>& ids) {
    Json paths = Json::array();
    for (const std::string& id : ids) {
      if (!names_.paths.contains(id))
        throw Obstacle("a target that names no state doesn't compile");
      paths.push_back(names_.paths.at(id));
    }
    return paths.size() == 1 ? paths.front() : paths;
  }

  bool is_below(const std::string& id, const std::string& ancestor) const {
    return names_.paths.at(id).starts_with(names_.paths.at(ancestor) + ".");
  }

  // ---- transitions

  // SCXML: internal counts only for a compound source and targets below it; else it is external.
  Json write_transition(const Json& transition, const std::string& source) {
    Json out = Json::object();
    std::vector<std::string> targets;
    for (const std::string id : list_of(transition, "target")) targets.push_back(id);
    if (!targets.empty()) out["target"] = target_paths(targets);
    if (transition.contains("cond")) {
      std::string when = transition.at("cond");
      if (is_about_done(transition)) when = with_done_data(when);
      out["when"] = expression(Json{{"cond", when}}, "cond", true);
    }
    Json actions = write_block(list_of(transition, "actions"), transition.contains("event"));
    if (keeps_event_ && transition.contains("event")) {
      actions.insert(actions.begin(), Json{{"set", Json{{k_event, templated("event.name")}}}});
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

  static bool is_about_done(const Json& transition) {
    for (const std::string descriptor : list_of(transition, "event")) {
      if (descriptor.starts_with("done.state")) return true;
    }
    return false;
  }

  std::string with_done_data(std::string text) {
    add_scratch(k_done);
    for (const auto& [from, to] :
         {std::pair{"has(_event.data)", "true"}, std::pair{"_event.data", "data.done_"}}) {
      for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from)) {
        text.replace(at, std::string(from).size(), to);
      }
    }
    return text;
  }

  static bool is_prefix(const std::string& descriptor, const std::string& event) {
    return event == descriptor || event.starts_with(descriptor + ".");
  }
  static std::string stem(const std::string& descriptor) {
    if (descriptor == "*" || descriptor == ".*") return "*";
    return descriptor.ends_with(".*") ? descriptor.substr(0, descriptor.size() - 2) : descriptor;
  }
  static bool covers(const std::string& descriptor, const std::string& key) {
    const std::string wanted = stem(descriptor);
    return wanted == "*" || is_prefix(wanted, stem(key));
  }

  // Our keys for one descriptor: names by prefix, and reserved events that our `*` leaves alone.
  void add_keys(const std::string& descriptor, std::set<std::string>& keys) {
    const std::string wanted = stem(descriptor);
    if (wanted == "*") {
      keys.insert({"*", "error.*", "done.*"});
      return;
    }
    if (wanted.starts_with("done.state.")) {
      keys.insert(done_name(wanted));
      return;
    }
    if (wanted == "error" || wanted == "done" || wanted == "done.state" ||
        wanted == "done.invoke") {
      keys.insert(wanted + ".*");
      return;
    }
    keys.insert(wanted);
    const auto longer = [&](const std::string& event) { return event.starts_with(wanted + "."); };
    if (std::any_of(events_.begin(), events_.end(), longer)) keys.insert(wanted + ".*");
  }

  // done.state.<id> is done.state.<path> here.
  std::string done_name(const std::string& name) const {
    const std::string id = name.substr(std::string("done.state.").size());
    const auto path = names_.paths.find(id);
    return path != names_.paths.end() ? "done.state." + path->second : name;
  }

  static bool more_special(const std::string& a, const std::string& b) {
    const auto rank = [](const std::string& key) {
      const auto dots = std::count(key.begin(), key.end(), '.');
      return std::pair(key == "*" ? -1 : static_cast<int>(dots) * 2, key.ends_with("*") ? 0 : 1);
    };
    return rank(a) != rank(b) ? rank(a) > rank(b) : a < b;
  }

  void write_transitions(const Json& state, const std::string& id, Json& out) {
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
              descriptor.starts_with("done.state.") && stem(descriptor) == descriptor
                  ? done_name(descriptor)
                  : descriptor;
          takes = takes || covers(wanted, key);
        }
        if (takes) list.push_back(write_transition(transition, id));
      }
      on[key] = list;
    }
    out["on"] = on;
  }

  // ---- states

  Json write_state(const Json& state) {
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

  void write_default(const Json& state, const std::string& kind, Json& out, Json& children) {
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

  Json write_history(const Json& state) {
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

  void write_handlers(const Json& state, const char* from, const char* to, Json& out) {
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

  // A final state inside another has no output here: data says what it ended with.
  void write_donedata(const Json& donedata, Json& out) {
    Json value = Json::object();
    for (const Json& param : list_of(donedata, "params")) {
      value[text_or(param, "name")] =
          templated(translate_expression(text_or(param, "expr"), names_));
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

  void add_scratch(const std::string& name) {
    scratch_.insert(name);
    names_.data.insert(name);
  }

  // ---- invokes

  void write_invokes(const Json& state, Json& out) {
    Json all = Json::array();
    for (const Json& invoke : list_of(state, "invoke")) all.push_back(write_invoke(invoke));
    if (!all.empty()) out["invoke"] = all;
  }

  Json write_invoke(const Json& invoke) {
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

  const Json& inner_machine(const Json& invoke) const {
    if (invoke.contains("src")) return case_.at("machines").at(invoke.at("src").get<std::string>());
    return invoke.at("content").at("machine");
  }

  // ---- actions

  Json write_block(const Json& actions, bool sees_event) {
    Json out = Json::array();
    for (const Json& action : actions) write_action(action, sees_event, "", out);
    return out;
  }

  std::string expression(const Json& action, const char* key, bool sees_event) {
    std::string text = action.at(key);
    if (text == "_event.name" && !sees_event) return "data." + std::string(k_event);
    refuse_event_fields(text);
    if (mentions_event(text) && !sees_event) {
      throw Obstacle("`event` is not visible in on_entry and on_exit");
    }
    return translate_expression(text, names_);
  }

  // `condition` is the scratch variable of the `if` around it; "" without.
  void write_action(const Json& action, bool sees_event, const std::string& condition, Json& out) {
    const std::string kind = action.at("do");
    Json one = Json::object();
    if (kind == "raise") {
      one["raise"] = action.at("event");
    } else if (kind == "log") {
      one["log"] = log_text(action, sees_event);
    } else if (kind == "assign") {
      one["set"] = Json{{location(action), templated(expression(action, "expr", sees_event))}};
    } else if (kind == "cancel") {
      if (action.contains("sendidexpr")) {
        for (const std::string& id : send_ids_) {
          out.push_back(
              Json{{"cancel", id}, {"when", equals(action, "sendidexpr", sees_event, id)}});
        }
        return;
      }
      one["cancel"] = action.at("sendid");
    } else if (kind == "send") {
      if (action.contains("eventexpr")) {
        write_computed_send(action, sees_event, out);
        return;
      }
      Json sent = action;
      if (action.contains("idlocation")) {
        // Ids are given, not generated.
        sent["id"] = "sent_" + std::to_string(++generated_);
        out.push_back(Json{{"set", Json{{text_or(action, "idlocation"), sent["id"]}}}});
      }
      one = write_send(sent, sees_event);
    } else if (kind == "if") {
      write_if(action, sees_event, condition, out);
      return;
    } else if (kind == "foreach") {
      write_foreach(action, out);
      return;
    } else {
      throw Obstacle("no action `" + kind + "`");
    }
    if (!condition.empty()) one["when"] = "data." + condition;
    out.push_back(one);
  }

  static void refuse_event_fields(const std::string& text) {
    for (const char* field : {"origin", "type"}) {
      if (text.find(std::string("_event.") + field) != std::string::npos) {
        throw Obstacle(std::string("an event has no ") + field);
      }
    }
  }

  std::string location(const Json& action) {
    const std::string text = action.at("location");
    if (names_.data.contains(text.substr(0, text.find('.')))) return text;
    // Data that isn't declared doesn't compile; a place that isn't there when it runs fails as
    // SCXML wants.
    add_scratch(k_nothing);
    return std::string(k_nothing) + "." + text;
  }

  std::string log_text(const Json& action, bool sees_event) {
    if (!action.contains("expr") || action.at("expr") == "_event") return "(not text)";
    const std::string text = action.at("expr");
    if (mentions_event(text) && !sees_event)
      throw Obstacle("`event` is not visible in on_entry and on_exit");
    const std::string translated = translate_expression(text, names_);
    // What our sessions don't have is a failing expression, and a log line must not fail the block.
    return translated == "1 / 0" ? "(not available)" : templated(translated);
  }

  std::string equals(const Json& action,
                     const char* key,
                     bool sees_event,
                     const std::string& text) {
    return expression(action, key, sees_event) + " == '" + text + "'";
  }

  // A name is never computed: one send for each it can be.
  void write_computed_send(const Json& action, bool sees_event, Json& out) {
    for (const std::string& event : events_) {
      Json sent = action;
      sent["event"] = event;
      sent.erase("eventexpr");
      Json one = write_send(sent, sees_event);
      one["when"] = equals(action, "eventexpr", sees_event, event);
      out.push_back(one);
    }
  }

  Json send_data(const Json& action, bool sees_event) {
    if (action.contains("content")) {
      const Json& content = action.at("content");
      // Our events carry objects: the whole body becomes a member.
      if (content.contains("value")) return Json{{k_whole, templated(content.at("value").dump())}};
      return Json{{k_whole, templated(expression(content, "expr", sees_event))}};
    }
    Json data = Json::object();
    for (const Json& param : list_of(action, "params")) {
      data[text_or(param, "name")] = templated(expression(param, "expr", sees_event));
    }
    for (const std::string name : list_of(action, "namelist")) {
      data[name] = templated(translate_expression("data." + name, names_));
    }
    return data;
  }

  Json write_send(const Json& action, bool sees_event) {
    const std::string target = text_or(action, "target");
    Json send;
    send["event"] = action.at("event");
    if (target == "#_internal") {
      Json raise{{"event", action.at("event")}};
      const Json data = send_data(action, sees_event);
      if (!data.empty()) raise["data"] = data;
      return Json{{"raise", raise}};
    }
    const bool delayed = action.contains("delay_ms") && action.at("delay_ms").get<int>() != 0;
    if (action.contains("delayexpr")) {
      send["delay"] = templated("duration(" + expression(action, "delayexpr", sees_event) + ")");
    } else if (delayed) {
      send["delay"] = std::to_string(action.at("delay_ms").get<int>()) + "ms";
    }
    const Json data = send_data(action, sees_event);
    if (!data.empty()) send["data"] = data;
    if (action.contains("id")) send["id"] = action.at("id");
    if (target == "#_parent") {
      sent_to_parent_.insert(action.at("event").get<std::string>());
      if (delayed) return forward_to_parent(send);
      send["to"] = "parent";
    } else if (target.starts_with("#_scxml_")) {
      // An instance that isn't there: nobody invoked this one.
      send["to"] = "parent";
    } else if (target.starts_with("#_")) {
      send["to"] = Json{{"child", name_of(target.substr(2))}};
    } else if (!target.empty()) {
      // A target that can't be: refused when it is compiled; a failing action stands for it.
      return Json{{"log", templated("string(1 / 0)")}};
    }
    return Json{{"send", send}};
  }

  // Only events to itself can be delayed: it comes back and goes on from the root.
  Json forward_to_parent(Json send) {
    const std::string event = send.at("event");
    send["event"] = "forward." + event;
    events_.insert("forward." + event);
    forwarded_.insert(event);
    return Json{{"send", send}};
  }

  void write_root(Json& file) {
    if (forwarded_.empty()) return;
    Json on = Json::object();
    for (const std::string& event : forwarded_) {
      on["forward." + event] =
          Json{{"do", Json::array({Json{{"send", Json{{"event", event}, {"to", "parent"}}}}})}};
    }
    file["on"] = on;
  }

  std::string new_scratch() {
    const std::string name = "scratch_" + std::to_string(scratch_.size());
    scratch_.insert(name);
    names_.data.insert(name);
    return name;
  }

  // The condition is kept in a variable of its own, since the branch may change what it rests on.
  void write_if(const Json& action, bool sees_event, const std::string& outer, Json& out) {
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

  // One `set` per item: the body's assignments become expressions over what was there before.
  void write_foreach(const Json& action, Json& out) {
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

  void declare(const std::string& name) {
    if (data_.contains(name)) return;
    scratch_.insert(name);
  }

  void fold(const Json& action,
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

  void write_events(Json& file) {
    Json events = Json::object();
    for (const std::string& event : events_) {
      if (event.starts_with("done.") || event.starts_with("error") || event == "done") continue;
      Json fields = Json::object();
      for (const std::string& field : fields_[event]) fields[field] = "optional<json>";
      events[event] = Json{{"data", fields}};
    }
    file["events"] = events;
    Json data = file["data"];
    for (const std::string& name : scratch_)
      data[name] = Json{{"type", "json"}, {"default", templated("null")}};
    file["data"] = data;
  }

  const Json& case_;
  const Json& machine_;
  const std::string workflow_;
  TranslatedChart& out_;
  Names names_;
  Json data_ = Json::object();
  std::map<std::string, const Json*> states_;
  std::map<std::string, std::string> parents_;
  std::vector<Json> late_;
  std::set<std::string> events_;
  std::map<std::string, std::set<std::string>> fields_;  // of event data
  std::set<std::string> scratch_;
  std::set<std::string> sent_to_parent_;
  std::set<std::string> send_ids_;
  std::set<std::string> failing_;  // data whose start value fails
  bool keeps_event_ = false;
  int generated_ = 0;
  std::set<std::string> forwarded_;
  int children_ = 0;
};

}  // namespace

TranslatedChart translate_chart(const nlohmann::json& test_case) {
  TranslatedChart out;
  const Json ordered = Json::parse(test_case.dump());
  try {
    ChartWriter writer(ordered, ordered.at("machine"), "chart", out);
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
