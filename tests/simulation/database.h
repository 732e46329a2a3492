// SPDX-License-Identifier: Apache-2.0
//
// The database as a process sees it: the simulated store behind the witness, which hears all that
// is asked and answered. Here bugs of stores are planted. Its clock may be set wrong. What is lost
// or slow on the way is the process's business.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/simulated/simulated_store.h"

namespace vozex::simulation {

struct World;

// The database's clock is wrong by at most so much: two jumps from end to end must stay below half
// of a lease, which is what a process allows itself.
inline constexpr Duration k_database_skew{std::chrono::seconds{3}};

class Database {
 public:
  explicit Database(World& world);

  Timestamp now() const;
  void set_offset(Duration offset) { offset_ = offset; }

  // Of one lane of a process.
  struct Connection {
    std::string process;
    std::unique_ptr<ports::LaneStore> lane;
  };
  Connection connect(const std::string& process);
  ports::LoadReply load(Connection& connection, const ports::LoadRequest& request);
  Result<ports::CommitReply> commit(Connection& connection,
                                    const ports::CommitRequest& request,
                                    bool settle);

  void join(const SessionId& session, const std::string& name);
  Result<ports::Beat> beat(const SessionId& session, Duration lease);
  Result<ports::SessionStore::Inheritance> inherit(const SessionId& heir, Duration lease);

  std::vector<ports::CallRow> claim_calls(const SessionId& session,
                                          const std::string& adapter,
                                          Timestamp now,
                                          std::size_t limit);
  void expire_parked(Timestamp now);
  ports::WorkStore& work() { return store_.work(); }
  ports::QueryStore& queries() { return store_.queries(); }

  // What stands there is damaged, and nobody is told.
  void rot(const ports::InstanceKey& instance, bool data);

  std::uint64_t commits() const { return store_.commits(); }
  template <class Look>
  auto inspect(Look&& look) const {
    return store_.inspect(std::forward<Look>(look));
  }

 private:
  struct Held;
  ports::CommitRequest planted(const ports::CommitRequest& request, Held& held);
  void release(const std::string& process, Held held);
  bool set_live(const SessionId& session, bool live);

  World& world_;
  Duration offset_{0};
  simulated::SimulatedStore store_;
};

}  // namespace vozex::simulation
