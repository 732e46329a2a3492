// SPDX-License-Identifier: Apache-2.0
//
// Faults: what the sandbox is told to do wrong, and how often. The first rule that fits a request
// is used up by it. Thread rule: one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace vozex::sandbox {

enum class FaultKind {
  error,
  error_after_work,
  timeout,
  timeout_after_work,
  rate_limited,
  reset,
  reset_after_work,
  wrong_amount,
  wrong_currency,
  lost_webhook,
};

struct Fault {
  FaultKind kind = FaultKind::error;
  nlohmann::json rule;  // as it was posted
  int left = 1;
};

class Faults {
 public:
  // The fault as posted, or what is wrong with it.
  std::optional<std::string> add(const nlohmann::json& rule);
  void clear() { faults_.clear(); }
  nlohmann::json list() const;

  // Of the gateway's interface: the next fault for a request (not the wrong_* and lost_webhook
  // ones).
  std::optional<Fault> take_for_request(std::string_view method,
                                        std::string_view path,
                                        const nlohmann::json& metadata);
  // A fault of one kind for an object with this metadata.
  std::optional<Fault> take(FaultKind kind, const nlohmann::json& metadata);

 private:
  std::optional<Fault> use(std::size_t at);

  std::vector<Fault> faults_;
};

}  // namespace vozex::sandbox
