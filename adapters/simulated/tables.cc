// SPDX-License-Identifier: Apache-2.0
#include "adapters/simulated/tables.h"

#include <algorithm>

namespace vozex::simulated {
namespace {

template <class Item>
std::set<Item> once_each(const std::vector<Item>& items) {
  return {items.begin(), items.end()};
}

std::vector<ports::ParkedRow> parked_on(const Tables& tables,
                                        const std::vector<ports::BindingKey>& keys) {
  std::map<std::uint64_t, const ports::ParkedRow*> by_order;
  for (const ports::BindingKey& key : keys) {
    const auto arbiter = tables.bindings.find(key);
    if (arbiter == tables.bindings.end()) continue;
    for (const MarkId& mark : arbiter->second.waiting) {
      const ports::ParkedRow& row = tables.parked.at(mark).row;
      by_order[row.order] = &row;
    }
  }
  std::vector<ports::ParkedRow> rows;
  rows.reserve(by_order.size());
  for (const auto& [order, row] : by_order) rows.push_back(*row);
  return rows;
}

}  // namespace

bool Arbiter::is_live() const {
  return std::any_of(
      holders.begin(), holders.end(), [](const auto& holder) { return !holder.second; });
}

OutboxKey key_of(const ports::OutboxRow& row) { return {row.shard, row.from, row.seq, row.index}; }

const ports::InstanceRow* Tables::find(const ports::InstanceKey& key) const {
  auto found = live.find(key);
  if (found != live.end()) return &found->second;
  found = finished.find(key);
  return found == finished.end() ? nullptr : &found->second;
}

namespace {

// Posted by the same senders before the last of these, but none of these.
std::vector<ports::OutboxRow> earlier_than(const Tables& tables,
                                           const std::vector<ports::OutboxRow>& asked) {
  std::map<InstanceId, OutboxKey> last;
  std::set<OutboxKey> known;
  for (const ports::OutboxRow& row : asked) {
    known.insert(key_of(row));
    OutboxKey& key = last.try_emplace(row.from, key_of(row)).first->second;
    key = std::max(key, key_of(row));
  }
  std::vector<ports::OutboxRow> earlier;
  std::map<InstanceId, std::size_t> shown;  // of each sender; as many as SQL reads
  for (const auto& [key, row] : tables.outbox) {
    const auto found = last.find(row.from);
    if (found == last.end() || key >= found->second) continue;
    if (++shown[row.from] > ports::k_max_earlier + known.size()) continue;
    if (!known.contains(key)) earlier.push_back(row);
  }
  return earlier;
}

}  // namespace

ports::LoadReply read(const Tables& tables, const ports::LoadRequest& request) {
  ports::LoadReply reply;
  for (const ports::InstanceKey& key : once_each(request.instances)) {
    if (const ports::InstanceRow* row = tables.find(key)) reply.instances.push_back(*row);
  }
  for (const ports::BindingKey& key : once_each(request.bindings)) {
    const auto found = tables.bindings.find(key);
    if (found == tables.bindings.end()) continue;
    for (const auto& [instance, ended] : found->second.holders) {
      reply.bindings.push_back({key, instance, ended, !found->second.waiting.empty()});
    }
  }
  for (const MarkId& mark : once_each(request.marks)) {
    const auto found = tables.marks.find(mark);
    if (found != tables.marks.end()) reply.marks.push_back(found->second);
  }
  reply.parked = parked_on(tables, request.parked);
  reply.outbox = earlier_than(tables, request.outbox);
  return reply;
}

void unpark(Tables& tables, const MarkId& mark) {
  const auto found = tables.parked.find(mark);
  if (found == tables.parked.end()) return;
  for (const ports::BindingKey& key : found->second.keys) {
    const auto arbiter = tables.bindings.find(key);
    if (arbiter == tables.bindings.end()) continue;
    arbiter->second.waiting.erase(mark);
    if (arbiter->second.holders.empty() && arbiter->second.waiting.empty()) {
      tables.bindings.erase(arbiter);
    }
  }
  tables.parked.erase(found);
}

}  // namespace vozex::simulated
