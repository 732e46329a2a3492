// SPDX-License-Identifier: Apache-2.0
//
// Connection: one connection to one SQLite file, with its prepared statements. WAL,
// synchronous=FULL (what is acknowledged is on the disk), no automatic checkpoint (checkpointer.h
// does it off the reply path), and a busy time-out for programs that look at the file. Thread rule:
// one thread at a time; opened without SQLite's own mutex.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/sqlite/statement.h"
#include "engine/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace vozex::sqlite {

enum class Access : std::uint8_t { read_only, read_write };

class Connection {
 public:
  // read_write makes the file when it doesn't exist. Class unavailable when it can't be opened.
  static Result<std::unique_ptr<Connection>> open(const std::string& path, Access access);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `sql` is prepared at its first use and kept; the texts in use are a fixed set of the program.
  Statement use(std::string_view sql);
  // Several statements at once, without parameters or rows.
  Result<void> execute(const std::string& sql);

  // BEGIN IMMEDIATE, `work()` (a Result), COMMIT; rolled back when either fails, with nothing
  // half-written.
  template <class Work>
  auto transaction(Work&& work) -> decltype(work());
  Result<void> begin();
  Result<void> commit();  // unavailable `store_moved` when the file isn't at its path any more
  void roll_back();

  sqlite3* handle() { return database_; }

 private:
  explicit Connection(sqlite3* database) : database_(database) {}

  sqlite3* database_;
  std::map<std::string, sqlite3_stmt*, std::less<>> statements_;
};

template <class Work>
auto Connection::transaction(Work&& work) -> decltype(work()) {
  if (auto begun = begin(); !begun) return Failure(begun.error());
  auto result = work();
  if (!result) {
    roll_back();
    return result;
  }
  if (auto committed = commit(); !committed) return Failure(committed.error());
  return result;
}

}  // namespace vozex::sqlite
