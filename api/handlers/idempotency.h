// SPDX-License-Identifier: Apache-2.0
//
// Idempotency-Key: the same key of the same caller is under way once at a time (409), stands for
// one request (the engine compares the fingerprint: 422), and is answered again from the first
// answer's mark. What is under way is known to this process only: two processes that get the same
// key at once are told apart by the commit. Thread rule: any thread.
#pragma once

#include <mutex>
#include <set>
#include <string>

#include "api/http/message.h"

namespace vozex::handlers {

class InFlight {
 public:
  // False when it is under way.
  bool begin(const std::string& key);
  void end(const std::string& key);

 private:
  std::mutex mutex_;  // guards keys_
  std::set<std::string> keys_;
};

// Of path and body; "" without a key.
std::string fingerprint_of(const http::Request& request);

// A handler that refuses a key that is under way. `in_flight` null: no check.
http::Handler once_at_a_time(InFlight* in_flight, http::Handler handler);

}  // namespace vozex::handlers
