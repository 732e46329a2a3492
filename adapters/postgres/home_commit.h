// SPDX-License-Identifier: Apache-2.0
//
// Commits where the tables are spread over machines (Layout::by_bucket). A home is a shard of
// Citus: the buckets whose rows stand in the same tables of one node. A batch is one transaction,
// in which each home that it touches gets its part as one call of commit_home_v2
// (migrations/postgres/*_homes.sql); the whole is one round trip. When a part can't be written
// nothing stays; a careful attempt asks all homes first who is to be left out. Tests: tests/store
// with Kind::by_bucket and Kind::citus.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>

#include "adapters/postgres/batch.h"
#include "adapters/postgres/connection.h"
#include "engine/ports/lane_store.h"
#include "engine/ports/work_store.h"

namespace vozex::postgres {

struct Home {
  Shard bucket = 0;        // the first of its buckets names it
  std::int64_t place = 0;  // the number that Citus gives its tables; 0 on one machine
};

// Which home each bucket belongs to, as of when it was asked: shards may move from node to node,
// but when one is split its numbers change and commit_home_v2 says so (VZ003).
class Homes {
 public:
  static Result<Homes> read(Connection& connection);
  const Home& of(Shard bucket) const { return homes_.at(static_cast<std::size_t>(bucket)); }

 private:
  std::array<Home, ports::ShardSet().size()> homes_;
};

// All must outlive it.
class HomeCommit {
 public:
  HomeCommit(const Batch& batch,
             const LaneIdentity& lane,
             const RowTypes& types,
             const Homes& homes);

  Result<ports::CommitReply> run(Connection& connection, bool careful) const;

  // Raises the lane's epoch, so that an older attempt fails from now on. The reply, where the batch
  // was committed: `lane.epoch` is then what has to be used further.
  Result<std::optional<ports::CommitReply>> settle(Connection& connection,
                                                   LaneIdentity& lane) const;

 private:
  class Script;
  using LeftOut = std::set<std::int64_t>;

  Result<ports::CommitReply> run_at_once(Connection& connection) const;
  Result<ports::CommitReply> run_with_care(Connection& connection) const;
  Result<void> run_wave(Connection& connection, std::size_t wave, Batch::Found& found) const;
  void add_receipts(Script& script) const;
  void add_looks(Script& script, std::size_t wave) const;
  void add_writes(Script& script, std::size_t wave, const LeftOut& left_out) const;
  void add_early_events(Script& script, std::size_t wave, const LeftOut& left_out) const;
  void add_left_out(Script& script, const Batch::Found& found) const;

  const Batch& batch_;
  const LaneIdentity& lane_;
  const RowTypes& types_;
  const Homes& homes_;
  std::set<Shard> touched_;  // homes, by their buckets; the first has the receipt of the whole
};

}  // namespace vozex::postgres
