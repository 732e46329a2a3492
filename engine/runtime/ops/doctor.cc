// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/doctor.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "engine/runtime/definitions/definitions.h"
#include "engine/runtime/ops/advice.h"
#include "engine/runtime/ops/checkup.h"

namespace vozex::runtime {
namespace {

constexpr std::size_t k_page = 500;

Result<Machines> read_definitions(ports::Inspection& inspection, Diagnosis& diagnosis) {
  const auto rows = inspection.definitions();
  if (!rows) return Failure(rows.error());
  Machines machines;
  for (const ports::DefinitionRow& row : *rows) {
    ++diagnosis.definitions;
    auto machine = revive(row);
    machine::MachineRef& place = machines[{row.workflow, row.version}];
    if (machine) {
      place = *std::move(machine);
      continue;
    }
    Finding finding{
        "definition_unreadable", {}, row.workflow, "", machine.error().message, "", "", {}};
    advise(finding);
    diagnosis.findings.push_back(std::move(finding));
  }
  return machines;
}

Result<void> examine_page(ports::Inspection& inspection,
                          const std::vector<ports::InstanceRow>& rows,
                          Checkup& checkup) {
  for (const ports::InstanceRow& row : rows) checkup.take(row);
  const auto around = inspection.around(checkup.request());
  if (!around) return Failure(around.error());
  checkup.judge(*around);
  for (const Checkup::Unheard& unheard : checkup.unheard()) {
    const auto child = inspection.record(unheard.child);
    if (!child) return Failure(child.error());
    checkup.answered(unheard, *child);
  }
  return {};
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
    if (auto good = examine_page(inspection, *rows, checkup); !good) return good;
    diagnosis.instances += rows->size();
    diagnosis.truncated = diagnosis.findings.size() >= k_max_findings;
    if (rows->size() < k_page || diagnosis.truncated) return {};
    after = {rows->back().shard, rows->back().id};
  }
}

bool is_of_rows(const ports::Damage& damage) {
  return damage.code == "call_orphan" || damage.code == "task_orphan";
}

// How what the database itself can tell is mended.
class Clinic {
 public:
  Clinic(ports::Inspection& inspection, const Machines& machines, Timestamp now)
      : inspection_(inspection), definitions_(known(machines), types::Value::map({})), now_(now) {}

  Result<TreatmentRef> treatment_of(const ports::Damage& damage) {
    const ports::InstanceKey instance{damage.shard, damage.instance};
    if (is_of_rows(damage)) return rows_of(damage);
    if (damage.code == "binding_miscounted") return recount(damage);
    if (damage.code == "parked_lost") return give_up_event(damage);
    if (damage.code == "parked_unreachable") return send_on(damage, definitions_, now_);
    const bool twin = damage.code == "live_and_finished";
    const bool timer = damage.code == "timer_hidden";
    if (!twin && !timer && damage.code != "binding_orphan") return nullptr;
    const auto record = inspection_.record(instance);
    if (!record) return Failure(record.error());
    if (timer) return show_timer(*record);
    return twin ? keep_later(*record) : give_back(damage, *record);
  }

 private:
  static std::vector<machine::MachineRef> known(const Machines& machines) {
    std::vector<machine::MachineRef> all;
    for (const auto& [name, machine] : machines) {
      if (machine != nullptr) all.push_back(machine);
    }
    return all;
  }
  // One treatment for all rows of an instance that is gone.
  Result<TreatmentRef> rows_of(const ports::Damage& damage) {
    TreatmentRef& place = made_[{damage.code, damage.instance}];
    if (place != nullptr) return place;
    const ports::InstanceKey instance{damage.shard, damage.instance};
    const auto around = inspection_.around({{instance}, {}, {}});
    if (!around) return Failure(around.error());
    place = damage.code == "call_orphan" ? end_calls(around->calls)
                                         : drop_tasks(instance, around->tasks);
    return place;
  }

