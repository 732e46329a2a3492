// SPDX-License-Identifier: Apache-2.0
//
// Repair: carries out the treatments of what the doctor found, one by one. Each is in the audit log
// before it is tried, with an outline of what was there before, and gets its outcome there. What
// would be nowhere else then is kept first where the request says. Each compares what it changes
// with what was found, so that servers may run meanwhile: what has changed since is left alone.
// Thread rule: one thread. Tests: tests/unit/runtime/repair_test.cc,
// tests/api/doctor_repair_test.cc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports/clock.h"
#include "engine/ports/repair.h"
#include "engine/runtime/ops/doctor.h"

namespace vozex::runtime {

struct RepairRequest {
  std::vector<std::string> codes;     // empty: all
  std::vector<InstanceId> instances;  // empty: all
  std::string actor;
  std::string reason;
  bool dry_run = false;  // nothing is written, also not to the audit log
  // Keeps one line of JSON for ever, or until whoever repairs removes it: {at, audit, code, taken,
  // target, tenant}. Without it, what would take something away is refused.
  std::function<Result<void>(const std::string& line)> keep = {};
  std::string kept_in = {};  // what the audit log calls that place
};

// Persisted nowhere. `passed`: it isn't as it was found any more; looking again tells.
enum class RepairOutcome : std::uint8_t { done, would_do, passed, refused, unknown };
const char* to_string(RepairOutcome outcome);

struct Repaired {
  Finding finding;
  RepairOutcome outcome = RepairOutcome::done;
  std::string note;  // refused, unknown: why
};

// Of the findings that the request selects those with a treatment, in the order in which one
// repair may need another. Stops at the first error of the audit log.
Result<std::vector<Repaired>> repair(ports::Repairs& repairs,
                                     const std::vector<Finding>& findings,
                                     const RepairRequest& request,
                                     ports::Clock& clock,
                                     ports::Random& random);

}  // namespace vozex::runtime
