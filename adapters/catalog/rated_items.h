// SPDX-License-Identifier: Apache-2.0
//
// The items that are passed to `coupons` and `tax`, and what comes back of them. Thread rule: pure.
#pragma once

#include <string>
#include <vector>

#include "adapters/catalog/catalog.h"
#include "engine/ports/adapter.h"

namespace vozex::catalog {

struct RatedItem {
  std::int64_t item = 0;  // its number in the quote, from 0
  std::string product_id;
  std::int64_t minor = 0;
};

// `items` of a call's input. Error invalid_input.
tl::expected<std::vector<RatedItem>, ports::CallError> read_items(const types::Value& input);

ports::CallError rating_error(std::string code, std::string message);

// The active document of an entry; nothing when it is missing, a draft or retired.
tl::expected<std::optional<types::Value>, ports::CallError> active_document(Catalog& catalog,
                                                                            std::string_view tenant,
                                                                            const EntryId& id);

}  // namespace vozex::catalog
