// SPDX-License-Identifier: Apache-2.0
//
// Breaker: the circuit breaker of one adapter (M. Nygard, Release It!). Closed: calls go. After
// k_breaker_failures answers in a row that say nothing came through, it is open: no call goes out,
// and none is claimed from the store. When the pause is over it is half open: one call is the
// trial. An answer closes it, another silence opens it for twice as long. Values only; times come
// in. Tests: tests/unit/runtime.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"
#include "engine/ports/adapter.h"

namespace vozex::runtime {

// Failures in a row to answer at all, after which an adapter is left alone for a while.
inline constexpr int k_breaker_failures = 10;
// The first pause, doubled with each trial that fails. What the other side asks for counts, too.
inline constexpr Duration k_breaker_pause{std::chrono::seconds{5}};
inline constexpr Duration k_breaker_max_pause{std::chrono::seconds{60}};

// Shown in metrics as its number.
enum class BreakerState : std::uint8_t { closed = 0, half_open = 1, open = 2 };
const char* to_string(BreakerState state);

class Breaker {
 public:
  // What an attempt that has ended says about the adapter. Errors of the call itself (declined,
  // invalid input) are answers: whether it was one.
  bool note(const ports::CallReply& reply, Timestamp now);

  BreakerState state(Timestamp now) const;
  // When an open breaker is half open; none while it is closed.
  std::optional<Timestamp> open_until() const { return open_until_; }

 private:
  int failures_ = 0;
  Duration pause_ = k_breaker_pause;
  std::optional<Timestamp> open_until_;
};

}  // namespace vozex::runtime
