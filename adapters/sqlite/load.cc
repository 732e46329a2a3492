// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/load.h"

#include <map>
#include <set>

#include "adapters/sqlite/rows.h"

namespace vozex::sqlite {
namespace {

template <class Item>
std::set<Item> once_each(const std::vector<Item>& items) {
  return {items.begin(), items.end()};
}

Result<void> load_instances(Connection& connection,
                            const ports::LoadRequest& request,
                            ports::LoadReply& reply) {
  Statement find =
      connection.use("SELECT " VOZEX_SQLITE_LIVE_COLUMNS
                     "FROM instances WHERE id = ?1 UNION ALL "
                     "SELECT " VOZEX_SQLITE_FINISHED_COLUMNS "FROM finished WHERE id = ?1 LIMIT 1");
  for (const ports::InstanceKey& key : once_each(request.instances)) {
    auto read = find.id(1, key.id).each(
        [&](const Statement& row) { reply.instances.push_back(read_instance(row)); });
    if (!read) return read;
    find.reset();
  }
  return {};
}

Result<void> load_bindings(Connection& connection,
                           const ports::LoadRequest& request,
                           ports::LoadReply& reply) {
  Statement find = connection.use(
      "SELECT shard, instance, ended, EXISTS (SELECT 1 FROM waits w WHERE w.tenant = ?1 AND w.slot "
      "= ?2 AND w.key = ?3) FROM holders WHERE tenant = ?1 AND slot = ?2 AND key = ?3");
  for (const ports::BindingKey& key : once_each(request.bindings)) {
    auto read =
        find.text(1, key.tenant).text(2, key.slot).text(3, key.key).each([&](const Statement& row) {
          reply.bindings.push_back({key,
                                    {row.number_at<Shard>(0), row.id_at<InstanceId>(1)},
                                    row.number_at(2) != 0,
                                    row.number_at(3) != 0});
        });
    if (!read) return read;
    find.reset();
  }
  return {};
}

Result<void> load_marks(Connection& connection,
                        const ports::LoadRequest& request,
                        ports::LoadReply& reply) {
  Statement find = connection.use("SELECT disposition, answer FROM marks WHERE mark = ?1");
  for (const MarkId& mark : once_each(request.marks)) {
    auto read = find.id(1, mark).each([&](const Statement& row) {
      reply.marks.push_back({mark, row.number_at<machine::Disposition>(0), row.text_at(1)});
    });
    if (!read) return read;
    find.reset();
  }
  return {};
}

Result<void> load_parked(Connection& connection,
                         const ports::LoadRequest& request,
                         ports::LoadReply& reply) {
  Statement find = connection.use(
      "SELECT p.arrival, p.mark, p.event, p.expires_at FROM waits w "
      "JOIN parked p ON p.arrival = w.arrival WHERE w.tenant = ?1 AND w.slot = ?2 AND w.key = ?3");
  std::map<std::uint64_t, ports::ParkedRow> by_arrival;
  for (const ports::BindingKey& key : once_each(request.parked)) {
    auto read =
        find.text(1, key.tenant).text(2, key.slot).text(3, key.key).each([&](const Statement& row) {
          const auto arrival = row.number_at<std::uint64_t>(0);
          by_arrival[arrival] = {row.id_at<MarkId>(1), arrival, row.text_at(2), row.time_at(3)};
        });
    if (!read) return read;
    find.reset();
  }
  for (auto& [arrival, row] : by_arrival) reply.parked.push_back(std::move(row));
  return {};
}

// Posted by the same senders before the last of those asked about, but none of them.
Result<void> load_earlier(Connection& connection,
                          const ports::LoadRequest& request,
                          ports::LoadReply& reply) {
  using Key = std::pair<std::uint32_t, std::uint16_t>;
  std::map<InstanceId, std::pair<Shard, std::set<Key>>> senders;
  for (const ports::OutboxRow& row : request.outbox) {
    auto& [shard, keys] = senders[row.from];
    shard = row.shard;
    keys.emplace(row.seq, row.index);
  }
  Statement find = connection.use(
      "SELECT seq, idx, owner, event FROM outbox WHERE shard = ?1 AND from_instance = ?2 AND (seq, "
      "idx) < (?3, ?4) ORDER BY seq, idx LIMIT ?5");
  for (const auto& [from, sender] : senders) {
    const auto& [shard, keys] = sender;
    find.number(1, shard).id(2, from).number(3, keys.rbegin()->first);
    find.number(4, keys.rbegin()->second);
    find.number(5, static_cast<std::int64_t>(ports::k_max_earlier + keys.size()));
    auto read = find.each([&](const Statement& row) {
      const Key key{row.number_at<std::uint32_t>(0), row.number_at<std::uint16_t>(1)};
      if (keys.contains(key)) return;
      reply.outbox.push_back(
          {shard, from, key.first, key.second, row.id_at<SessionId>(2), row.text_at(3)});
    });
    if (!read) return read;
    find.reset();
  }
  return {};
}

Result<void> load_all(Connection& connection,
                      const ports::LoadRequest& request,
                      ports::LoadReply& reply) {
  auto good = load_instances(connection, request, reply);
  if (good) good = load_bindings(connection, request, reply);
  if (good) good = load_marks(connection, request, reply);
  if (good) good = load_parked(connection, request, reply);
  if (good && !request.outbox.empty()) good = load_earlier(connection, request, reply);
  return good;
}

}  // namespace

Result<ports::LoadReply> load(Connection& connection, const ports::LoadRequest& request) {
  if (auto begun = connection.use("BEGIN").run(); !begun) return Failure(begun.error());
  ports::LoadReply reply;
  const auto good = load_all(connection, request, reply);
  connection.roll_back();
  if (!good) return Failure(good.error());
  return reply;
}

}  // namespace vozex::sqlite
