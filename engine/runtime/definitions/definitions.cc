// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/definitions/definitions.h"

#include <algorithm>
#include <deque>
#include <set>

#include "engine/language/compile.h"
#include "engine/machine/operations.h"
#include "engine/types/json.h"
#include "engine/types/validate.h"

namespace vozex::runtime {
namespace {

types::Value merged(const types::Value& common, const types::Value& own) {
  types::Value::Map entries;
  if (common.is_map()) entries = common.as_map();
  if (own.is_map()) entries.insert(entries.end(), own.as_map().begin(), own.as_map().end());
  return types::Value::map(std::move(entries));
}

bool declares(const types::TypeRef& type, std::string_view name) {
  return type != nullptr && std::any_of(type->fields.begin(),
                                        type->fields.end(),
                                        [name](const types::Field& f) { return f.name == name; });
}

types::Value given_to(std::string_view workflow, const types::Value& config) {
  const types::Value* common = config.find("*");
  const types::Value* own = config.find(workflow);
  return merged(common != nullptr ? *common : types::Value(),
                own != nullptr ? *own : types::Value());
}

// With the declared defaults and in the declared types. What doesn't fit stays as it is given, over
// the defaults: an expression that reads it fails, and the incident says so.
types::Value configured(const machine::Machine& machine, types::Value given) {
  if (machine.config == nullptr) return given;
  if (auto valid = types::validate(given, *machine.config)) return *std::move(valid);
  const auto defaults = types::validate(types::Value::map({}), *machine.config);
  return defaults ? merged(*defaults, given) : given;
}

void add_started(const machine::Block& block, std::set<std::string>& names) {
  for (const machine::Action& action : block) {
    if (action.kind == machine::ActionKind::start) names.insert(action.name);
  }
}

// The workflows that a machine may start.
std::set<std::string> started_by(const machine::Machine& machine) {
  std::set<std::string> names;
  for (const machine::InvokeDecl& invoke : machine.invokes) {
    names.insert(invoke.one_of.begin(), invoke.one_of.end());
    if (invoke.workflow == nullptr) continue;
    const types::Value* name = expr::constant_of(*invoke.workflow);
    if (name != nullptr && name->is_string()) names.insert(name->as_string());
  }
  for (const machine::Transition& transition : machine.transitions) {
    add_started(transition.actions, names);
  }
  for (const machine::State& state : machine.states) {
    for (const machine::Block& block : state.on_entry) add_started(block, names);
    for (const machine::Block& block : state.on_exit) add_started(block, names);
  }
  return names;
}

}  // namespace

Definitions::Definitions(std::vector<machine::MachineRef> machines,
                         const types::Value& config,
                         Deployments deployments,
                         Versions broken)
    : deployments_(std::move(deployments)), broken_(std::move(broken)) {
  for (machine::MachineRef& machine : machines) {
    adapters_.merge(machine::adapters_of(*machine));
    auto& newest = newest_[machine->workflow];
    if (newest == nullptr || newest->version <= machine->version) newest = machine;
    all_[{machine->workflow, machine->version}] = std::move(machine);
  }
  for (const auto& [name, machine] : newest_) {
    for (const machine::EventDecl& event : machine->events) {
      uses_[event.name].push_back({machine, &event});
    }
    for (const machine::StartRule& rule : machine->start_rules) {
      starts_[rule.event].push_back({machine, &rule});
    }
    if (!machine->start_schedules.empty()) {
      const auto deployed = deployments_.find({name, machine->version});
      scheduled_.push_back(
          {machine, deployed == deployments_.end() ? Timestamp{} : deployed->second});
    }
  }
  for (const auto& [name, machine] : all_)
    config_[name.first][name.second] = configured(*machine, given_to(machine->workflow, config));
  const types::Value* common = config.find("*");
  common_config_ = merged(common != nullptr ? *common : types::Value(), types::Value());
}

machine::MachineRef Definitions::find(std::string_view workflow, std::uint32_t version) const {
  const auto found = all_.find(std::pair<std::string, std::uint32_t>(workflow, version));
  return found == all_.end() ? nullptr : found->second;
}

machine::MachineRef Definitions::newest(std::string_view workflow) const {
  const auto found = newest_.find(workflow);
  return found == newest_.end() ? nullptr : found->second;
}

std::vector<machine::MachineRef> Definitions::all() const {
  std::vector<machine::MachineRef> machines;
  machines.reserve(all_.size());
  for (const auto& [name, machine] : all_) machines.push_back(machine);
  return machines;
}

const std::vector<Definitions::Use>& Definitions::uses_of(std::string_view event) const {
  static const std::vector<Use> none;
  const auto found = uses_.find(event);
  return found == uses_.end() ? none : found->second;
}

const std::vector<Definitions::Start>& Definitions::starts_of(std::string_view event) const {
  static const std::vector<Start> none;
  const auto found = starts_.find(event);
  return found == starts_.end() ? none : found->second;
}

bool Definitions::knows_event(std::string_view event) const {
  if (!uses_of(event).empty() || !starts_of(event).empty()) return true;
  for (const auto& [name, machine] : all_) {
    if (machine->find_event(event) != nullptr) return true;
  }
  return false;
}

Result<void> check_config(const machine::Machine& machine, const types::Value& config) {
  std::vector<ErrorDetail> faults;
  const std::string place = "/" + machine.workflow;
  if (machine.config != nullptr) {
    const auto valid = types::validate(given_to(machine.workflow, config), *machine.config);
    if (!valid) {
      for (const types::Fault& fault : valid.error())
        faults.push_back({place + fault.pointer, fault.message});
    }
  }
  const types::Value* own = config.find(machine.workflow);
  if (own != nullptr && own->is_map()) {
    for (const auto& [name, value] : own->as_map()) {
      if (!declares(machine.config, name.as_string()))
        faults.push_back({place + "/" + std::string(name.as_string()),
                          "its file declares no such value under `config:`"});
    }
  }
  if (faults.empty()) return {};
  std::string text;
  for (const ErrorDetail& fault : faults)
    text += (text.empty() ? "" : "; ") + fault.name + ": " + fault.text;
  return Failure(Error{ErrorClass::invalid,
                       "config_invalid",
                       "What `config` sets for " + machine.workflow + " version " +
                           std::to_string(machine.version) + " doesn't fit: " + text,
                       faults});
}

const types::Value& Definitions::config_of(const machine::Machine& machine) const {
  const auto versions = config_.find(machine.workflow);
  if (versions == config_.end()) return common_config_;
  const auto found = versions->second.find(machine.version);
  return found == versions->second.end() ? common_config_ : found->second;
}

std::string bundle_of(const machine::Machine& machine, const MachineLookup& known) {
  std::map<std::string, std::string> by_name;
  std::set<std::string> seen{machine.workflow};
  std::deque<const machine::Machine*> open{&machine};
  while (!open.empty()) {
    const machine::Machine& next = *open.front();
    open.pop_front();
    for (const machine::SourceFile& file : next.sources) by_name.try_emplace(file.name, file.text);
    for (const std::string& name : started_by(next)) {
      if (!seen.insert(name).second) continue;
      if (const machine::MachineRef child = known(name)) open.push_back(child.get());
    }
  }
  types::Value::List files;
  for (const auto& [name, text] : by_name) {
    files.push_back(types::Value::object(
        {{"name", types::Value::string(name)}, {"text", types::Value::string(text)}}));
  }
  return types::to_json(types::Value::object({{"files", types::Value::list(std::move(files))}}));
}

Result<std::vector<machine::SourceFile>> files_of_bundle(std::string_view bundle) {
  types::JsonLimits limits;
  limits.max_bytes = 64u << 20;
  auto value = types::parse_json(bundle, limits);
  if (!value) return Failure(value.error());
  const types::Value* files = value->find("files");
  if (files == nullptr || !files->is_list()) {
    return fail(ErrorClass::corrupt, "corrupt_bundle", "a stored definition has no list of files");
  }
  std::vector<machine::SourceFile> sources;
  for (const types::Value& file : files->as_list()) {
    sources.push_back({std::string(file.text_at("name")), std::string(file.text_at("text"))});
  }
  return sources;
}

Result<machine::MachineRef> revive(const ports::DefinitionRow& row) {
  auto files = files_of_bundle(row.bundle);
  if (!files) return Failure(files.error());
  const language::SourceSet sources{std::move(*files)};
  const language::Compilation compiled = language::compile(sources);
  for (const machine::MachineRef& machine : compiled.machines) {
    if (machine->workflow == row.workflow && machine->version == row.version) return machine;
  }
  return fail(ErrorClass::corrupt,
              "definition_not_compiled",
              "the stored definition " + row.workflow + " version " + std::to_string(row.version) +
                  " does not compile any more:\n" +
                  language::render(compiled.diagnostics, sources));
}

}  // namespace vozex::runtime
