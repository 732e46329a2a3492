// SPDX-License-Identifier: Apache-2.0
//
// SnapshotCache: the last committed snapshots of one lane's instances, with the etag that names
// them. What it holds may be out of date, never wrong: a commit compares the etag. Bounded by count
// and by weight, the longest unused goes first. An instance that another writer changed is not
// cached for a while. Thread rule: the lane's.
#pragma once

#include <list>
#include <map>
#include <optional>
#include <string>

#include "engine/machine/snapshot.h"
#include "engine/ports/rows.h"

namespace vozex::runtime {

// One instance as it stands in the store.
struct Stored {
  ports::InstanceKey key;
  Etag etag = 0;  // 0: not yet there
  machine::MachineRef machine;
  machine::Snapshot snapshot;
  std::string data;                        // the text of the row, to see whether it changed
  std::vector<ports::TaskRow> tasks = {};  // its rows in the inbox, for the same
};

class SnapshotCache {
 public:
  struct Limits {
    std::size_t entries = 4096;
    std::size_t bytes = 32u << 20;
    Duration distrust{std::chrono::seconds{30}};
    std::size_t max_distrusted = 4096;
  };
  explicit SnapshotCache(Limits limits) : limits_(limits) {}

  // Out of the cache and into a batch, which puts back what is still true afterwards.
  std::optional<Stored> take(const InstanceId& id);
  // Who holds a business key, as far as the cache knows: live holders only.
  std::optional<ports::InstanceKey> holder(const ports::BindingKey& key) const;
  void put(Stored stored, Timestamp now);
  void drop(const InstanceId& id);
  // Lost a race: dropped, and not kept before `now` + distrust.
  void distrust(const InstanceId& id, Timestamp now);
  void clear();

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Stored stored;
    std::size_t bytes = 0;
    std::list<InstanceId>::iterator use;
  };
  using Entries = std::map<InstanceId, Entry>;
  void erase(Entries::iterator entry);

  Limits limits_;
  Entries entries_;
  std::map<ports::BindingKey, InstanceId> keys_;
  std::list<InstanceId> uses_;  // least recently used first
  std::map<InstanceId, Timestamp> distrusted_;
  std::size_t bytes_ = 0;
};

}  // namespace vozex::runtime
