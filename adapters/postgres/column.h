// SPDX-License-Identifier: Apache-2.0
//
// Parameters in PostgreSQL's binary format: Params for one statement, Column<Type> for an array
// parameter. Binary, because a batch is hundreds of ids, numbers and times that the server would
// otherwise parse. Values are big-endian; timestamptz counts microseconds since 2000. Spec:
// PostgreSQL's src/backend/utils/adt/*_recv. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace vozex::postgres {

class RowArray;

// Of pg_type.dat: object ids of types are part of the wire protocol and never change.
struct TypeIds {
  std::uint32_t element;
  std::uint32_t array;
};
inline constexpr TypeIds k_bool{16, 1000};
inline constexpr TypeIds k_int2{21, 1005};
inline constexpr TypeIds k_int4{23, 1007};
inline constexpr TypeIds k_int8{20, 1016};
inline constexpr TypeIds k_text{25, 1009};
inline constexpr TypeIds k_uuid{2950, 2951};
inline constexpr TypeIds k_time{1184, 1185};
// Follows from what it is a parameter of.
inline constexpr TypeIds k_inferred{0, 0};

// An array of one dimension, built element by element.
class Column {
 public:
  explicit Column(TypeIds type) : type_(type) {}

  void add_bool(bool value);
  void add_int2(std::int16_t value);
  void add_int4(std::int32_t value);
  void add_int8(std::int64_t value);
  void add_text(std::string_view value);
  void add_time(Timestamp value);
  void add_null();
  void add_bytes(const Bytes16& value);
  template <class Tag>
  void add_id(const Id<Tag>& value) {
    add_bytes(value.bytes);
  }
  // A nil id is NULL.
  template <class Tag>
  void add_id_or_null(const Id<Tag>& value) {
    value.is_nil() ? add_null() : add_bytes(value.bytes);
  }

  std::int32_t size() const { return size_; }
  TypeIds type() const { return type_; }
  std::string encoded() const;

 private:
  TypeIds type_;
  std::string elements_;
  std::int32_t size_ = 0;
  bool has_null_ = false;
};

// The parameters of one statement, $1 first.
class Params {
 public:
  Params& boolean(bool value);
  Params& int2(std::int16_t value);
  Params& int4(std::int32_t value);
  Params& int8(std::int64_t value);
  Params& text(std::string_view value);
  Params& time(Timestamp value);
  Params& bytes(const Bytes16& value);
  Params& null(TypeIds type);
  Params& array(const Column& column);
  // NULL where there are none.
  Params& rows(TypeIds type, const RowArray& rows);
  // An array without rows, which is not NULL.
  Params& no_rows(TypeIds type);
  template <class Tag>
  Params& id(const Id<Tag>& value) {
    return bytes(value.bytes);
  }

  std::size_t size() const { return types_.size(); }
  const std::vector<std::uint32_t>& types() const { return types_; }
  // Null for SQL NULL; valid until the next value is added.
  std::vector<const char*> values() const;
  const std::vector<int>& lengths() const { return lengths_; }

 private:
  Params& add(std::uint32_t type, std::string_view bytes);

  std::string buffer_;
  std::vector<std::optional<std::size_t>> offsets_;
  std::vector<int> lengths_;
  std::vector<std::uint32_t> types_;
};

}  // namespace vozex::postgres
