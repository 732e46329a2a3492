// SPDX-License-Identifier: Apache-2.0
//
// Statement: one use of a prepared statement of a Connection: bind from 1, step, read columns from
// 0. A failure of preparing or binding comes out of step(), so the calls between need no checks.
// Going out of scope resets the statement for its next use. At most one use of the same text at a
// time. Thread rule: the connection's.
//
//   Statement find = connection.use("SELECT state FROM instances WHERE id = ?1");
//   find.id(1, instance);
//   auto row = find.step();  // Result<bool>: true when there is a row
//   if (row && *row) state = find.text_at(0);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace vozex::sqlite {

class Statement {
 public:
  // `statement` null with a `code` other than SQLITE_OK: preparing failed, step() says so.
  Statement(sqlite3* database, sqlite3_stmt* statement, int code);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  Statement& operator=(Statement&&) = delete;

  Statement& number(int at, std::int64_t value);
  // Etags are unsigned, SQLite's integers are not: the bits are kept.
  Statement& etag(int at, Etag value);
  Statement& time(int at, Timestamp value);
  Statement& time(int at, const std::optional<Timestamp>& value);
  // Not copied: must live until the statement is reset.
  Statement& text(int at, const std::string& value);
  Statement& text(int at, std::string&& value) = delete;
  Statement& text(int at, const char* value);
  Statement& null(int at);
  Statement& bytes(int at, const Bytes16& value);
  template <class Tag>
  Statement& id(int at, const Id<Tag>& value) {
    return bytes(at, value.bytes);
  }
  // A nil id is NULL.
  template <class Tag>
  Statement& id_or_null(int at, const Id<Tag>& value) {
    return value.is_nil() ? null(at) : bytes(at, value.bytes);
  }

  // True: a row is there to be read. False: done.
  Result<bool> step();
  // For a statement without rows: how many rows it changed.
  Result<int> run();
  // Steps to the end, `read(*this)` at each row.
  template <class Read>
  Result<void> each(Read&& read) {
    for (;;) {
      auto row = step();
      if (!row) return Failure(row.error());
      if (!*row) return {};
      read(*this);
    }
  }
  // Ready to be bound and run again; bindings stay.
  void reset();

  bool is_null(int column) const;
  std::int64_t number_at(int column) const;
  template <class Number>
  Number number_at(int column) const {
    return static_cast<Number>(number_at(column));
  }
  Etag etag_at(int column) const;
  Timestamp time_at(int column) const;
  std::optional<Timestamp> optional_time_at(int column) const;
  std::string text_at(int column) const;
  // Zeros for NULL or another length.
  Bytes16 bytes_at(int column) const;
  template <class AnyId>
  AnyId id_at(int column) const {
    return AnyId{bytes_at(column)};
  }

 private:
  Statement& bound(int code);

  sqlite3* database_;
  sqlite3_stmt* statement_;
  int code_;
};

}  // namespace vozex::sqlite
