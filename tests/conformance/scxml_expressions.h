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

// What expressions of one machine may name.
struct Names {
  std::set<std::string> data;
  std::map<std::string, std::string> paths;  // of states, by id
};

// In('s') and _event become ours. What isn't declared can't be compiled and stands for an
// expression that fails.
std::string translate_expression(const std::string& text, const Names& names);
bool mentions_event(const std::string& text);

// Replaces each `data.<name>` by the text.
std::string substitute(const std::string& text, const std::map<std::string, std::string>& values);

}  // namespace vozex::conformance
