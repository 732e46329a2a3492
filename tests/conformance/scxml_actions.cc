// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/chart_writer.h"

#include <algorithm>

namespace vozex::conformance {
namespace {

constexpr const char* k_scxml_processor = "http://www.w3.org/TR/scxml/#SCXMLEventProcessor";

bool is_our_type(const std::string& type) {
  return type.empty() || type == "scxml" || type == k_scxml_processor ||
         type == "http://www.w3.org/TR/scxml/";
}

// What a text names as special targets: '#_internal'.
std::set<std::string> quoted_targets(const std::string& text) {
  std::set<std::string> found{"#_internal", "#_parent"};
  for (std::size_t at = text.find("'#_"); at != std::string::npos; at = text.find("'#_", at + 1)) {
    const std::size_t end = text.find('\'', at + 1);
    if (end == std::string::npos) break;
    found.insert(text.substr(at + 1, end - at - 1));
  }
  return found;
}

}  // namespace

Json ChartWriter::write_block(const Json& actions, Sees sees) {
  Json out = Json::array();
  for (const Json& action : actions) write_action(action, sees, "", out);
  return out;
}

std::string ChartWriter::expression(const Json& action, const char* key, Sees sees) {
  std::string text = action.at(key);
  refuse_event_fields(text);
  if (mentions_event(text) && sees == Sees::nothing)
    throw Obstacle("`event` is not visible in on_exit and where nothing has happened yet");
  if (sees == Sees::kept && mentions_event(text)) {
    if (!keeps_event_ || text.find("_event.type") != std::string::npos)
      throw Obstacle("`event` is not visible in on_entry and always");
    text = translate_kept_event(text, names_);
  }
  if (text.find("_ioprocessors") != std::string::npos && std::string(key) != "expr")
    throw Obstacle("an instance has no table of I/O processors");
  return translate_expression(text, names_, std::string(key) == "cond");
}

Json ChartWriter::guarded(Json action, const std::string& condition) {
  if (condition.empty()) return action;
  const std::string mine = "data." + condition;
  const bool has_own = action.contains("when");
  action["when"] = has_own ? mine + " && (" + action["when"].get<std::string>() + ")" : mine;
  return action;
}

void ChartWriter::write_action(const Json& action,
                               Sees sees,
                               const std::string& condition,
                               Json& out) {
  const std::string kind = action.at("do");
  const auto add = [&](Json one) { out.push_back(guarded(std::move(one), condition)); };
  if (kind == "raise") {
    add(Json{{"raise", action.at("event")}});
  } else if (kind == "log") {
    add(Json{{"log", log_text(action, sees)}});
  } else if (kind == "assign") {
    add(Json{{"set", Json{{location(action), templated(expression(action, "expr", sees))}}}});
  } else if (kind == "cancel") {
    if (!action.contains("sendidexpr")) return add(Json{{"cancel", action.at("sendid")}});
    for (const std::string& id : send_ids_)
      add(Json{{"cancel", id}, {"when", equals(action, "sendidexpr", sees, id)}});
  } else if (kind == "send") {
    write_any_send(action, sees, condition, out);
  } else if (kind == "if") {
    write_if(action, sees, condition, out);
  } else if (kind == "foreach") {
    write_foreach(action, sees, condition, out);
  } else {
    throw Obstacle("no action `" + kind + "`");
  }
}

void ChartWriter::write_any_send(const Json& action,
                                 Sees sees,
                                 const std::string& condition,
                                 Json& out) {
  for (const char* key : {"typeexpr", "targetexpr"}) {
    if (action.contains(key)) return write_send_somewhere(action, key, sees, condition, out);
  }
  const std::string type = text_or(action, "type");
  if (type.find("asichttp") != std::string::npos || type.find("asicHTTP") != std::string::npos)
    throw Obstacle("an instance has no HTTP event processor");
  if (!is_our_type(type)) {
    out.push_back(guarded(Json{{"log", k_failing_action}}, condition));
    return;
  }
  if (action.contains("eventexpr")) return write_computed_send(action, sees, condition, out);
  Json sent = action;
  if (action.contains("idlocation")) {
    // Ids are given, not generated.
    sent["id"] = generated_id(++generated_);
    send_ids_.insert(sent["id"].get<std::string>());
    const Json set{{"set", Json{{text_or(action, "idlocation"), sent["id"]}}}};
    out.push_back(guarded(set, condition));
  }
  out.push_back(guarded(write_send(sent, sees), condition));
}

void ChartWriter::refuse_event_fields(const std::string& text) {
  // Asking whether there is one has an answer; using it has none.
  std::string rest = text;
  for (const char* field : {"_event.origintype", "_event.origin"}) {
    const std::string asked = "!has(" + std::string(field) + ") || " + field + " == null";
    for (std::size_t at = rest.find(asked); at != std::string::npos; at = rest.find(asked))
      rest.erase(at, asked.size());
  }
  if (rest.find("_event.origin") != std::string::npos)
    throw Obstacle(
        "an event doesn't say where to answer: a child knows its parent, a parent its "
        "children");
}

std::string ChartWriter::location(const Json& action) {
  const std::string text = action.at("location");
  if (names_.data.contains(text.substr(0, text.find_first_of(".[")))) return text;
  // Data that isn't declared doesn't compile; a place that isn't there when it runs fails as
  // SCXML wants.
  add_scratch(k_nothing);
  return std::string(k_nothing) + "." + text;
}

std::string ChartWriter::log_text(const Json& action, Sees sees) {
  if (!action.contains("expr") || action.at("expr") == "_event") return "(not text)";
  const std::string translated = expression(action, "expr", sees);
  // What our sessions don't have is a failing expression, and a log line must not fail the block.
  return translated == "1 / 0" ? "(not available)" : templated(translated);
}

std::string ChartWriter::equals(const Json& action,
                                const char* key,
                                Sees sees,
                                const std::string& text) {
  return expression(action, key, sees) + " == '" + text + "'";
}

void ChartWriter::write_computed_send(const Json& action,
                                      Sees sees,
                                      const std::string& condition,
                                      Json& out) {
  const std::set<std::string> known = events_;
  for (const std::string& event : known) {
    if (event.starts_with("done.") || event.starts_with("error.") || event.starts_with(k_relay) ||
        event.starts_with("forward."))
      continue;
    Json sent = action;
    sent["event"] = event;
    sent.erase("eventexpr");
    Json one = write_send(sent, sees);
    one["when"] = equals(action, "eventexpr", sees, event);
    out.push_back(guarded(one, condition));
  }
}

void ChartWriter::write_send_somewhere(
    const Json& action, const char* key, Sees sees, const std::string& condition, Json& out) {
  const bool target = std::string(key) == "targetexpr";
  const std::set<std::string> known =
      target ? quoted_targets(machine_.dump()) : std::set<std::string>{"scxml", k_scxml_processor};
  std::string none = "true";
  const auto add = [&](const std::string& value, const std::string& is_it) {
    const std::string mine = new_scratch();
    out.push_back(guarded(Json{{"set", Json{{mine, templated(is_it)}}}}, condition));
    Json sent = action;
    sent.erase(key);
    sent[target ? "target" : "type"] = value;
    const std::string both = new_scratch();
    const std::string outer = condition.empty() ? "true" : "data." + condition;
    out.push_back(Json{{"set", Json{{both, templated(outer + " && data." + mine + " == true")}}}});
    write_any_send(sent, sees, both, out);
    none += " && data." + mine + " != true";
  };
  // Its own session is the instance itself.
  if (target && machine_.dump().find("_sessionid") != std::string::npos)
    add("", expression(action, key, sees) + " == '#_scxml_' + instance.id");
  for (const std::string& value : known) add(value, equals(action, key, sees, value));
  out.push_back(guarded(Json{{"log", k_failing_action}, {"when", none}}, condition));
}

Json ChartWriter::send_data(const Json& action, Sees sees) {
  if (action.contains("content")) {
    const Json& content = action.at("content");
    // Our events carry objects: the whole body becomes a member.
    if (content.contains("text")) return Json{{k_whole, templated(content.at("text").dump())}};
    if (content.contains("value")) return Json{{k_whole, templated(content.at("value").dump())}};
    return Json{{k_whole, templated(expression(content, "expr", sees))}};
  }
  Json data = Json::object();
  if (action.contains("id") && members_.contains(k_send_id)) data[k_send_id] = action.at("id");
  if (!invoked_as_.invoke_id.empty() && text_or(action, "target") == "#_parent")
    data[k_invoke_id] = invoked_as_.invoke_id;
  for (const Json& param : list_of(action, "params")) {
    data[text_or(param, "name")] = templated(expression(param, "expr", sees));
  }
  for (const std::string name : list_of(action, "namelist")) {
    data[name] = templated(translate_expression("data." + name, names_));
  }
  return data;
}

Json ChartWriter::write_send(const Json& action, Sees sees) {
  const std::string target = text_or(action, "target");
  Json send;
  send["event"] = action.at("event");
  if (target == "#_internal") {
    Json raise{{"event", action.at("event")}};
    const Json data = send_data(action, sees);
    if (!data.empty()) raise["data"] = data;
    return Json{{"raise", raise}};
  }
  const bool delayed = action.contains("delay_ms") && action.at("delay_ms").get<int>() != 0;
  if (action.contains("delayexpr")) {
    send["delay"] = templated("duration(" + expression(action, "delayexpr", sees) + ")");
  } else if (delayed) {
    send["delay"] = std::to_string(action.at("delay_ms").get<int>()) + "ms";
  }
  const Json data = send_data(action, sees);
  if (!data.empty()) send["data"] = data;
  if (action.contains("id")) send["id"] = action.at("id");
  if (target == "#_parent") {
    const std::string event = action.at("event");
    sent_to_parent_.insert(event);
    if (!invoked_as_.relay.empty()) send["event"] = invoked_as_.relay + event;
    if (!invoked_as_.relay.empty()) events_.insert(invoked_as_.relay + event);
    fields_[invoked_as_.relay + event] = fields_[event];
    if (delayed) return forward_to_parent(send);
    send["to"] = "parent";
  } else if (target.starts_with("#_scxml_")) {
    // An instance that isn't there: nobody invoked this one.
    send["to"] = "parent";
  } else if (target.starts_with("#_")) {
    send["to"] = Json{{"child", name_of(target.substr(2))}};
  } else if (!target.empty()) {
    // A target that can't be: refused when it is compiled; a failing action stands for it.
    return Json{{"log", k_failing_action}};
  } else if (autoforwards_) {
    relayed_self_.insert(send["event"].get<std::string>());
    send["event"] = relayed_name(k_relay_self, send["event"]);
  }
  return Json{{"send", send}};
}

}  // namespace vozex::conformance
