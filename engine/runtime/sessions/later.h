// SPDX-License-Identifier: Apache-2.0
//
// Later: items that can't be done now. Each goes again after five seconds, then after twice as long
// each time, up to five minutes. Values only; the driver locks. Tests: tests/unit/runtime.
#pragma once

#include <map>
#include <vector>

#include "engine/runtime/items/item.h"

namespace vozex::runtime {

// Held in memory for later; beyond, the rows wait for the next start of a process.
inline constexpr std::size_t k_max_held_later = 50'000;

class Later {
 public:
  // How many there was no room for.
  std::size_t put(std::vector<Item> items, Timestamp now);
  // Those whose time has come, in its order.
  std::vector<Item> take(Timestamp now);
  bool empty() const { return items_.empty(); }
  // When the first one's time comes; not of an empty one.
  Timestamp first() const { return items_.begin()->first; }

 private:
  std::multimap<Timestamp, Item> items_;
};

}  // namespace vozex::runtime
