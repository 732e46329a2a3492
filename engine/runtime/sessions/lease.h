// SPDX-License-Identifier: Apache-2.0
//
// Lease: may this process still act for its session? Others judge it by the database's clock; it
// judges itself by the boot clock, from before the last confirmed beat was sent, and stops at half
// of the lease. Also the estimate of the database's clock, which goes on with the boot clock: the
// wall clock may be set to anything meanwhile. Values only; the driver locks. Tests:
// tests/unit/runtime, tests/simulation.
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
  // A beat that was sent at `boot_before` and answered at `boot_after` told the database's time.
  void confirmed(Duration boot_before, Duration boot_after, Timestamp database) {
    confirmed_ = boot_before;
    begin_ = database - (boot_before + (boot_after - boot_before) / 2);
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
  // The database's clock, as far as is known: before the first answer, what the wall clock says.
  Timestamp database_time(Duration boot_now, Timestamp wall) const {
    return begin_ ? *begin_ + boot_now : wall;
  }

 private:
  Duration length_;
  SessionId session_;
  Duration confirmed_{0};
  std::optional<Timestamp> begin_;  // the database's time when the boot clock began
  bool live_ = false;
};

}  // namespace vozex::runtime
