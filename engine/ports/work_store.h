// SPDX-License-Identifier: Apache-2.0
//
// SessionStore, WorkStore: processes that share one database, and the work that waits in it rather
// than in one of them.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/ports/rows.h"

namespace vozex::ports {

// Calls of one adapter that wait in the store.
struct WaitingCalls {
  std::string adapter;
  Timestamp next_at;  // the earliest
  bool operator==(const WaitingCalls&) const = default;
};

// What the store holds for whoever looks after it, as of one heartbeat. A process at rest learns
// from it that there is nothing to ask for.
struct News {
  std::vector<SessionId> living;  // sessions that have not been buried, by id: who shares the work
  bool orphans = false;           // inherit() would find something to bury or to give away
  bool unclaimed = false;         // unclaimed(Holding::live) would find something
  std::vector<WaitingCalls> waiting_calls;  // by name of the adapter
  std::optional<Timestamp> first_timer;     // the earliest of all shards
  std::optional<Timestamp> first_expiry;    // of parked events
  std::string definitions;                  // changes whenever definitions were put
  bool batches = false;                     // one is running (ports/batches.h)
};

struct Beat {
  Timestamp now;  // the database's clock
  std::optional<News>
      news;  // none when they could not be had in time; the beat counts all the same
};

// Processes. A session lives as long as it beats, judged by the database's clock; a dead one never
// revives.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  virtual Result<void> join(const SessionId& session, const std::string& name) = 0;
  // `lease` as for inherit(). Class not_found when the session is dead: drop all leases and caches,
  // join anew.
  virtual Result<Beat> beat(const SessionId& session, Duration lease) = 0;
  virtual Result<void> leave(const SessionId& session) = 0;
  // Buries sessions that haven't beaten for `lease` and gives the calls (attempt and losses raised)
  // and outbox rows of whoever is not a living session to `heir`, at most `limit` of each. Class
  // not_found when the heir itself is dead.
  struct Inheritance {
    std::vector<CallRow> calls;
    std::vector<OutboxRow> outbox;
  };
  virtual Result<Inheritance> inherit(const SessionId& heir, Duration lease, std::size_t limit) = 0;
};

struct DueTimer {
  InstanceKey instance;
  Timestamp due;
};

// A set of shards, by number.
using ShardSet = std::bitset<256>;

struct TenantCount {
  std::string tenant;
  std::uint64_t count = 0;
};

// Whose keys: those of a live instance, or those of ended ones only.
enum class Holding : std::uint8_t { live, ended };

// What a mark says of a parked event that nobody took in time.
inline constexpr const char* k_expired_answer =
    R"({"code":"parked_expired","disposition":"rejected"})";

// Work that waits in the database rather than in a process.
class WorkStore {
 public:
  virtual ~WorkStore() = default;
  // Instances of `shards` whose earliest timer is due before `horizon`, earliest first.
  virtual Result<std::vector<DueTimer>> timers_before(Timestamp horizon,
                                                      const ShardSet& shards,
                                                      std::size_t limit) = 0;
  // Leases waiting calls of one adapter that may go now to `session`, earliest first.
  virtual Result<std::vector<CallRow>> claim_calls(const SessionId& session,
                                                   const std::string& adapter,
                                                   Timestamp now,
                                                   std::size_t limit) = 0;
  // The adapters for which calls wait, by name.
  virtual Result<std::vector<WaitingCalls>> waiting_calls() = 0;
  // Keys that are held and on which events still wait: a process died between taking the key and
  // delivering them. With Holding::ended the holder has ended meanwhile; dearer to find.
  virtual Result<std::vector<BindingKey>> unclaimed(Holding holding, std::size_t limit) = 0;
  // Parked events past their time: removed, and their marks answered as dead letters (disposition
  // rejected, k_expired_answer). How many.
  virtual Result<std::size_t> expire_parked(Timestamp now, std::size_t limit) = 0;
  // How many keys have events waiting on them, an event counted on each of its keys. By tenant.
  virtual Result<std::vector<TenantCount>> parked_by_tenant() = 0;
};

}  // namespace vozex::ports
