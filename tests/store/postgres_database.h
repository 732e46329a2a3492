// SPDX-License-Identifier: Apache-2.0
//
// PostgresDatabase: a database of the test's own on the server of VOZEX_TEST_POSTGRES, dropped with
// it.
#pragma once

#include <memory>
#include <string>

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

std::unique_ptr<Backend> make_postgres_backend(std::string& why);

}  // namespace vozex::store_test
