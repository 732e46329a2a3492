// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/batch/snapshot_cache.h"

#include <utility>

namespace vozex::runtime {
namespace {

// A snapshot without its data is a few hundred bytes to a few kB.
constexpr std::size_t k_base_bytes = 1024;

std::size_t bytes_of(const Stored& stored) {
  return k_base_bytes + 3 * stored.data.size() + types::weight(stored.snapshot.input);
}

ports::BindingKey key_of(const Stored& stored) {
  const machine::Snapshot& snapshot = stored.snapshot;
  return {snapshot.tenant, snapshot.workflow, snapshot.key};
}

}  // namespace

std::optional<Stored> SnapshotCache::take(const InstanceId& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return std::nullopt;
  uses_.erase(found->second.use);
  bytes_ -= found->second.bytes;
  const auto key = keys_.find(key_of(found->second.stored));
  if (key != keys_.end() && key->second == id) keys_.erase(key);
  Stored stored = std::move(found->second.stored);
  entries_.erase(found);
  return stored;
}

std::optional<ports::InstanceKey> SnapshotCache::holder(const ports::BindingKey& key) const {
  const auto found = keys_.find(key);
  if (found == keys_.end()) return std::nullopt;
  return entries_.at(found->second).stored.key;
}

void SnapshotCache::put(Stored stored, Timestamp now) {
  const InstanceId id = stored.key.id;
  drop(id);
  if (const auto found = distrusted_.find(id); found != distrusted_.end()) {
    if (now < found->second) return;
    distrusted_.erase(found);
  }
  Entry entry;
  entry.bytes = bytes_of(stored);
  entry.use = uses_.insert(uses_.end(), id);
  bytes_ += entry.bytes;
  if (!machine::is_ended(stored.snapshot.life)) keys_[key_of(stored)] = id;
  entry.stored = std::move(stored);
  entries_.emplace(id, std::move(entry));
  while (entries_.size() > limits_.entries || bytes_ > limits_.bytes) {
    erase(entries_.find(uses_.front()));
  }
}

void SnapshotCache::drop(const InstanceId& id) {
  const auto found = entries_.find(id);
  if (found != entries_.end()) erase(found);
}

void SnapshotCache::distrust(const InstanceId& id, Timestamp now) {
  drop(id);
  if (distrusted_.size() >= limits_.max_distrusted) distrusted_.clear();
  distrusted_[id] = now + limits_.distrust;
}

void SnapshotCache::clear() {
  entries_.clear();
  keys_.clear();
  uses_.clear();
  bytes_ = 0;
}

void SnapshotCache::erase(Entries::iterator entry) {
  const auto key = keys_.find(key_of(entry->second.stored));
  if (key != keys_.end() && key->second == entry->first) keys_.erase(key);
  uses_.erase(entry->second.use);
  bytes_ -= entry->second.bytes;
  entries_.erase(entry);
}

}  // namespace vozex::runtime
