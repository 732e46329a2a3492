// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/statement.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "adapters/sqlite/failure.h"

namespace vozex::sqlite {

Statement::Statement(sqlite3* database, sqlite3_stmt* statement, int code)
    : database_(database), statement_(statement), code_(code) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      code_(other.code_) {}

Statement& Statement::bound(int code) {
  if (code_ == SQLITE_OK) code_ = code;
  return *this;
}

Statement& Statement::number(int at, std::int64_t value) {
  return bound(sqlite3_bind_int64(statement_, at, value));
}

Statement& Statement::etag(int at, Etag value) {
  return number(at, static_cast<std::int64_t>(value));
}

Statement& Statement::time(int at, Timestamp value) {
  return number(at, value.time_since_epoch().count());
}

Statement& Statement::time(int at, const std::optional<Timestamp>& value) {
  return value ? time(at, *value) : null(at);
}

Statement& Statement::text(int at, const std::string& value) {
  return bound(
      sqlite3_bind_text64(statement_, at, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

Statement& Statement::text(int at, const char* value) {
  return bound(sqlite3_bind_text(statement_, at, value, -1, SQLITE_TRANSIENT));
}

Statement& Statement::null(int at) { return bound(sqlite3_bind_null(statement_, at)); }

Statement& Statement::bytes(int at, const Bytes16& value) {
  return bound(sqlite3_bind_blob(
      statement_, at, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
}

Result<bool> Statement::step() {
  if (statement_ == nullptr || code_ != SQLITE_OK) {
    return failure(database_, code_ == SQLITE_OK ? SQLITE_MISUSE : code_, "preparing a statement");
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return failure(database_, sqlite3_extended_errcode(database_), sqlite3_sql(statement_));
}

Result<int> Statement::run() {
  auto more = step();
  while (more && *more) more = step();
  if (!more) return Failure(more.error());
  const int changes = sqlite3_changes(database_);
  reset();
  return changes;
}

void Statement::reset() { sqlite3_reset(statement_); }

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::number_at(int column) const {
  return sqlite3_column_int64(statement_, column);
}

Etag Statement::etag_at(int column) const { return static_cast<Etag>(number_at(column)); }

Timestamp Statement::time_at(int column) const { return Timestamp(Duration(number_at(column))); }

std::optional<Timestamp> Statement::optional_time_at(int column) const {
  if (is_null(column)) return std::nullopt;
  return time_at(column);
}

std::string Statement::text_at(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

Bytes16 Statement::bytes_at(int column) const {
  Bytes16 bytes{};
  const auto* blob = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  if (blob != nullptr && size == static_cast<int>(bytes.size())) {
    std::copy_n(blob, bytes.size(), bytes.begin());
  }
  return bytes;
}

}  // namespace vozex::sqlite
