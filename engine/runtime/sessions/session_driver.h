// SPDX-License-Identifier: Apache-2.0
//
// SessionDriver: this process's registration, its heartbeat thread, and the thread that does the
// chores; what these know about parked events answers the lanes. The beat has a thread of its own,
// so that nothing slow delays it.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/runtime/calls/call_driver.h"
#include "engine/runtime/items/host.h"
#include "engine/runtime/sessions/chores.h"
#include "engine/runtime/sessions/lease.h"
#include "engine/runtime/sessions/parked_counts.h"
#include "engine/runtime/timers/schedules.h"

namespace vozex::runtime {

class SessionDriver final : public Parking {
 public:
  struct Options {
    std::string name;
    Duration lease;
    Duration beat;
    std::uint64_t max_parked = 0;  // events that wait for their instances, for each tenant
  };
  SessionDriver(Host& host,
                const ports::Clock& clock,
                ports::Random& random,
                CallDriver& calls,
                Options options);
  ~SessionDriver() override { stop(); }

  // Joins; the threads follow with start().
  Result<void> join();
  void start();
  void stop();
  void leave();

  SessionId session() const;
  bool may_send() const;
  bool is_live() const;
  Timestamp now() const;

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
  void beat_loop();
  void beat();
  void chore_loop();
  void do_chore(Chore chore);
  bool inherit();
  bool claim_unclaimed(ports::Holding holding);
  bool ask_waiting_calls();
  void claim_calls();
  void heard(const ports::News& news, Timestamp sent);
  bool count_parked();
  void start_scheduled();
  void scheduled_ended(const ScheduledStart& start, const Error& error);
  void settle_withdrawn();
  void settle_doubts();
  void offer_later(Timestamp now);
  void warn(std::string text);

  Host& host_;
  const ports::Clock& clock_;
  ports::Random& random_;
  CallDriver& calls_;
  const Options options_;

  mutable std::mutex lease_mutex_;
  Lease lease_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  Chores chores_;
  Schedules schedules_;
  ParkedCounts parked_;
  std::vector<CallId> withdrawn_;
  std::vector<Item> doubts_;
  std::multimap<Timestamp, Item> later_;
  bool stopping_ = false;
  std::thread beat_thread_;
  std::thread chore_thread_;
};

}  // namespace vozex::runtime
