// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/sessions/later.h"

#include <algorithm>
#include <utility>

namespace vozex::runtime {
namespace {

constexpr Duration k_first{std::chrono::seconds{5}};
constexpr Duration k_longest{std::chrono::minutes{5}};
constexpr int k_doublings = 6;

}  // namespace

std::size_t Later::put(std::vector<Item> items, Timestamp now) {
  std::size_t dropped = 0;
  for (Item& item : items) {
    const int doublings = std::min<int>(item.delays++, k_doublings);
    if (items_.size() >= k_max_held_later) {
      ++dropped;
    } else {
      items_.emplace(now + std::min(k_first * (1 << doublings), k_longest), std::move(item));
    }
  }
  return dropped;
}

std::vector<Item> Later::take(Timestamp now) {
  std::vector<Item> ready;
  const auto end = items_.upper_bound(now);
  for (auto entry = items_.begin(); entry != end; ++entry)
    ready.push_back(std::move(entry->second));
  items_.erase(items_.begin(), end);
  return ready;
}

}  // namespace vozex::runtime
