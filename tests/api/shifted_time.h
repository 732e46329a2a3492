// SPDX-License-Identifier: Apache-2.0
//
// ShiftedTime: a wall clock of a test's own, for each program that it starts while this lives: the
// server, and a database too. Weeks pass between two starts of a server, and a change of the clocks
// is a second away. Works through the environment, so one at a time. Thread rule: one thread.
#pragma once

#include <chrono>
#include <string>

#include "tests/api/process.h"

namespace vozex::api_test {

class ShiftedTime {
 public:
  // False in builds that a library can't be loaded before: sanitizers.
  static bool is_possible(std::string& why);

  ShiftedTime();
  ~ShiftedTime();
  ShiftedTime(const ShiftedTime&) = delete;
  ShiftedTime& operator=(const ShiftedTime&) = delete;

  // Now it is `moment` (RFC 3339) for all of them, those that run included. The clock goes on.
  void set(const std::string& moment);
  // Now it is so much later than it really is; may be negative.
  void set_ahead(std::chrono::seconds by);

 private:
  TemporaryFolder folder_;
};

}  // namespace vozex::api_test
