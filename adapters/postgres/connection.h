// SPDX-License-Identifier: Apache-2.0
//
// Connection: one libpq connection that never waits for ever and never reconnects by itself.
// Statements are prepared at first use, sent and answered in binary; run_all() sends several in one
// round trip (pipeline mode), which the server commits together. libpq rather than libpqxx, because
// libpqxx 6.4 has neither deadlines, pipelines with parameters, nor results in binary. After an
// error of class outcome_unknown, or when is_usable() is false, drop it and open another. Thread
// rule: one thread at a time. Tests: tests/store/postgres_connection_test.cc.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/column.h"
#include "adapters/postgres/layout.h"
#include "adapters/postgres/rows.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

struct pg_conn;
struct pg_result;

namespace vozex::postgres {

// What the server process is asked to keep to. lane: plans that are right on tiny and huge tables
// alike; query: the planner's own; setup: no time-outs, for migrations.
enum class Profile : std::uint8_t { lane, query, setup };
// Of lanes. Where the tables are spread a plan says which node it goes to, so it can't be the same
// for all parameters.
inline Profile lane_profile(Layout layout) {
  return layout == Layout::together ? Profile::lane : Profile::query;
}

// One statement; its text names the preparation, so texts are a bounded set of the program.
struct Query {
  const char* sql;
  const Params* params;
};

// Names a server process beyond doubt: process ids are used again.
struct Backend {
  std::int32_t pid = 0;
  Timestamp started;
};

class Connection {
 public:
  // What `url` ("postgresql://...") doesn't set gets keepalives, time-outs and settings of the
  // profile.
  static Result<std::unique_ptr<Connection>> open(const std::string& url, Profile profile);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Result<Rows> run(const char* sql, const Params& params = {});
  // The first failure, or the results in order.
  Result<std::vector<Rows>> run_all(const std::vector<Query>& queries);
  // The same between BEGIN and COMMIT, and rolled back when one fails.
  Result<std::vector<Rows>> run_all_in_transaction(std::vector<Query> queries);
  // A script without parameters, by the simple protocol. The whole is one transaction unless it
  // says otherwise.
  Result<void> execute(const std::string& script);

  // BEGIN, `work()` (a Result), COMMIT; rolled back when either fails.
  template <class Work>
  auto transaction(Work&& work) -> decltype(work());

  bool is_usable() const;
  const Backend& backend() const { return backend_; }

 private:
  Connection(pg_conn* connection, Profile profile) : connection_(connection), profile_(profile) {}

  // One sent command, whose result is to come.
  struct Command {
    enum Kind : std::uint8_t { prepare, execute } kind;
    const char* sql;
  };

  Result<void> send(const Query& query);
  Result<void> flush();
  // The next result; null at the end of a command's results.
  Result<pg_result*> receive(const char* doing);
  Result<Rows> result_of(const Command& command);
  Result<std::vector<Rows>> collect();
  Result<void> wait(bool for_write, const char* doing);
  Result<void> learn_backend();

  pg_conn* connection_;
  Profile profile_;
  Backend backend_;
  std::map<std::string, std::string, std::less<>> prepared_;  // text -> name
  std::uint64_t last_name_ = 0;
  std::vector<Command> commands_;
};

template <class Work>
auto Connection::transaction(Work&& work) -> decltype(work()) {
  if (auto begun = execute("BEGIN"); !begun) return Failure(begun.error());
  auto result = work();
  if (!result) {
    if (is_usable()) static_cast<void>(execute("ROLLBACK"));
    return result;
  }
  if (auto committed = execute("COMMIT"); !committed) return Failure(committed.error());
  return result;
}

}  // namespace vozex::postgres
