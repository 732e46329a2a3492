// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/timers/sharing.h"

namespace vozex::runtime {
namespace {

// FNV-1a.
std::uint64_t hash_of(const SessionId& session) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const std::uint8_t byte : session.bytes) hash = (hash ^ byte) * 1099511628211ull;
  return hash;
}

// The finaliser of splitmix64 over the session's hash and the shard: ids that differ in few bits
// must not have weights that rise and fall together.
std::uint64_t weight(std::uint64_t hash, std::size_t shard) {
  hash += (shard + 1) * 0x9E3779B97F4A7C15ull;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ull;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBull;
  return hash ^ (hash >> 31);
}

}  // namespace

ports::ShardSet shards_of(const SessionId& self, const std::vector<SessionId>& living) {
  ports::ShardSet own;
  const std::uint64_t own_hash = hash_of(self);
  std::vector<std::uint64_t> hashes;
  hashes.reserve(living.size());
  for (const SessionId& other : living) hashes.push_back(hash_of(other));
  for (std::size_t shard = 0; shard < own.size(); ++shard) {
    const std::pair mine{weight(own_hash, shard), self};
    bool heaviest = true;
    for (std::size_t i = 0; i < living.size(); ++i) {
      heaviest = heaviest && !(mine < std::pair{weight(hashes[i], shard), living[i]});
    }
    own.set(shard, heaviest);
  }
  return own;
}

}  // namespace vozex::runtime
