// SPDX-License-Identifier: Apache-2.0
//
// Messages of one instance reach another in the order in which they were posted. The process that
// posted a message has it in its lanes, in order; but the sender may have been stepped by another
// process before, which died or is slow. So before a message is delivered, what its sender posted
// earlier and what nobody has delivered yet goes first, here; the mark of a message makes its
// delivery one, whoever does it.
#include <algorithm>
#include <tuple>

#include "engine/base/planted.h"
#include "engine/runtime/batch/batch.h"
#include "engine/runtime/definitions/door.h"

namespace vozex::runtime {
namespace {

// Of one message: what its sender has open beyond that (k_max_earlier each time) it doesn't wait
// for.
constexpr std::uint16_t k_max_looks_back = 64;

using RowKey = std::tuple<InstanceId, std::uint32_t, std::uint16_t>;
RowKey key_of(const ports::OutboxRow& row) { return {row.from, row.seq, row.index}; }

// The instance that an order names.
std::optional<InstanceId> named(const Item::Order& order) {
  if (const auto* deliver = std::get_if<DeliverOrder>(&order)) return deliver->to;
  if (const auto* start = std::get_if<NewOrder>(&order)) return start->id;
  return std::nullopt;
}

}  // namespace

// Those of a fan-out (step 0) have one addressee each.
void Batch::want_earlier(const Task& task, Needs& needs) const {
  const auto& row = task.item.outbox;
  if (earlier_asked_ || !row || row->seq == 0) return;
  needs.load.outbox.push_back({row->shard, row->from, row->seq, row->index, {}, ""});
}

void Batch::take_earlier(const std::vector<ports::OutboxRow>& rows) {
  earlier_asked_ = true;
  for (const ports::OutboxRow& row : rows) {
    auto item = item_of(row);
    if (!item) continue;  // its own delivery says so
    Earlier earlier{std::move(*item), {}};
    if (const auto* find = std::get_if<FindOrder>(&earlier.item.order)) {
      const auto event = fit(*context_.definitions, find->event);
      earlier.keys = plan_search(*context_.definitions, event, now_).keys();
    }
    earlier_.push_back(std::move(earlier));
    ++earlier_of_[row.from];
  }
}

// Both name one instance, or look for one key. One that names an instance and one that looks for a
// key have no order.
bool Batch::may_meet(const Task& task, const Earlier& earlier) {
  const auto to = named(task.item.order);
  if (to) return to == named(earlier.item.order);
  const auto keys = task.plan.keys();
  return std::any_of(keys.begin(), keys.end(), [&](const ports::BindingKey& key) {
    return std::find(earlier.keys.begin(), earlier.keys.end(), key) != earlier.keys.end();
  });
}

// True when the task waits for its turn, with those that go first.
bool Batch::let_earlier_go(std::size_t index) {
  Task& task = tasks_[index];
  if (!task.item.outbox || task.item.let_earlier_go) return false;
  if (VOZEX_PLANTED(messages_overtake)) return false;
  // One load doesn't show all that its sender posted: what it shows goes first, whoever it is for,
  // and then it is looked again.
  const auto came = earlier_of_.find(task.item.outbox->from);
  const bool more = came != earlier_of_.end() && came->second >= ports::k_max_earlier &&
                    task.item.looks_back < k_max_looks_back;
  for (Earlier& earlier : earlier_) {
    const ports::OutboxRow& row = *earlier.item.outbox;
    if (row.from != task.item.outbox->from || key_of(row) > key_of(*task.item.outbox)) continue;
    if (!more && !may_meet(task, earlier)) continue;
    task.stage = Stage::left;
    task.item.let_earlier_go = !more;
    if (!earlier.goes) again_.emplace_back(index, earlier.item);
    earlier.goes = true;
  }
  if (more && task.stage == Stage::left) ++task.item.looks_back;
  return task.stage == Stage::left;
}

}  // namespace vozex::runtime
