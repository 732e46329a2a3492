// SPDX-License-Identifier: Apache-2.0
//
// Runs statechart cases of public suites (W3C's SCXML tests and others) through our own language:
// each machine becomes YAML text (scxml_to_yaml.h), is compiled by the real compiler and run by
// step() on a virtual clock.
#include <algorithm>

#include "engine/base/assert.h"
#include "engine/lab/world.h"
#include "engine/language/compile.h"
#include "tests/conformance/case_files.h"
#include "tests/conformance/scxml_to_yaml.h"
#include "tests/conformance/static_claims.h"

namespace vozex::conformance {
namespace {

using nlohmann::json;

// How long a machine may go on by itself before it counts as at rest.
constexpr Duration k_long_enough = std::chrono::minutes{10};
constexpr std::uint32_t k_max_steps = 20'000;

class CaseRun {
 public:
  CaseRun(const language::Compilation& compiled, const TranslatedChart& chart)
      : chart_(chart),
        machine_(machine_of(compiled)),
        world_(setup(compiled)),
        claims_(compiled.diagnostics) {
    world_.watcher = [this](const lab::Inhabitant& instance) {
      claims_.note(instance);
      for (const machine::Effect& effect : instance.last.effects) {
        const auto* line = std::get_if<machine::LogLine>(&effect);
        if (line != nullptr) logs_.push_back(with_id(line->text));
      }
    };
  }

  // "" when all is as expected.
  std::string run(const json& expect) {
    const lab::World::Started started = world_.start(machine_, types::Value::map({}));
    if (started.instance == nullptr) return "start refused: " + started.refusal;
    chart_instance_ = started.instance;
    std::string wrong = expect.contains("final") ? run_to_end(expect) : run_events(expect);
    if (wrong.empty() && expect.contains("logs"))
      wrong = compare("logs", expect.at("logs"), json(logs_));
    if (wrong.empty() && !world_.problems().empty()) wrong = world_.problems().front();
    if (wrong.empty()) wrong = claims_.contradicted();
    return wrong;
  }

 private:
  // Our done.state.<path> is done.state.<id> in the data.
  std::string with_id(const std::string& text) const {
    const std::string prefix = "done.state.";
    if (!text.starts_with(prefix)) return text;
    for (const auto& [id, path] : chart_.paths) {
      if (text.substr(prefix.size()) == path) return prefix + id;
    }
    return text;
  }

  static machine::MachineRef machine_of(const language::Compilation& compiled) {
    const auto found = std::find_if(compiled.machines.begin(),
                                    compiled.machines.end(),
                                    [](const auto& one) { return one->workflow == "chart"; });
    VOZEX_ASSERT(found != compiled.machines.end());
    return *found;
  }

  static lab::WorldSetup setup(const language::Compilation& compiled) {
    lab::WorldSetup setup;
    setup.compiled = &compiled;
    setup.max_steps = k_max_steps;
    for (const auto& machine : compiled.machines) setup.real.insert(machine->workflow);
    return setup;
  }

  static std::string compare(const std::string& what, const json& expected, const json& actual) {
    if (expected == actual) return "";
    return what + ": expected " + expected.dump() + ", got " + actual.dump();
  }

  // Ids of the active atomic states, sorted; states that the translation added are none.
  json configuration() const {
    std::vector<std::string> ids;
    for (const machine::StateIndex index : chart_instance_->snapshot.configuration) {
      const machine::State& state = chart_instance_->machine->states[index];
      if (state.kind != machine::StateKind::atomic && state.kind != machine::StateKind::final)
        continue;
      for (const auto& [id, path] : chart_.paths) {
        if (path == state.path) ids.push_back(id);
      }
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  std::string run_to_end(const json& expect) {
    world_.advance(k_long_enough);
    return compare("final", json::array({expect.at("final")}), configuration());
  }

  std::string run_events(const json& expect) {
    json first = expect.at("initial_config");
    std::sort(first.begin(), first.end());
    std::string wrong = compare("initial", first, configuration());
    int number = 0;
    for (const json& step : expect.at("events")) {
      if (!wrong.empty()) return wrong;
      const int after = step.value("after_ms", 0);
      if (after > 0) world_.advance(std::chrono::milliseconds{after});
      machine::Event event;
      event.id = std::to_string(++number);
      event.source = "test";
      event.name = step.at("event");
      event.data = types::Value::map({});
      world_.deliver(std::move(event), chart_instance_);
      json config = step.at("config");
      std::sort(config.begin(), config.end());
      wrong = compare(
          "after " + std::to_string(number) + " (" + step.at("event").get<std::string>() + ")",
          config,
          configuration());
    }
    return wrong;
  }

  const TranslatedChart& chart_;
  machine::MachineRef machine_;
  lab::World world_;
  StaticClaims claims_;
  lab::Inhabitant* chart_instance_ = nullptr;
  std::vector<std::string> logs_;
};

std::string first_error(const language::Compilation& compiled) {
  for (const Diagnostic& diagnostic : compiled.diagnostics) {
    if (diagnostic.severity == Severity::error) return diagnostic.code + ": " + diagnostic.message;
  }
  return "";
}

void run_case(const json& test_case, Report& report) {
  const std::string id = test_case.at("id");
  const TranslatedChart chart = translate_chart(test_case);
  if (!chart.obstacle.empty()) {
    report.not_expressible(id, chart.obstacle);
    return;
  }
  const language::Compilation compiled = language::compile({chart.files});
  std::string wrong = first_error(compiled);
  if (!wrong.empty()) {
    wrong = "expected a machine that compiles, got " + wrong;
  } else {
    wrong = CaseRun(compiled, chart).run(test_case.at("expect"));
  }
  if (wrong.empty()) {
    report.pass();
  } else {
    report.fail(id, wrong);
  }
}

}  // namespace

CaseKind statechart_cases() { return {"statechart", "machine", run_case}; }

}  // namespace vozex::conformance
