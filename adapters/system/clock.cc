// SPDX-License-Identifier: Apache-2.0
#include "adapters/system/clock.h"

#include <ctime>

#include "engine/base/assert.h"

namespace vozex::system {
namespace {

Duration read(clockid_t clock) {
  timespec at{};
  VOZEX_ASSERT(::clock_gettime(clock, &at) == 0);
  return std::chrono::seconds(at.tv_sec) +
         std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(at.tv_nsec));
}

}  // namespace

Timestamp SystemClock::now() const { return Timestamp(read(CLOCK_REALTIME)); }

Duration SystemClock::boot() const { return read(CLOCK_BOOTTIME); }

}  // namespace vozex::system
