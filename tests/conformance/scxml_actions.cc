// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/chart_writer.h"

#include <algorithm>

namespace vozex::conformance {

Json ChartWriter::write_block(const Json& actions, bool sees_event) {
  Json out = Json::array();
  for (const Json& action : actions) write_action(action, sees_event, "", out);
  return out;
}

std::string ChartWriter::expression(const Json& action, const char* key, bool sees_event) {
  std::string text = action.at(key);
  if (text == "_event.name" && !sees_event) return "data." + std::string(k_event);
  refuse_event_fields(text);
  if (mentions_event(text) && !sees_event) {
    throw Obstacle("`event` is not visible in on_entry and on_exit");
  }
  return translate_expression(text, names_);
}

void ChartWriter::write_action(const Json& action,
                               bool sees_event,
                               const std::string& condition,
                               Json& out) {
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
        out.push_back(Json{{"cancel", id}, {"when", equals(action, "sendidexpr", sees_event, id)}});
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

void ChartWriter::refuse_event_fields(const std::string& text) {
  for (const char* field : {"origin", "type"}) {
    if (text.find(std::string("_event.") + field) != std::string::npos) {
      throw Obstacle(std::string("an event has no ") + field);
    }
  }
}

std::string ChartWriter::location(const Json& action) {
  const std::string text = action.at("location");
  if (names_.data.contains(text.substr(0, text.find('.')))) return text;
  // Data that isn't declared doesn't compile; a place that isn't there when it runs fails as
  // SCXML wants.
  add_scratch(k_nothing);
  return std::string(k_nothing) + "." + text;
}

std::string ChartWriter::log_text(const Json& action, bool sees_event) {
  if (!action.contains("expr") || action.at("expr") == "_event") return "(not text)";
  const std::string text = action.at("expr");
  if (mentions_event(text) && !sees_event)
    throw Obstacle("`event` is not visible in on_entry and on_exit");
  const std::string translated = translate_expression(text, names_);
  // What our sessions don't have is a failing expression, and a log line must not fail the block.
  return translated == "1 / 0" ? "(not available)" : templated(translated);
}

std::string ChartWriter::equals(const Json& action,
                                const char* key,
                                bool sees_event,
                                const std::string& text) {
  return expression(action, key, sees_event) + " == '" + text + "'";
}

void ChartWriter::write_computed_send(const Json& action, bool sees_event, Json& out) {
  for (const std::string& event : events_) {
    Json sent = action;
    sent["event"] = event;
    sent.erase("eventexpr");
    Json one = write_send(sent, sees_event);
    one["when"] = equals(action, "eventexpr", sees_event, event);
    out.push_back(one);
  }
}

Json ChartWriter::send_data(const Json& action, bool sees_event) {
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

Json ChartWriter::write_send(const Json& action, bool sees_event) {
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

Json ChartWriter::forward_to_parent(Json send) {
  const std::string event = send.at("event");
  send["event"] = "forward." + event;
  events_.insert("forward." + event);
  forwarded_.insert(event);
  return Json{{"send", send}};
}

}  // namespace vozex::conformance
