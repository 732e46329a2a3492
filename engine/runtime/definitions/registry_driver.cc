// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/definitions/registry_driver.h"

#include <utility>

#include "engine/runtime/definitions/door.h"

namespace vozex::runtime {

Registry::Registry(ports::Store& store, types::Value config)
    : store_(store),
      config_(std::move(config)),
      current_(std::make_shared<Definitions>(std::vector<machine::MachineRef>{}, config_)) {}

DefinitionsRef Registry::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void Registry::replace_locked(std::vector<machine::MachineRef> machines,
                              Definitions::Deployments deployments,
                              Definitions::Versions broken) {
  auto next = std::make_shared<const Definitions>(
      std::move(machines), config_, std::move(deployments), std::move(broken));
  const std::lock_guard lock(mutex_);
  current_ = std::move(next);
}

Result<std::vector<Error>> Registry::refresh() {
  const std::lock_guard change(change_mutex_);
  auto rows = store_.definitions().all();
  if (!rows) return Failure(rows.error());
  const DefinitionsRef known = current();
  std::vector<machine::MachineRef> machines = known->all();
  Definitions::Deployments deployments = known->deployments();
  Definitions::Versions broken = known->broken();
  std::vector<Error> errors;
  bool changed = false;
  for (const ports::DefinitionRow& row : *rows) {
    if (known->find(row.workflow, row.version) != nullptr) continue;
    if (known->is_broken(row.workflow, row.version)) continue;
    auto machine = revive(row);
    changed = true;
    if (machine) {
      machines.push_back(std::move(*machine));
      deployments[{row.workflow, row.version}] = row.deployed_at;
    } else {
      broken.insert({row.workflow, row.version});
      errors.push_back(machine.error());
    }
  }
  if (changed) replace_locked(std::move(machines), std::move(deployments), std::move(broken));
  return errors;
}

Result<std::vector<Engine::Deployed>> Registry::deploy(
    const std::vector<machine::MachineRef>& added, Timestamp now) {
  const std::lock_guard change(change_mutex_);
  const DefinitionsRef known = current();
  if (auto fine = check_event_types(*known, added); !fine) return Failure(fine.error());
  for (const machine::MachineRef& machine : added) {
    if (auto fine = check_config(*machine, config_); !fine) return Failure(fine.error());
  }
  const auto lookup = [&](const std::string& workflow) -> machine::MachineRef {
    for (const machine::MachineRef& machine : added) {
      if (machine->workflow == workflow) return machine;
    }
    return known->newest(workflow);
  };
  std::vector<Engine::Deployed> deployed;
  std::vector<ports::DefinitionRow> rows;
  for (const machine::MachineRef& machine : added) {
    const auto before = known->find(machine->workflow, machine->version);
    if (before != nullptr && before->content_hash != machine->content_hash) {
      return fail(ErrorClass::conflict,
                  "version_changed",
                  "version " + std::to_string(machine->version) + " of " + machine->workflow +
                      " is deployed with other content: raise its version");
    }
    deployed.push_back({machine->workflow, machine->version, before == nullptr});
    rows.push_back({machine->workflow,
                    machine->version,
                    machine->content_hash,
                    bundle_of(*machine, lookup),
                    now});
  }
  if (auto put = store_.definitions().put(rows); !put) return Failure(put.error());
  std::vector<machine::MachineRef> machines = known->all();
  Definitions::Deployments deployments = known->deployments();
  for (const machine::MachineRef& machine : added) {
    if (known->find(machine->workflow, machine->version) != nullptr) continue;
    machines.push_back(machine);
    deployments[{machine->workflow, machine->version}] = now;
  }
  replace_locked(std::move(machines), std::move(deployments), known->broken());
  return deployed;
}

}  // namespace vozex::runtime
