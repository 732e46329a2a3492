// SPDX-License-Identifier: Apache-2.0
//
// Scenarios: the tests that authors write beside a workflow (`*.test.yaml`, docs/testing.md), run
// through the same step() as production on virtual time, with mocked calls and with children that
// are mocked or real. Pure: files come as text, nothing sleeps, equal arguments give equal reports.
// One run_scenarios() is independent of every other and may run on any thread. Tests:
// tests/unit/lab.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/language/compile.h"
#include "engine/machine/machine.h"

namespace vozex::lab {

// One expectation that did not hold, or one step that could not be done.
struct Failure {
  Span span;         // in the test file
  std::string what;  // "state", "calls.payments.get", "step"
  std::string expected;
  std::string actual;
  std::string written{};  // the line of the test file at `span`, without its indentation
};

struct ScenarioResult {
  std::string file;
  std::string workflow;
  std::string name;
  Span span;
  std::vector<Failure> failures;  // of the first step that failed; the steps after it are not run
  std::string explanation;        // of the last step, several lines; only when it failed
  std::uint32_t steps = 0;        // step() calls of all instances
  Duration virtual_time{};        // from its start to its end on its own clock

  bool passed() const { return failures.empty(); }
};

// What the scenarios of a report reached of one workflow.
struct Coverage {
  struct Miss {
    std::string text;         // a state's path; "waiting: on payment.failed when event.data.final"
    std::uint32_t line = 0;   // in the workflow's file
    std::uint32_t index = 0;  // of the state or transition in its machine
  };
  std::string workflow;
  std::uint32_t version = 0;
  std::uint32_t states = 0;
  std::uint32_t states_reached = 0;
  std::uint32_t transitions = 0;
  std::uint32_t transitions_reached = 0;
  std::vector<Miss> missed_states;
  std::vector<Miss> missed_transitions;
  // What merge() adds up; one flag for each state and transition of the machine.
  std::vector<bool> state_hit;
  std::vector<bool> transition_hit;

  // Of states and transitions together, 0 to 100.
  double percent() const;
};

struct ScenarioReport {
  std::vector<ScenarioResult> scenarios;
  std::vector<Coverage> coverage;  // by workflow; of every machine that ran
  std::vector<Diagnostic>
      diagnostics;  // mistakes in the test file itself; a scenario with one is not run

  bool passed() const;
};

struct ScenarioOptions {
  std::string only;  // part of a scenario's name; "" runs all
};

// `compiled` holds the workflow under test, its `with_real` children, and the operations they call;
// the test file names its workflow in `workflow:`.
ScenarioReport run_scenarios(const language::Compilation& compiled,
                             const machine::SourceFile& test_file,
                             const ScenarioOptions& options = {});

// A test file read once. Its scenarios are independent of each other: any of them may run on any
// thread. `compiled` must outlive it.
class PreparedScenarios {
 public:
  PreparedScenarios(const language::Compilation& compiled,
                    const machine::SourceFile& test_file,
                    const ScenarioOptions& options = {});
  ~PreparedScenarios();
  PreparedScenarios(PreparedScenarios&&) noexcept;
  PreparedScenarios& operator=(PreparedScenarios&&) noexcept;

  // Those that options chose.
  std::size_t size() const;
  const std::vector<Diagnostic>& diagnostics() const;
  // Scenarios [first, first + count), without the file's diagnostics.
  ScenarioReport run(std::size_t first, std::size_t count) const;

 private:
  struct Content;
  std::unique_ptr<Content> content_;
};

// Adds one report to another; coverage of the same workflow is united.
void merge(ScenarioReport& into, ScenarioReport&& other);

// A failed scenario for people: file:line, what, expected, actual, then the last step's
// explanation.
std::string render(const ScenarioResult& result);

// Scenarios and coverage for programs: docs/tools.md.
types::Value to_value(const ScenarioResult& result);
types::Value to_value(const Coverage& coverage);

inline constexpr std::size_t k_max_scenarios = 2000;            // of one file
inline constexpr std::uint32_t k_max_scenario_steps = 100'000;  // step() calls of one scenario

}  // namespace vozex::lab
