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
#include "engine/lab/sarif.h"
#include "engine/types/json.h"

namespace vozex::cli {
namespace {

struct Asked {
  std::vector<std::string> paths;
  std::string format = "text";
  std::string docs_url;
  bool strict = false;
};

struct Checked {
  std::vector<Diagnostic> diagnostics;  // of the named files
  std::size_t errors = 0;
  bool good = true;
};

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

Checked check(const FoundFiles& found, bool strict) {
  Checked checked;
  checked.diagnostics = language::compile(found.sources).diagnostics;
  std::erase_if(checked.diagnostics, [&](const Diagnostic& one) {
    return std::find(found.named.begin(), found.named.end(), one.file) == found.named.end();
  });
  checked.errors = static_cast<std::size_t>(std::count_if(
      checked.diagnostics.begin(), checked.diagnostics.end(), [](const Diagnostic& one) {
        return one.severity == Severity::error;
      }));
  checked.good = strict ? checked.diagnostics.empty() : checked.errors == 0;
  return checked;
}

types::Value to_value(const Checked& checked, std::size_t files) {
  const auto number = [](std::size_t count) {
    return types::Value::integer(static_cast<std::int64_t>(count));
  };
  return types::Value::object({{"files", number(files)},
                               {"errors", number(checked.errors)},
                               {"warnings", number(checked.diagnostics.size() - checked.errors)},
                               {"valid", types::Value::boolean(checked.good)},
                               {"diagnostics", handlers::diagnostics_value(checked.diagnostics)}});
}

void print(const Checked& checked, const FoundFiles& found, const Asked& asked, const Program& to) {
  if (asked.format == "json") {
    std::cout << types::to_pretty_json(to_value(checked, found.named.size())) << '\n';
  } else if (asked.format == "github") {
    print_github(checked.diagnostics);
  } else if (asked.format == "sarif") {
    std::cout << types::to_pretty_json(lab::to_sarif(
                     checked.diagnostics, found.named, {to.composition.version, asked.docs_url}))
              << '\n';
  } else {
    std::cout << language::render(checked.diagnostics, found.sources);
  }
  std::cout.flush();
}

int validate(const Asked& asked, const Program& program) {
  const auto found = find_files(asked.paths);
  if (!found) {
    say_error(found.error());
    return k_not_found;
  }
  if (found->named.empty()) {
    say("error: no workflow files there: expected *.yaml");
    return k_not_found;
  }
  const Checked checked = check(*found, asked.strict);
  print(checked, *found, asked, program);
  const std::size_t warnings = checked.diagnostics.size() - checked.errors;
  say(counted(found->named.size(), "file") + ": " +
      (checked.errors == 0 ? "no errors" : counted(checked.errors, "error")) +
      (warnings > 0 ? ", " + counted(warnings, "warning") : ""));
  if (!checked.diagnostics.empty()) say("next: vozex explain " + checked.diagnostics.front().code);
  return checked.good ? k_ok : k_findings;
}

}  // namespace

void add_validate(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("validate",
                         "Check workflow files: all mistakes in one run\n\n"
                         "  vozex validate workflows\n"
                         "  vozex validate workflows/commerce/order.yaml --format github\n"
                         "  vozex validate workflows --strict --format sarif >vozex.sarif\n");
  auto asked = std::make_shared<Asked>();
  command->add_option("paths", asked->paths, "files, and folders that are searched for *.yaml")
      ->required();
  command->add_option("--format", asked->format, "text, json, sarif or github")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}));
  command->add_flag("--strict", asked->strict, "warnings count as findings");
  command->add_option(
      "--docs-url", asked->docs_url, "sarif: where the pages of docs/errors are published");
  command->callback([&program, asked] { program.exit_code = validate(*asked, program); });
}

}  // namespace vozex::cli
