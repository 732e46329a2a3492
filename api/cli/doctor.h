// SPDX-License-Identifier: Apache-2.0
//
// `vozex doctor`: what it is asked, and how its findings are shown. The work is main.cc's, which
// knows the stores. Thread rule: one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/cli/output.h"
#include "api/cli/program.h"

namespace vozex::cli {

struct DoctorSettings {
  std::string store;
  std::string format = "table";
  int settle_seconds = 8;  // how long a server gets to mend what passes; 0: no second look
  bool repair = false;
  bool dry_run = false;
  std::vector<std::string> codes;           // what to repair; empty: everything
  std::vector<std::string> instances;       // likewise, by id
  std::string keep = "vozex-doctor.jsonl";  // file that gets what is taken away
  std::string actor;
  std::string reason;
};
using Doctor = std::function<Result<types::Value>(const DoctorSettings&)>;

// `doctor` gives {instances, definitions, truncated, findings: [{code, instance, workflow, key,
// what, advice, command, repair?}]}, and with `repair` {repaired: [{code, instance, what, repair,
// outcome, note?}], kept_in?}; the findings are then those that are still there.
void add_doctor(CLI::App& app, Program& program, const Doctor& doctor);

// run() of program.h, with the doctor.
int run(int argc, char** argv, const Composition& composition, const Doctor& doctor);

}  // namespace vozex::cli
