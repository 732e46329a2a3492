// SPDX-License-Identifier: Apache-2.0
#include "tests/api/citus_cluster.h"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/api/process.h"

namespace vozex::api_test {
namespace {

constexpr const char* k_database = "shop";

std::string programs() {
  const char* given = std::getenv("VOZEX_TEST_CITUS_PROGRAMS");
  return given == nullptr ? "" : given;
}

std::unique_ptr<PrivateServer> node() {
  auto server = std::make_unique<PrivateServer>(
      std::vector<std::string>{"shared_preload_libraries = 'citus'",
                               "max_prepared_transactions = 100",
                               "max_connections = 200",
                               "max_locks_per_transaction = 256",
                               "citus.shard_count = 8",
                               // What a dead node left in doubt is settled soon.
                               "citus.recover_2pc_interval = '1s'"},
      programs());
  static_cast<void>(server->url(k_database));
  server->execute("CREATE EXTENSION citus", k_database);
  return server;
}

std::string place_of(const PrivateServer& server) {
  return "('127.0.0.1', " + std::to_string(server.port()) + ")";
}

void migrate(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "migrate");
  const Outcome outcome = run(arguments);
  if (outcome.code != 0) throw std::runtime_error("migrate failed: " + outcome.err);
}

}  // namespace

bool has_citus_programs(std::string& why) {
  why =
      "VOZEX_TEST_CITUS_PROGRAMS is not set: give it the folder of PostgreSQL's programs, with a "
      "slash at its end, where they have the extension Citus";
  return !programs().empty() && ::access((programs() + "pg_ctl").c_str(), X_OK) == 0;
}

CitusCluster::CitusCluster() : coordinator_(node()) {
  coordinator_->execute("SELECT citus_set_coordinator_host" + place_of(*coordinator_), k_database);
  for (auto& worker : workers_) {
    worker = node();
    coordinator_->execute("SELECT citus_add_node" + place_of(*worker), k_database);
  }
  migrate({"--store", url()});
  migrate({"--store", url(), "--distribute"});
}

}  // namespace vozex::api_test
