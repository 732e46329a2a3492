// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/rows.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "adapters/postgres/wire.h"
#include "engine/base/assert.h"

namespace vozex::postgres {
namespace {

std::int64_t big_endian(std::string_view bytes) {
  if (bytes.empty()) return 0;
  // The sign is in the first byte.
  auto value =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<signed char>(bytes[0])));
  for (const char byte : bytes.substr(1)) value = (value << 8) | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

Bytes16 to_bytes(std::string_view raw) {
  Bytes16 bytes{};
  if (raw.empty()) return bytes;
  VOZEX_ASSERT(raw.size() == bytes.size());
  std::transform(
      raw.begin(), raw.end(), bytes.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
  return bytes;
}

}  // namespace

void Rows::Free::operator()(pg_result* result) const { PQclear(result); }

Rows::Rows(pg_result* result) : result_(result) {}

int Rows::size() const { return PQntuples(result_.get()); }

std::uint64_t Rows::changed() const {
  return std::strtoull(PQcmdTuples(result_.get()), nullptr, 10);
}

std::string_view Rows::raw(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

bool Rows::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

bool Rows::boolean(int row, int column) const { return number(row, column) != 0; }

std::int64_t Rows::number(int row, int column) const { return big_endian(raw(row, column)); }

std::string Rows::text(int row, int column) const { return std::string(raw(row, column)); }

Timestamp Rows::time(int row, int column) const {
  return Timestamp(Duration(number(row, column) + wire::k_epoch_us));
}

std::optional<Timestamp> Rows::optional_time(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return time(row, column);
}

Bytes16 Rows::bytes(int row, int column) const { return to_bytes(raw(row, column)); }

// Dimensions, flags, element type, then for one dimension: size, lower bound, and each element
// after its length.
std::vector<std::string_view> Rows::elements(int row, int column) const {
  const std::string_view array = raw(row, column);
  std::vector<std::string_view> elements;
  if (array.empty() || big_endian(array.substr(0, 4)) == 0) return elements;
  const auto size = static_cast<std::size_t>(big_endian(array.substr(12, 4)));
  std::size_t at = 20;
  for (std::size_t i = 0; i < size; ++i) {
    const auto length = static_cast<std::size_t>(big_endian(array.substr(at, 4)));
    elements.push_back(array.substr(at + 4, length));
    at += 4 + length;
  }
  return elements;
}

// The number of attributes, then of each its type, its length (-1: NULL) and its bytes.
Rows Rows::composite(int row, int column) const {
  const std::string_view record = raw(row, column);
  const auto attributes = static_cast<int>(big_endian(record.substr(0, 4)));
  std::string name = "attribute";
  std::vector<PGresAttDesc> columns(static_cast<std::size_t>(attributes));
  for (PGresAttDesc& description : columns) description.name = name.data();
  Rows rows(PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK));
  VOZEX_ASSERT(PQsetResultAttrs(rows.result_.get(), attributes, columns.data()) != 0);
  std::size_t at = 4;
  for (int i = 0; i < attributes; ++i) {
    const auto length = static_cast<int>(big_endian(record.substr(at + 4, 4)));
    std::string value(length < 0 ? std::string_view()
                                 : record.substr(at + 8, static_cast<std::size_t>(length)));
    VOZEX_ASSERT(
        PQsetvalue(rows.result_.get(), 0, i, length < 0 ? nullptr : value.data(), length) != 0);
    at += 8 + value.size();
  }
  return rows;
}

std::vector<std::int64_t> Rows::numbers(int row, int column) const {
  std::vector<std::int64_t> values;
  for (const std::string_view element : elements(row, column)) {
    values.push_back(big_endian(element));
  }
  return values;
}

std::vector<std::string> Rows::texts(int row, int column) const {
  std::vector<std::string> values;
  for (const std::string_view element : elements(row, column)) values.emplace_back(element);
  return values;
}

std::vector<Bytes16> Rows::all_bytes(int row, int column) const {
  std::vector<Bytes16> values;
  for (const std::string_view element : elements(row, column)) values.push_back(to_bytes(element));
  return values;
}

}  // namespace vozex::postgres
