// SPDX-License-Identifier: Apache-2.0
//
// QueryStore, InboxStore: reads for people and APIs. Never a source of decisions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports/rows.h"

namespace vozex::ports {

struct InstanceFilter {
  std::string tenant;
  std::string workflow;  // "" any
  std::string key;       // "" any; a live instance is found by a key that it holds
  std::string state;     // path or a parent of it, "" any
  std::optional<machine::Life> life;
  bool live_only = false;
  bool incident_only = false;
  InstanceId root;   // nil any
  InstanceId after;  // cursor: ids greater than this; nil from the start
};

struct CallFilter {
  std::optional<CallState> state;
  InstanceId of;        // nil any
  std::string adapter;  // "" any
  CallId after;         // cursor: ids greater than this; of a nil instance from the start
};

struct StateCount {
  std::string workflow;
  std::uint32_t version = 0;
  std::string state;
  std::uint64_t count = 0;
  std::uint64_t incidents = 0;
};

// Reads for people and APIs. Never a source of decisions. Thread rule: any thread.
class QueryStore {
 public:
  virtual ~QueryStore() = default;
  virtual Result<std::optional<InstanceRow>> instance(const InstanceId& id) = 0;
  virtual Result<std::vector<InstanceRow>> instances(const InstanceFilter& filter,
                                                     std::size_t limit) = 0;
  virtual Result<std::vector<HistoryRow>> history(const InstanceId& id,
                                                  std::uint32_t after_seq,
                                                  std::size_t limit) = 0;
  // By id.
  virtual Result<std::vector<CallRow>> calls(const CallFilter& filter, std::size_t limit) = 0;
  // Of live instances.
  virtual Result<std::vector<StateCount>> counts(const std::string& tenant) = 0;
  virtual Result<std::uint64_t> parked_count() = 0;
  // Cheap; for readiness.
  virtual Result<void> ping() = 0;
};

// Where a task without a due time stands in the inbox: last. 9999-12-31T00:00:00Z.
inline constexpr Timestamp k_never_due{Duration{253'402'214'400'000'000}};
inline Timestamp due_of(const TaskRow& row) {
  return row.due ? std::min(*row.due, k_never_due) : k_never_due;
}

struct TaskFilter {
  std::string tenant;
  std::string queue;               // "" any
  std::string workflow;            // "" any
  std::vector<std::string> roles;  // those that one of these roles may take; empty: all
  std::string assignee;            // "" any
  bool unassigned = false;
  std::optional<Timestamp> due_before;  // those that are due before this
  InstanceId of;                        // nil any
  // Cursor: those behind (due_of, id); none from the start.
  struct After {
    Timestamp due;
    TaskId id;
  };
  std::optional<After> after;
};

struct TaskCount {
  std::string queue;
  std::uint64_t open = 0;
  std::uint64_t unassigned = 0;
  std::uint64_t overdue = 0;  // due before the moment asked about
};

// People's inbox. Reads for people: what decides about a task is its instance's own row. Thread
// rule: any thread.
class InboxStore {
 public:
  virtual ~InboxStore() = default;
  // What is due first stands first; without a due time last; then by id.
  virtual Result<std::vector<TaskRow>> tasks(const TaskFilter& filter, std::size_t limit) = 0;
  // By queue.
  virtual Result<std::vector<TaskCount>> task_counts(const std::string& tenant, Timestamp now) = 0;
};

}  // namespace vozex::ports
