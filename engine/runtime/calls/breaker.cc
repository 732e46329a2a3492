// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/calls/breaker.h"

#include <algorithm>

#include "engine/base/planted.h"

namespace vozex::runtime {
namespace {

bool is_silence(const ports::CallReply& reply) {
  if (reply) return false;
  const std::string& code = reply.error().code;
  return code == "unavailable" || code == "timeout" || code == "rate_limited";
}

}  // namespace

const char* to_string(BreakerState state) {
  switch (state) {
    case BreakerState::closed: return "closed";
    case BreakerState::half_open: return "half_open";
    case BreakerState::open: return "open";
  }
  return "closed";
}

bool Breaker::note(const ports::CallReply& reply, Timestamp now) {
  if (!is_silence(reply)) {
    *this = {};
    return true;
  }
  if (++failures_ < k_breaker_failures) return false;
  // Those that were under way when it opened say nothing new.
  if (state(now) == BreakerState::open) return false;
  if (open_until_) pause_ = std::min(pause_ * 2, k_breaker_max_pause);
  const Duration asked = reply.error().retry_after.value_or(Duration{0});
  open_until_ = now + std::clamp(asked, pause_, k_breaker_max_pause);
  if (VOZEX_PLANTED(breaker_never_closes)) open_until_ = Timestamp::max();
  return false;
}

BreakerState Breaker::state(Timestamp now) const {
  if (!open_until_) return BreakerState::closed;
  return now < *open_until_ ? BreakerState::open : BreakerState::half_open;
}

}  // namespace vozex::runtime
