// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/machine.h"

#include <algorithm>

namespace vozex::machine {
namespace {

// The first token, and what stands behind its dot.
std::string_view take_token(std::string_view& text) {
  const std::size_t dot = text.find('.');
  const std::string_view token = text.substr(0, dot);
  text = dot == std::string_view::npos ? std::string_view() : text.substr(dot + 1);
  return token;
}

bool is_reserved(std::string_view event) {
  return event == "cancel" || event.starts_with("error.") || event.starts_with("done.");
}

}  // namespace

const char* to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::completed: return "completed";
    case Outcome::failed: return "failed";
    case Outcome::cancelled: return "cancelled";
  }
  return "completed";
}

const char* to_string(Repeat repeat) {
  switch (repeat) {
    case Repeat::safe: return "safe";
    case Repeat::by_key: return "by_key";
    case Repeat::never: return "never";
  }
  return "never";
}

const EventDecl* Machine::find_event(std::string_view name) const {
  const auto found = std::lower_bound(
      events.begin(), events.end(), name, [](const EventDecl& event, std::string_view wanted) {
        return event.name < wanted;
      });
  return found != events.end() && found->name == name ? &*found : nullptr;
}

StateIndex Machine::find_state(std::string_view path) const {
  if (path.empty()) return k_root;
  StateIndex at = k_root;
  while (!path.empty()) {
    const std::string_view id = take_token(path);
    const auto named = [&](StateIndex child) { return states[child].id == id; };
    const State& parent = states[at];
    auto found = std::find_if(parent.children.begin(), parent.children.end(), named);
    if (found == parent.children.end()) {
      found = std::find_if(parent.histories.begin(), parent.histories.end(), named);
      if (found == parent.histories.end()) return k_no_state;
    }
    at = *found;
  }
  return at;
}

bool event_matches(std::string_view descriptor, std::string_view event) {
  if (descriptor == event) return true;
  if (descriptor == "*") return !is_reserved(event);
  if (!descriptor.ends_with(".*")) return false;
  const std::string_view prefix = descriptor.substr(0, descriptor.size() - 1);
  return event.size() > prefix.size() && event.starts_with(prefix);
}

}  // namespace vozex::machine
