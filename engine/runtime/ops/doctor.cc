// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/doctor.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/machine/codec.h"
#include "engine/runtime/batch/inbox.h"
#include "engine/runtime/definitions/definitions.h"
#include "engine/runtime/items/rows.h"
#include "engine/step/step.h"
#include "engine/types/validate.h"

namespace vozex::runtime {
namespace {

using machine::InvokedItem;
using machine::ItemStatus;
using machine::MachineRef;
using machine::Snapshot;
using ports::BindingKey;
using ports::InstanceRow;

constexpr std::size_t k_page = 500;

struct Advice {
  std::string_view code;
  std::string_view text;
};
constexpr std::array k_advice = {
    Advice{"definition_missing", "deploy the file of this version again: it never changes"},
    Advice{"definition_unreadable",
           "deploy the file of this version with the program that knew it"},
    Advice{"snapshot_unreadable", "vozex instance raw ID, then vozex instance mend ID"},
    Advice{"unknown_state", "vozex instance mend ID --states STATE, then move it on"},
    Advice{"state_differs", "any event mends the column: vozex instance patch ID '{}'"},
    Advice{"timer_differs", "its timers may be late: vozex instance patch ID '{}' writes it anew"},
    Advice{"data_invalid",
           "vozex instance patch ID with what is missing, or null for what is wrong"},
    Advice{"incident_differs", "vozex instance patch ID '{}' writes the column anew"},
    Advice{"binding_missing", "events don't find it by this key: restore the row of the binding"},
    Advice{"binding_orphan", "the key is blocked: delete the row of the binding"},
    Advice{"call_missing", "nobody will answer it: vozex instance move ID to a state before"},
    Advice{"call_orphan", "its instance is gone: delete the row of the call"},
    Advice{"call_overdue", "look at its adapter's circuit breaker in /readyz, or start a server"},
    Advice{"timer_overdue", "start a server, or look at the log of those that run"},
    Advice{"call_unowned", "start a server: it takes over what dead ones left"},
    Advice{"dead_without_incident", "vozex call retry CALL"},
    Advice{"task_differs",
           "vozex task assign TASK WHO writes its rows in the inbox anew, or vozex instance move"},
    Advice{"task_orphan", "nobody can do it: delete the row of the task"},
    Advice{"child_missing", "nobody will answer it: vozex instance move ID to a state before"},
    Advice{"child_unheard", "its answer was lost: vozex instance move ID to the state after"},
    Advice{"parent_missing", "its answer has no address: vozex instance cancel ID"},
    Advice{"held_without_incident", "vozex instance retry ID"},
    Advice{"nothing_to_wait_for", "vozex instance move ID to a state that goes on, or cancel it"},
    Advice{"key_duplicate", "cancel one of them: events reach only one"},
    Advice{"live_and_finished", "restore one of the two rows from a backup"},
    Advice{"parked_unclaimed", "start a server: it delivers events whose key is held"},
    Advice{"parked_lost", "send the event again under another id: this one counts as seen"},
    Advice{"parked_unreachable", "it can't be found by any key: send it again under another id"},
    Advice{"outbox_stuck", "start a server: it takes over what dead ones left"}};

std::string advice_of(std::string_view code) {
  for (const Advice& advice : k_advice) {
    if (advice.code == code) return std::string(advice.text);
  }
  return "";
}

using Machines = std::map<std::pair<std::string, std::uint32_t>, MachineRef>;

// Of one page of instances.
class Checkup {
 public:
  Checkup(const Machines& machines, Timestamp now, std::vector<Finding>& findings)
      : machines_(machines), now_(now), findings_(findings) {}

  void take(const InstanceRow& row);
  ports::SurroundingsRequest request() const;
  void judge(const ports::Surroundings& around);

 private:
  struct Patient {
    InstanceRow row;
    MachineRef machine;
    Snapshot snapshot;
  };

