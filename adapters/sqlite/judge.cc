// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "adapters/sqlite/commit.h"
#include "engine/base/assert.h"

namespace vozex::sqlite {
namespace {

using ports::BindingOp;
using ports::CallOp;
using ports::Group;
using ports::GroupVerdict;
using ports::Verdict;

Result<std::optional<ports::MarkRow>> first_answer(Connection& connection, const Group& group) {
  for (const ports::MarkWrite& write : group.marks) {
    if (write.resolve) continue;
    Statement find = connection.use("SELECT disposition, answer FROM marks WHERE mark = ?1");
    auto row = find.id(1, write.mark).step();
    if (!row) return Failure(row.error());
    if (*row) {
      return ports::MarkRow{write.mark, find.number_at<machine::Disposition>(0), find.text_at(1)};
    }
  }
  return std::nullopt;
}

Result<bool> is_as_read(Connection& connection, const ports::InstanceWrite& write) {
  VOZEX_ASSERT(!write.was_ended || machine::is_ended(write.row.life));
  if (write.old == 0) {
    auto known = connection.use("SELECT 1 FROM instances WHERE id = ?1").id(1, write.row.id).step();
    if (!known) return known;
    return !*known;
  }
  const char* find = write.was_ended ? "SELECT 1 FROM finished WHERE id = ?1 AND etag = ?2"
                                     : "SELECT 1 FROM instances WHERE id = ?1 AND etag = ?2";
  return connection.use(find).id(1, write.row.id).etag(2, write.old).step();
}

Result<bool> is_as_read(Connection& connection, const ports::CallWrite& write) {
  if (write.op == CallOp::withdraw) return true;
  Statement find = connection.use(
      "SELECT state, owner, attempt FROM calls WHERE instance = ?1 AND seq = ?2 AND idx = ?3");
  auto row = find.id(1, write.row.id.instance)
                 .number(2, write.row.id.seq)
                 .number(3, write.row.id.index)
                 .step();
  if (!row) return row;
  if (write.op == CallOp::insert) return !*row;
  if (!*row) return false;
  const bool same_attempt = find.number_at<std::uint16_t>(2) == write.expect_attempt;
  if (write.op == CallOp::lease) {
    return find.number_at<ports::CallState>(0) != ports::CallState::leased &&
           (write.expect_attempt == 0 || same_attempt);
  }
  return find.id_at<SessionId>(1) == write.expect_owner && same_attempt;
}

Result<bool> is_parked(Connection& connection, const MarkId& mark) {
  return connection.use("SELECT 1 FROM parked WHERE mark = ?1").id(1, mark).step();
}

Result<bool> is_free_to_park(Connection& connection, const ports::ParkWrite& park) {
  auto parked = is_parked(connection, park.mark);
  if (!parked) return parked;
  if (*parked) return false;
  for (const ports::BindingKey& key : park.keys) {
    auto live = connection
                    .use(
                        "SELECT 1 FROM holders WHERE tenant = ?1 AND slot = ?2 AND key = ?3 "
                        "AND ended = 0")
                    .text(1, key.tenant)
                    .text(2, key.slot)
                    .text(3, key.key)
                    .step();
    if (!live) return live;
    if (*live) return false;
  }
  return true;
}

template <class Items, class Check>
Result<bool> all_of(const Items& items, Check&& check) {
  for (const auto& item : items) {
    auto good = check(item);
    if (!good || !*good) return good;
  }
  return true;
}

Result<bool> is_as_read(Connection& connection, const Group& group) {
  const auto same = [&](const auto& write) { return is_as_read(connection, write); };
  auto good = all_of(group.instances, same);
  if (good && *good) good = all_of(group.calls, same);
  if (good && *good) {
    good = all_of(group.unparks, [&](const MarkId& mark) { return is_parked(connection, mark); });
  }
  if (good && *good) {
    good = all_of(group.parks, [&](const auto& park) { return is_free_to_park(connection, park); });
  }
  return good;
}

using Holders = std::map<ports::InstanceKey, bool>;  // value: has ended

Result<Holders> stored_holders(Connection& connection, const ports::BindingKey& key) {
  Statement read = connection.use(
      "SELECT shard, instance, ended FROM holders WHERE tenant = ?1 AND slot = ?2 AND key = ?3");
  read.text(1, key.tenant).text(2, key.slot).text(3, key.key);
  Holders holders;
  auto done = read.each([&](const Statement& row) {
    holders[{row.number_at<Shard>(0), row.id_at<InstanceId>(1)}] = row.number_at(2) != 0;
  });
  if (!done) return Failure(done.error());
  return holders;
}

// Earlier writes of the same group count: an order that ends may hand its key to its successor.
Result<Holders> holders_before(Connection& connection, const Group& group, std::size_t position) {
  const ports::BindingKey& key = group.bindings[position].binding;
  auto holders = stored_holders(connection, key);
  if (!holders) return holders;
  for (std::size_t i = 0; i < position; ++i) {
    const ports::BindingWrite& write = group.bindings[i];
    if (write.binding != key) continue;
    switch (write.op) {
      case BindingOp::take_key: *holders = {{write.instance, false}}; break;
      case BindingOp::add_alias: (*holders)[write.instance] = false; break;
      case BindingOp::end: (*holders)[write.instance] = true; break;
      case BindingOp::release: holders->erase(write.instance); break;
    }
  }
  return holders;
}

Result<std::optional<ports::BindingKey>> taken_key(Connection& connection, const Group& group) {
  for (std::size_t i = 0; i < group.bindings.size(); ++i) {
    const ports::BindingWrite& write = group.bindings[i];
    if (write.op != BindingOp::take_key) continue;
    auto holders = holders_before(connection, group, i);
    if (!holders) return Failure(holders.error());
    for (const auto& [holder, ended] : *holders) {
      if (!ended || !write.reusable) return write.binding;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<GroupVerdict> judge(Connection& connection, const Group& group) {
  auto first = first_answer(connection, group);
  if (!first) return Failure(first.error());
  if (*first) return GroupVerdict{Verdict::duplicate, std::move(*first), std::nullopt};
  auto same = is_as_read(connection, group);
  if (!same) return Failure(same.error());
  if (!*same) return GroupVerdict{Verdict::stale, std::nullopt, std::nullopt};
  auto taken = taken_key(connection, group);
  if (!taken) return Failure(taken.error());
  if (*taken) return GroupVerdict{Verdict::key_taken, std::nullopt, std::move(*taken)};
  return GroupVerdict{};
}

}  // namespace vozex::sqlite
