// SPDX-License-Identifier: Apache-2.0
//
// `migrate:`. How instances of an older version become instances of this one. Old names are checked
// where the older file is among the sources.
#include <algorithm>

#include "engine/language/actions.h"
#include "engine/language/declarations.h"
#include "engine/language/keys.h"
#include "engine/language/state_body.h"
#include "engine/machine/migration.h"

namespace vozex::language {
namespace {

using machine::Machine;
using machine::Migration;

std::vector<std::string> paths_of(const Machine& machine) {
  std::vector<std::string> paths;
  for (const machine::State& state : machine.states) {
    if (!state.path.empty()) paths.push_back(state.path);
  }
  return paths;
}

// A full path in `machine`; reports if not.
bool check_path(Unit& unit, const Machine& machine, const Node& node) {
  if (node.broken) return false;
  if (!has_shape(node, k_text, "a state", unit.report)) return false;
  if (!node.text.empty() && machine.find_state(node.text) != machine::k_no_state) return true;
  const std::string near = did_you_mean(node.text, paths_of(machine));
  unit.report.error(
      code::unknown_state,
      node.span,
      "version " + std::to_string(machine.version) + " has no state `" + node.text + "`",
      near.empty() ? "write the full path from the top: `live.paying`" : near);
  return false;
}

bool is_history(const machine::State& state) {
  return state.kind == machine::StateKind::history_deep ||
         state.kind == machine::StateKind::history_shallow;
}

void compile_state_map(Unit& unit, const Node& node, const Machine* old, Migration& migration) {
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node& from = node.keys[i];
    const Node& to = node.items[i];
    bool good = old == nullptr || check_path(unit, *old, from);
    good = check_path(unit, *unit.machine, to) && good;
    if (!good) continue;
    if (old != nullptr) {
      const bool before = is_history(old->states[old->find_state(from.text)]);
      const bool after = is_history(unit.machine->states[unit.machine->find_state(to.text)]);
      if (before != after) {
        unit.report.error(code::bad_migration,
                          to.span,
                          "a history state becomes a history state, and no other",
                          "map `" + from.text + "` to a state of its own kind");
      }
    }
    migration.states.emplace_back(from.text, to.text);
  }
}

// States that are gone and that nothing maps: instances that stand in them can't migrate.
void check_left_out(Unit& unit, const Span& span, const Machine& old, const Migration& migration) {
  std::vector<std::string> left;
  for (const machine::State& state : old.states) {
    const bool atomic =
        state.kind == machine::StateKind::atomic ||
        (state.kind == machine::StateKind::final && state.parent != machine::k_root);
    if (!atomic || unit.machine->find_state(machine::migrated_path(migration, state.path)) !=
                       machine::k_no_state)
      continue;
    left.push_back(state.path);
  }
  if (left.empty()) return;
  unit.report.error(code::left_out_state,
                    span,
                    "instances in " + list_names(left) + " of version " +
                        std::to_string(old.version) + " would have nowhere to go",
                    "say where: `states: {" + left.front() + ": ...}`");
}

void compile_data(Unit& unit, const Node& node, const Machine* old, Migration& migration) {
  const Fields fields(node, grammar::migrate_data, node.span, unit.report);
  const Node* set = fields.need("set");
  if (set == nullptr) return;
  Place place = state_place("`migrate`");
  place.data = old == nullptr || old->data == nullptr ? types::dyn_type() : old->data;
  if (auto action = compile_set(unit, *set, place)) migration.set = std::move(action->set);
}

std::uint32_t read_from(Unit& unit, const Node& node) {
  constexpr std::int64_t k_last_version = 1'000'000;
  const auto from = read_int(node, "`from`", 1, k_last_version, unit.report);
  if (!from) return 0;
  const Machine& machine = *unit.machine;
  if (*from >= machine.version) {
    unit.report.error(
        code::bad_migration,
        node.span,
        "`from` is an older version: this file is version " + std::to_string(machine.version),
        "raise `version`, or name the version that instances come from");
    return 0;
  }
  for (const Migration& other : machine.migrations) {
    if (other.from != static_cast<std::uint32_t>(*from)) continue;
    unit.report.error(code::duplicate_name,
                      node.span,
                      "`migrate` from version " + std::to_string(*from) + " stands twice",
                      "put both into one");
    return 0;
  }
  return static_cast<std::uint32_t>(*from);
}

void compile_migration(Unit& unit, const Node& node) {
  if (node.broken) return;
  const Fields fields(node, grammar::migrate, node.span, unit.report);
  const Node* from = fields.need("from");
  Migration migration;
  migration.span = fields.key_span("from");
  migration.from = from == nullptr ? 0 : read_from(unit, *from);
  const auto& versions = unit.library.versions;
  const auto found = versions.find({unit.machine->workflow, migration.from});
  const Machine* old = found == versions.end() ? nullptr : found->second;
  const Node* states = fields.get("states");
  if (states != nullptr) compile_state_map(unit, *states, old, migration);
  const bool complete = states == nullptr || migration.states.size() == states->keys.size();
  if (old != nullptr && complete) check_left_out(unit, migration.span, *old, migration);
  if (const Node* data = fields.get("data")) compile_data(unit, *data, old, migration);
  if (const Node* timers = fields.get("timers")) {
    migration.timers = read_choice(*timers, "`timers`", grammar::k_timers_words, unit.report) == 1U
                           ? machine::MigratedTimers::restart
                           : machine::MigratedTimers::keep;
  }
  if (migration.from != 0) unit.machine->migrations.push_back(std::move(migration));
}

}  // namespace

void compile_migrations(Unit& unit, const Node& node) {
  if (!has_shape(node, k_map | k_list, "`migrate`", unit.report)) return;
  if (!node.is_sequence()) {
    compile_migration(unit, node);
    return;
  }
  for (const Node& item : node.items) {
    if (has_shape(item, k_map, "an entry of `migrate`", unit.report)) compile_migration(unit, item);
  }
}

}  // namespace vozex::language
