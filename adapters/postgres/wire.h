// SPDX-License-Identifier: Apache-2.0
//
// Numbers as PostgreSQL's binary format has them: big-endian, times as microseconds since 2000.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace vozex::postgres::wire {

// Microseconds between 1970 and 2000.
inline constexpr std::int64_t k_epoch_us = 946'684'800'000'000;

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
void append(std::string& out, Number number) {
  const auto bytes = big_endian(number);
  out.append(bytes.data(), bytes.size());
}

inline std::int64_t time(Timestamp at) { return at.time_since_epoch().count() - k_epoch_us; }

inline std::string_view view(const Bytes16& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What stands before the elements of an array of one dimension.
inline void append_array_head(std::string& out,
                              std::int32_t size,
                              bool has_null,
                              std::uint32_t element) {
  append(out, std::int32_t{size == 0 ? 0 : 1});
  append(out, std::int32_t{has_null ? 1 : 0});
  append(out, element);
  if (size == 0) return;
  append(out, size);
  append(out, std::int32_t{1});  // arrays count from 1
}

}  // namespace vozex::postgres::wire
