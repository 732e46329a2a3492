// SPDX-License-Identifier: Apache-2.0
//
// One engine process without threads: the real LaneCores, CallCore, TimerHeap, Chores and Lease,
// moved by the agenda. What takes time in a real process (a load, a commit, a call) takes simulated
// time here; in between it may crash, freeze or lose an answer. Nothing of a process outlives its
// crash but what the store holds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/simulated/simulated_store.h"
#include "engine/runtime/call_core.h"
#include "engine/runtime/chores.h"
#include "engine/runtime/lane_core.h"
#include "engine/runtime/lease.h"
#include "engine/runtime/schedules.h"
#include "engine/runtime/timer_heap.h"
#include "tests/simulation/agenda.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/outside.h"

namespace vozex::simulation {

struct World {
  Agenda agenda;
  Dice dice;
  Faults faults;
  simulated::SimulatedStore store;
  Outside outside;
  runtime::DefinitionsRef definitions;
  Timestamp calm_from{};  // nothing goes wrong any more
  std::uint64_t crashes = 0;
  std::uint64_t freezes = 0;
  std::uint64_t unknown_commits = 0;
  std::vector<std::string> trace;  // of notes and faults, when `tracing`
  bool tracing = false;

  explicit World(std::uint64_t seed) : dice(seed), outside(agenda, dice, faults) {
    store.use_clock([this] { return agenda.now(); });
  }
  void note(const std::string& text);
};

class Process {
 public:
  Process(World& world, std::string name);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void boot();
  void crash();
  bool is_alive() const { return alive_; }
  // From outside; the answer may never come.
  void offer(runtime::Item item);
  SessionId session() const { return lease_.session(); }
  runtime::Publish::Counts counts() const { return counts_; }
  // Nothing queued, nothing under way.
  bool is_idle() const;

 private:
  struct Lane {
    std::unique_ptr<runtime::LaneCore> core;
    std::unique_ptr<ports::LaneStore> store;
    bool busy = false;       // a turn is on the agenda
    std::uint64_t wake = 0;  // counts wake-ups: an older one is void
  };

  // Later, if this process is still this process then; a frozen one does it when it wakes.
  void later(Duration delay, std::function<void()> act);
  bool maybe_crash();
  bool maybe_unavailable() { return world_.dice.chance(world_.faults.unavailable); }
  Timestamp now() const;
  Duration boot_time() const { return world_.agenda.now() - Timestamp{}; }

  void kick(std::size_t lane);
  void turn(std::size_t lane);
  void load(std::size_t lane, runtime::Needs needs);
  void commit(std::size_t lane, bool settle, const ports::CommitRequest& request);
  void publish(std::size_t lane, runtime::Publish published);
  void offer_all(std::vector<runtime::Item> items);

  void pump_calls();
  void withdraw(const std::vector<CallId>& calls);
  void doubt(std::vector<runtime::Item> items);
  void check_timers();
  void beat();
  void join();
  void do_chores();
  void do_chore(runtime::Chore chore);
  void start_scheduled();
  void claim_calls();

  World& world_;
  const std::string name_;
  bool alive_ = false;
  std::shared_ptr<bool> life_;  // what is on the agenda for a dead process is void
  Timestamp frozen_until_{};
  Duration skew_{0};
  runtime::Lease lease_;
  std::vector<Lane> lanes_;
  std::unique_ptr<runtime::CallCore> calls_;
  std::optional<Timestamp> calls_wake_;
  runtime::TimerHeap timers_;
  runtime::Chores chores_;
  runtime::Schedules schedules_;
  std::uint64_t timer_wake_ = 0;
  runtime::Publish::Counts counts_;
};

inline constexpr Duration k_lease{std::chrono::seconds{15}};
inline constexpr Duration k_beat{std::chrono::seconds{3}};

}  // namespace vozex::simulation
