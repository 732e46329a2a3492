// SPDX-License-Identifier: Apache-2.0
//
// A document on its way into the catalogue: everything that is wrong with it, each fault at its
// place, or the document with its defaults filled in; and what a new version of it would change,
// and break. Thread rule: pure. Tests: tests/unit/catalog.
#pragma once

#include <string>
#include <vector>

#include "adapters/catalog/entry.h"
#include "adapters/catalog/product_rules.h"

namespace vozex::catalog {

struct Checked {
  EntryId id;
  types::Value document;
};
// `gateways`: the names that a product may enable.
tl::expected<Checked, Faults> check_entry(const types::Value& document,
                                          const std::vector<std::string>& gateways);

struct Difference {
  std::string pointer;  // in the new document; of what is gone, in the old
  types::Value before;  // null: it is new
  types::Value after;   // null: it is gone
};
// At most k_max_differences, whole subtrees where one side has nothing. Choices (plans, features,
// ...) are compared by id, so that another order is no difference.
inline constexpr std::size_t k_max_differences = 500;
std::vector<Difference> differences(const types::Value& before, const types::Value& after);

// What running offers (quotes, subscriptions, deliveries) of a product that has been for sale would
// lose: faults with places in `after`. Nothing that was sold is removed: it is retired.
Faults broken_offers(const types::Value& before, const types::Value& after);

}  // namespace vozex::catalog
