// SPDX-License-Identifier: Apache-2.0
//
// SystemClock: CLOCK_REALTIME, and CLOCK_BOOTTIME, which goes on while the machine is suspended.
// Thread rule: any thread. Tests: tests/unit/system.
#pragma once

#include "engine/ports/clock.h"

namespace vozex::system {

class SystemClock final : public ports::Clock {
 public:
  Timestamp now() const override;
  Duration boot() const override;
};

}  // namespace vozex::system
