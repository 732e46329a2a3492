// SPDX-License-Identifier: Apache-2.0
//
// Bounds of keys: what instances hold and what events look for. A database's index takes no text of
// any length, and an event that looks for very many keys is a load of its own. Tests:
// tests/unit/runtime/keys_test.cc.
#pragma once

#include <cstddef>
#include <string_view>

namespace vozex {

inline constexpr std::size_t k_max_key_bytes = 512;
// Of one event, in one workflow.
inline constexpr std::size_t k_max_keys_sought = 1000;

// One that a database keeps: of that length, and without U+0000.
inline bool may_be_key(std::string_view key) {
  return key.size() <= k_max_key_bytes && key.find('\0') == std::string_view::npos;
}

}  // namespace vozex
