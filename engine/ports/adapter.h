// SPDX-License-Identifier: Apache-2.0
//
// Adapter: one outside system that lifecycles call (`call: payments.create_checkout`). What its
// operations take, return and promise is declared in YAML (`adapter:` files); this is how the
// engine runs them. A call reaches an adapter only after the commit that decided it, at least once,
// with an idempotency key that is the same in every attempt. Thread rule: `call` blocks and is
// called from several worker threads at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/types/value.h"

namespace vozex::ports {

struct CallRequest {
  CallId id;
  std::uint16_t attempt = 1;  // counts from 1
  std::string operation;      // without the adapter's name: "create_checkout"
  types::Value input;         // fits the operation's declared input
  std::string idempotency_key;
  Duration timeout{std::chrono::seconds{20}};  // of this attempt; the adapter must return by then
  // Who asks: for logs, and for what is declared in a version of a workflow.
  std::string tenant;
  std::string workflow;
  std::uint32_t version = 0;  // 0: not known
  std::string instance_key;
};

// How a call failed. `code` is one the operation declares, or one of: timeout, unavailable,
// rate_limited, bad_reply, refused, invalid_input, outcome_unknown, not_configured, internal.
struct CallError {
  std::string code;
  std::string message;           // for people; no secrets
  bool retryable = false;        // the same request may succeed later
  bool outcome_unknown = false;  // it may have been done: never repeated blindly
  std::optional<Duration> retry_after;
  types::Value details;  // null or a map
};

using CallReply = tl::expected<types::Value, CallError>;

class Adapter {
 public:
  virtual ~Adapter() = default;
  // The name under `adapter:` in its YAML file.
  virtual std::string_view name() const = 0;
  virtual CallReply call(const CallRequest& request) = 0;
};

// The answer of an `ask` operation is an ordinary result {outcome: happened|not_happened|unclear,
// result?}. It is called with the input of the original call.

// Resolves secrets by name at the moment of use. Never log, store or return what it gives.
class Secrets {
 public:
  virtual ~Secrets() = default;
  // nullopt when there is no such secret.
  virtual std::optional<std::string> get(std::string_view name) const = 0;
};

}  // namespace vozex::ports
