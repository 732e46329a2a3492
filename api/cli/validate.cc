// SPDX-License-Identifier: Apache-2.0
// All mistakes of all files, in one run. What is only around the named files is silent.
#include <algorithm>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "api/handlers/workflow_value.h"
#include "engine/types/json.h"

namespace vozex::cli {
namespace {

struct Asked {
  std::vector<std::string> paths;
  std::string format = "text";
};

std::string count_of(std::size_t count, const char* word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

// GitHub's workflow commands: one line each, with its own escapes.
std::string github_text(std::string text) {
  for (const auto& [from, to] :
       {std::pair("%", "%25"), std::pair("\r", "%0D"), std::pair("\n", "%0A")}) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += 3)
      text.replace(at, 1, to);
  }
  return text;
}

void print_github(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& one : diagnostics) {
    std::cout << (one.severity == Severity::error ? "::error" : "::warning") << " file=" << one.file
              << ",line=" << one.span.line << ",col=" << one.span.column << ",title=" << one.code
              << "::" << github_text(one.message + (one.hint.empty() ? "" : "\n" + one.hint))
              << '\n';
  }
}

int validate(const Asked& asked) {
  const auto found = find_files(asked.paths);
  if (!found) {
    say_error(found.error());
    return k_not_found;
  }
  if (found->named.empty()) {
    say("error: no workflow files there: expected *.yaml");
    return k_not_found;
  }
  auto diagnostics = language::compile(found->sources).diagnostics;
  std::erase_if(diagnostics, [&](const Diagnostic& one) {
    return std::find(found->named.begin(), found->named.end(), one.file) == found->named.end();
  });
  const auto errors = static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& one) {
        return one.severity == Severity::error;
      }));
  if (asked.format == "json") {
    std::cout << types::to_pretty_json(types::Value::object(
                     {{"files",
                       types::Value::integer(static_cast<std::int64_t>(found->named.size()))},
                      {"errors", types::Value::integer(static_cast<std::int64_t>(errors))},
                      {"diagnostics", handlers::diagnostics_value(diagnostics)}}))
              << '\n';
  } else if (asked.format == "github") {
    print_github(diagnostics);
  } else {
    std::cout << language::render(diagnostics, found->sources);
  }
  std::cout.flush();
  say(count_of(found->named.size(), "file") + ": " +
      (errors == 0 ? "no errors" : count_of(errors, "error")) +
      (diagnostics.size() > errors ? ", " + count_of(diagnostics.size() - errors, "warning") : ""));
  return errors == 0 ? k_ok : k_findings;
}

}  // namespace

void add_validate(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("validate",
                         "Check workflow files: all mistakes in one run\n\n"
                         "  vozex validate workflows\n"
                         "  vozex validate workflows/commerce/order.yaml --format github\n");
  auto asked = std::make_shared<Asked>();
  command->add_option("paths", asked->paths, "files, and folders that are searched for *.yaml")
      ->required();
  command->add_option("--format", asked->format, "text, json or github")
      ->check(CLI::IsMember({"text", "json", "github"}));
  command->callback([&program, asked] { program.exit_code = validate(*asked); });
}

}  // namespace vozex::cli
