// SPDX-License-Identifier: Apache-2.0
//
// Inspection: reading a database as it is, for `vozex doctor`: rows as they stand, and sets of rows
// that don't belong together. Everything is of one moment (one read transaction), nothing is
// written, servers may run meanwhile. Implementations: adapters/sqlite, adapters/postgres. Thread
// rule: one thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports/store.h"

namespace vozex::ports {

// What stands around some instances.
struct Surroundings {
  std::vector<CallRow> calls;
  std::vector<TaskRow> tasks;
  std::set<std::pair<BindingKey, InstanceId>> bindings;  // live ones
  std::map<InstanceId, machine::Life> kin;               // those that exist
  std::set<InstanceId> senders;                          // with rows in the outbox
};
struct SurroundingsRequest {
  std::vector<InstanceKey> instances;  // whose calls and tasks
  std::vector<BindingKey> bindings;
  std::vector<InstanceKey> kin;  // whether they live; also senders, as the instances are
};

// Rows that the database itself can tell are wrong; timers a minute late and waiting calls ten
// minutes late are.
struct Damage {
  std::string code;
  InstanceId instance;  // nil: of none
  std::string what;     // names the row
  // A server mends it within seconds: damage only if it stays.
  bool passing = false;
  // What names the row to a repair, where `what` does so to people.
  Shard shard = 0;          // of the instance
  BindingKey binding = {};  // binding_orphan
  MarkId mark = {};         // parked_lost, parked_unreachable
  std::string event = {};   // parked_unreachable: as it is kept
};

// All that is stored of one instance as such.
struct InstanceRecord {
  std::optional<InstanceRow> live;
  std::optional<InstanceRow> finished;
  std::optional<HistoryRow> last;  // of its history
};

class Inspection {
 public:
  virtual ~Inspection() = default;
  // Starts over at the present moment.
  virtual Result<void> begin() = 0;
  virtual Result<std::vector<DefinitionRow>> definitions() = 0;
  // Live instances of all tenants, in an order of the store's own; `after` is the last of the page
  // before, nil at first.
  virtual Result<std::vector<InstanceRow>> live_after(const InstanceKey& after,
                                                      std::size_t limit) = 0;
  virtual Result<Surroundings> around(const SurroundingsRequest& request) = 0;
  virtual Result<InstanceRecord> record(const InstanceKey& instance) = 0;
  // At most `limit` of each kind.
  virtual Result<std::vector<Damage>> sweep(std::size_t limit) = 0;
};

}  // namespace vozex::ports
