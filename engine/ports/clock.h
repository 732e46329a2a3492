// SPDX-License-Identifier: Apache-2.0
//
// The clocks and the dice that the engine sees. Three clocks, because they fail differently: wall
// time (may jump), boot time (monotonic, counts while suspended: judges leases), and the database's
// time (partitions, heartbeats; part of the Store). The simulation implements all of them; nothing
// else in the engine may ask.
#pragma once

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace vozex::ports {

class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since 1970 UTC.
  virtual Timestamp now() const = 0;
  // Since boot; never goes back.
  virtual Duration boot() const = 0;
};

// Cryptographically secure in production; seeded in simulation. Thread rule: may be called by any
// thread.
class Random {
 public:
  virtual ~Random() = default;
  virtual std::uint64_t next() = 0;
  // Time-ordered UUID (version 7) for a new instance.
  virtual InstanceId new_instance_id(Timestamp now) = 0;
};

}  // namespace vozex::ports
