// SPDX-License-Identifier: Apache-2.0
#include "engine/language/targets.h"

#include <algorithm>

#include "engine/language/keys.h"

namespace vozex::language {
namespace {

using machine::k_no_state;
using machine::k_root;
using machine::State;
using machine::StateIndex;
using machine::StateKind;

// `path` below `parent`, its last part possibly a history state.
StateIndex below(const machine::Machine& machine, StateIndex parent, std::string_view path) {
  const std::string& prefix = machine.states[parent].path;
  return machine.find_state(prefix.empty() ? std::string(path) : prefix + "." + std::string(path));
}

// All states that the text could mean, nearest level first, then the full path.
std::vector<StateIndex> candidates(const machine::Machine& machine,
                                   StateIndex source,
                                   std::string_view text) {
  std::vector<StateIndex> found;
  const auto add = [&](StateIndex state) {
    if (state == k_no_state || std::find(found.begin(), found.end(), state) != found.end()) return;
    found.push_back(state);
  };
  StateIndex level = source == k_root ? k_root : machine.states[source].parent;
  while (true) {
    add(below(machine, level, text));
    if (level == k_root) break;
    level = machine.states[level].parent;
  }
  return found;
}

std::string hint_for(const machine::Machine& machine, StateIndex source, const std::string& text) {
  std::vector<std::string> same_name;
  std::vector<std::string> names;
  for (const State& state : machine.states) {
    if (state.index == k_root) continue;
    if (state.id == text || state.path.ends_with("." + text)) same_name.push_back(state.path);
  }
  if (same_name.size() == 1) {
    const StateIndex inside = machine.find_state(same_name.front());
    const bool child = machine.states[inside].parent == source;
    return std::string(child ? "it is inside this state: " : "") + "write its path, `" +
           same_name.front() + "`";
  }
  if (!same_name.empty()) return "write the path of one of " + list_names(same_name);
  StateIndex level = source;
  while (level != k_no_state) {
    for (const StateIndex child : machine.states[level].children)
      names.push_back(machine.states[child].id);
    level = machine.states[level].parent;
  }
  for (const State& state : machine.states) names.push_back(state.path);
  std::string hint = did_you_mean(text, names);
  if (!hint.empty()) return hint;
  std::vector<std::string> reachable;
  const StateIndex parent = source == k_root ? k_root : machine.states[source].parent;
  for (const StateIndex child : machine.states[parent].children)
    reachable.push_back(machine.states[child].id);
  return "states beside this one: " + list_names(reachable);
}

}  // namespace

std::optional<StateIndex> resolve_target(Unit& unit, StateIndex source, const Node& node) {
  if (!has_shape(node, k_text, "`target`", unit.report)) return std::nullopt;
  const machine::Machine& machine = *unit.machine;
  const std::vector<StateIndex> found = candidates(machine, source, node.text);
  if (found.empty() || node.text.empty()) {
    unit.report.error(code::unknown_state,
                      node.span,
                      "no state `" + node.text + "` can be reached by this name from here",
                      unit.report.is_full() ? "" : hint_for(machine, source, node.text));
    return std::nullopt;
  }
  const bool dotted = node.text.find('.') != std::string::npos;
  if (dotted && found.size() > 1) {
    unit.report.error(code::ambiguous_target,
                      node.span,
                      "`" + node.text + "` could mean `" + machine.states[found[0]].path +
                          "` or `" + machine.states[found[1]].path + "`",
                      "rename one of the states, or write the longer path");
    return std::nullopt;
  }
  return found.front();
}

std::optional<StateIndex> resolve_inside(Unit& unit,
                                         StateIndex parent,
                                         const Node& node,
                                         const std::string& what) {
  if (node.broken) return std::nullopt;
  const machine::Machine& machine = *unit.machine;
  const StateIndex found = below(machine, parent, node.text);
  if (found != k_no_state && found != parent) return found;
  const StateIndex full = machine.find_state(node.text);
  if (full != k_no_state && machine.is_descendant(full, parent)) return full;
  std::vector<std::string> names;
  for (const StateIndex child : machine.states[parent].children)
    names.push_back(machine.states[child].id);
  std::string hint = did_you_mean(node.text, names);
  if (hint.empty()) hint = "states inside: " + list_names(names);
  const std::string where =
      parent == k_root ? "the workflow" : "`" + machine.states[parent].path + "`";
  unit.report.error(code::bad_initial,
                    node.span,
                    what + " must name a state inside " + where + ", got `" + node.text + "`",
                    hint);
  return std::nullopt;
}

bool check_targets(Unit& unit, const std::vector<StateIndex>& targets, const Span& span) {
  const machine::Machine& machine = *unit.machine;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    for (std::size_t j = i + 1; j < targets.size(); ++j) {
      StateIndex common = targets[i];
      while (common != targets[j] && !machine.is_descendant(targets[j], common))
        common = machine.states[common].parent;
      const bool nested = common == targets[i] || common == targets[j];
      if (!nested && machine.states[common].kind == StateKind::parallel) continue;
      unit.report.error(code::conflicting_targets,
                        span,
                        "`" + machine.states[targets[i]].path + "` and `" +
                            machine.states[targets[j]].path + "` can't be active together",
                        "several targets must stand in different regions of one parallel state");
      return false;
    }
  }
  return true;
}

}  // namespace vozex::language
