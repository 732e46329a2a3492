// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/scenario.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/lab/scenario_run.h"
#include "engine/language/source_text.h"

namespace vozex::lab {
namespace {

constexpr std::size_t k_longest_line = 200;  // bytes

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

std::string line_at(const language::SourceText& source, const Span& span) {
  std::string_view line = source.line(span.line);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (line.size() <= k_longest_line) return std::string(line);
  std::size_t end = k_longest_line;  // never inside a character
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0u) == 0x80u) --end;
  return std::string(line.substr(0, end)) + "…";
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

struct PreparedScenarios::Content {
  const language::Compilation* compiled;
  language::SourceText source;
  ScenarioFile file;  // with the chosen scenarios only
  std::vector<Diagnostic> diagnostics;
};

PreparedScenarios::PreparedScenarios(const language::Compilation& compiled,
                                     const machine::SourceFile& test_file,
                                     const ScenarioOptions& options)
    : content_(std::make_unique<Content>(
          Content{&compiled, language::SourceText(test_file.name, test_file.text), {}, {}})) {
  auto file = read_scenario_file(compiled, test_file, content_->diagnostics);
  sort_diagnostics(content_->diagnostics);
  if (!file) return;
  std::erase_if(file->scenarios, [&](const Scenario& scenario) {
    return scenario.name.find(options.only) == std::string::npos;
  });
  content_->file = *std::move(file);
}
PreparedScenarios::~PreparedScenarios() = default;
PreparedScenarios::PreparedScenarios(PreparedScenarios&&) noexcept = default;
PreparedScenarios& PreparedScenarios::operator=(PreparedScenarios&&) noexcept = default;

std::size_t PreparedScenarios::size() const { return content_->file.scenarios.size(); }

const std::vector<Diagnostic>& PreparedScenarios::diagnostics() const {
  return content_->diagnostics;
}

ScenarioReport PreparedScenarios::run(std::size_t first, std::size_t count) const {
  ScenarioReport report;
  CoverageMap coverage;
  const std::size_t end = std::min(first + count, size());
  for (std::size_t i = first; i < end; ++i) {
    report.scenarios.push_back(run_scenario(*content_->compiled,
                                            content_->file,
                                            content_->source.name(),
                                            content_->file.scenarios[i],
                                            coverage));
    for (Failure& failure : report.scenarios.back().failures)
      failure.written = line_at(content_->source, failure.span);
  }
  report.coverage = coverage.result();
  return report;
}

ScenarioReport run_scenarios(const language::Compilation& compiled,
                             const machine::SourceFile& test_file,
                             const ScenarioOptions& options) {
  const PreparedScenarios prepared(compiled, test_file, options);
  ScenarioReport report = prepared.run(0, prepared.size());
  report.diagnostics = prepared.diagnostics();
  return report;
}

void merge(ScenarioReport& into, ScenarioReport&& other) {
  std::move(other.scenarios.begin(), other.scenarios.end(), std::back_inserter(into.scenarios));
  std::move(
      other.diagnostics.begin(), other.diagnostics.end(), std::back_inserter(into.diagnostics));
  for (Coverage& coverage : other.coverage) {
    const auto same = [&](const Coverage& one) {
      return one.workflow == coverage.workflow && one.version == coverage.version;
    };
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
    if (!failure.written.empty()) text += "  line:     " + failure.written + "\n";
    text += "  expected: " + failure.expected + "\n";
    text += "  actual:   " + failure.actual + "\n";
  }
  return text + result.explanation;
}

}  // namespace vozex::lab
