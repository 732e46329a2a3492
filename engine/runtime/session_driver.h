// SPDX-License-Identifier: Apache-2.0
//
// SessionDriver: this process's registration, its heartbeat thread, and the thread that does the
// chores. The beat has a thread of its own, so that nothing slow delays it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/ports/clock.h"
#include "engine/runtime/call_driver.h"
#include "engine/runtime/chores.h"
#include "engine/runtime/host.h"
#include "engine/runtime/lease.h"
#include "engine/runtime/schedules.h"

namespace vozex::runtime {

class SessionDriver {
 public:
  struct Options {
    std::string name;
    Duration lease;
    Duration beat;
  };
  SessionDriver(Host& host,
                const ports::Clock& clock,
                ports::Random& random,
                CallDriver& calls,
                Options options);
  ~SessionDriver() { stop(); }

  // Joins; the threads follow with start().
  Result<void> join();
  void start();
  void stop();
  void leave();

  SessionId session() const;
  bool may_send() const;
  bool is_live() const;
  Timestamp now() const;

  void calls_wait(std::optional<Timestamp> at);
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
  bool claim_unclaimed();
  bool claim_calls(bool& more);
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
  std::vector<CallId> withdrawn_;
  std::vector<Item> doubts_;
  std::vector<std::pair<Timestamp, Item>> later_;
  bool stopping_ = false;
  std::thread beat_thread_;
  std::thread chore_thread_;
};

}  // namespace vozex::runtime
