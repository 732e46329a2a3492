// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "adapters/simulated/tables.h"
#include "engine/base/assert.h"

namespace vozex::simulated {
namespace {

using ports::BindingOp;
using ports::BindingWrite;
using ports::CallOp;
using ports::CallState;
using ports::Group;
using ports::GroupVerdict;
using ports::Verdict;

std::optional<ports::MarkRow> first_answer(const Tables& tables, const Group& group) {
  for (const ports::MarkWrite& write : group.marks) {
    if (write.resolve) continue;
    const auto found = tables.marks.find(write.mark);
    if (found != tables.marks.end()) return found->second;
  }
  return std::nullopt;
}

bool is_as_read(const Tables& tables, const ports::InstanceWrite& write) {
  const ports::InstanceKey key{write.row.shard, write.row.id};
  VOZEX_ASSERT(!write.was_ended || machine::is_ended(write.row.life));
  if (write.old == 0) {
    VOZEX_ASSERT(!tables.finished.contains(key));  // an id is used once
    return !tables.live.contains(key);
  }
  const auto& table = write.was_ended ? tables.finished : tables.live;
  const auto found = table.find(key);
  return found != table.end() && found->second.etag == write.old;
}

bool is_as_read(const Tables& tables, const ports::CallWrite& write) {
  const auto found = tables.calls.find(write.row.id);
  const bool exists = found != tables.calls.end();
  switch (write.op) {
    case CallOp::insert: return !exists;
    case CallOp::withdraw: return true;
    case CallOp::lease:
      return exists && found->second.state != CallState::leased &&
             (write.expect_attempt == 0 || found->second.attempt == write.expect_attempt);
    case CallOp::end:
    case CallOp::retry:
    case CallOp::dead:
      return exists && found->second.owner == write.expect_owner &&
             found->second.attempt == write.expect_attempt;
  }
  return false;
}

bool is_free_to_park(const Tables& tables, const ports::ParkWrite& park) {
  if (tables.parked.contains(park.mark)) return false;
  return std::none_of(park.keys.begin(), park.keys.end(), [&](const ports::BindingKey& key) {
    const auto found = tables.bindings.find(key);
    return found != tables.bindings.end() && found->second.is_live();
  });
}

bool is_stale(const Tables& tables, const Group& group) {
  for (const auto& write : group.instances) {
    if (!is_as_read(tables, write)) return true;
  }
  for (const auto& write : group.calls) {
    if (!is_as_read(tables, write)) return true;
  }
  for (const auto& mark : group.unparks) {
    if (!tables.parked.contains(mark)) return true;
  }
  for (const auto& park : group.parks) {
    if (!is_free_to_park(tables, park)) return true;
  }
  return false;
}

// Earlier writes of the same group count: an order that ends may hand its key to its successor.
std::map<ports::InstanceKey, bool> holders_before(const Tables& tables,
                                                  const Group& group,
                                                  std::size_t position) {
  const ports::BindingKey& key = group.bindings[position].binding;
  std::map<ports::InstanceKey, bool> holders;
  const auto found = tables.bindings.find(key);
  if (found != tables.bindings.end()) holders = found->second.holders;
  for (std::size_t i = 0; i < position; ++i) {
    const BindingWrite& write = group.bindings[i];
    if (write.binding != key) continue;
    switch (write.op) {
      case BindingOp::take_key: holders = {{write.instance, false}}; break;
      case BindingOp::add_alias: holders[write.instance] = false; break;
      case BindingOp::end: holders[write.instance] = true; break;
      case BindingOp::release: holders.erase(write.instance); break;
    }
  }
  return holders;
}

std::optional<ports::BindingKey> taken_key(const Tables& tables, const Group& group) {
  for (std::size_t i = 0; i < group.bindings.size(); ++i) {
    const BindingWrite& write = group.bindings[i];
    if (write.op != BindingOp::take_key) continue;
    for (const auto& [holder, ended] : holders_before(tables, group, i)) {
      if (!ended || !write.reusable) return write.binding;
    }
  }
  return std::nullopt;
}

}  // namespace

GroupVerdict judge(const Tables& tables, const Group& group) {
  if (auto first = first_answer(tables, group)) {
    return {Verdict::duplicate, std::move(first), std::nullopt};
  }
  if (is_stale(tables, group)) return {Verdict::stale, std::nullopt, std::nullopt};
  if (auto taken = taken_key(tables, group)) {
    return {Verdict::key_taken, std::nullopt, std::move(taken)};
  }
  return {};
}

}  // namespace vozex::simulated
