// SPDX-License-Identifier: Apache-2.0
// Workflows as diagrams.
#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/child_process.h"
#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "engine/lab/graph/dot.h"
#include "engine/lab/graph/mermaid.h"
#include "engine/lab/graph/svg.h"
#include "engine/types/json.h"

namespace vozex::cli {
namespace {

struct Asked {
  std::string file;
  std::string workflow;
  std::string format = "mermaid";
  std::string out;
  std::string layout = "dot";
};

Result<std::string> svg_of(const lab::Graph& graph, const std::string& layout) {
  auto drawn = run_child({layout, "-Tsvg"}, lab::to_dot(graph));
  if (!drawn) {
    Error error = drawn.error();
    if (error.code == "program_missing") {
      error.message +=
          "; it lays out the drawing. Install Graphviz (Debian: apt-get install "
          "graphviz), or take --format mermaid, dot or json";
    }
    return tl::unexpected(error);
  }
  std::string svg = lab::finished_svg(drawn->out, graph);
  if (drawn->exit_code == 0 && !svg.empty()) return svg;
  return fail(ErrorClass::unavailable, "program_failed", layout + " failed: " + drawn->err);
}

Result<std::string> text_of(const lab::Graph& graph, const Asked& asked) {
  if (asked.format == "dot") return lab::to_dot(graph);
  if (asked.format == "json") return types::to_pretty_json(lab::to_value(graph)) + "\n";
  if (asked.format == "svg") return svg_of(graph, asked.layout);
  return lab::to_mermaid(graph);
}

// Those of the named files; what is only around them is not drawn.
std::vector<machine::MachineRef> asked_for(const language::Compilation& compiled,
                                           const FoundFiles& found,
                                           const Asked& asked) {
  std::vector<machine::MachineRef> machines;
  for (const machine::MachineRef& machine : compiled.machines) {
    bool named = false;
    for (const std::string& name : found.named)
      named = named || (!machine->sources.empty() && machine->sources.front().name == name);
    if (named && (asked.workflow.empty() || asked.workflow == machine->workflow))
      machines.push_back(machine);
  }
  return machines;
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return static_cast<bool>(file);
}

int draw(const machine::Machine& machine, const Asked& asked) {
  const auto text = text_of(lab::graph_of(machine), asked);
  if (!text) {
    say_error(text.error());
    return text.error().code == "program_timeout" ? k_timeout : k_unreachable;
  }
  if (asked.out.empty() || asked.out == "-") {
    std::cout << *text << std::flush;
    return k_ok;
  }
  if (!write_file(asked.out, *text)) {
    say("error: can't write " + asked.out);
    return k_findings;
  }
  say("wrote " + asked.out + ": " + machine.workflow + ", version " +
      std::to_string(machine.version));
  return k_ok;
}

int graph(const Asked& asked) {
  const auto found = find_files({asked.file});
  if (!found) {
    say_error(found.error());
    return k_not_found;
  }
  const auto compiled = language::compile(found->sources);
  const auto machines = asked_for(compiled, *found, asked);
  if (machines.size() == 1) return draw(*machines.front(), asked);
  if (machines.empty()) {
    std::cerr << language::render(compiled.diagnostics, found->sources);
    say("error: no workflow to draw in " + asked.file);
    say("next: vozex validate " + asked.file);
    return has_errors(compiled.diagnostics) ? k_findings : k_not_found;
  }
  say("error: several workflows there; say which with --workflow:");
  for (const machine::MachineRef& machine : machines) say("  " + machine->workflow);
  return k_usage;
}

}  // namespace

void add_graph(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "graph",
      "A workflow as a diagram\n\n"
      "  vozex graph workflows/commerce/order.yaml\n"
      "  vozex graph workflows/commerce/order.yaml --format svg --out order.svg\n"
      "  vozex graph workflows --workflow payment --format json\n");
  auto asked = std::make_shared<Asked>();
  command->add_option("file", asked->file, "a workflow file, or a folder with --workflow")
      ->required();
  command->add_option("--workflow", asked->workflow, "which one, when there are several");
  command->add_option("--format", asked->format, "mermaid, dot, json, or svg (needs Graphviz)")
      ->check(CLI::IsMember({"mermaid", "dot", "json", "svg"}));
  command->add_option("--out", asked->out, "write to this file");
  command->add_option("--dot", asked->layout, "Graphviz's program that lays out the svg")
      ->envname("VOZEX_DOT");
  command->callback([&program, asked] { program.exit_code = graph(*asked); });
}

}  // namespace vozex::cli
