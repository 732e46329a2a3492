// SPDX-License-Identifier: Apache-2.0
//
// TimedTown: a town whose servers, and whose database, live in a time that the test sets: weeks
// pass between two starts of a server, or from one moment to the next. Thread rule: one thread.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/api/private_server.h"
#include "tests/api/shifted_time.h"
#include "tests/api/town.h"

namespace vozex::api_test {

class TimedTown : public ::testing::TestWithParam<Kind> {
 protected:
  struct World {
    std::string begins;                                           // RFC 3339
    std::vector<std::pair<std::string, std::string>> files = {};  // names and texts of workflows
    std::string config = {};       // more lines of the configuration file
    std::string lease = "1500ms";  // of a server's session
    std::size_t servers = 1;
  };
  void SetUp() override;
  void TearDown() override;

  void open(const World& world);
  // Nothing ends; the next moment is this one.
  void jump_to(const std::string& moment) { time_->set(moment); }
  // The server ends, time passes, it starts again.
  void pass_to(const std::string& moment, int signal = SIGTERM);
  void start(const std::string& workflow, const json& input);

  // The order counts: programs end before their time does.
  TemporaryFolder folder_;  // of the configuration file
  std::unique_ptr<ShiftedTime> time_;
  std::unique_ptr<PrivateServer> database_;  // PostgreSQL's
  std::unique_ptr<Town> town_;
};

}  // namespace vozex::api_test
