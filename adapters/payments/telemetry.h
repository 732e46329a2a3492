// SPDX-License-Identifier: Apache-2.0
//
// Telemetry: what each gateway was asked and what it told us, counted for metrics. Names come from
// our own code (operations, error codes, event types), so the number of series is bounded; never a
// reference, an amount or a secret. Counts are of this process. Thread rule: any thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/time.h"

namespace vozex::payments {

// How long something took: how many took at most so many seconds, and the sum.
struct Timing {
  static constexpr std::array k_bounds = {
      0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0, 600.0, 3600.0};
  std::array<std::uint64_t, k_bounds.size() + 1> counts{};
  double sum = 0;

  void add(Duration took);
};

struct GatewayCounts {
  using ByTwo = std::map<std::pair<std::string, std::string>, std::uint64_t>;
  ByTwo calls;  // by operation and outcome ("ok", an error's code)
  Timing call_seconds;
  std::map<std::string, std::uint64_t> webhooks;  // taken, by type
  std::map<std::string, std::uint64_t> refused;   // webhooks, by error code
  // Payments that lifecycles sent to people, by what was wrong; each that there is, from 0.
  std::map<std::string, std::uint64_t> mismatches = {{"amount", 0}, {"currency", 0}};
  Timing webhook_lag;  // from what happened to its arrival here
};

class Telemetry {
 public:
  explicit Telemetry(const std::vector<std::string>& gateways);

  void called(std::string_view gateway,
              const std::string& operation,
              const std::string& outcome,
              Duration took);
  void heard(std::string_view gateway, const std::string& type, Duration lag);
  void refused(std::string_view gateway, const std::string& code);
  // False, and not counted, where `kind` is none of those above.
  bool mismatched(std::string_view gateway, std::string_view kind);

  std::map<std::string, GatewayCounts> counts() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, GatewayCounts, std::less<>> by_gateway_;
};

}  // namespace vozex::payments
