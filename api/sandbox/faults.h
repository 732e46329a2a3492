// SPDX-License-Identifier: Apache-2.0
//
// Faults: what the sandbox is told to do wrong, and how often. The first rule that fits a request
// is used up by it. Thread rule: one thread.
#pragma once

#include <optional>
#include <string>
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
  down,
  wrong_amount,
  wrong_currency,
  pending_refund,
  failed_refund,
  lost_webhook,
  held_webhook,
  late_webhook,
  repeated_webhook,
};

// What a fault may fit. Empty members are not there.
struct Subject {
  std::string gateway;
  std::string method;
  std::string path;  // a rule's path is a prefix of it
  std::string type;  // of a webhook
  nlohmann::json metadata;
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

  // The next fault for a request: error ... down.
  std::optional<Fault> take_for_request(const Subject& subject);
  // A fault of one kind.
  std::optional<Fault> take(FaultKind kind, const Subject& subject);

 private:
  std::optional<Fault> use(std::size_t at);

  std::vector<Fault> faults_;
};

}  // namespace vozex::sandbox
