// SPDX-License-Identifier: Apache-2.0
//
// TimerLag: how late timers were, from when they were due to when what they did was committed and
// published. A histogram with fixed bounds, so that it costs an addition a timer. Values only.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/base/time.h"

namespace vozex::runtime {

struct TimerLag {
  // Upper bounds of the buckets, in seconds; one more bucket for all beyond.
  static constexpr std::array<double, 14> k_bounds = {
      0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60};

  std::array<std::uint64_t, k_bounds.size() + 1> counts{};
  double sum = 0;  // seconds

  void note(Duration late) {
    const double seconds = std::chrono::duration<double>(std::max(late, Duration{0})).count();
    const auto bound = std::lower_bound(k_bounds.begin(), k_bounds.end(), seconds);
    ++counts[static_cast<std::size_t>(bound - k_bounds.begin())];
    sum += seconds;
  }
};

}  // namespace vozex::runtime
