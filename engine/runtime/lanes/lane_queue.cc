// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/lanes/lane_queue.h"

#include <iterator>
#include <utility>
#include <variant>

#include "engine/base/planted.h"
#include "engine/ports/lane_store.h"

namespace vozex::runtime {
namespace {

bool goes_alone(const Item& item) {
  return item.failures >= k_alone_after || std::holds_alternative<PoisonOrder>(item.order) ||
         std::holds_alternative<ClaimOrder>(item.order);
}

bool may_join(const Item& item, const std::vector<Item>& batch) {
  return batch.empty() || (!goes_alone(item) && !goes_alone(batch.front()));
}

}  // namespace

std::optional<LaneQueue::RowKey> LaneQueue::message_of(const Item& item) {
  if (!item.outbox || std::holds_alternative<DoneOrder>(item.order)) return std::nullopt;
  return RowKey{item.outbox->from, item.outbox->seq, item.outbox->index};
}

void LaneQueue::offer(Item item) {
  const auto message = message_of(item);
  if (message && !messages_.insert(*message).second) return;
  if (std::holds_alternative<TimerOrder>(item.order)) {
    timers_.push_back(std::move(item));
  } else {
    queue_.push_back(std::move(item));
  }
}

void LaneQueue::put_back(std::vector<Item> items) {
  if (VOZEX_PLANTED(requeued_to_the_back)) {
    for (Item& item : items) offer(std::move(item));
    return;
  }
  for (const Item& item : items) {
    if (const auto message = message_of(item)) messages_.insert(*message);
  }
  front_.insert(
      front_.begin(), std::make_move_iterator(items.begin()), std::make_move_iterator(items.end()));
}

std::optional<Item> LaneQueue::pop(bool timers) {
  for (;;) {
    auto& source = !front_.empty() ? front_ : timers && !timers_.empty() ? timers_ : queue_;
    if (source.empty()) return std::nullopt;
    Item item = std::move(source.front());
    source.pop_front();
    const auto message = message_of(item);
    // One that isn't there any more went before, for the sake of a later one.
    if (!message || messages_.erase(*message) > 0) return item;
  }
}

std::vector<Item> LaneQueue::take(std::size_t limit) {
  std::vector<Item> items;
  std::vector<Item> aside;
  // One mark twice in a batch would be one row twice in a commit: the second waits for the answer
  // of the first.
  std::set<MarkId> marks;
  // Timers are a quarter of a batch at most, unless nothing else is there: however many are due, an
  // event waits for the batch under way and shares the next.
  const std::size_t most_timers = queue_.empty() ? limit : ports::k_max_batch_groups / 4;
  std::size_t timers = 0;
  while (items.size() + aside.size() < limit) {
    auto item = pop(timers < most_timers);
    if (!item) break;
    if (!may_join(*item, items)) {
      aside.push_back(std::move(*item));
      break;
    }
    if (item->mark && !marks.insert(*item->mark).second) {
      aside.push_back(std::move(*item));
      continue;
    }
    if (std::holds_alternative<TimerOrder>(item->order)) ++timers;
    items.push_back(std::move(*item));
  }
  put_back(std::move(aside));
  return items;
}

std::vector<Item> LaneQueue::take_awaited() {
  std::vector<Item> awaited;
  for (std::deque<Item>* queue : {&front_, &queue_}) {
    std::deque<Item> items = std::exchange(*queue, {});
    for (Item& item : items) {
      if (item.done) {
        awaited.push_back(std::move(item));
      } else {
        queue->push_back(std::move(item));
      }
    }
  }
  return awaited;
}

std::vector<Item> LaneQueue::take_all() {
  std::vector<Item> items;
  for (std::deque<Item>* queue : {&front_, &queue_, &timers_}) {
    std::move(queue->begin(), queue->end(), std::back_inserter(items));
    queue->clear();
  }
  messages_.clear();
  return items;
}

}  // namespace vozex::runtime
