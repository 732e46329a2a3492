// SPDX-License-Identifier: Apache-2.0
//
// Entry: one document of the catalogue: a product, a coupon, or the tax of a country. Its shape is
// entry_types.h, what must hold beyond it product_rules.h, where it is kept catalog_store.h. Thread
// rule: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace vozex::catalog {

// Persisted: values are never reordered.
enum class EntryKind : std::uint8_t { product = 1, coupon = 2, tax = 3 };
const char* to_string(EntryKind kind);
// By its word, which is also the member of a document that holds its id.
std::optional<EntryKind> entry_kind(std::string_view word);

struct EntryId {
  EntryKind kind = EntryKind::product;
  std::string id;

  auto operator<=>(const EntryId&) const = default;
};

struct Entry {
  EntryId id;
  std::uint64_t revision = 0;  // counts from 1
  std::string status;          // draft, active or retired
  std::string document;        // canonical JSON, defaults filled in
  Timestamp changed_at;
  std::string changed_by;

  bool operator==(const Entry&) const = default;
};

}  // namespace vozex::catalog
