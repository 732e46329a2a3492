// SPDX-License-Identifier: Apache-2.0
//
// A live instance becomes one of another version: an order of ops that a lane handles like an
// event, around step's pure migrate(). Tests: tests/unit/runtime/migration_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/runtime/definitions/definitions.h"
#include "engine/step/migrate.h"

namespace vozex::runtime {

// No workflow can declare an event of this name, and no door lets it in: it comes from operate().
inline constexpr std::string_view k_migrate_event = "$migrate";

// Data of the event: {to_version, actor, reason}.
machine::Event migration_event(std::uint32_t to_version,
                               const machine::Actor& actor,
                               const std::string& reason);
inline bool is_migration(const machine::Event& event) { return event.name == k_migrate_event; }

// The machine and the entry of its file that lead from `machine` to a version. Errors: not_found
// `version_not_found`; refused `same_version`, `no_migration`.
struct MigrationPath {
  machine::MachineRef to;
  const machine::Migration* migration = nullptr;
};
Result<MigrationPath> migration_path(const machine::Machine& machine,
                                     const machine::MachineRef& to);

// The step of such an event. On success `machine` is the new one and `snapshot` the same instance
// there; a rejection leaves both.
StepReport migrate_step(const Definitions& definitions,
                        const machine::Event& event,
                        Timestamp now,
                        machine::MachineRef& machine,
                        machine::Snapshot& snapshot);

}  // namespace vozex::runtime
