// SPDX-License-Identifier: Apache-2.0
//
// MembershipDriver: this process's registration among those of the database: its lease, and the
// heartbeat that keeps it. The beat has a thread of its own, so that nothing slow delays it; what
// it hears is told to the host on that thread (and by join() on its caller's). Thread rule: any
// thread. Tests: tests/unit/runtime, tests/simulation.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "engine/ports/clock.h"
#include "engine/runtime/items/host.h"
#include "engine/runtime/sessions/lease.h"

namespace vozex::runtime {

class MembershipDriver {
 public:
  struct Options {
    std::string name;
    Duration lease;
    Duration beat;
  };
  MembershipDriver(Host& host, const ports::Clock& clock, ports::Random& random, Options options);
  ~MembershipDriver() { stop(); }
  MembershipDriver(const MembershipDriver&) = delete;
  MembershipDriver& operator=(const MembershipDriver&) = delete;

  // Joins; the heartbeat follows with start().
  Result<void> join();
  void start();
  void stop();
  // Others need not wait until the lease runs out.
  void leave();

  SessionId session() const;  // nil between a session that died and the next
  bool may_send() const;
  Timestamp now() const;  // the database's clock, as far as is known

 private:
  void beat_loop();
  void beat();
  void warn(std::string text);

  Host& host_;
  const ports::Clock& clock_;
  ports::Random& random_;
  const Options options_;

  mutable std::mutex mutex_;
  Lease lease_;

  std::mutex stop_mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vozex::runtime
