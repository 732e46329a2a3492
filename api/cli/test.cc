// SPDX-License-Identifier: Apache-2.0
// Runs the scenarios beside workflows, on virtual time.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "api/cli/test_pool.h"
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
  double min_coverage = 0;
  std::size_t jobs = 0;

  bool wants_coverage() const { return coverage || min_coverage > 0; }
};

std::string percent_text(double percent) {
  std::string text = std::to_string(percent);
  return text.substr(0, text.find('.') + 2) + " %";
}

void print_coverage(const lab::ScenarioReport& report) {
  for (const lab::Coverage& one : report.coverage) {
    std::cout << one.workflow << ": " << percent_text(one.percent()) << ", " << one.states_reached
              << " of " << one.states << " states, " << one.transitions_reached << " of "
              << one.transitions << " transitions\n";
    for (const auto& miss : one.missed_states)
      std::cout << "  line " << miss.line << ": state " << miss.text << " is never reached\n";
    for (const auto& miss : one.missed_transitions)
      std::cout << "  line " << miss.line << ": " << miss.text << " never fires\n";
  }
}

// Scenarios; with coverage {"scenarios": [...], "coverage": [...]}, or a line for each.
void print_values(const lab::ScenarioReport& report, const Asked& asked) {
  Value::List scenarios;
  for (const auto& result : report.scenarios) scenarios.push_back(lab::to_value(result));
  Value::List coverage;
  for (const auto& one : report.coverage) coverage.push_back(lab::to_value(one));
  const Format format = format_of(asked.format);
  if (asked.wants_coverage() && format == Format::json) {
    print_object(Value::object({{"scenarios", Value::list(std::move(scenarios))},
                                {"coverage", Value::list(std::move(coverage))}}),
                 format);
    return;
  }
  print_list(Value::list(std::move(scenarios)), format, {});
  if (asked.wants_coverage()) print_list(Value::list(std::move(coverage)), format, {});
}

void print(const lab::ScenarioReport& report, const Asked& asked) {
  if (asked.format != "table") {
    print_values(report, asked);
  } else {
    for (const auto& result : report.scenarios) {
      if (!result.passed()) std::cout << lab::render(result) << '\n';
    }
    if (asked.coverage) print_coverage(report);
  }
  std::cout.flush();
}

// Of the workflows that test files are about: what else ran on the way has tests of its own.
bool is_covered(const lab::ScenarioReport& report, double least) {
  bool enough = true;
  for (const lab::Coverage& one : report.coverage) {
    const bool tested =
        std::any_of(report.scenarios.begin(), report.scenarios.end(), [&](const auto& scenario) {
          return scenario.workflow == one.workflow;
        });
    if (!tested || one.percent() >= least) continue;
    say("error: the scenarios reach " + percent_text(one.percent()) + " of " + one.workflow +
        ", at least " + percent_text(least) + " is asked for");
    enough = false;
  }
  return enough;
}

bool write_junit(const lab::ScenarioReport& report, const std::string& path) {
  std::ofstream file(path);
  file << lab::to_junit(report);
  file.close();
  if (file) return true;
  say("error: can't write " + path);
  return false;
}

void sum_up(const lab::ScenarioReport& report) {
  const auto passed = static_cast<std::size_t>(
      std::count_if(report.scenarios.begin(), report.scenarios.end(), [](const auto& one) {
        return one.passed();
      }));
  const std::size_t failed = report.scenarios.size() - passed;
  say(counted(report.scenarios.size(), "scenario") + ", " + std::to_string(passed) + " passed" +
      (failed == 0 ? "" : ", " + std::to_string(failed) + " failed"));
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
  const lab::ScenarioReport report =
      run_in_parallel(compiled, found->tests, {asked.only}, asked.jobs);
  std::cerr << language::render(report.diagnostics, language::SourceSet{found->tests});
  print(report, asked);
  const bool junit_written = asked.junit.empty() || write_junit(report, asked.junit);
  const bool good = report.passed() && !has_errors(compiled.diagnostics);
  sum_up(report);
  if (report.scenarios.empty() && good) {
    say("error: no scenario has \"" + asked.only + "\" in its name");
    return k_not_found;
  }
  const bool covered = is_covered(report, asked.min_coverage);
  if (good && !asked.wants_coverage()) say("next: vozex test --coverage " + asked.paths.front());
  return good && covered && junit_written ? k_ok : k_findings;
}

}  // namespace

void add_test(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "test",
      "Run the scenarios beside workflows\n\n"
      "  vozex test workflows\n"
      "  vozex test workflows/commerce/payment.test.yaml --only \"late success\" --coverage\n"
      "  vozex test workflows --min-coverage 80 --junit report.xml\n");
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
  command
      ->add_option("--min-coverage",
                   asked->min_coverage,
                   "fail below this percentage of states and transitions, for each workflow tested")
      ->check(CLI::Range(0.0, 100.0));
  command->add_option("--jobs", asked->jobs, "threads; the processor's by default")
      ->check(CLI::Range(0, static_cast<int>(k_max_jobs)));
  command->callback([&program, asked] { program.exit_code = test(*asked); });
}

}  // namespace vozex::cli
