// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/telemetry.h"

#include <algorithm>

namespace vozex::payments {

void Timing::add(Duration took) {
  const double seconds = std::max(0.0, std::chrono::duration<double>(took).count());
  std::size_t at = 0;
  while (at < k_bounds.size() && seconds > k_bounds[at]) ++at;
  ++counts[at];
  sum += seconds;
}

Telemetry::Telemetry(const std::vector<std::string>& gateways) {
  for (const auto& name : gateways) by_gateway_[name];
}

void Telemetry::called(std::string_view gateway,
                       const std::string& operation,
                       const std::string& outcome,
                       Duration took) {
  const std::lock_guard lock(mutex_);
  const auto found = by_gateway_.find(gateway);
  if (found == by_gateway_.end()) return;
  ++found->second.calls[{operation, outcome}];
  found->second.call_seconds.add(took);
}

void Telemetry::heard(std::string_view gateway, const std::string& type, Duration lag) {
  const std::lock_guard lock(mutex_);
  const auto found = by_gateway_.find(gateway);
  if (found == by_gateway_.end()) return;
  ++found->second.webhooks[type];
  found->second.webhook_lag.add(lag);
}

void Telemetry::refused(std::string_view gateway, const std::string& code) {
  const std::lock_guard lock(mutex_);
  const auto found = by_gateway_.find(gateway);
  if (found != by_gateway_.end()) ++found->second.refused[code];
}

bool Telemetry::mismatched(std::string_view gateway, std::string_view kind) {
  const std::lock_guard lock(mutex_);
  const auto found = by_gateway_.find(gateway);
  if (found == by_gateway_.end()) return false;
  const auto counter = found->second.mismatches.find(std::string(kind));
  if (counter == found->second.mismatches.end()) return false;
  ++counter->second;
  return true;
}

std::map<std::string, GatewayCounts> Telemetry::counts() const {
  const std::lock_guard lock(mutex_);
  return {by_gateway_.begin(), by_gateway_.end()};
}

}  // namespace vozex::payments
