// SPDX-License-Identifier: Apache-2.0
//
// migrate(): an instance of an older version becomes one of a newer. Pure, like step(): the same
// arguments give the same outcome. Nothing is entered or left, so no on_entry, on_exit or call is
// made; what the old version has under way goes on where the new one has a place for it, and is the
// reason of a refusal where it has none. Specification: docs/language/versions.md. Tests:
// tests/unit/step/migrate_test.cc.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/machine/machine.h"
#include "engine/machine/migration.h"
#include "engine/machine/snapshot.h"
#include "engine/step/step.h"

namespace vozex {

// What a migration would do to one instance.
struct MigrationPlan {
  std::vector<std::pair<std::string, std::string>> states;  // innermost active ones: old, new
  std::uint32_t timers_kept = 0;
  std::uint32_t timers_armed = 0;
  std::uint32_t timers_dropped = 0;
  std::vector<std::string> forgotten;  // history states that the new version doesn't have
  // Why it can't be done, all of it: (JSON pointer or state path, sentence). Empty: it can.
  std::vector<ErrorDetail> obstacles;
};

// `migration` is one of `to`'s, and `from` the machine of snapshot.version. The outcome's effects
// bind and unbind aliases. Errors: refused `migration_refused` with every obstacle as a detail, or
// `instance_ended`; invalid `wrong_version` when the three don't belong together.
Result<StepOutcome> migrate(const machine::Machine& from,
                            const machine::Machine& to,
                            const machine::Migration& migration,
                            const machine::Snapshot& snapshot,
                            Timestamp now,
                            const types::Value& config);

// The same without its outcome.
Result<MigrationPlan> plan_migration(const machine::Machine& from,
                                     const machine::Machine& to,
                                     const machine::Migration& migration,
                                     const machine::Snapshot& snapshot,
                                     Timestamp now,
                                     const types::Value& config);

}  // namespace vozex
