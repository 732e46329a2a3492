// SPDX-License-Identifier: Apache-2.0
//
// Bounds of keys: what instances hold and what events look for. A database's index takes no text of
// any length, and an event that looks for very many keys is a load of its own. Tests:
// tests/unit/runtime/keys_test.cc.
#pragma once

#include <cstddef>

namespace vozex {

inline constexpr std::size_t k_max_key_bytes = 512;
// Of one event, in one workflow.
inline constexpr std::size_t k_max_keys_sought = 1000;

}  // namespace vozex
