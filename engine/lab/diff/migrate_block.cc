// SPDX-License-Identifier: Apache-2.0
//
// What is sure is written out, what only the author can know is left as a comment: the block can be
// pasted either way.
#include <fmt/format.h>

#include <set>

#include "engine/lab/diff/comparison.h"
#include "engine/machine/migration.h"

namespace vozex::lab {
namespace {

using machine::k_no_state;
using machine::State;
using machine::StateIndex;

struct Lines {
  std::vector<std::string> sure;
  std::vector<std::string> open;  // comments

  bool empty() const { return sure.empty() && open.empty(); }
};

// An ancestor's entry moves what is inside along.
bool moves_along(const Comparison& comparison, const State& state, const std::string& to) {
  for (const Rename& rename : comparison.diff.renames) {
    if (state.path.starts_with(rename.from + ".") &&
        rename.to + state.path.substr(rename.from.size()) == to)
      return true;
  }
  return false;
}

Lines state_lines(const Comparison& comparison) {
  Lines lines;
  if (comparison.migration != nullptr) {
    for (const auto& [from, to] : comparison.migration->states)
      lines.sure.push_back(fmt::format("{}: {}", from, to));
  }
  const std::size_t given = lines.sure.size();
  for (const State& state : comparison.before.states) {
    const StateIndex to = comparison.pairs.to_new[state.index];
    if (state.index == machine::k_root) continue;
    if (to != k_no_state) {
      const std::string& path = comparison.after.states[to].path;
      const bool known =
          path == state.path || (comparison.migration != nullptr &&
                                 machine::migrated_path(*comparison.migration, state.path) == path);
      if (!known && !moves_along(comparison, state, path))
        lines.sure.push_back(fmt::format("{}: {}", state.path, path));
      continue;
    }
    const bool led =
        comparison.migration != nullptr && comparison.after.find_state(machine::migrated_path(
                                               *comparison.migration, state.path)) != k_no_state;
    if (can_rest_in(state) && !led)
      lines.open.push_back(state.path + ": ...  # where do its instances go?");
  }
  if (lines.open.empty() && lines.sure.size() == given) return {};
  return lines;
}

std::string converted(const types::Type& to, const std::string& name) {
  if (to.kind == types::TypeKind::string) return "string(data." + name + ")";
  if (to.kind == types::TypeKind::integer) return "int(data." + name + ")";
  return "";
}

Lines data_lines(const Comparison& comparison) {
  Lines lines;
  std::set<std::string> seen;
  for (const Change& change : comparison.diff.changes) {
    if (change.impact != Impact::breaking || !change.subject.starts_with("data ")) continue;
    const std::string path = change.subject.substr(5);
    const std::string name = path.substr(0, path.find('.'));
    if (!seen.insert(name).second) continue;
    const types::Field* field = types::find_field(*comparison.after.data, name);
    const bool had = types::find_field(*comparison.before.data, name) != nullptr;
    const std::string text = had && field != nullptr ? converted(*field->type, name) : "";
    if (!text.empty() && path == name) {
      lines.sure.push_back(fmt::format("{}: \"${{{}}}\"", name, text));
    } else {
      lines.open.push_back(fmt::format("{}: ...  # {}", name, change.text));
    }
  }
  return lines;
}

std::string indented(const Lines& lines, const std::string& indent) {
  std::string out;
  for (const std::string& line : lines.sure) out += fmt::format("{}{}\n", indent, line);
  for (const std::string& line : lines.open) out += fmt::format("{}# {}\n", indent, line);
  return out;
}

// A key with nothing but comments below it would be empty: then it is a comment, too.
std::string section(const std::string& key, const Lines& lines, const std::string& indent) {
  if (lines.empty()) return "";
  return indent + (lines.sure.empty() ? "# " : "") + key + ":\n" + indented(lines, indent + "  ");
}

}  // namespace

std::string migrate_block(const Comparison& comparison) {
  const Lines states = state_lines(comparison);
  const Lines data = data_lines(comparison);
  if (states.empty() && data.empty()) return "";
  std::string out = "migrate:\n  from: " + std::to_string(comparison.before.version) + "\n";
  out += section("states", states, "  ");
  if (!data.empty()) {
    out += std::string("  ") + (data.sure.empty() ? "# " : "") + "data:\n" +
           section("set", data, "    ");
  }
  const bool restarts = comparison.migration != nullptr &&
                        comparison.migration->timers == machine::MigratedTimers::restart;
  if (restarts) out += "  timers: restart\n";
  return out;
}

}  // namespace vozex::lab