  ports::Inspection& inspection_;
  const Definitions definitions_;
  const Timestamp now_;
  std::map<std::pair<std::string, InstanceId>, TreatmentRef> made_;
};

using Row = std::tuple<std::string, InstanceId, std::string>;
Row row_of(const ports::Damage& damage) { return {damage.code, damage.instance, damage.what}; }

// What passes by itself is looked at twice.
Result<std::vector<ports::Damage>> sweep(ports::Inspection& inspection,
                                         const std::function<void()>& settle) {
  auto found = inspection.sweep(k_max_findings);
  if (!found) return found;
  const bool passing = std::any_of(
      found->begin(), found->end(), [](const ports::Damage& damage) { return damage.passing; });
  if (!passing || !settle) return found;
  settle();
  if (auto begun = inspection.begin(); !begun) return Failure(begun.error());
  const auto again = inspection.sweep(k_max_findings);
  if (!again) return again;
  std::set<Row> still;
  for (const ports::Damage& damage : *again) still.insert(row_of(damage));
  std::erase_if(*found, [&](const ports::Damage& damage) {
    return damage.passing && !still.contains(row_of(damage));
  });
  return found;
}

bool is_key_unbound(const Finding& finding) {
  return finding.code == "binding_missing" &&
         finding.what == "it holds " + finding.workflow + " " + finding.key + " unbound";
}

// Of those with one key, one keeps it: whoever is bound, else the first. The others are the
// finding, and that they aren't bound is no other one.
void tell_duplicates(const std::vector<ports::Damage>& damages, Diagnosis& diagnosis) {
  std::set<InstanceId> unbound;
  for (const Finding& finding : diagnosis.findings) {
    if (is_key_unbound(finding)) unbound.insert(finding.instance);
  }
  std::map<std::string, std::vector<InstanceId>> groups;
  for (const ports::Damage& damage : damages) {
    if (damage.code == "key_duplicate") groups[damage.what].push_back(damage.instance);
  }
  std::set<InstanceId> told;
  for (auto& [what, members] : groups) {
    std::sort(members.begin(), members.end());
    auto keeper = std::find_if(members.begin(), members.end(), [&](const InstanceId& member) {
      return !unbound.contains(member);
    });
    if (keeper == members.end()) keeper = members.begin();
    const std::string text = what + "; " + keeper->text() + " is one that keeps it";
    for (const InstanceId& member : members) {
      if (member == *keeper) continue;
      Finding finding{"key_duplicate", member, "", "", text, "", "", {}};
      advise(finding);
      diagnosis.findings.push_back(std::move(finding));
      told.insert(member);
    }
  }
  std::erase_if(diagnosis.findings, [&](const Finding& finding) {
    return is_key_unbound(finding) && told.contains(finding.instance);
  });
}

Result<void> tell(const std::vector<ports::Damage>& damages, Clinic& clinic, Diagnosis& diagnosis) {
  for (const ports::Damage& damage : damages) {
    if (damage.code == "key_duplicate") continue;
    auto treatment = clinic.treatment_of(damage);
    if (!treatment) return Failure(treatment.error());
    // Rows that were there a moment ago, and are not any more.
    if (*treatment == nullptr && is_of_rows(damage)) continue;
    Finding finding{damage.code, damage.instance, "", "", damage.what, "", "", *treatment};
    advise(finding);
    diagnosis.findings.push_back(std::move(finding));
  }
  tell_duplicates(damages, diagnosis);
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
  const auto damages = sweep(inspection, settle);
  if (!damages) return Failure(damages.error());
  Clinic clinic(inspection, *machines, now);
  if (auto good = tell(*damages, clinic, diagnosis); !good) return Failure(good.error());
  if (diagnosis.findings.size() > k_max_findings) {
    diagnosis.truncated = true;
    diagnosis.findings.resize(k_max_findings);
  }
  return diagnosis;
}

}  // namespace vozex::runtime
