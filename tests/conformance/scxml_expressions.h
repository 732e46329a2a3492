// SPDX-License-Identifier: Apache-2.0
//
// Expressions of the conformance data as expressions of ours, and blocks of actions as values.
#pragma once

#include <map>
#include <set>
#include <string>

#include <nlohmann/json.hpp>

namespace vozex::conformance {

using Json = nlohmann::ordered_json;

// The member that holds a body which is no object.
inline constexpr const char* k_whole = "whole_";

// The members of an event's data that carry what our events don't say.
inline constexpr const char* k_send_id = "sendid_";
inline constexpr const char* k_invoke_id = "invokeid_";
// Data that keeps the last event for on_entry, where `event` is not visible.
inline constexpr const char* k_event_name = "event_";
inline constexpr const char* k_event_data = "event_data_";

// What expressions of one machine may name.
struct Names {
  std::string machine;  // its `name`
  bool bodies = false;  // events have bodies that are no objects: each has the member k_whole
  std::set<std::string> data;
  std::map<std::string, std::string> paths;  // of states, by id
  // Of invokes that want theirs made: the id here, and as `<state>.<id>` as SCXML forms it.
  std::map<std::string, std::string> invoke_ids;
};

// In('s') and _event become ours. What isn't declared can't be compiled and stands for an
// expression that fails.
std::string translate_expression(const std::string& text,
                                 const Names& names,
                                 bool as_condition = false);
bool mentions_event(const std::string& text);

// The event as data keeps it.
std::string translate_kept_event(const std::string& text, const Names& names);

// Members of event data that a text asks for.
std::set<std::string> event_members(const std::string& text);

// Replaces each `data.<name>` by the text.
std::string substitute(const std::string& text, const std::map<std::string, std::string>& values);

}  // namespace vozex::conformance
