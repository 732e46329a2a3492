// SPDX-License-Identifier: Apache-2.0
//
// Migrator: one snapshot, part by part, from one version to another. Everything that stands in the
// way is said; only the states decide whether more is tried. The snapshot is changed in place, not
// through the run's draft: a refused migration is dropped whole. Used by migrate.cc alone.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/step/migrate.h"
#include "engine/step/run.h"

namespace vozex::stepping {

class Migrator {
 public:
  Migrator(const machine::Machine& from,
           const machine::Machine& to,
           const machine::Migration& migration,
           const machine::Snapshot& snapshot,
           machine::Snapshot& next,
           Run& run)
      : from_(from), to_(to), migration_(migration), old_(snapshot), run_(run), next_(next) {}

  MigrationPlan go();

 private:
  using StateIndex = machine::StateIndex;
  // A timer of the new version that must not be armed anew: it was kept, or is over.
  using SettledTimers = std::set<std::pair<StateIndex, std::uint16_t>>;

  void obstacle(std::string where, std::string text) {
    plan_.obstacles.push_back({std::move(where), std::move(text)});
  }
  std::string new_path(StateIndex state) const {
    return migrated_path(migration_, from_.states[state].path);
  }
  // k_no_state when the new version has no such state. The root is the root.
  StateIndex new_state(StateIndex state) const;
  // k_no_state also when it isn't active.
  StateIndex new_active(StateIndex state) const;

  // migrate_states.cc
  void move_configuration();
  void move_innermost(StateIndex state, std::set<StateIndex>& active);
  void check_configuration(StateIndex index);
  void move_history();

  // migrate_work.cc
  std::string new_id(const machine::Invocation& invocation, const machine::InvokeDecl& decl) const;
  std::string objection(const machine::Invocation& invocation,
                        const machine::InvokeDecl& was,
                        const std::string& id) const;
  void move_invocations();
  void move_people();
  void move_queued();

  // migrate_timers.cc
  bool same_place(const machine::ArmedTimer& timer, StateIndex moved) const;
  bool is_armed(StateIndex state, std::uint16_t index) const;
  void keep_timers(SettledTimers& settled);
  void move_timers();

  // migrate.cc
  void move_values();
  void move_object(types::Value& object,
                   const types::TypeRef& type,
                   const std::vector<machine::DataField>& defaults,
                   const std::string& pointer,
                   const char* what);
  void settle();

  const machine::Machine& from_;
  const machine::Machine& to_;
  const machine::Migration& migration_;
  const machine::Snapshot& old_;
  Run& run_;
  machine::Snapshot& next_;
  MigrationPlan plan_;
};

}  // namespace vozex::stepping
