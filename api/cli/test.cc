// SPDX-License-Identifier: Apache-2.0
// Runs the scenarios beside workflows, on virtual time.
#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "engine/lab/junit.h"
#include "engine/lab/scenario.h"

namespace vozex::cli {
namespace {

using types::Value;

struct Asked {
  std::vector<std::string> paths;
  std::string format = "table";
  std::string junit;
  std::string only;
  bool coverage = false;
};

Value result_value(const lab::ScenarioResult& result) {
  Value::List failures;
  for (const lab::Failure& failure : result.failures) {
    failures.push_back(Value::object({{"line", Value::integer(failure.span.line)},
                                      {"what", Value::string(failure.what)},
                                      {"expected", Value::string(failure.expected)},
                                      {"actual", Value::string(failure.actual)}}));
  }
  return Value::object({{"file", Value::string(result.file)},
                        {"workflow", Value::string(result.workflow)},
                        {"name", Value::string(result.name)},
                        {"passed", Value::boolean(result.passed())},
                        {"steps", Value::integer(result.steps)},
                        {"virtual_time", Value::string(format_duration(result.virtual_time))},
                        {"failures", Value::list(std::move(failures))}});
}

void print_coverage(const lab::ScenarioReport& report) {
  for (const lab::Coverage& one : report.coverage) {
    std::cout << one.workflow << ": " << one.states_reached << " of " << one.states << " states, "
              << one.transitions_reached << " of " << one.transitions << " transitions\n";
    for (const auto& miss : one.missed_states)
      std::cout << "  line " << miss.line << ": state " << miss.text << " is never reached\n";
    for (const auto& miss : one.missed_transitions)
      std::cout << "  line " << miss.line << ": " << miss.text << " never fires\n";
  }
}

void print(const lab::ScenarioReport& report, const Asked& asked) {
  if (asked.format != "table") {
    Value::List list;
    for (const auto& result : report.scenarios) list.push_back(result_value(result));
    print_list(Value::list(std::move(list)), format_of(asked.format), {});
    return;
  }
  for (const auto& result : report.scenarios) {
    if (!result.passed()) std::cout << lab::render(result) << '\n';
  }
  if (asked.coverage) print_coverage(report);
}

bool write_junit(const lab::ScenarioReport& report, const std::string& path) {
  std::ofstream file(path);
  file << lab::to_junit(report);
  file.close();
  if (file) return true;
  say("error: can't write " + path);
  return false;
}

int test(const Asked& asked) {
  const auto found = find_files(asked.paths);
  if (!found) {
    say_error(found.error());
    return k_not_found;
  }
  if (found->tests.empty()) {
    say("error: no scenarios there: expected *.test.yaml beside the workflows");
    return k_not_found;
  }
  const auto compiled = language::compile(found->sources);
  std::cerr << language::render(compiled.diagnostics, found->sources);
  lab::ScenarioReport report;
  language::SourceSet test_sources;
  for (const machine::SourceFile& file : found->tests) {
    lab::merge(report, lab::run_scenarios(compiled, file, {asked.only}));
    test_sources.files.push_back(file);
  }
  std::cerr << language::render(report.diagnostics, test_sources);
  print(report, asked);
  std::cout.flush();
  std::size_t passed = 0;
  for (const auto& result : report.scenarios) passed += result.passed() ? 1u : 0u;
  const bool junit_written = asked.junit.empty() || write_junit(report, asked.junit);
  say(std::to_string(report.scenarios.size()) + " scenarios, " + std::to_string(passed) +
      " passed" +
      (passed == report.scenarios.size()
           ? ""
           : ", " + std::to_string(report.scenarios.size() - passed) + " failed"));
  const bool good = passed == report.scenarios.size() && !has_errors(report.diagnostics) &&
                    !has_errors(compiled.diagnostics);
  if (report.scenarios.empty() && good) {
    say("error: no scenario has \"" + asked.only + "\" in its name");
    return k_not_found;
  }
  return good && junit_written ? k_ok : k_findings;
}

}  // namespace

void add_test(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "test",
      "Run the scenarios beside workflows\n\n"
      "  vozex test workflows\n"
      "  vozex test workflows/commerce/payment.test.yaml --only \"late success\" --coverage\n");
  auto asked = std::make_shared<Asked>();
  command
      ->add_option(
          "paths", asked->paths, "*.test.yaml files, and folders that are searched for them")
      ->required();
  command->add_option("-o,--output", asked->format, "table, json or jsonl")
      ->check(CLI::IsMember({"table", "json", "jsonl"}));
  command->add_option("--junit", asked->junit, "also write JUnit XML to this file");
  command->add_option("--only", asked->only, "scenarios with this in their name");
  command->add_flag(
      "--coverage", asked->coverage, "say which states and transitions no scenario reached");
  command->callback([&program, asked] { program.exit_code = test(*asked); });
}

}  // namespace vozex::cli
