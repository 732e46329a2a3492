// SPDX-License-Identifier: Apache-2.0
//
// Treatment: how a finding of the doctor is mended, as a value. Nothing is made up: columns, inbox
// and bindings follow from the snapshot, a child's answer from its own row, a kept event is sent on
// as it stands; what belongs to nobody goes, and is given to whoever repairs. Pure. Thread
// rule: values only. Tests: tests/unit/runtime/repair_test.cc.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/machine/machine.h"
#include "engine/machine/snapshot.h"
#include "engine/ports/inspection.h"
#include "engine/ports/repair.h"
#include "engine/runtime/definitions/definitions.h"
#include "engine/types/value.h"

namespace vozex::runtime {

struct DropTasks {
  ports::InstanceKey instance;
};
struct DropRow {
  ports::InstanceKey instance;
  ports::Table from = ports::Table::instances;
  Etag etag = 0;
};

struct Recount {
  ports::BindingKey key;
};

struct Treatment {
  std::string does;     // for people: "writes its columns anew from its snapshot"
  std::string tenant;   // whose audit log tells of it
  std::string target;   // of the audit entry: an instance, or "mark <uuid>"
  types::Value before;  // what is changed or goes, in outline: the audit log never forgets
  types::Value taken;   // what would be nowhere else then, whole; null: nothing
  std::variant<ports::Group, DropTasks, DropRow, Recount> act;
};
using TreatmentRef = std::shared_ptr<const Treatment>;

// An unfinished instance whose snapshot can be read.
struct Patient {
  ports::InstanceRow row;
  machine::MachineRef machine;
  machine::Snapshot snapshot;
};

// The columns and the inbox as the snapshot has them. `inbox` is what stands there now.
TreatmentRef rewrite(const Patient& patient, const std::vector<ports::TaskRow>& inbox);
// The key or alias is taken for it; the commit refuses that when somebody else holds the key.
TreatmentRef bind(const Patient& patient, const ports::BindingKey& key);
// The answer of a child that has ended, posted to its parent once more. None when it may have
// answered something else than its end (`reply`).
TreatmentRef answer_parent(const Patient& parent,
                           const machine::Machine& child,
                           const ports::InstanceRow& row);

// Calls that nobody waits for.
TreatmentRef end_calls(const std::vector<ports::CallRow>& calls);
TreatmentRef drop_tasks(const ports::InstanceKey& gone, const std::vector<ports::TaskRow>& tasks);
// A holder that is not live: it gives the key back, or keeps it as an ended one.
TreatmentRef give_back(const ports::Damage& damage, const ports::InstanceRecord& record);
TreatmentRef recount(const ports::Damage& damage);
// The row is written as it stands, and with it where its timer is looked for.
TreatmentRef show_timer(const ports::InstanceRecord& record);
// The later row by history stays. None when history doesn't tell.
TreatmentRef keep_later(const ports::InstanceRecord& record);
// A mark that says of an event that it waits, though it is not kept: it is given up.
TreatmentRef give_up_event(const ports::Damage& damage);
// A kept event that nothing leads to: it goes through correlation anew. Given up when it can't be
// read.
TreatmentRef send_on(const ports::Damage& damage, const Definitions& definitions, Timestamp now);

// How long an event of an undeclared type is kept from then on.
inline constexpr Duration k_kept_by_repair = std::chrono::hours{7 * 24};
// The first answers that marks have then.
inline constexpr const char* k_lost_answer = R"({"code":"parked_lost","disposition":"rejected"})";
inline constexpr const char* k_corrupt_answer =
    R"({"code":"parked_unreadable","disposition":"rejected"})";

}  // namespace vozex::runtime
