// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/checkup.h"

#include <algorithm>
#include <optional>

#include "engine/machine/codec.h"
#include "engine/runtime/batch/inbox.h"
#include "engine/runtime/items/rows.h"
#include "engine/step/step.h"
#include "engine/types/validate.h"

namespace vozex::runtime {
namespace {

using machine::InvokedItem;
using machine::ItemStatus;
using machine::Snapshot;
using ports::BindingKey;
using ports::InstanceRow;

std::vector<BindingKey> keys_of(const Snapshot& snapshot) {
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
void each_item(const Snapshot& snapshot, Visit&& visit) {
  for (const machine::Invocation& invocation : snapshot.invocations) {
    for (const InvokedItem& item : invocation.items) visit(item);
  }
}

template <class Visit>
void each_open(const Snapshot& snapshot, Visit&& visit) {
  each_item(snapshot, [&](const InvokedItem& item) {
    if (item.status == ItemStatus::running) visit(item);
  });
}

// Also one that was cancelled: how it ended is still of interest.
bool is_of_interest(const Snapshot& snapshot, const CallId& call) {
  bool known = std::any_of(snapshot.undo.begin(), snapshot.undo.end(), [&](const auto& undo) {
    return undo.by == call;
  });
  each_item(snapshot, [&](const InvokedItem& item) { known = known || item.call == call; });
  return known;
}

// Where `vozex instance move` puts it; "" when it is in several places at once.
std::string place_of(const InstanceRow& row) {
  return row.state.find(',') == std::string::npos ? row.state : std::string();
}

bool is_of_columns(const Finding& finding) {
  return finding.code == "state_differs" || finding.code == "timer_differs" ||
         finding.code == "incident_differs" || finding.code == "task_differs";
}

std::vector<ports::TaskRow> tasks_of(const InstanceId& instance,
                                     const ports::Surroundings& around) {
  std::vector<ports::TaskRow> tasks;
  for (const ports::TaskRow& row : around.tasks) {
    if (row.id.instance == instance) tasks.push_back(row);
  }
  return tasks;
}

}  // namespace

Finding& Checkup::find(const InstanceRow& row, std::string code, std::string what, About about) {
  Finding finding;
  finding.code = std::move(code);
  finding.instance = row.id;
  finding.workflow = row.workflow;
  finding.key = row.key;
  finding.what = std::move(what);
  if (about.state.empty()) about.state = place_of(row);
  advise(finding, about);
  findings_.push_back(std::move(finding));
  return findings_.back();
}

void Checkup::treat(Finding& finding, const Patient& patient, TreatmentRef treatment) {
  if (treatment == nullptr) return;
  finding.treatment = std::move(treatment);
  advise(finding, {place_of(patient.row), ""});
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
  for (std::size_t i = 0; i < patients_.size(); ++i) {
    const Patient& patient = patients_[i];
    judge_bindings(patient, around);
    judge_calls(patient, around);
    judge_tasks(patient, around);
    judge_kin(i, around);
    judge_waiting(patient);
    treat_columns(patient, around);
  }
}

void Checkup::judge_bindings(const Patient& patient, const ports::Surroundings& around) {
  for (const BindingKey& key : keys_of(patient.snapshot)) {
    if (around.bindings.contains({key, patient.row.id})) continue;
    Finding& found =
        find(patient.row, "binding_missing", "it holds " + key.slot + " " + key.key + " unbound");
    treat(found, patient, bind(patient, key));
  }
}

void Checkup::judge_calls(const Patient& patient, const ports::Surroundings& around) {
  std::map<CallId, ports::CallRow> rows;
  for (const ports::CallRow& call : around.calls) {
    if (call.id.instance == patient.row.id) rows[call.id] = call;
  }
  each_open(patient.snapshot, [&](const InvokedItem& item) {
    if (!item.call || rows.contains(*item.call)) return;
    find(patient.row, "call_missing", "it waits for call " + item.call->text() + " without a row");
  });
  for (const machine::Undo& undo : patient.snapshot.undo) {
    if (!undo.by || undo.done || rows.contains(*undo.by)) continue;
    find(patient.row, "call_missing", "it undoes by call " + undo.by->text() + " without a row");
  }
  for (const auto& [id, row] : rows) {
    if (row.state == ports::CallState::dead) judge_dead(patient, row);
  }
}

void Checkup::judge_dead(const Patient& patient, const ports::CallRow& call) {
  const auto& incidents = patient.snapshot.incidents;
  const bool named = std::any_of(
      incidents.begin(), incidents.end(), [&](const auto& one) { return one.call == call.id; });
  if (named) return;
  Finding& found = find(patient.row,
                        "dead_without_incident",
                        "call " + call.id.text() + " was given up, and no incident says so",
                        {"", call.id.text()});
  if (!is_of_interest(patient.snapshot, call.id)) treat(found, patient, end_calls({call}));
}

void Checkup::judge_tasks(const Patient& patient, const ports::Surroundings& around) {
  const auto wanted = task_rows(*patient.machine, patient.snapshot, patient.row.shard);
  for (const InboxFault& fault : inbox_faults(wanted, tasks_of(patient.row.id, around))) {
    find(patient.row,
         "task_differs",
         "its task " + fault.task.text() + " in the inbox: " + fault.what);
  }
}

void Checkup::judge_kin(std::size_t index, const ports::Surroundings& around) {
  const Patient& patient = patients_[index];
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
      unheard_.push_back({findings_.size() - 1, index, {patient.row.shard, *item.child}});
    }
  });
}

void Checkup::answered(const Unheard& unheard, const ports::InstanceRecord& child) {
  if (!child.finished) return;
  const auto machine = machines_.find({child.finished->workflow, child.finished->version});
  if (machine == machines_.end() || machine->second == nullptr) return;
  const Patient& parent = patients_[unheard.patient];
  treat(
      findings_[unheard.finding], parent, answer_parent(parent, *machine->second, *child.finished));
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

// One treatment mends them all.
void Checkup::treat_columns(const Patient& patient, const ports::Surroundings& around) {
  TreatmentRef treatment;
  for (std::size_t i = first_; i < findings_.size(); ++i) {
    Finding& finding = findings_[i];
    if (finding.instance != patient.row.id || !is_of_columns(finding)) continue;
    if (treatment == nullptr) treatment = rewrite(patient, tasks_of(patient.row.id, around));
    treat(finding, patient, treatment);
  }
}

}  // namespace vozex::runtime
