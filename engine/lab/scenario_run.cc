// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/scenario_run.h"

#include <utility>

#include "engine/lab/expectations.h"
#include "engine/lab/words.h"
#include "engine/types/validate.h"

namespace vozex::lab {
namespace {

using types::Value;

// What a step could not do is a failure like a missed expectation.
Failure impossible(const Span& span, std::string actual) {
  return {span, "step", "to be done", std::move(actual)};
}

std::string explain(const machine::Considered& one) {
  std::string text = "  " + (one.state.empty() ? "(root)" : one.state) + ": " +
                     (one.event.empty() ? "always" : one.event);
  if (!one.when.empty()) text += " when " + on_one_line(one.when);
  text += ": " + one.result;
  if (one.line != 0) text += " (line " + std::to_string(one.line) + ")";
  return text + "\n";
}

std::string explain(const Inhabitant& instance) {
  const StepOutcome& last = instance.last;
  std::string text = "last step of " + instance.machine->workflow + ": " + instance.last_event +
                     " in " + (instance.last_from.empty() ? "no state" : instance.last_from) +
                     " -> " + state_text(*instance.machine, instance.snapshot) + ", " +
                     to_string(last.disposition) + "\n";
  for (const machine::Considered& one : last.explanation.considered) text += explain(one);
  if (!last.explanation.exited.empty()) text += "  left " + joined(last.explanation.exited) + "\n";
  if (!last.explanation.entered.empty())
    text += "  entered " + joined(last.explanation.entered) + "\n";
  if (!last.explanation.note.empty()) text += "  " + last.explanation.note + "\n";
  for (const machine::Incident& incident : instance.snapshot.incidents) {
    text += "  open incident " + incident.code + ": " + incident.message + "\n";
  }
  if (!last.rejection.message.empty())
    text += "  " + last.rejection.code + ": " + last.rejection.message + "\n";
  return text;
}

// Values of `config:`, with the declared defaults.
Value config_values(const machine::Machine& machine, const Value& given) {
  Value config = given.is_map() ? given : Value::map({});
  if (machine.config == nullptr) return config;
  auto valid = types::validate(config, *machine.config);
  return valid ? *std::move(valid) : config;
}

class Run {
 public:
  Run(const language::Compilation& compiled,
      const ScenarioFile& file,
      const Scenario& scenario,
      CoverageMap& coverage)
      : file_(file), scenario_(scenario), world_(setup(compiled, file, scenario)) {
    world_.watcher = [&coverage](const Inhabitant& instance) { coverage.note(instance); };
  }

  ScenarioResult go() {
    const Timestamp begin = world_.now();
    if (scenario_.start && start(*scenario_.start, scenario_.span)) {
      add_problems(scenario_.span);
    }
    for (const Step& step : scenario_.steps) {
      if (!result_.failures.empty()) break;
      std::visit([&](const auto& what) { take(what, step.span); }, step.what);
      add_problems(step.span);
    }
    result_.steps = world_.steps();
    result_.virtual_time = world_.now() - begin;
    if (!result_.failures.empty()) explain_all();
    return std::move(result_);
  }

 private:
  static WorldSetup setup(const language::Compilation& compiled,
                          const ScenarioFile& file,
                          const Scenario& scenario) {
    WorldSetup setup;
    setup.compiled = &compiled;
    setup.real = scenario.real;
    setup.real.insert(file.machine->workflow);
    setup.mocks = scenario.mocks;
    setup.max_steps = k_max_scenario_steps;
    for (const auto& machine : compiled.machines)
      setup.config[machine->workflow] = config_values(*machine, Value());
    setup.config[file.machine->workflow] = config_values(*file.machine, scenario.config);
    return setup;
  }

  // The newest instance of the workflow, or the one with this key.
  const Inhabitant* find(const std::string& workflow, const std::optional<std::string>& key) const {
    const Inhabitant* found = nullptr;
    for (const auto& instance : world_.instances()) {
      if (instance->machine->workflow != workflow) continue;
      if (!key || instance->snapshot.key == *key) found = instance.get();
    }
    return found;
  }
  // Under test is the first one: later ones of the same workflow are its children's.
  Inhabitant* subject() const {
    for (const auto& instance : world_.instances()) {
      if (instance->machine->workflow == file_.machine->workflow) return instance.get();
    }
    return nullptr;
  }
  Inhabitant* subject_or_fail(const Span& span) {
    Inhabitant* found = subject();
    if (found == nullptr)
      result_.failures.push_back(
          impossible(span, "no instance of " + file_.machine->workflow + " was started"));
    return found;
  }

  bool start(const Value& input, const Span& span) {
    const World::Started started = world_.start(scenario_.machine, input);
    if (started.instance == nullptr) result_.failures.push_back(impossible(span, started.refusal));
    disposition_ = started.instance != nullptr ? "created" : "rejected";
    return started.instance != nullptr;
  }

