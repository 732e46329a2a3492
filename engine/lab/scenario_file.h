// SPDX-License-Identifier: Apache-2.0
//
// ScenarioFile: what a `*.test.yaml` says, read against the machines it is about: payloads, answers
// and expectations are typed like the places they stand for, so that a misspelt field is a
// diagnostic with a position and not a test that fails for the wrong reason. Reference for authors:
// docs/testing.md. Tests: tests/unit/lab.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "engine/lab/mock.h"
#include "engine/language/compile.h"
#include "engine/machine/event.h"
#include "engine/machine/machine.h"

namespace vozex::lab {

// A value of an expectation: maps hold what must be there, not all that may be.
struct Expected {
  types::Value value;
  Span span;
};

struct ExpectStep {
  std::string workflow;             // `of:`, whose newest instance is meant; "" the one under test
  std::optional<std::string> key;   // `of: {workflow, key}`
  std::vector<std::string> states;  // all must be active
  std::map<std::string, Expected>
      values;  // data, output, reply, incident, status, outcome, timers, ...
  std::map<std::string, Expected>
      calls;  // by operation or child workflow: a number or a list of inputs
  std::map<std::string, Span> spans;  // of each key
};

struct EventStep {
  machine::Event event;      // id is "" when the file gives none
  std::string duplicate_of;  // then nothing else
};
struct ActionStep {
  machine::ActionTaken taken;
  std::string workflow;  // `of:`
};
struct AdvanceStep {
  Duration by{0};
};
struct StartStep {
  types::Value input;
};
struct ConfigStep {
  types::Value values;
};
struct MigrateStep {
  machine::MachineRef to;
};
struct OperateStep {  // suspend, resume, move, patch
  machine::Cause cause;
  std::string name;
};

struct TaskStep {            // claim, release, assign
  machine::TaskMoved moved;  // its task is the one open at the time
  std::string queue;         // which, when several are open; "" the only one
};

struct Step {
  std::variant<ExpectStep,
               EventStep,
               ActionStep,
               AdvanceStep,
               StartStep,
               ConfigStep,
               MigrateStep,
               OperateStep,
               TaskStep>
      what;
  Span span;
};

struct Scenario {
  std::string name;
  Span span;
  Mocks mocks;
  std::set<std::string, std::less<>> real;
  std::optional<types::Value> start;  // at the beginning; else a `start` step does it, or an event
  types::Value config;
  machine::MachineRef machine;  // that it begins with: the newest version, or `version:`
  std::vector<Step> steps;
};

struct ScenarioFile {
  machine::MachineRef machine;
  std::vector<Scenario> scenarios;  // those without mistakes
};

// Nothing when the file can't be read at all or names no known workflow.
std::optional<ScenarioFile> read_scenario_file(const language::Compilation& compiled,
                                               const machine::SourceFile& file,
                                               std::vector<Diagnostic>& diagnostics);

}  // namespace vozex::lab
