// SPDX-License-Identifier: Apache-2.0
// Two versions of workflows, and what the difference means for what is alive.
#include <iostream>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "engine/lab/diff/diff.h"
#include "engine/types/json.h"

namespace vozex::cli {
namespace {

using machine::MachineRef;
using types::Value;

struct Asked {
  std::string before;
  std::string after;
  std::string format = "text";
};

// By workflow; of several versions the newest. Only what the named files define.
using Machines = std::map<std::string, MachineRef>;

// Nothing when they have mistakes, which were said.
struct Side {
  Machines machines;
  int exit_code = k_ok;
};

Side compile_side(const std::string& path) {
  Side side;
  const auto found = find_files({path});
  if (!found) {
    say_error(found.error());
    side.exit_code = k_not_found;
    return side;
  }
  const auto compiled = language::compile(found->sources);
  if (has_errors(compiled.diagnostics)) {
    std::cerr << language::render(compiled.diagnostics, found->sources);
    say("error: " + path + " has mistakes: nothing was compared");
    side.exit_code = k_findings;
    return side;
  }
  for (const MachineRef& machine : compiled.machines) {
    bool named = false;
    for (const std::string& name : found->named)
      named = named || machine->sources.front().name == name;
    if (!named) continue;
    MachineRef& held = side.machines[machine->workflow];
    if (held == nullptr || held->version < machine->version) held = machine;
  }
  return side;
}

std::vector<lab::Diff> compare(const Machines& before, const Machines& after) {
  std::vector<lab::Diff> diffs;
  for (const auto& [name, machine] : before) {
    const auto found = after.find(name);
    diffs.push_back(found == after.end() ? lab::diff_of_removed(*machine)
                                         : lab::diff_machines(*machine, *found->second));
  }
  for (const auto& [name, machine] : after) {
    if (!before.contains(name)) diffs.push_back(lab::diff_of_added(*machine));
  }
  std::erase_if(diffs, [](const lab::Diff& diff) { return diff.changes.empty(); });
  return diffs;
}

void print(const std::vector<lab::Diff>& diffs, const std::string& format) {
  if (format == "json") {
    Value::List list;
    for (const lab::Diff& diff : diffs) list.push_back(lab::to_value(diff));
    std::cout << types::to_pretty_json(Value::list(std::move(list))) << '\n';
  } else {
    for (const lab::Diff& diff : diffs) std::cout << lab::render(diff);
  }
  std::cout.flush();
}

int diff(const Asked& asked) {
  const Side before = compile_side(asked.before);
  if (before.exit_code != k_ok) return before.exit_code;
  const Side after = compile_side(asked.after);
  if (after.exit_code != k_ok) return after.exit_code;
  if (before.machines.empty() && after.machines.empty()) {
    say("error: no workflows there to compare");
    return k_not_found;
  }
  const std::vector<lab::Diff> diffs = compare(before.machines, after.machines);
  print(diffs, asked.format);
  std::size_t breaking = 0;
  for (const lab::Diff& one : diffs) breaking += one.is_breaking() ? 1u : 0u;
  say(diffs.empty() ? "no differences"
                    : "differences in " + counted(diffs.size(), "workflow") + ", " +
                          std::to_string(breaking) + " breaking");
  say("next: vozex test " + asked.after);
  return breaking == 0 ? k_ok : k_findings;
}

}  // namespace

void add_diff(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "diff",
      "What changed between two versions, and what it means for live instances\n\n"
      "  vozex diff order.v1.yaml order.yaml\n"
      "  vozex diff released/ workflows/ --format json\n");
  auto asked = std::make_shared<Asked>();
  command->add_option("old", asked->before, "a file or folder: the old version")->required();
  command->add_option("new", asked->after, "a file or folder: the new version")->required();
  command->add_option("--format", asked->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  command->callback([&program, asked] { program.exit_code = diff(*asked); });
}

}  // namespace vozex::cli
