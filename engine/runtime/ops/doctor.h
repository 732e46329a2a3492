// SPDX-License-Identifier: Apache-2.0
//
// Doctor: proves of a database, row by row, that every unfinished instance can be read, agrees with
// its columns and the rows around it, and waits for something that can still happen; names what is
// damaged otherwise, and how it is mended: by a treatment (repair.h carries it out), or by a person
// with the command that it prints. Reads through ports/inspection.h, writes nothing. Each code is
// explained in docs/doctor.md. Thread rule: one thread. Tests: tests/unit/runtime/doctor_test.cc
// and tests/api/doctor_test.cc plant each damage.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports/inspection.h"
#include "engine/runtime/ops/treatment.h"

namespace vozex::runtime {

struct Finding {
  std::string code;
  InstanceId instance;  // nil: of none
  std::string workflow;
  std::string key;
  std::string what;     // is wrong
  std::string advice;   // what to do next, and why
  std::string command;  // that does it; words in capitals are the reader's to fill in
  // What a repair would do; none: a person must decide. Shared by what one treatment mends at once.
  std::shared_ptr<const Treatment> treatment = {};
};

struct Diagnosis {
  std::uint64_t instances = 0;  // looked at
  std::uint64_t definitions = 0;
  bool truncated = false;  // more than k_max_findings
  std::vector<Finding> findings;
};
inline constexpr std::size_t k_max_findings = 10'000;

// `settle` is called once when there is something that servers mend by themselves: it waits, and
// what is still there afterwards is reported. Empty: everything is reported.
Result<Diagnosis> diagnose(ports::Inspection& inspection,
                           Timestamp now,
                           const std::function<void()>& settle);

}  // namespace vozex::runtime
