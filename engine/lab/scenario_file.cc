// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/scenario_file.h"

#include <utility>

#include "engine/lab/scenario.h"
#include "engine/lab/scenario_steps.h"
#include "engine/language/yaml_reader.h"

namespace vozex::lab {
namespace {

using language::Node;

const Node* member(const Node* map, std::string_view key) {
  return map != nullptr ? map->find(key) : nullptr;
}

bool read_real(FileReader& reader, const Node* node, Scenario& scenario) {
  if (node == nullptr) return true;
  bool good = true;
  for (const Node& name : node->items) {
    scenario.real.insert(name.text);
    if (reader.find_machine(name.text) != nullptr) continue;
    std::vector<std::string> known;
    known.reserve(reader.compiled.machines.size());
    for (const auto& machine : reader.compiled.machines) known.push_back(machine->workflow);
    reader.report.error(
        language::code::unknown_workflow,
        name.span,
        "`with_real` names `" + name.text + "`, which did not compile or is not among the files",
        language::did_you_mean(name.text, known));
    good = false;
  }
  return good;
}

// Started by a `start` step, or by an event: then not at the beginning.
bool starts_later(const Node& scenario) {
  const Node* steps = scenario.find("steps");
  if (steps == nullptr) return false;
  for (const Node& step : steps->items) {
    if (step.find("start") != nullptr) return true;
  }
  return false;
}

bool read_start(FileReader& reader, const Node& node, const Node* defaults, Scenario& scenario) {
  const Node* own = node.find("start");
  if (own == nullptr && (defaults == nullptr || starts_later(node))) {
    // A workflow with start rules may begin with an event; one without needs an input.
    if (starts_later(node) || !reader.machine->start_rules.empty()) return true;
  }
  Node input = merged(defaults, own);
  if (input.is_null()) {
    input.kind = language::NodeKind::map;
    input.span = node.span;
  }
  auto value = read_whole(input, reader.machine->input, "`start`", reader.report);
  if (!value) return false;
  scenario.start = *std::move(value);
  return true;
}

std::optional<Scenario> read_scenario(FileReader& reader, const Node& node, const Node& file) {
  Scenario scenario;
  scenario.span = node.span;
  if (!node.is_map()) {
    reader.report.error(
        language::code::wrong_shape, node.span, "a scenario is a map, got " + describe(node));
    return std::nullopt;
  }
  check_keys(node, language::grammar::scenario, reader.report);
  const Node* name = node.find("name");
  if (name == nullptr || name->text.empty()) {
    reader.report.error(language::code::missing_key, node.span, "a scenario needs a name");
    return std::nullopt;
  }
  scenario.name = name->text;
  reader.machine = reader.find_machine(reader.machine->workflow);
  if (const Node* version = node.find("version")) {
    const auto number = read_version(*version, "`version`", reader.machine->version, reader.report);
    auto older = number ? reader.find_version(*version, *number) : nullptr;
    if (older == nullptr) return std::nullopt;
    reader.machine = std::move(older);
  }
  scenario.machine = reader.machine;
  scenario.span = name->span;
  const Node* defaults = file.find("defaults");
  const Node* default_start = member(defaults, "start");
  bool good = read_real(reader, file.find("with_real"), scenario);
  good = read_real(reader, node.find("with_real"), scenario) && good;
  const Node mocks = merged(member(defaults, "mocks"), node.find("mocks"));
  good = read_mocks(reader, mocks, scenario.mocks) && good;
  good = read_start(reader, node, default_start, scenario) && good;
  const Node config = merged(file.find("config"), node.find("config"));
  auto values = read_partial(config, reader.machine->config, "`config`", reader.report);
  good = good && values.has_value();
  if (values) scenario.config = *std::move(values);
  if (const Node* steps = node.find("steps")) {
    for (const Node& step : steps->items) {
      auto read = read_step(reader, step, default_start);
      good = good && read.has_value();
      if (read) scenario.steps.push_back(*std::move(read));
    }
  }
  if (!good) return std::nullopt;
  return scenario;
}

}  // namespace

std::optional<ScenarioFile> read_scenario_file(const language::Compilation& compiled,
                                               const machine::SourceFile& file,
                                               std::vector<Diagnostic>& diagnostics) {
  const language::SourceText source(file.name, file.text);
  const auto root = language::read_yaml(source, diagnostics);
  if (!root) return std::nullopt;
  language::Report report(source, diagnostics);
  FileReader reader{compiled, nullptr, report};
  const Node* workflow = root->find("workflow");
  if (workflow == nullptr) {
    report.error(language::code::missing_key,
                 root->span,
                 "a test file names its workflow",
                 "write `workflow: payment`");
    return std::nullopt;
  }
  check_keys(*root, language::grammar::test_file, report);
  if (const Node* defaults = root->find("defaults"))
    check_keys(*defaults, language::grammar::test_defaults, report);
  reader.machine = reader.find_machine(workflow->text);
  if (reader.machine == nullptr) {
    report.error(language::code::unknown_workflow,
                 workflow->span,
                 "workflow `" + workflow->text + "` did not compile or is not among the files");
    return std::nullopt;
  }
  ScenarioFile result;
  result.machine = reader.machine;
  const Node* scenarios = root->find("scenarios");
  if (scenarios == nullptr || !scenarios->is_sequence()) {
    report.error(language::code::missing_key, root->span, "a test file has `scenarios`, a list");
    return std::nullopt;
  }
  if (scenarios->items.size() > k_max_scenarios) {
    report.error(language::code::too_many,
                 scenarios->span,
                 "at most " + std::to_string(k_max_scenarios) + " scenarios");
    return std::nullopt;
  }
  for (const Node& node : scenarios->items) {
    if (auto scenario = read_scenario(reader, node, *root))
      result.scenarios.push_back(*std::move(scenario));
  }
  return result;
}

}  // namespace vozex::lab
