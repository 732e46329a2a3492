// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/batch/refusal.h"

#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "engine/machine/event_activation.h"

namespace vozex::runtime {
namespace {

using types::Value;

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The paths of a CEL source, strings left out; a call's own name is no part of one.
std::vector<std::string> paths_in(std::string_view source) {
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < source.size();) {
    const char c = source[i];
    if (c == '"' || c == '\'') {
      const std::size_t end = source.find(c, i + 1);
      i = end == std::string_view::npos ? source.size() : end + 1;
      continue;
    }
    if (!is_name(c)) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < source.size() && (is_name(source[end]) || source[end] == '.')) ++end;
    std::string_view path = source.substr(i, end - i);
    const bool is_member = i > 0 && source[i - 1] == '.';
    if (end < source.size() && source[end] == '(') {
      const std::size_t dot = path.rfind('.');
      path = dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
    }
    if (!is_member && path.find('.') != std::string_view::npos) paths.emplace_back(path);
    i = end;
  }
  return paths;
}

Value member_of(Value value, std::string_view path) {
  while (!path.empty()) {
    const std::size_t dot = path.find('.');
    const Value* member = value.is_map() ? value.find(path.substr(0, dot)) : nullptr;
    if (member == nullptr) return {};
    value = Value(*member);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return value;
}

}  // namespace

Value guard_values(const std::vector<machine::Considered>& considered,
                   const machine::Snapshot& snapshot,
                   const machine::Event& event) {
  Value::Map seen;
  std::set<std::string> names;
  for (const machine::Considered& one : considered) {
    for (const std::string& path : paths_in(one.when)) {
      const std::size_t dot = path.find('.');
      const std::string_view rest = std::string_view(path).substr(dot + 1);
      const std::string_view root = std::string_view(path).substr(0, dot);
      const bool known = root == "data" || root == "input" || root == "event";
      if (!known || seen.size() >= k_max_seen_values || !names.insert(path).second) continue;
      const Value from = root == "data"    ? snapshot.data
                         : root == "input" ? snapshot.input
                                           : event_value(event);
      seen.emplace_back(Value::string(path), member_of(from, rest));
    }
  }
  return Value::map(std::move(seen));
}

}  // namespace vozex::runtime
