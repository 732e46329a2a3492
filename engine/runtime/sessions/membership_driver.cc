// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/sessions/membership_driver.h"

#include <utility>

namespace vozex::runtime {

MembershipDriver::MembershipDriver(Host& host,
                                   const ports::Clock& clock,
                                   ports::Random& random,
                                   Options options)
    : host_(host),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      lease_(options_.lease) {}

// Joined is who has been told the database's time, too: the wall clock may say anything.
Result<void> MembershipDriver::join() {
  const SessionId session{random_.new_instance_id(clock_.now()).bytes};
  const Duration before = clock_.boot();
  if (auto joined = host_.store().sessions().join(session, options_.name); !joined) return joined;
  const auto beaten = host_.store().sessions().beat(session, options_.lease);
  if (!beaten) return Failure(beaten.error());
  {
    const std::lock_guard lock(mutex_);
    lease_.joined(session, before);
    lease_.confirmed(before, clock_.boot(), beaten->now);
  }
  if (beaten->news) host_.heard(*beaten->news, beaten->now);
  return {};
}

void MembershipDriver::start() {
  thread_ = std::thread([this] { beat_loop(); });
}

void MembershipDriver::stop() {
  {
    const std::lock_guard lock(stop_mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void MembershipDriver::leave() {
  const SessionId own = session();
  {
    const std::lock_guard lock(mutex_);
    if (!lease_.is_live()) return;
    lease_.lost();
  }
  if (auto left = host_.store().sessions().leave(own); !left) {
    warn("leaving the session failed, its lease will run out: " + left.error().message);
  }
}

SessionId MembershipDriver::session() const {
  const std::lock_guard lock(mutex_);
  return lease_.session();
}

bool MembershipDriver::may_send() const {
  const std::lock_guard lock(mutex_);
  return lease_.may_send(clock_.boot());
}

Timestamp MembershipDriver::now() const {
  const std::lock_guard lock(mutex_);
  return lease_.database_time(clock_.boot(), clock_.now());
}

void MembershipDriver::beat_loop() {
  std::unique_lock lock(stop_mutex_);
  while (!stopping_) {
    stop_.wait_for(lock, options_.beat, [this] { return stopping_; });
    if (stopping_) return;
    lock.unlock();
    beat();
    lock.lock();
  }
}

void MembershipDriver::beat() {
  const SessionId own = session();
  const Duration boot = clock_.boot();
  const Timestamp sent = now();
  const auto beaten = host_.store().sessions().beat(own, options_.lease);
  if (beaten) {
    bool was_late = false;
    {
      const std::lock_guard lock(mutex_);
      was_late = !lease_.may_send(clock_.boot());
      lease_.confirmed(boot, clock_.boot(), beaten->now);
    }
    if (was_late) host_.may_send_again();
    if (beaten->news) host_.heard(*beaten->news, sent);
    return;
  }
  if (beaten.error().kind != ErrorClass::not_found) {
    warn("the heartbeat failed: " + beaten.error().message);
    return;
  }
  warn("the session is dead: joining anew");
  {
    const std::lock_guard lock(mutex_);
    lease_.lost();
  }
  host_.session_lost();
  if (!join()) return;  // the next beat finds it dead again
  host_.session_renewed();
}

void MembershipDriver::warn(std::string text) {
  LogNote note;
  note.level = LogNote::Level::warning;
  note.text = std::move(text);
  host_.log(note);
}

}  // namespace vozex::runtime
