// SPDX-License-Identifier: Apache-2.0
//
// WatchedBatches: the database's batches of ops behind a witness, and what that witness remembers
// for the oracle: which instances a batch had to find, and how much it had done when somebody
// paused it. Stores are asked by processes through ProcessBatches, where requests and answers get
// lost.
#pragma once

#include <map>
#include <set>

#include "adapters/simulated/simulated_batches.h"
#include "adapters/simulated/tables.h"

namespace vozex::simulation {

struct World;

// Of one batch.
struct WatchedBatch {
  std::set<InstanceId> must_find;      // fitted when it was made, and when all had been listed
  std::set<InstanceId> fitted;         // when it was made
  std::size_t steps_when_paused = 0;   // of it, in all histories
  std::size_t steps_when_resumed = 0;  // when it was told to go on, or to end
  bool paused = false;
};

class WatchedBatches {
 public:
  explicit WatchedBatches(World& world);

  // By people.
  void create(const ports::BatchRow& row);
  void change(const ports::BatchId& id, ports::BatchState to);
  // By processes.
  Result<std::optional<ports::BatchRow>> save(const ports::BatchRound& round);

  ports::BatchStore& store() { return store_; }
  bool is_used() const { return !watched_.empty(); }
  std::vector<ports::BatchRow> rows() const;
  std::vector<ports::BatchItem> items(const ports::BatchId& id) const;
  const WatchedBatch& watched(const ports::BatchId& id) const { return watched_.at(id); }

 private:
  std::set<InstanceId> fitting(const ports::BatchRow& row) const;
  std::size_t steps_of(const ports::BatchId& id) const;

  World& world_;
  mutable simulated::SimulatedBatches store_;
  std::map<ports::BatchId, WatchedBatch> watched_;
};

// How many entries of histories a batch has.
std::size_t steps_of_batch(const simulated::Tables& tables, const ports::BatchId& id);

}  // namespace vozex::simulation
