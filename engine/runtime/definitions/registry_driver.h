// SPDX-License-Identifier: Apache-2.0
//
// Registry: the current Definitions, shared by all threads, and their way to and from the store.
#pragma once

#include <mutex>
#include <vector>

#include "engine/runtime/definitions/definitions.h"
#include "engine/runtime/engine.h"

namespace vozex::runtime {

class Registry {
 public:
  Registry(ports::Store& store, types::Value config);

  DefinitionsRef current() const;
  // Reads what others deployed. Rows that don't compile here are left out; their errors come back,
  // once.
  Result<std::vector<Error>> refresh();
  Result<std::vector<Engine::Deployed>> deploy(const std::vector<machine::MachineRef>& machines,
                                               Timestamp now);

 private:
  void replace_locked(std::vector<machine::MachineRef> machines,
                      Definitions::Deployments deployments,
                      Definitions::Versions broken);

  ports::Store& store_;
  const types::Value config_;
  mutable std::mutex mutex_;  // guards current_
  std::mutex change_mutex_;   // one change at a time; taken before mutex_
  DefinitionsRef current_;
};

}  // namespace vozex::runtime
