// SPDX-License-Identifier: Apache-2.0
//
// LaneQueue: what waits for a lane, and what of it makes the next batch. In order of arrival, but
// what comes back goes first, and timers have a queue of their own, so that a storm of them never
// starves events. Thread rule: one thread. Tests: tests/unit/runtime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "engine/base/ids.h"
#include "engine/runtime/items/item.h"

namespace vozex::runtime {

class LaneQueue {
 public:
  void offer(Item item);
  // Before everything else, in this order.
  void put_back(std::vector<Item> items);
  // The next batch: at most `limit` items that may share one.
  std::vector<Item> take(std::size_t limit);
  // Those that somebody waits for; the others stay.
  std::vector<Item> take_awaited();
  std::vector<Item> take_all();
  std::size_t size() const { return front_.size() + queue_.size() + timers_.size(); }
  bool empty() const { return front_.empty() && queue_.empty() && timers_.empty(); }

 private:
  // A row of an outbox.
  using RowKey = std::tuple<InstanceId, std::uint32_t, std::uint16_t>;
  static std::optional<RowKey> message_of(const Item& item);
  std::optional<Item> pop(bool timers);  // whether one of these may be taken

  std::deque<Item> front_;
  std::deque<Item> queue_;
  std::deque<Item> timers_;
  // Of the items in front_ and queue_: a message is asked for by each that has to wait for it, and
  // goes once.
  std::set<RowKey> messages_;
};

}  // namespace vozex::runtime
