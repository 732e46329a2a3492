// SPDX-License-Identifier: Apache-2.0
//
// Checkup: the doctor's rules for one page of unfinished instances: take() each row, ask for what
// request() names, judge() them beside it. Pure. Thread rule: one thread. Tests:
// tests/unit/runtime/doctor_test.cc.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/ops/advice.h"
#include "engine/runtime/ops/doctor.h"
#include "engine/runtime/ops/treatment.h"

namespace vozex::runtime {

// Null: stored, and can't be compiled.
using Machines = std::map<std::pair<std::string, std::uint32_t>, machine::MachineRef>;

class Checkup {
 public:
  Checkup(const Machines& machines, Timestamp now, std::vector<Finding>& findings)
      : machines_(machines), now_(now), findings_(findings), first_(findings.size()) {}

  void take(const ports::InstanceRow& row);
  ports::SurroundingsRequest request() const;
  void judge(const ports::Surroundings& around);
  // Children that have ended unheard: the answer of each is in its own row, which the caller reads
  // and gives to answered().
  struct Unheard {
    std::size_t finding;
    std::size_t patient;
    ports::InstanceKey child;
  };
  const std::vector<Unheard>& unheard() const { return unheard_; }
  void answered(const Unheard& unheard, const ports::InstanceRecord& child);

 private:
  Finding& find(const ports::InstanceRow& row,
                std::string code,
                std::string what,
                About about = {});
  void treat(Finding& finding, const Patient& patient, TreatmentRef treatment);
  void compare_columns(const Patient& patient);
  void check_data(const Patient& patient);
  void judge_bindings(const Patient& patient, const ports::Surroundings& around);
  void judge_calls(const Patient& patient, const ports::Surroundings& around);
  void judge_dead(const Patient& patient, const ports::CallRow& call);
  void judge_tasks(const Patient& patient, const ports::Surroundings& around);
  void judge_kin(std::size_t patient, const ports::Surroundings& around);
  void judge_waiting(const Patient& patient);
  void treat_columns(const Patient& patient, const ports::Surroundings& around);

  const Machines& machines_;
  const Timestamp now_;
  std::vector<Finding>& findings_;
  const std::size_t first_;  // finding of this page
  std::vector<Patient> patients_;
  std::vector<Unheard> unheard_;
};

}  // namespace vozex::runtime
