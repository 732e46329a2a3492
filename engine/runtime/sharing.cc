// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/sharing.h"

namespace vozex::runtime {
namespace {

// FNV-1a over the session, then the finaliser of splitmix64 with the shard: ids that differ in few
// bits must not have weights that rise and fall together.
std::uint64_t weight(const SessionId& session, std::size_t shard) {
  std::uint64_t hash = 14695981039346656037ull;
  for (const std::uint8_t byte : session.bytes) hash = (hash ^ byte) * 1099511628211ull;
  hash += (shard + 1) * 0x9E3779B97F4A7C15ull;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9ull;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBull;
  return hash ^ (hash >> 31);
}

}  // namespace

ports::ShardSet shards_of(const SessionId& self, const std::vector<SessionId>& living) {
  ports::ShardSet own;
  for (std::size_t shard = 0; shard < own.size(); ++shard) {
    const std::pair mine{weight(self, shard), self};
    bool heaviest = true;
    for (const SessionId& other : living) {
      heaviest = heaviest && !(mine < std::pair{weight(other, shard), other});
    }
    own.set(shard, heaviest);
  }
  return own;
}

}  // namespace vozex::runtime