  void find(const InstanceRow& row, std::string code, std::string what) {
    std::string advice = advice_of(code);
    findings_.push_back(
        {std::move(code), row.id, row.workflow, row.key, std::move(what), std::move(advice)});
  }
  void compare_columns(const Patient& patient);
  void check_data(const Patient& patient);
  void judge_one(const Patient& patient, const ports::Surroundings& around);
  void judge_bindings(const Patient& patient, const ports::Surroundings& around);
  void judge_calls(const Patient& patient, const ports::Surroundings& around);
  void judge_tasks(const Patient& patient, const ports::Surroundings& around);
  void judge_kin(const Patient& patient, const ports::Surroundings& around);
  void judge_waiting(const Patient& patient);

  static std::vector<BindingKey> keys_of(const Snapshot& snapshot);
  template <class Visit>
  static void each_open(const Snapshot& snapshot, Visit&& visit);

  const Machines& machines_;
  const Timestamp now_;
  std::vector<Finding>& findings_;
  std::vector<Patient> patients_;
};

std::vector<BindingKey> Checkup::keys_of(const Snapshot& snapshot) {
  std::vector<BindingKey> keys;
  if (!snapshot.key.empty()) keys.push_back({snapshot.tenant, snapshot.workflow, snapshot.key});
  for (const std::string& alias : snapshot.keys) {
    const std::size_t equals = alias.find('=');
    if (equals == std::string::npos) continue;
    keys.push_back({snapshot.tenant,
                    snapshot.workflow + "#" + alias.substr(0, equals),
                    alias.substr(equals + 1)});
  }
  return keys;
}

template <class Visit>
void Checkup::each_open(const Snapshot& snapshot, Visit&& visit) {
  for (const machine::Invocation& invocation : snapshot.invocations) {
    for (const InvokedItem& item : invocation.items) {
      if (item.status == ItemStatus::running) visit(item);
    }
  }
}

void Checkup::take(const InstanceRow& row) {
  const auto machine = machines_.find({row.workflow, row.version});
  if (machine == machines_.end()) {
    find(row,
         "definition_missing",
         "no definition of " + row.workflow + " version " + std::to_string(row.version) +
             " is stored");
    return;
  }
  if (machine->second == nullptr) return;  // said of the definition
  Patient patient{row, machine->second, {}};
  read_columns(row, patient.snapshot);
  const auto decoded =
      machine::decode(*patient.machine, {row.input, row.data, row.rt}, patient.snapshot);
  if (!decoded) {
    const bool state = decoded.error().code == "unknown_state";
    find(row, state ? "unknown_state" : "snapshot_unreadable", decoded.error().message);
    return;
  }
  compare_columns(patient);
  check_data(patient);
  patients_.push_back(std::move(patient));
}

void Checkup::compare_columns(const Patient& patient) {
  const std::string state = machine::state_text(*patient.machine, patient.snapshot);
  if (state != patient.row.state) {
    find(patient.row,
         "state_differs",
         "the column says " + patient.row.state + ", the snapshot " + state);
  }
  const auto due = machine::next_due(patient.snapshot);
  if (due != patient.row.timer_at) {
    const auto text = [](const std::optional<Timestamp>& at) {
      return at ? format_timestamp(*at) : std::string("none");
    };
    find(patient.row,
         "timer_differs",
         "timer_at is " + text(patient.row.timer_at) + ", the snapshot's next timer " + text(due));
  }
  if (patient.row.incident == patient.snapshot.incidents.empty()) {
    find(patient.row,
         "incident_differs",
         patient.row.incident ? "the column says it has an incident, the snapshot has none"
                              : "the snapshot has an incident, the column says none");
  }
}

void Checkup::check_data(const Patient& patient) {
  if (patient.machine->data == nullptr) return;
  const auto valid =
      types::validate(patient.snapshot.data, *patient.machine->data, types::Unknown::refuse);
  if (!valid) find(patient.row, "data_invalid", types::describe(valid.error()));
}

ports::SurroundingsRequest Checkup::request() const {
  ports::SurroundingsRequest request;
  for (const Patient& patient : patients_) {
    const Shard shard = patient.row.shard;
    request.instances.push_back({shard, patient.row.id});
    for (BindingKey& key : keys_of(patient.snapshot)) request.bindings.push_back(std::move(key));
    if (patient.snapshot.parent) request.kin.push_back({shard, patient.snapshot.parent->instance});
    each_open(patient.snapshot, [&](const InvokedItem& item) {
      if (item.child) request.kin.push_back({shard, *item.child});
    });
  }
  return request;
}

void Checkup::judge(const ports::Surroundings& around) {
  for (const Patient& patient : patients_) judge_one(patient, around);
}

void Checkup::judge_one(const Patient& patient, const ports::Surroundings& around) {
  judge_bindings(patient, around);
  judge_calls(patient, around);
  judge_tasks(patient, around);
  judge_kin(patient, around);
  judge_waiting(patient);
}

void Checkup::judge_bindings(const Patient& patient, const ports::Surroundings& around) {
  for (const BindingKey& key : keys_of(patient.snapshot)) {
    if (around.bindings.contains({key, patient.row.id})) continue;
    find(patient.row, "binding_missing", "it holds " + key.slot + " " + key.key + " unbound");
  }
}

void Checkup::judge_calls(const Patient& patient, const ports::Surroundings& around) {
  std::map<CallId, ports::CallState> rows;
  for (const ports::CallRow& call : around.calls) {
    if (call.id.instance == patient.row.id) rows[call.id] = call.state;
  }
  each_open(patient.snapshot, [&](const InvokedItem& item) {
    if (!item.call || rows.contains(*item.call)) return;
    find(patient.row, "call_missing", "it waits for call " + item.call->text() + " without a row");
  });
  for (const machine::Undo& undo : patient.snapshot.undo) {
    if (!undo.by || undo.done || rows.contains(*undo.by)) continue;
    find(patient.row, "call_missing", "it undoes by call " + undo.by->text() + " without a row");
  }
  const auto& incidents = patient.snapshot.incidents;
  for (const auto& [id, state] : rows) {
    if (state != ports::CallState::dead) continue;
    const bool named = std::any_of(
        incidents.begin(), incidents.end(), [&](const auto& one) { return one.call == id; });
    if (!named) {
      find(patient.row,
           "dead_without_incident",
           "call " + id.text() + " was given up, and no incident says so");
    }
  }
}

void Checkup::judge_tasks(const Patient& patient, const ports::Surroundings& around) {
  std::vector<ports::TaskRow> found;
  for (const ports::TaskRow& row : around.tasks) {
    if (row.id.instance == patient.row.id) found.push_back(row);
  }
  const auto wanted = task_rows(*patient.machine, patient.snapshot, patient.row.shard);
  for (const InboxFault& fault : inbox_faults(wanted, found)) {
    find(patient.row,
         "task_differs",
         "its task " + fault.task.text() + " in the inbox: " + fault.what);
  }
}

void Checkup::judge_kin(const Patient& patient, const ports::Surroundings& around) {
  const auto& parent = patient.snapshot.parent;
  if (parent && !around.kin.contains(parent->instance)) {
    find(patient.row, "parent_missing", "its parent " + parent->instance.text() + " is gone");
  }
  each_open(patient.snapshot, [&](const InvokedItem& item) {
    if (!item.child) return;
    const auto child = around.kin.find(*item.child);
    if (child == around.kin.end()) {
      // Its start may still be on the way.
      if (around.senders.contains(patient.row.id)) return;
      find(patient.row, "child_missing", "it waits for " + item.child->text() + ", which is gone");
    } else if (machine::is_ended(child->second) && !around.senders.contains(*item.child)) {
      find(
          patient.row, "child_unheard", "it waits for " + item.child->text() + ", which has ended");
    }
  });
}

void Checkup::judge_waiting(const Patient& patient) {
  const Snapshot& snapshot = patient.snapshot;
  const auto& incidents = snapshot.incidents;
  if (snapshot.life == machine::Life::held) {
    const bool told =
        std::any_of(incidents.begin(), incidents.end(), [](const auto& one) { return one.holds; });
    if (!told) find(patient.row, "held_without_incident", "it is held, and no incident says why");
    return;
  }
  if (snapshot.life != machine::Life::running || !incidents.empty()) return;
  const Waiting waiting = waiting_for(*patient.machine, snapshot, {}, now_, types::Value::map({}));
  const bool waits = !waiting.events.empty() || !waiting.timers.empty() || !waiting.calls.empty() ||
                     !waiting.children.empty() || !waiting.actions.empty() ||
                     !waiting.tasks.empty() || !snapshot.sends.empty();
  if (waits) return;
  find(patient.row,
       "nothing_to_wait_for",
       "in " + patient.row.state +
           " it takes no event and has no timer, call, child, task or "
           "action");
}

Result<Machines> read_definitions(ports::Inspection& inspection, Diagnosis& diagnosis) {
  const auto rows = inspection.definitions();
  if (!rows) return Failure(rows.error());
  Machines machines;
  for (const ports::DefinitionRow& row : *rows) {
    ++diagnosis.definitions;
    auto machine = revive(row);
    MachineRef& place = machines[{row.workflow, row.version}];
    if (machine) {
      place = *std::move(machine);
      continue;
    }
    diagnosis.findings.push_back({"definition_unreadable",
                                  {},
                                  row.workflow,
                                  "",
                                  machine.error().message,
                                  advice_of("definition_unreadable")});
  }
  return machines;
}

Result<void> examine(ports::Inspection& inspection,
                     const Machines& machines,
                     Timestamp now,
                     Diagnosis& diagnosis) {
  ports::InstanceKey after;
  for (;;) {
    const auto rows = inspection.live_after(after, k_page);
    if (!rows) return Failure(rows.error());
    Checkup checkup(machines, now, diagnosis.findings);
    for (const InstanceRow& row : *rows) checkup.take(row);
    const auto around = inspection.around(checkup.request());
    if (!around) return Failure(around.error());
    checkup.judge(*around);
    diagnosis.instances += rows->size();
    diagnosis.truncated = diagnosis.findings.size() >= k_max_findings;
    if (rows->size() < k_page || diagnosis.truncated) return {};
    after = {rows->back().shard, rows->back().id};
  }
}

using Row = std::tuple<std::string, InstanceId, std::string>;
Row row_of(const ports::Damage& damage) { return {damage.code, damage.instance, damage.what}; }

// What passes by itself is looked at twice.
Result<void> sweep(ports::Inspection& inspection,
                   const std::function<void()>& settle,
                   Diagnosis& diagnosis) {
  auto found = inspection.sweep(k_max_findings);
  if (!found) return Failure(found.error());
  const bool passing = std::any_of(
      found->begin(), found->end(), [](const ports::Damage& damage) { return damage.passing; });
  std::set<Row> still;
  if (passing && settle) {
    settle();
    if (auto begun = inspection.begin(); !begun) return begun;
    const auto again = inspection.sweep(k_max_findings);
    if (!again) return Failure(again.error());
    for (const ports::Damage& damage : *again) still.insert(row_of(damage));
  }
  for (const ports::Damage& damage : *found) {
    if (damage.passing && settle && !still.contains(row_of(damage))) continue;
    diagnosis.findings.push_back(
        {damage.code, damage.instance, "", "", damage.what, advice_of(damage.code)});
  }
  return {};
}

}  // namespace

Result<Diagnosis> diagnose(ports::Inspection& inspection,
                           Timestamp now,
                           const std::function<void()>& settle) {
  Diagnosis diagnosis;
  if (auto begun = inspection.begin(); !begun) return Failure(begun.error());
  const auto machines = read_definitions(inspection, diagnosis);
  if (!machines) return Failure(machines.error());
  if (auto good = examine(inspection, *machines, now, diagnosis); !good)
    return Failure(good.error());
  if (auto good = sweep(inspection, settle, diagnosis); !good) return Failure(good.error());
  if (diagnosis.findings.size() > k_max_findings) {
    diagnosis.truncated = true;
    diagnosis.findings.resize(k_max_findings);
  }
  return diagnosis;
}

}  // namespace vozex::runtime
