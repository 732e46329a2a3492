// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <mutex>

#include "adapters/sqlite/failure.h"
#include "adapters/sqlite/log_file.h"

namespace vozex::sqlite {
namespace {

constexpr int k_busy_timeout_ms = 5000;

// synchronous=FULL fsyncs the log at every commit; NORMAL would lose acknowledged ones when the
// power goes.
constexpr const char* k_write_settings = R"(
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = 0;
  PRAGMA cache_size = -32768;
  PRAGMA temp_store = MEMORY;)";
constexpr const char* k_read_settings = R"(
  PRAGMA query_only = 1;
  PRAGMA cache_size = -4096;
  PRAGMA temp_store = MEMORY;)";

// SQLite counts each of its allocations under one lock for the whole process; nobody reads the
// counts.
void stop_counting_memory() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

// Turning a new file's log on takes the whole file, and who reads it already is told at once that
// it is busy: two who wait for each other would wait for ever. So of two starters one tries again.
Result<void> turn_log_on(Connection& connection) {
  using Clock = std::chrono::steady_clock;
  const auto give_up = Clock::now() + std::chrono::milliseconds(k_busy_timeout_ms);
  for (;;) {
    auto done = connection.execute("PRAGMA journal_mode = WAL");
    const bool busy = !done && (sqlite3_errcode(connection.handle()) & 0xff) == SQLITE_BUSY;
    if (!busy || Clock::now() >= give_up) return done;
    sqlite3_sleep(1);
  }
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::string& path, Access access) {
  stop_counting_memory();
  sqlite3* database = nullptr;
  // It holds what customers are called and what they bought: a new one is its owner's alone. What
  // is wrong with the place is said by SQLite below.
  if (access == Access::read_write) {
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0) ::close(made);
  }
  // A reader opens read-write too: only then can it use the log's index; query_only keeps it from
  // writing.
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (access == Access::read_write) flags |= SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, collecting_vfs());
  // Even a failed open gives a handle that must be closed.
  std::unique_ptr<Connection> connection(new Connection(database));
  if (code != SQLITE_OK) return failure(database, code, "opening the database file");
  sqlite3_busy_timeout(database, k_busy_timeout_ms);
  if (access == Access::read_write) {
    if (auto on = turn_log_on(*connection); !on) return Failure(on.error());
  }
  const char* settings = access == Access::read_write ? k_write_settings : k_read_settings;
  if (auto set = connection->execute(settings); !set) return Failure(set.error());
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(database_);
}

Statement Connection::use(std::string_view sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return {database_, known->second, SQLITE_OK};
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_,
                                      sql.data(),
                                      static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT,
                                      &statement,
                                      nullptr);
  if (code == SQLITE_OK) statements_.emplace(sql, statement);
  return {database_, statement, code};
}

Result<void> Connection::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    return failure(database_, sqlite3_extended_errcode(database_), "running a script");
  }
  return {};
}

Result<void> Connection::begin() {
  auto begun = use("BEGIN IMMEDIATE").run();
  if (!begun) return Failure(begun.error());
  return {};
}

// A file that was deleted or replaced by a backup would take commits that nobody finds again.
Result<void> Connection::commit() {
  int moved = 0;
  sqlite3_file_control(database_, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
  if (moved != 0) {
    roll_back();
    return fail(ErrorClass::unavailable,
                "store_moved",
                std::string(sqlite3_db_filename(database_, "main")) +
                    " was moved, deleted or replaced while this server has it open; nothing was "
                    "written. Put it back, or stop the server, put the right file there and start "
                    "again");
  }
  auto committed = use("COMMIT").run();
  if (committed) return {};
  roll_back();
  return Failure(committed.error());
}

void Connection::roll_back() {
  // SQLite rolls back by itself on a full disk and on read and write errors; then there is nothing
  // left to do.
  if (sqlite3_get_autocommit(database_) != 0) return;
  static_cast<void>(use("ROLLBACK").run());
}

}  // namespace vozex::sqlite
