// SPDX-License-Identifier: Apache-2.0
//
// One engine process without threads: the real LaneCores, CallCore, TimerHeap, Chores, Schedules,
// ParkedCounts and Lease, moved by the agenda. What takes time in a real process (a load, a commit,
// a call) takes simulated time here; in between it may crash, freeze or lose an answer. Nothing of
// a process outlives its crash but what the database holds and what is on the wire. Files:
// process.cc (life and lanes), process_calls.cc (calls, timers), process_chores.cc (session and
// chores), process_batches.cc (batches of ops).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/calls/call_core.h"
#include "engine/runtime/lanes/lane_core.h"
#include "engine/runtime/ops/bulk_core.h"
#include "engine/runtime/sessions/chores.h"
#include "engine/runtime/sessions/lease.h"
#include "engine/runtime/sessions/parked_counts.h"
#include "engine/runtime/timers/schedules.h"
#include "engine/runtime/timers/timer_heap.h"
#include "tests/simulation/world.h"

namespace vozex::simulation {

inline constexpr Duration k_lease{std::chrono::seconds{15}};
inline constexpr Duration k_beat{std::chrono::seconds{3}};
// How long an early event waits.
inline constexpr Duration k_park_for{std::chrono::minutes{45}};

class Process final : private runtime::Parking, private runtime::BulkHands {
 public:
  Process(World& world, std::string name);
  ~Process() override;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void boot();
  void crash();
  // Stands still, as if it was stopped; what reaches it meanwhile waits.
  void freeze(Duration length);
  // The wall clock is wrong by so much from now on.
  void set_wall_clock(Duration skew);
  bool is_alive() const { return alive_; }
  // From outside; the answer may never come.
  void offer(runtime::Item item);
  runtime::Publish::Counts counts() const { return counts_; }
  // Nothing queued, nothing under way.
  bool is_idle() const;

 private:
  struct Lane {
    std::unique_ptr<runtime::LaneCore> core;
    std::shared_ptr<Database::Connection> connection;
    std::uint64_t requests = 0;
    std::shared_ptr<std::uint64_t> settled;  // by this request: one sent before it is void
    bool busy = false;                       // a turn is on the agenda
    std::uint64_t wake = 0;                  // counts wake-ups: an older one is void
  };

  // Later, if this process is still this process then; a frozen one does it when it wakes.
  void later(Duration delay, std::function<void()> act);
  void or_later(const std::function<void()>& act);
  bool maybe_crash();
  bool maybe_unavailable() { return world_.dice.chance(world_.faults.unavailable); }
  Duration on_the_way();
  void deliver(std::size_t lane,
               Duration delay,
               bool settle,
               bool answered,
               std::shared_ptr<ports::CommitRequest> request);
  void note(std::string_view text) { world_.note(name_, text); }
  Timestamp wall() const { return world_.agenda.now() + skew_; }
  Duration boot_time() const;
  Timestamp now() const;

  void kick(std::size_t lane);
  void turn(std::size_t lane);
  void load(std::size_t lane, runtime::Needs needs);
  void commit(std::size_t lane, bool settle, std::shared_ptr<ports::CommitRequest> request);
  void answer_commit(std::size_t lane, Duration delay, Result<ports::CommitReply> reply);
  void publish(std::size_t lane, runtime::Publish published);
  void offer_all(std::vector<runtime::Item> items);
  void put_off(runtime::Item item);

  void pump_calls();
  void send_decided(const ports::CommitRequest& request);
  void withdraw(const std::vector<CallId>& calls);
  void doubt(std::vector<runtime::Item> items);
  void check_timers();
  void beat();
  bool join();
  void do_chores();
  void do_chore(runtime::Chore chore);
  void inherit();
  void hear(const ports::News& news, Timestamp sent);
  void share(std::vector<SessionId> living);
  void start_scheduled();
  void claim_calls();
  bool admit(const std::string& tenant) override;

  void boot_batches();
  void run_batches();
  runtime::Done<runtime::EventAnswer> answer_to(std::uint64_t ticket);
  void operate(std::uint64_t ticket, runtime::OpsOrder order) override;
  void retry_call(std::uint64_t ticket,
                  const ports::CallRow& call,
                  runtime::Engine::RetryCall order) override;

  World& world_;
  const std::string name_;
  bool alive_ = false;
  std::shared_ptr<bool> life_;  // what is on the agenda for a dead process is void
  Timestamp frozen_until_{};
  Duration frozen_for_{0};  // all in all
  Duration skew_{0};
  Duration wall_offset_{0};
  runtime::DefinitionsRef definitions_;
  runtime::Lease lease_;
  std::vector<Lane> lanes_;
  std::unique_ptr<runtime::CallCore> calls_;
  std::optional<Timestamp> calls_wake_;
  runtime::TimerHeap timers_;
  runtime::Chores chores_;
  runtime::Schedules schedules_;
  runtime::ParkedCounts parked_;
  std::vector<SessionId> sharing_;  // with whom the timers were shared last
  std::uint64_t timer_wake_ = 0;
  std::unique_ptr<ports::BatchStore> batches_;
  std::unique_ptr<runtime::BulkCore> bulk_;
  bool bulk_looks_ = false;
  std::uint64_t bulk_wake_ = 0;
  runtime::Publish::Counts counts_;
};

}  // namespace vozex::simulation
