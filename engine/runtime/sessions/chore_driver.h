// SPDX-License-Identifier: Apache-2.0
//
// ChoreDriver: the thread that does the chores of a living session (what dead ones left, calls that
// wait in the store, early events, schedules, what can't be done now), and what it knows of parked
// events, which answers the lanes. Thread rule: any thread. Tests: tests/unit/runtime,
// tests/simulation.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/runtime/calls/call_driver.h"
#include "engine/runtime/items/host.h"
#include "engine/runtime/sessions/chores.h"
#include "engine/runtime/sessions/later.h"
#include "engine/runtime/sessions/parked_counts.h"
#include "engine/runtime/timers/schedules.h"

namespace vozex::runtime {

class ChoreDriver final : public Parking {
 public:
  struct Options {
    Duration lease{0};             // of what is taken over
    std::uint64_t max_parked = 0;  // events that wait for their instances, for each tenant
  };
  ChoreDriver(Host& host, CallDriver& calls, Options options);
  ~ChoreDriver() override { stop(); }

  void start();
  void stop();
  // A new session: everything at once.
  void restart();
  // What a heartbeat heard that was sent at `sent`. True when others share the work now.
  bool heard(const ports::News& news, Timestamp sent);

  bool admit(const std::string& tenant) override;
  // Calls were put into the store.
  void calls_wait();
  // Definitions have changed: their schedules count at once.
  void look_for_schedules();
  void look_for_withdrawn(std::vector<CallId> calls);
  void doubt(std::vector<Item> ends);
  // Offered again after a while.
  void later(std::vector<Item> items);

 private:
  void chore_loop();
  void do_chore(Chore chore);
  bool inherit();
  bool claim_unclaimed(ports::Holding holding);
  bool ask_waiting_calls();
  void claim_calls();
  bool count_parked();
  void start_scheduled();
  void scheduled_ended(const ScheduledStart& start, const Error& error);
  void settle_withdrawn();
  void settle_doubts();
  void offer_later(Timestamp now);
  void warn(std::string text);

  Host& host_;
  CallDriver& calls_;
  const Options options_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  Chores chores_;
  Schedules schedules_;
  ParkedCounts parked_;
  std::vector<CallId> withdrawn_;
  std::vector<Item> doubts_;
  Later later_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vozex::runtime
