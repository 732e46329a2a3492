// SPDX-License-Identifier: Apache-2.0
//
// Repairs: what `vozex doctor --repair` may do to a database beside the servers that use it. Most
// of it is a commit like any other, by compare-and-swap; what no commit can do (rows whose instance
// is gone) has a method of its own, which looks again whether the damage is still there and acts in
// the same transaction. Implementations: adapters/sqlite, adapters/postgres. Thread rule: one
// thread. Tests: tests/api/doctor_repair_test.cc.
#pragma once

#include <cstddef>

#include "engine/ports/audit.h"
#include "engine/ports/lane_store.h"

namespace vozex::ports {

// The two tables of which an instance is to stand in one.
enum class Table : std::uint8_t { instances, finished };

class Repairs {
 public:
  virtual ~Repairs() = default;
  // As LaneStore::commit(), of one group. Error outcome_unknown: looking again tells.
  virtual Result<Verdict> commit(const CommitRequest& request) = 0;
  // The inbox's rows of an instance that is not live go. How many they were.
  virtual Result<std::size_t> drop_tasks(const InstanceKey& instance) = 0;
  // Of an instance in both tables the row in `from` goes (of the live one its tasks, too), if it
  // still has this etag and the other is still there. False when not.
  virtual Result<bool> drop_row(const InstanceKey& instance, Table from, Etag etag) = 0;
  // Where a key's row counts its holders and the events that wait on it (PostgreSQL): counts them
  // anew. False when it was right.
  virtual Result<bool> recount(const BindingKey& key) = 0;
  virtual AuditLog& audit() = 0;
};

}  // namespace vozex::ports
