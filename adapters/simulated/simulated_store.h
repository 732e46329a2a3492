// SPDX-License-Identifier: Apache-2.0
//
// SimulatedStore: the whole Store in memory, for tests and the simulation. Commits are atomic under
// one mutex and everything is ordered, so a run depends only on the calls made. It has no clock of
// its own: the database's clock is what set_now()/advance() or use_clock() say. Faults are asked
// for one at a time: fail_next_commit(), set_unavailable(); faulty_store.h wraps any store with a
// plan of faults instead. Thread rule: any thread. Fault model: a commit may be lost before or
// after it was applied, and the store may be away; rows never rot. Tests: tests/store (the
// conformance suite), tests/unit/simulated.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "adapters/simulated/tables.h"
#include "engine/ports/store.h"

namespace vozex::simulated {

// Both are answered outcome_unknown: settle() finds out which it was.
enum class CommitFault : std::uint8_t { none, before_applying, after_applying };

class SimulatedStore final : public ports::Store,
                             private ports::DefinitionStore,
                             private ports::SessionStore,
                             private ports::WorkStore,
                             private ports::QueryStore,
                             private ports::InboxStore {
 public:
  SimulatedStore() = default;
  SimulatedStore(const SimulatedStore&) = delete;
  SimulatedStore& operator=(const SimulatedStore&) = delete;

  Result<std::unique_ptr<ports::LaneStore>> open_lane() override;
  ports::DefinitionStore& definitions() override { return *this; }
  ports::SessionStore& sessions() override { return *this; }
  ports::WorkStore& work() override { return *this; }
  ports::QueryStore& queries() override { return *this; }
  ports::InboxStore& inbox() override { return *this; }

  // The database's clock; starts at 1970 and stands still until told otherwise.
  void set_now(Timestamp now);
  void advance(Duration by);
  // Asked under the store's lock: must not call the store.
  void use_clock(std::function<Timestamp()> clock);

  void fail_next_commit(CommitFault fault);
  // While true every method answers class unavailable and does nothing.
  void set_unavailable(bool unavailable);

  // Batches committed so far, those with no committed group included.
  std::uint64_t commits() const;

  // Runs `look(const Tables&)` under the lock; for invariants of simulations. Must not call the
  // store.
  template <class Look>
  auto inspect(Look&& look) const {
    const std::lock_guard lock(mutex_);
    return look(tables_);
  }
  // Runs `change(Tables&)` under the lock, behind the port's back: for simulations of stores that
  // are wrong.
  template <class Change>
  void alter(Change&& change) {
    const std::lock_guard lock(mutex_);
    change(tables_);
  }

 private:
  class Lane;

  Result<void> put(const std::vector<ports::DefinitionRow>& rows) override;
  Result<std::vector<ports::DefinitionRow>> all() override;

  Result<void> join(const SessionId& session, const std::string& name) override;
  Result<ports::Beat> beat(const SessionId& session, Duration lease) override;
  Result<void> leave(const SessionId& session) override;
  Result<Inheritance> inherit(const SessionId& heir, Duration lease, std::size_t limit) override;

  Result<std::vector<ports::DueTimer>> timers_before(Timestamp horizon,
                                                     const ports::ShardSet& shards,
                                                     std::size_t limit) override;
  Result<std::vector<ports::CallRow>> claim_calls(const SessionId& session,
                                                  const std::string& adapter,
                                                  Timestamp now,
                                                  std::size_t limit) override;
  Result<std::vector<ports::WaitingCalls>> waiting_calls() override;
  Result<std::vector<ports::BindingKey>> unclaimed(ports::Holding holding,
                                                   std::size_t limit) override;
  Result<std::size_t> expire_parked(Timestamp now, std::size_t limit) override;
  Result<std::vector<ports::TenantCount>> parked_by_tenant() override;

  Result<std::optional<ports::InstanceRow>> instance(const InstanceId& id) override;
  Result<std::vector<ports::InstanceRow>> instances(const ports::InstanceFilter& filter,
                                                    std::size_t limit) override;
  Result<std::vector<ports::HistoryRow>> history(const InstanceId& id,
                                                 std::uint32_t after_seq,
                                                 std::size_t limit) override;
  Result<std::vector<ports::CallRow>> calls(const ports::CallFilter& filter,
                                            std::size_t limit) override;
  Result<std::vector<ports::StateCount>> counts(const std::string& tenant) override;
  Result<std::uint64_t> parked_count() override;
  Result<void> ping() override;

  Result<std::vector<ports::TaskRow>> tasks(const ports::TaskFilter& filter,
                                            std::size_t limit) override;
  Result<std::vector<ports::TaskCount>> task_counts(const std::string& tenant,
                                                    Timestamp now) override;

  Timestamp now_locked() const;

  mutable std::mutex mutex_;
  Tables tables_;
  std::function<Timestamp()> clock_;
  Timestamp now_{};
  CommitFault next_commit_ = CommitFault::none;
  bool unavailable_ = false;
  std::uint64_t commits_ = 0;
};

}  // namespace vozex::simulated
