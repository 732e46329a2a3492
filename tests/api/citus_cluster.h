// SPDX-License-Identifier: Apache-2.0
//
// CitusCluster: a coordinator and two workers of a test's own, on one machine, with the tables of
// this program spread over them. Gone with this object. Thread rule: one thread.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "tests/api/private_server.h"

namespace vozex::api_test {

// Whether the programs of PostgreSQL have the extension: those of VOZEX_TEST_CITUS_PROGRAMS ("..."/
// with a slash at its end); `why` says what is missing.
bool has_citus_programs(std::string& why);

class CitusCluster {
 public:
  CitusCluster();

  // Of the coordinator, as a user who is no superuser and owns the database.
  std::string url() { return coordinator_->url(); }
  PrivateServer& coordinator() { return *coordinator_; }
  PrivateServer& worker(std::size_t number) { return *workers_.at(number); }

 private:
  std::unique_ptr<PrivateServer> coordinator_;
  std::array<std::unique_ptr<PrivateServer>, 2> workers_;
};

}  // namespace vozex::api_test
