// SPDX-License-Identifier: Apache-2.0
//
// Lease: may this process still act for its session? Others judge it by the database's clock; it
// judges itself by the boot clock, from before the last confirmed beat was sent, and stops at half
// of the lease. Also the estimate of the database's clock. Values only; the driver locks.
#pragma once

#include <optional>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace vozex::runtime {

class Lease {
 public:
  explicit Lease(Duration length) : length_(length) {}

  void joined(const SessionId& session, Duration boot_before) {
    session_ = session;
    confirmed_ = boot_before;
    live_ = true;
  }
  // A beat that was sent at `boot_before` (and wall clock `wall_before`) was answered with the
  // database's time.
  void confirmed(Duration boot_before,
                 Timestamp wall_before,
                 Timestamp wall_after,
                 Timestamp database) {
    confirmed_ = boot_before;
    offset_ = database - (wall_before + (wall_after - wall_before) / 2);
  }
  // Until the next one is joined there is no session: nothing is leased to it, nothing goes out for
  // it.
  void lost() {
    live_ = false;
    session_ = {};
  }

  const SessionId& session() const { return session_; }
  bool is_live() const { return live_; }
  bool may_send(Duration boot_now) const { return live_ && boot_now - confirmed_ < length_ / 2; }
  // The database's clock, as far as is known.
  Timestamp database_time(Timestamp wall) const { return wall + offset_; }

 private:
  Duration length_;
  SessionId session_;
  Duration confirmed_{0};
  Duration offset_{0};
  bool live_ = false;
};

}  // namespace vozex::runtime
