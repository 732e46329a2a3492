// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/column.h"

#include <algorithm>
#include <array>

#include "engine/base/assert.h"

namespace vozex::postgres {
namespace {

template <class Number>
std::array<char, sizeof(Number)> big_endian(Number number) {
  std::array<char, sizeof(Number)> bytes;
  auto bits = static_cast<std::make_unsigned_t<Number>>(number);
  for (std::size_t i = sizeof bits; i-- > 0;) {
    bytes[i] = static_cast<char>(bits & 0xff);
    if constexpr (sizeof bits > 1) bits = static_cast<decltype(bits)>(bits >> 8);
  }
  return bytes;
}

template <class Number>
void append_number(std::string& out, Number number) {
  const auto bytes = big_endian(number);
  out.append(bytes.data(), bytes.size());
}

std::int32_t read_int4(std::string_view bytes) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
  return static_cast<std::int32_t>(number);
}

// The first element of `elements`, its length included; removed from them.
std::string_view take_element(std::string_view& elements) {
  const std::int32_t size = read_int4(elements);
  const std::string_view element =
      elements.substr(0, 4 + static_cast<std::size_t>(std::max(size, std::int32_t{0})));
  elements.remove_prefix(element.size());
  return element;
}

void append_array_head(std::string& out, std::int32_t size, bool has_null, std::uint32_t element) {
  append_number(out, std::int32_t{size == 0 ? 0 : 1});
  append_number(out, std::int32_t{has_null ? 1 : 0});
  append_number(out, element);
  if (size == 0) return;
  append_number(out, size);
  append_number(out, std::int32_t{1});  // arrays count from 1
}

template <class Number>
void append_element(std::string& out, Number number) {
  append_number(out, static_cast<std::int32_t>(sizeof number));
  append_number(out, number);
}

std::int64_t postgres_time(Timestamp at) {
  return at.time_since_epoch().count() - k_postgres_epoch_us;
}

std::string_view view(const Bytes16& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <class Number>
std::string encoded_number(Number number) {
  std::string out;
  append_number(out, number);
  return out;
}

}  // namespace

void Column::add_bool(bool value) {
  append_number(elements_, std::int32_t{1});
  elements_ += value ? '\1' : '\0';
  ++size_;
}

void Column::add_int2(std::int16_t value) {
  append_element(elements_, value);
  ++size_;
}

void Column::add_int4(std::int32_t value) {
  append_element(elements_, value);
  ++size_;
}

void Column::add_int8(std::int64_t value) {
  append_element(elements_, value);
  ++size_;
}

void Column::add_text(std::string_view value) {
  append_number(elements_, static_cast<std::int32_t>(value.size()));
  elements_ += value;
  ++size_;
}

void Column::add_time(Timestamp value) { add_int8(postgres_time(value)); }

void Column::add_null() {
  append_number(elements_, std::int32_t{-1});
  has_null_ = true;
  ++size_;
}

void Column::add_bytes(const Bytes16& value) { add_text(view(value)); }

std::string Column::encoded() const {
  std::string out;
  out.reserve(elements_.size() + 20);
  append_array_head(out, size_, has_null_, type_.element);
  out += elements_;
  return out;
}

void Composite::add_rows(TypeIds type, const std::vector<const Column*>& columns) {
  const std::int32_t rows = columns.front()->size();
  std::vector<std::string_view> left;
  std::size_t bytes = 0;
  for (const Column* column : columns) {
    VOZEX_ASSERT(column->size() == rows);
    left.push_back(column->elements());
    bytes += column->elements().size();
  }
  // Of a row: its length, the number of its attributes, and the type before each of them.
  bytes += static_cast<std::size_t>(rows) * (8 + 4 * columns.size());
  std::string value;
  value.reserve(bytes + 20);
  append_array_head(value, rows, false, type.element);
  for (std::int32_t row = 0; row < rows; ++row) {
    const std::size_t begin = value.size();
    append_number(value, std::int32_t{0});
    append_number(value, static_cast<std::int32_t>(columns.size()));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      append_number(value, columns[i]->type().element);
      value += take_element(left[i]);
    }
    const auto length = big_endian(static_cast<std::int32_t>(value.size() - begin - 4));
    value.replace(begin, length.size(), length.data(), length.size());
  }
  add(type.array, value);
}

void Composite::add_all(const std::vector<const Column*>& columns) {
  for (const Column* column : columns) add(column->type().array, column->encoded());
}

void Composite::add(std::uint32_t type, std::string_view value) {
  append_number(attributes_, type);
  append_number(attributes_, static_cast<std::int32_t>(value.size()));
  attributes_ += value;
  ++size_;
}

std::string Composite::encoded() const {
  std::string out;
  append_number(out, size_);
  return out + attributes_;
}

Params& Params::add(std::uint32_t type, std::string_view bytes) {
  offsets_.emplace_back(buffer_.size());
  lengths_.push_back(static_cast<int>(bytes.size()));
  types_.push_back(type);
  buffer_ += bytes;
  return *this;
}

Params& Params::boolean(bool value) {
  return add(k_bool.element, value ? "\1" : std::string_view("\0", 1));
}
Params& Params::int2(std::int16_t value) { return add(k_int2.element, encoded_number(value)); }
Params& Params::int4(std::int32_t value) { return add(k_int4.element, encoded_number(value)); }
Params& Params::int8(std::int64_t value) { return add(k_int8.element, encoded_number(value)); }
Params& Params::text(std::string_view value) { return add(k_text.element, value); }
Params& Params::time(Timestamp value) {
  return add(k_time.element, encoded_number(postgres_time(value)));
}
Params& Params::bytes(const Bytes16& value) { return add(k_uuid.element, view(value)); }
Params& Params::array(const Column& column) { return add(column.type().array, column.encoded()); }

Params& Params::composite(const Composite& value) { return add(0, value.encoded()); }

Params& Params::null(TypeIds type) {
  offsets_.emplace_back(std::nullopt);
  lengths_.push_back(0);
  types_.push_back(type.element);
  return *this;
}

std::vector<const char*> Params::values() const {
  std::vector<const char*> values;
  values.reserve(offsets_.size());
  for (const auto& offset : offsets_) {
    values.push_back(offset ? buffer_.data() + *offset : nullptr);
  }
  return values;
}

}  // namespace vozex::postgres
