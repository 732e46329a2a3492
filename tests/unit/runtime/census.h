// SPDX-License-Identifier: Apache-2.0
//
// Census: how many live on a rig, and what is wrong with them. For tests of what multiplies.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {

using Codes = std::map<std::string, std::size_t>;

struct Census {
  std::size_t live = 0;
  std::size_t held = 0;
  std::size_t outbox = 0;
  Codes incidents;  // open ones, by code
};

inline machine::Snapshot snapshot_of(const Rig& rig, const ports::InstanceRow& row) {
  machine::Snapshot snapshot;
  const auto machine = rig.definitions->find(row.workflow, row.version);
  EXPECT_TRUE(machine::decode(*machine, {row.input, row.data, row.rt}, snapshot));
  return snapshot;
}

inline Census census(const Rig& rig) {
  return rig.store.inspect([&](const auto& tables) {
    Census seen;
    seen.live = tables.live.size();
    seen.outbox = tables.outbox.size();
    for (const auto& [key, row] : tables.live) {
      if (row.life == machine::Life::held) ++seen.held;
      if (!row.incident) continue;
      for (const machine::Incident& incident : snapshot_of(rig, row).incidents)
        ++seen.incidents[incident.code];
    }
    return seen;
  });
}

}  // namespace vozex::runtime
