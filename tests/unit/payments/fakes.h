// SPDX-License-Identifier: Apache-2.0
//
// What gateways are built from, for tests: a clock that stands still and secrets from a map.
#pragma once

#include <map>
#include <string>

#include "adapters/http/http_client.h"
#include "adapters/payments/gateway.h"

namespace vozex::payments {

class StillClock final : public ports::Clock {
 public:
  explicit StillClock(Timestamp at) : now_(at) {}
  Timestamp now() const override { return now_; }
  Duration boot() const override { return std::chrono::hours{1}; }

 private:
  Timestamp now_;
};

class MapSecrets final : public ports::Secrets {
 public:
  explicit MapSecrets(std::map<std::string, std::string, std::less<>> secrets)
      : secrets_(std::move(secrets)) {}
  std::optional<std::string> get(std::string_view name) const override {
    const auto found = secrets_.find(name);
    return found == secrets_.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::map<std::string, std::string, std::less<>> secrets_;
};

}  // namespace vozex::payments
