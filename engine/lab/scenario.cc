// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/scenario.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/lab/scenario_run.h"

namespace vozex::lab {
namespace {

void unite(std::vector<bool>& into, const std::vector<bool>& from) {
  for (std::size_t i = 0; i < into.size() && i < from.size(); ++i) into[i] = into[i] || from[i];
}

// A miss of both is a miss of the union.
void keep_missed(std::vector<Coverage::Miss>& misses, const std::vector<bool>& hit) {
  std::erase_if(misses, [&](const Coverage::Miss& miss) {
    return miss.index < hit.size() && hit[miss.index];
  });
}

void unite(Coverage& into, const Coverage& from) {
  unite(into.state_hit, from.state_hit);
  unite(into.transition_hit, from.transition_hit);
  keep_missed(into.missed_states, into.state_hit);
  keep_missed(into.missed_transitions, into.transition_hit);
  into.states_reached = into.states - static_cast<std::uint32_t>(into.missed_states.size());
  into.transitions_reached =
      into.transitions - static_cast<std::uint32_t>(into.missed_transitions.size());
}

std::string place(const ScenarioResult& result, const Span& span) {
  return result.file + ":" + std::to_string(span.line) + ":" + std::to_string(span.column);
}

}  // namespace

bool ScenarioReport::passed() const {
  return !has_errors(diagnostics) &&
         std::all_of(scenarios.begin(), scenarios.end(), [](const ScenarioResult& one) {
           return one.passed();
         });
}

ScenarioReport run_scenarios(const language::Compilation& compiled,
                             const machine::SourceFile& test_file,
                             const ScenarioOptions& options) {
  ScenarioReport report;
  const auto file = read_scenario_file(compiled, test_file, report.diagnostics);
  sort_diagnostics(report.diagnostics);
  if (!file) return report;
  CoverageMap coverage;
  for (const Scenario& scenario : file->scenarios) {
    if (scenario.name.find(options.only) == std::string::npos) continue;
    report.scenarios.push_back(run_scenario(compiled, *file, test_file.name, scenario, coverage));
  }
  report.coverage = coverage.result();
  return report;
}

void merge(ScenarioReport& into, ScenarioReport&& other) {
  std::move(other.scenarios.begin(), other.scenarios.end(), std::back_inserter(into.scenarios));
  std::move(
      other.diagnostics.begin(), other.diagnostics.end(), std::back_inserter(into.diagnostics));
  for (Coverage& coverage : other.coverage) {
    const auto same = [&](const Coverage& one) { return one.workflow == coverage.workflow; };
    const auto found = std::find_if(into.coverage.begin(), into.coverage.end(), same);
    if (found != into.coverage.end()) {
      unite(*found, coverage);
    } else {
      into.coverage.push_back(std::move(coverage));
    }
  }
  std::sort(into.coverage.begin(), into.coverage.end(), [](const Coverage& a, const Coverage& b) {
    return a.workflow < b.workflow;
  });
}

std::string render(const ScenarioResult& result) {
  std::string text =
      place(result, result.span) + ": " + result.workflow + ": " + result.name + "\n";
  for (const Failure& failure : result.failures) {
    text += place(result, failure.span) + ": " + failure.what + "\n";
    text += "  expected: " + failure.expected + "\n";
    text += "  actual:   " + failure.actual + "\n";
  }
  return text + result.explanation;
}

}  // namespace vozex::lab
