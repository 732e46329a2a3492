// SPDX-License-Identifier: Apache-2.0
//
// Reading a gateway's part of the configuration: base URL, references to secrets, lists. Thread
// rule: pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/types/value.h"

namespace vozex::payments {

// The test side of a gateway and the live one don't mix: a test event in a live system is refused.
enum class Environment : std::uint8_t { unknown = 0, test = 1, live = 2 };

class Settings {
 public:
  // `gateway` names it in messages. Both must outlive this.
  Settings(std::string_view gateway, const types::Value& config)
      : gateway_(gateway), config_(config) {}

  // Each leaves `into` as it is when the member is absent or empty.
  void text(std::string_view name, std::string& into) const;
  Result<void> texts(std::string_view name, std::vector<std::string>& into) const;
  // Without slashes at its end. Error config_invalid: no http or https URL.
  Result<void> url(std::string_view name, std::string& into) const;
  // "test" (or "sandbox") or "live".
  Result<void> environment(std::string_view name, Environment& into) const;

 private:
  Failure wrong(std::string_view name, std::string_view expected) const;

  std::string_view gateway_;
  const types::Value& config_;
};

}  // namespace vozex::payments
