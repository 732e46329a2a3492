// SPDX-License-Identifier: Apache-2.0
#include "engine/step/migrate.h"

#include <algorithm>

#include "engine/step/defaults.h"
#include "engine/step/execute.h"
#include "engine/step/macrostep.h"
#include "engine/step/migrator.h"
#include "engine/types/validate.h"

namespace vozex {
namespace stepping {

MigrationPlan Migrator::go() {
  next_.version = to_.version;
  move_configuration();
  if (!plan_.obstacles.empty()) return std::move(plan_);
  move_history();
  move_invocations();
  move_people();
  move_queued();
  move_values();
  if (!plan_.obstacles.empty()) return std::move(plan_);
  move_timers();
  settle();
  return std::move(plan_);
}

machine::StateIndex Migrator::new_state(StateIndex state) const {
  return state == machine::k_root ? machine::k_root : to_.find_state(new_path(state));
}

machine::StateIndex Migrator::new_active(StateIndex state) const {
  const StateIndex moved = new_state(state);
  if (moved == machine::k_root || moved == machine::k_no_state) return moved;
  return next_.is_active(moved) ? moved : machine::k_no_state;
}

void Migrator::move_values() {
  if (auto set = assign(run_, migration_.set); !set)
    obstacle("/data", "`set` fails: " + set.error().message);
  move_object(next_.input, to_.input, to_.input_defaults, "/input", "input.");
  move_object(next_.data, to_.data, to_.data_fields, "/data", "data.");
  run_.data_changed = true;
  run_.data_may_grow = true;
  run_.activation.forget(machine::k_slot_instance);
  run_.activation.forget(machine::k_slot_invoked);
}

void Migrator::move_object(types::Value& object,
                           const types::TypeRef& type,
                           const std::vector<machine::DataField>& defaults,
                           const std::string& pointer,
                           const char* what) {
  if (type == nullptr) return;
  if (!object.is_map()) object = types::Value::map({});
  if (auto filled = fill_defaults(run_, object, defaults, what); !filled)
    obstacle(pointer, filled.error().message);
  auto valid = types::validate(object, *type, types::Unknown::drop);
  if (valid) {
    object = *std::move(valid);
    return;
  }
  for (const types::Fault& fault : valid.error()) obstacle(pointer + fault.pointer, fault.message);
}

// What is derived, and what must hold.
void Migrator::settle() {
  refresh_status(run_);
  refresh_keys(run_);
  check_invariants(run_);
  check_bounds(run_);
  if (run_.refusal) obstacle(run_.refusal->state, run_.refusal->message);
}

}  // namespace stepping

namespace {

using machine::Machine;
using machine::Migration;
using machine::Snapshot;

Result<void> belong_together(const Machine& from,
                             const Machine& to,
                             const Migration& migration,
                             const Snapshot& snapshot) {
  if (snapshot.workflow != to.workflow || from.workflow != to.workflow ||
      snapshot.version != from.version || migration.from != from.version) {
    return fail(ErrorClass::invalid,
                "wrong_version",
                "expected an instance of " + to.workflow + " version " +
                    std::to_string(migration.from) + ", got " + snapshot.workflow + " version " +
                    std::to_string(snapshot.version));
  }
  if (!is_ended(snapshot.life)) return {};
  return fail(ErrorClass::refused,
              "instance_ended",
              "the instance has ended: " + std::string(to_string(snapshot.life)) +
                  ", and stays on its version");
}

struct Migrated {
  StepOutcome outcome;
  MigrationPlan plan;
};

Result<Migrated> run_migration(const Machine& from,
                               const Machine& to,
                               const Migration& migration,
                               const Snapshot& snapshot,
                               Timestamp now,
                               const types::Value& config) {
  if (auto fine = belong_together(from, to, migration, snapshot); !fine)
    return Failure(fine.error());
  Migrated made;
  made.outcome.next = snapshot;
  made.outcome.next.seq = snapshot.seq + 1;
  made.outcome.next.at = std::max(now, snapshot.at);
  stepping::Run run(to, made.outcome.next, made.outcome.next.at, config, made.outcome);
  made.plan = stepping::Migrator(from, to, migration, snapshot, made.outcome.next, run).go();
  made.outcome.disposition = machine::Disposition::transitioned;
  made.outcome.explanation.note =
      "migrated from version " + std::to_string(from.version) + " to " + std::to_string(to.version);
  return made;
}

}  // namespace

Result<StepOutcome> migrate(const Machine& from,
                            const Machine& to,
                            const Migration& migration,
                            const Snapshot& snapshot,
                            Timestamp now,
                            const types::Value& config) {
  auto made = run_migration(from, to, migration, snapshot, now, config);
  if (!made) return Failure(made.error());
  const std::vector<ErrorDetail>& obstacles = made->plan.obstacles;
  if (obstacles.empty()) return std::move(made->outcome);
  const std::string more =
      obstacles.size() == 1 ? "" : " (and " + std::to_string(obstacles.size() - 1) + " more)";
  const std::string where = obstacles[0].name.empty() ? "" : obstacles[0].name + ": ";
  return Failure(Error{ErrorClass::refused,
                       "migration_refused",
                       "the instance can't become version " + std::to_string(to.version) + ": " +
                           where + obstacles[0].text + more,
                       obstacles});
}

Result<MigrationPlan> plan_migration(const Machine& from,
                                     const Machine& to,
                                     const Migration& migration,
                                     const Snapshot& snapshot,
                                     Timestamp now,
                                     const types::Value& config) {
  auto made = run_migration(from, to, migration, snapshot, now, config);
  if (!made) return Failure(made.error());
  return std::move(made->plan);
}

}  // namespace vozex
