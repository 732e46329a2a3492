// SPDX-License-Identifier: Apache-2.0
//
// Rows: the result of one statement in binary format, read by row and column from 0. NULL reads as
// zero, "" or nil; is_null() tells. A column must have the type it is read as: that is a bug, not
// an error. Plain value, movable.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "adapters/postgres/column.h"

struct pg_result;

namespace vozex::postgres {

class Rows {
 public:
  explicit Rows(pg_result* result);

  int size() const;
  bool empty() const { return size() == 0; }
  // Rows changed by an UPDATE, INSERT or DELETE.
  std::uint64_t changed() const;

  bool is_null(int row, int column) const;
  bool boolean(int row, int column) const;
  // int2, int4 or int8.
  std::int64_t number(int row, int column) const;
  template <class Number>
  Number number(int row, int column) const {
    return static_cast<Number>(number(row, column));
  }
  Etag etag(int row, int column) const { return static_cast<Etag>(number(row, column)); }
  std::string text(int row, int column) const;
  Timestamp time(int row, int column) const;
  std::optional<Timestamp> optional_time(int row, int column) const;
  Bytes16 bytes(int row, int column) const;
  template <class AnyId>
  AnyId id(int row, int column) const {
    return AnyId{bytes(row, column)};
  }
  // What `read(rows, row)` makes of each row, in their order.
  template <class Read>
  auto all(const Read& read) const {
    std::vector<std::invoke_result_t<const Read&, const Rows&, int>> made;
    made.reserve(static_cast<std::size_t>(size()));
    for (int row = 0; row < size(); ++row) made.push_back(read(*this, row));
    return made;
  }
  // Arrays of one dimension without NULLs.
  std::vector<std::int64_t> numbers(int row, int column) const;
  std::vector<std::string> texts(int row, int column) const;
  std::vector<Bytes16> all_bytes(int row, int column) const;
  // A composite value that is not NULL: its attributes as the columns of one row.
  Rows composite(int row, int column) const;

 private:
  struct Free {
    void operator()(pg_result* result) const;
  };
  std::string_view raw(int row, int column) const;
  std::vector<std::string_view> elements(int row, int column) const;

  std::unique_ptr<pg_result, Free> result_;
};

}  // namespace vozex::postgres
