// SPDX-License-Identifier: Apache-2.0
//
// PostgresDatabase: a database of the test's own on the server of VOZEX_TEST_POSTGRES, dropped with
// it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/layout.h"
#include "tests/store/backend.h"

namespace vozex::store_test {

// True when there is a server; else `why` says what to set.
bool has_postgres(std::string& why);

class PostgresDatabase {
 public:
  PostgresDatabase();
  ~PostgresDatabase();
  PostgresDatabase(const PostgresDatabase&) = delete;
  PostgresDatabase& operator=(const PostgresDatabase&) = delete;

  const std::string& url() const { return url_; }
  // Runs a script, on a connection of its own.
  void execute(const std::string& script) const;

 private:
  std::string name_;
  std::string url_;
};

// A database whose tables are spread over the nodes of a Citus cluster: "url url..." of the
// coordinator and its workers, which have the extension preloaded.
class CitusDatabase {
 public:
  CitusDatabase();
  ~CitusDatabase();
  CitusDatabase(const CitusDatabase&) = delete;
  CitusDatabase& operator=(const CitusDatabase&) = delete;

  // Of the coordinator.
  const std::string& url() const { return urls_[0]; }
  void spread() const;

 private:
  std::string name_;
  std::vector<std::string> servers_;
  std::vector<std::string> urls_;
};

bool has_citus(std::string& why);

std::unique_ptr<Backend> make_postgres_backend(postgres::Layout layout, std::string& why);
std::unique_ptr<Backend> make_citus_backend(std::string& why);

}  // namespace vozex::store_test
