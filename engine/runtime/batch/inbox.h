// SPDX-License-Identifier: Apache-2.0
//
// People's inbox as rows. What is true of a task stands in its instance's snapshot; the rows repeat
// it where it can be searched, and are written by the commit that writes the instance. Here is how
// the rows follow from the snapshot, and the check that they do. Pure. Thread rule: values only.
// Tests: tests/unit/runtime/inbox_test.cc, tests/simulation.
#pragma once

#include <string>
#include <vector>

#include "engine/machine/machine.h"
#include "engine/machine/snapshot.h"
#include "engine/ports/rows.h"

namespace vozex::runtime {

// In the order of their ids.
std::vector<ports::TaskRow> task_rows(const machine::Machine& machine,
                                      const machine::Snapshot& snapshot,
                                      Shard shard);

// What is wrong with the rows that the inbox has, beside those that it should have; both in any
// order. Empty when nothing is: for doctor, and for tests after crashes.
struct InboxFault {
  TaskId task;
  std::string what;  // "missing", "too many", "differs"
};
std::vector<InboxFault> inbox_faults(std::vector<ports::TaskRow> wanted,
                                     std::vector<ports::TaskRow> found);

}  // namespace vozex::runtime
