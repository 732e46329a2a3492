// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/batch/migration.h"

#include <utility>

namespace vozex::runtime {
namespace {

using machine::Disposition;
using types::Value;

StepReport refused(Error error) {
  StepReport report;
  report.disposition = Disposition::rejected;
  // One line says all: results of batches have no place for details.
  for (const ErrorDetail& detail : error.details) {
    error.message += "; " + (detail.name.empty() ? "" : detail.name + ": ") + detail.text;
  }
  report.rejection = std::move(error);
  return report;
}

std::uint32_t wanted_version(const machine::Event& event) {
  const Value* version = event.data.find("to_version");
  return version != nullptr && version->kind() == types::Kind::integer
             ? static_cast<std::uint32_t>(version->as_integer())
             : 0;
}

std::string version_text(std::uint32_t version) { return "version " + std::to_string(version); }

}  // namespace

machine::Event migration_event(std::uint32_t to_version,
                               const machine::Actor& actor,
                               const std::string& reason) {
  machine::Event event;
  event.name = std::string(k_migrate_event);
  event.data = Value::object({{"actor", Value::string(actor.id)},
                              {"reason", Value::string(reason)},
                              {"to_version", Value::integer(to_version)}});
  return event;
}

Result<MigrationPath> migration_path(const machine::Machine& machine,
                                     const machine::MachineRef& to) {
  if (to == nullptr) {
    return fail(ErrorClass::not_found,
                "version_not_found",
                "the version of " + machine.workflow + " to migrate to is not deployed");
  }
  if (to->version == machine.version) {
    return fail(
        ErrorClass::refused, "same_version", "it has " + version_text(to->version) + " already");
  }
  const machine::Migration* migration = machine::find_migration(*to, machine.version);
  if (migration == nullptr) {
    return fail(ErrorClass::refused,
                "no_migration",
                version_text(to->version) + " of " + machine.workflow +
                    " does not say how instances of " + version_text(machine.version) +
                    " become its own: add `migrate: {from: " + std::to_string(machine.version) +
                    "}` to its file, under a new version");
  }
  return MigrationPath{to, migration};
}

StepReport migrate_step(const Definitions& definitions,
                        const machine::Event& event,
                        Timestamp now,
                        machine::MachineRef& machine,
                        machine::Snapshot& snapshot) {
  const auto to = definitions.find(machine->workflow, wanted_version(event));
  const auto path = migration_path(*machine, to);
  if (!path) return refused(path.error());
  auto outcome = migrate(
      *machine, *path->to, *path->migration, snapshot, now, definitions.config_of(*path->to));
  if (!outcome) return refused(outcome.error());
  // An instance's input is written once, when it starts.
  if (!(outcome->next.input == snapshot.input)) {
    return refused(Error{ErrorClass::refused,
                         "input_changed",
                         "the new version wants another input, and input never changes: give new "
                         "members a default in `data`, and keep the old ones",
                         {}});
  }
  const std::string from = machine::state_text(*machine, snapshot);
  const std::string now_in = machine::state_text(*path->to, outcome->next);
  outcome->explanation.note = version_text(machine->version) + " in " + from + " became " +
                              version_text(path->to->version) + " in " + now_in;
  machine = path->to;
  snapshot = std::move(outcome->next);
  return static_cast<StepReport&&>(*outcome);  // all but the snapshot
}

}  // namespace vozex::runtime
