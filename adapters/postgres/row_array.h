// SPDX-License-Identifier: Apache-2.0
//
// RowArray: a parameter that is an array of rows of a composite type, in PostgreSQL's binary format
// (see column.h; record_recv and array_recv of src/backend/utils/adt). Rows are written one after
// the other, attribute by attribute in the order of the type. Plain value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/postgres/column.h"

namespace vozex::postgres {

class RowArray {
 public:
  // The next row begins; it has this many attributes.
  RowArray& row(std::int32_t attributes);
  RowArray& boolean(bool value);
  RowArray& int2(std::int16_t value);
  RowArray& int4(std::int32_t value);
  RowArray& int8(std::int64_t value);
  RowArray& text(std::string_view value);
  RowArray& time(Timestamp value);
  RowArray& bytes(const Bytes16& value);
  RowArray& null(TypeIds type);
  template <class Tag>
  RowArray& id(const Id<Tag>& value) {
    return bytes(value.bytes);
  }
  // A nil id is NULL.
  template <class Tag>
  RowArray& id_or_null(const Id<Tag>& value) {
    return value.is_nil() ? null(k_uuid) : bytes(value.bytes);
  }

  std::int32_t size() const { return size_; }
  // Of rows of the type `element`.
  std::string encoded(std::uint32_t element) const;

 private:
  RowArray& add(TypeIds type, std::string_view value);

  std::string rows_;
  std::size_t begin_ = 0;  // of the last row
  std::int32_t size_ = 0;
};

}  // namespace vozex::postgres
