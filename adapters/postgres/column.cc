// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/column.h"

#include "adapters/postgres/row_array.h"
#include "adapters/postgres/wire.h"

namespace vozex::postgres {
namespace {

template <class Number>
void append_element(std::string& out, Number number) {
  wire::append(out, static_cast<std::int32_t>(sizeof number));
  wire::append(out, number);
}

template <class Number>
std::string encoded_number(Number number) {
  std::string out;
  wire::append(out, number);
  return out;
}

}  // namespace

void Column::add_bool(bool value) {
  wire::append(elements_, std::int32_t{1});
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
  wire::append(elements_, static_cast<std::int32_t>(value.size()));
  elements_ += value;
  ++size_;
}

void Column::add_time(Timestamp value) { add_int8(wire::time(value)); }

void Column::add_null() {
  wire::append(elements_, std::int32_t{-1});
  has_null_ = true;
  ++size_;
}

void Column::add_bytes(const Bytes16& value) { add_text(wire::view(value)); }

std::string Column::encoded() const {
  std::string out;
  out.reserve(elements_.size() + 20);
  wire::append_array_head(out, size_, has_null_, type_.element);
  out += elements_;
  return out;
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
  return add(k_time.element, encoded_number(wire::time(value)));
}
Params& Params::bytes(const Bytes16& value) { return add(k_uuid.element, wire::view(value)); }
Params& Params::array(const Column& column) { return add(column.type().array, column.encoded()); }

Params& Params::rows(TypeIds type, const RowArray& rows) {
  return rows.size() == 0 ? null({type.array, 0}) : add(type.array, rows.encoded(type.element));
}

Params& Params::no_rows(TypeIds type) { return add(type.array, RowArray().encoded(type.element)); }

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