  void add_problems(const Span& span) {
    if (!result_.failures.empty()) return;
    for (const std::string& problem : world_.problems())
      result_.failures.push_back(impossible(span, problem));
  }

  void take(const ExpectStep& step, const Span& span) {
    const Inhabitant* about = step.workflow.empty() ? subject() : find(step.workflow, step.key);
    result_.failures = check(step, {world_, about, disposition_, rejection_}, span);
  }

  void take(const EventStep& step, const Span& span) {
    machine::Event event = step.event;
    if (!step.duplicate_of.empty()) {
      const auto sent = sent_.find(step.duplicate_of);
      if (sent == sent_.end()) {
        result_.failures.push_back(
            impossible(span, "no event with the id " + step.duplicate_of + " was sent before"));
        return;
      }
      event = sent->second;
    } else if (event.id.empty()) {
      event.id = "line " + std::to_string(span.line);
      // The same line is met once only: ids stay unique without the author's help.
    }
    sent_[event.id] = event;
    disposition_ = to_string(world_.deliver(std::move(event), subject()));
    const Inhabitant* about = subject();
    rejection_ = about != nullptr && disposition_ == "rejected" ? about->last.rejection.code : "";
  }

  void take(const ActionStep& step, const Span& span) {
    Inhabitant* about = subject();
    if (!step.workflow.empty()) about = const_cast<Inhabitant*>(find(step.workflow, std::nullopt));
    if (about == nullptr) {
      result_.failures.push_back(impossible(span, "no instance to act on"));
      return;
    }
    machine::Event event;
    event.id = "action";
    event.source = "action";
    event.name = "action." + step.taken.name;
    event.cause = step.taken;
    tell(*about, std::move(event));
  }

  void take(const OperateStep& step, const Span& span) {
    Inhabitant* about = subject_or_fail(span);
    if (about == nullptr) return;
    machine::Event event;
    event.id = step.name;
    event.source = "ops";
    event.name = step.name;
    event.cause = step.cause;
    tell(*about, std::move(event));
  }

  void take(const TaskStep& step, const Span& span) {
    Inhabitant* about = subject_or_fail(span);
    if (about == nullptr) return;
    const machine::OpenTask* open = nullptr;
    for (const machine::OpenTask& task : about->snapshot.tasks) {
      if (!step.queue.empty() && task.queue != step.queue) continue;
      if (open != nullptr) {
        result_.failures.push_back(impossible(span, "several tasks are open: name the `queue`"));
        return;
      }
      open = &task;
    }
    if (open == nullptr) {
      result_.failures.push_back(impossible(
          span,
          step.queue.empty() ? "no task is open" : "no task is open in the queue " + step.queue));
      return;
    }
    machine::TaskMoved moved = step.moved;
    moved.task = {open->entry, open->index};
    machine::Event event;
    event.id = to_string(moved.change);
    event.source = "action";
    event.name = "task." + event.id;
    event.cause = std::move(moved);
    tell(*about, std::move(event));
  }

  void tell(Inhabitant& instance, machine::Event event) {
    world_.tell(instance, std::move(event));
    disposition_ = to_string(instance.last.disposition);
    rejection_ = instance.last.rejection.code;
  }

  void take(const MigrateStep& step, const Span& span) {
    Inhabitant* about = subject_or_fail(span);
    if (about == nullptr) return;
    const std::string refusal = world_.migrate(*about, step.to);
    if (!refusal.empty()) result_.failures.push_back(impossible(span, refusal));
    disposition_ = refusal.empty() ? "transitioned" : "rejected";
  }

  void take(const AdvanceStep& step, const Span&) { world_.advance(step.by); }
  void take(const StartStep& step, const Span& span) { start(step.input, span); }
  void take(const ConfigStep& step, const Span&) {
    Value config = world_.config_of(file_.machine->workflow);
    if (step.values.is_map()) {
      for (const Value::MapEntry& entry : step.values.as_map())
        config = config.with(entry.key.as_string(), entry.value);
    }
    world_.set_config(file_.machine->workflow, std::move(config));
  }

  void explain_all() {
    if (const Inhabitant* about = subject()) result_.explanation = explain(*about);
    for (const auto& instance : world_.instances()) {
      if (instance.get() != subject()) result_.explanation += explain(*instance);
    }
  }

  const ScenarioFile& file_;
  const Scenario& scenario_;
  World world_;
  ScenarioResult result_;
  std::map<std::string, machine::Event> sent_;
  std::string disposition_;
  std::string rejection_;
};

}  // namespace

ScenarioResult run_scenario(const language::Compilation& compiled,
                            const ScenarioFile& file,
                            const std::string& file_name,
                            const Scenario& scenario,
                            CoverageMap& coverage) {
  ScenarioResult result = Run(compiled, file, scenario, coverage).go();
  result.file = file_name;
  result.workflow = file.machine->workflow;
  result.name = scenario.name;
  result.span = scenario.span;
  return result;
}

}  // namespace vozex::lab
