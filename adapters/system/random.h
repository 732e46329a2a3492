// SPDX-License-Identifier: Apache-2.0
//
// SystemRandom: bytes of the kernel's generator (getrandom), taken in blocks. Instance ids are
// UUIDs version 7 (RFC 9562): 48 bits of milliseconds, 12 bits of what is left of the millisecond,
// 62 random bits. Thread rule: any thread. Tests: tests/unit/system.
#pragma once

#include <array>
#include <mutex>

#include "engine/ports/clock.h"

namespace vozex::system {

class SystemRandom final : public ports::Random {
 public:
  std::uint64_t next() override;
  InstanceId new_instance_id(Timestamp now) override;

 private:
  std::mutex mutex_;  // guards what follows
  std::array<std::uint64_t, 64> block_{};
  std::size_t left_ = 0;
};

}  // namespace vozex::system
