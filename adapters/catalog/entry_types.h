// SPDX-License-Identifier: Apache-2.0
//
// The declared types of the catalogue's documents: what a file of the catalogue and the API take.
// Specification: docs/catalog.md. Thread rule: pure. Tests: tests/unit/catalog.
#pragma once

#include "adapters/catalog/entry.h"
#include "engine/types/type.h"

namespace vozex::catalog {

const types::Type& entry_type(EntryKind kind);

// Of one price, in minor units; of one order, in each line. What is multiplied stays far from the
// end of 64 bits.
inline constexpr std::int64_t k_max_price = 1'000'000'000'000;
inline constexpr std::int64_t k_max_quantity = 10'000;

}  // namespace vozex::catalog
