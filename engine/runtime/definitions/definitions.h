// SPDX-License-Identifier: Apache-2.0
//
// Definitions: an immutable view of all deployed machines, indexed by what the runtime asks: a
// version, the newest of a name, who declares an event, whom an event starts. A deploy makes a new
// one. Registry (registry_driver.h) hands the current one to any thread. Tests: tests/unit/runtime.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/machine/machine.h"
#include "engine/ports/store.h"
#include "engine/types/value.h"

namespace vozex::runtime {

class Definitions {
 public:
  // When each (workflow, version) was deployed first.
  using Deployments = std::map<std::pair<std::string, std::uint32_t>, Timestamp>;
  using Versions = std::set<std::pair<std::string, std::uint32_t>>;

  // `config` as in EngineOptions. Of equal (workflow, version) the last one counts. One whose
  // deployment isn't known counts from the beginning of time. `broken` are stored, and can't be
  // compiled here.
  Definitions(std::vector<machine::MachineRef> machines,
              const types::Value& config,
              Deployments deployments = {},
              Versions broken = {});

  machine::MachineRef find(std::string_view workflow, std::uint32_t version) const;
  machine::MachineRef newest(std::string_view workflow) const;
  std::vector<machine::MachineRef> all() const;

  // Newest machines that declare the event, by name.
  struct Use {
    machine::MachineRef machine;
    const machine::EventDecl* event = nullptr;
  };
  const std::vector<Use>& uses_of(std::string_view event) const;

  struct Start {
    machine::MachineRef machine;
    const machine::StartRule* rule = nullptr;
  };
  const std::vector<Start>& starts_of(std::string_view event) const;

  // Newest machines with schedules, and since when these count.
  struct Scheduled {
    machine::MachineRef machine;
    Timestamp since;
  };
  const std::vector<Scheduled>& scheduled() const { return scheduled_; }
  const Deployments& deployments() const { return deployments_; }
  // Whom instances of any version call, by name.
  const std::set<std::string>& adapters() const { return adapters_; }
  const Versions& broken() const { return broken_; }
  // Another process may be able to read it.
  bool is_broken(const std::string& workflow, std::uint32_t version) const {
    return broken_.contains({workflow, version}) && find(workflow, version) == nullptr;
  }

  // Any deployed version declares it or is started by it.
  bool knows_event(std::string_view event) const;

  // The values of `config:` for one version: its own defaults (a version never changes), overridden
  // by what the installation sets now under "*", and this by what it sets under the workflow's
  // name.
  const types::Value& config_of(const machine::Machine& machine) const;

 private:
  std::map<std::pair<std::string, std::uint32_t>, machine::MachineRef, std::less<>> all_;
  std::map<std::string, machine::MachineRef, std::less<>> newest_;
  std::map<std::string, std::vector<Use>, std::less<>> uses_;
  std::map<std::string, std::vector<Start>, std::less<>> starts_;
  std::map<std::string, std::map<std::uint32_t, types::Value>, std::less<>> config_;
  types::Value common_config_;
  Deployments deployments_;
  Versions broken_;
  std::set<std::string> adapters_;
  std::vector<Scheduled> scheduled_;
};

using DefinitionsRef = std::shared_ptr<const Definitions>;

// Whether what the installation sets for a workflow (`config` as in EngineOptions) is what its file
// declares. Error invalid `config_invalid`: each fault with its pointer, "/refund/approve_above".
Result<void> check_config(const machine::Machine& machine, const types::Value& config);

// What a deployment stores, as JSON {files: [{name, text}]}: the sources, and those of the
// workflows that it starts, as `known` has them now: a later change of theirs must not make this
// version unreadable.
using MachineLookup = std::function<machine::MachineRef(const std::string& workflow)>;
std::string bundle_of(const machine::Machine& machine, const MachineLookup& known);
Result<std::vector<machine::SourceFile>> files_of_bundle(std::string_view bundle);

// Compiles one stored row again. Error class corrupt when it no longer compiles or has another
// hash.
Result<machine::MachineRef> revive(const ports::DefinitionRow& row);

}  // namespace vozex::runtime
