// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/column.h"

namespace vozex::postgres {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  const auto bits = static_cast<std::make_unsigned_t<Number>>(number);
  for (int shift = (static_cast<int>(sizeof bits) - 1) * 8; shift >= 0; shift -= 8) {
    out += static_cast<char>((bits >> shift) & 0xff);
  }
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
  append_number(out, std::int32_t{size_ == 0 ? 0 : 1});
  append_number(out, std::int32_t{has_null_ ? 1 : 0});
  append_number(out, type_.element);
  if (size_ == 0) return out;
  append_number(out, size_);
  append_number(out, std::int32_t{1});  // arrays count from 1
  out += elements_;
  return out;
}

void Composite::add(const Column& column) {
  const std::string value = column.encoded();
  append_number(attributes_, column.type().array);
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
