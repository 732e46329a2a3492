// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/row_array.h"

#include <algorithm>

#include "adapters/postgres/wire.h"

namespace vozex::postgres {

// The length of a row stands before it and grows with each attribute.
RowArray& RowArray::row(std::int32_t attributes) {
  ++size_;
  begin_ = rows_.size();
  wire::append(rows_, std::int32_t{sizeof attributes});
  wire::append(rows_, attributes);
  return *this;
}

RowArray& RowArray::add(TypeIds type, std::string_view value) {
  wire::append(rows_, type.element);
  wire::append(rows_, static_cast<std::int32_t>(value.size()));
  rows_ += value;
  const auto length = wire::big_endian(static_cast<std::int32_t>(rows_.size() - begin_ - 4));
  std::copy(length.begin(), length.end(), rows_.begin() + static_cast<std::ptrdiff_t>(begin_));
  return *this;
}

RowArray& RowArray::null(TypeIds type) {
  add(type, {});
  const auto none = wire::big_endian(std::int32_t{-1});
  std::copy(none.begin(), none.end(), rows_.end() - none.size());
  return *this;
}

namespace {

template <class Number>
std::string_view view(const std::array<char, sizeof(Number)>& bytes) {
  return {bytes.data(), bytes.size()};
}

}  // namespace

RowArray& RowArray::boolean(bool value) {
  return add(k_bool, value ? "\1" : std::string_view("\0", 1));
}
RowArray& RowArray::int2(std::int16_t value) {
  return add(k_int2, view<std::int16_t>(wire::big_endian(value)));
}
RowArray& RowArray::int4(std::int32_t value) {
  return add(k_int4, view<std::int32_t>(wire::big_endian(value)));
}
RowArray& RowArray::int8(std::int64_t value) {
  return add(k_int8, view<std::int64_t>(wire::big_endian(value)));
}
RowArray& RowArray::text(std::string_view value) { return add(k_text, value); }
RowArray& RowArray::time(Timestamp value) {
  return add(k_time, view<std::int64_t>(wire::big_endian(wire::time(value))));
}
RowArray& RowArray::bytes(const Bytes16& value) { return add(k_uuid, wire::view(value)); }

std::string RowArray::encoded(std::uint32_t element) const {
  std::string out;
  out.reserve(rows_.size() + 20);
  wire::append_array_head(out, size_, false, element);
  out += rows_;
  return out;
}

}  // namespace vozex::postgres
