// SPDX-License-Identifier: Apache-2.0
//
// Backend: one kind of store for the conformance suite, made empty for each test: simulated, SQLite
// in a folder of its own, or PostgreSQL in a database of its own on the server of
// VOZEX_TEST_POSTGRES. What differs between them is here: what a second process is, and how the
// database's clock is moved without sleeping.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "engine/ports/audit.h"
#include "engine/ports/batches.h"
#include "engine/ports/store.h"

namespace vozex::store_test {

// by_bucket: PostgreSQL, with the statements for tables that are spread over machines. citus: where
// they are, on the cluster of VOZEX_TEST_CITUS.
enum class Kind { simulated, sqlite, postgres, by_bucket, citus };
// citus only where there is one.
const std::vector<Kind>& all_kinds();
const char* to_string(Kind kind);
// For test runners, which list parameters.
inline void PrintTo(Kind kind, std::ostream* out) { *out << to_string(kind); }

class Backend {
 public:
  virtual ~Backend() = default;
  virtual ports::Store& store() = 0;
  // The store as another process sees it; where only one process may open it, the same again.
  virtual ports::Store& other_process() = 0;
  virtual ports::BatchStore& batches() = 0;
  // Null: this kind has none.
  virtual ports::AuditLog* audit() { return nullptr; }
  // Runs SQL as the database's owner; what it refuses.
  virtual std::string refused(const std::string& sql) { return sql; }
  // To the sessions, and to the leases of batches, it is this much later now.
  virtual void age_sessions(Duration by) = 0;
};

// Null when the kind can't be tested here; `why` says why.
std::unique_ptr<Backend> make_backend(Kind kind, std::string& why);

}  // namespace vozex::store_test
