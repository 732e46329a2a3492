// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/entry.h"

namespace vozex::catalog {

const char* to_string(EntryKind kind) {
  switch (kind) {
    case EntryKind::product: return "product";
    case EntryKind::coupon: return "coupon";
    case EntryKind::tax: return "tax";
  }
  return "";
}

std::optional<EntryKind> entry_kind(std::string_view word) {
  for (const EntryKind kind : {EntryKind::product, EntryKind::coupon, EntryKind::tax}) {
    if (word == to_string(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace vozex::catalog
