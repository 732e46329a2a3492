// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/load.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "adapters/postgres/fold.h"
#include "adapters/postgres/numbers.h"
#include "adapters/postgres/records.h"

namespace vozex::postgres {
namespace {

// `finished` and `marks` have a partition for each month: only who isn't live is looked up in the
// former, and those of months to come are left out.
constexpr const char* k_instances =
    "WITH l AS MATERIALIZED (SELECT u.shard AS s, u.id AS u, i.* "
    "FROM unnest($1, $2) u(shard, id) LEFT JOIN instances i ON i.shard = u.shard AND i.id = u.id) "
    "SELECT " VOZEX_PG_LIVE_COLUMNS
    "FROM l i WHERE i.etag IS NOT NULL UNION ALL "
    "SELECT " VOZEX_PG_FINISHED_COLUMNS
    "FROM l JOIN finished i ON i.shard = l.s AND i.id = l.u WHERE l.etag IS NULL "
    "AND i.finished_at <= now() + interval '1 day'";
constexpr const char* k_bindings =
    "SELECT b.tenant, b.slot, b.key, b.instance_shard, b.instance, b.live = 0, b.parked > 0 "
    "FROM unnest($1, $2) u(shard, id) JOIN bindings b ON b.shard = u.shard AND b.id = u.id "
    "WHERE b.instance IS NOT NULL UNION ALL "
    "SELECT b.tenant, b.slot, b.key, h.instance_shard, h.instance, h.ended, b.parked > 0 "
    "FROM unnest($1, $2) u(shard, id) JOIN bindings b ON b.shard = u.shard AND b.id = u.id "
    "JOIN holders h ON h.shard = b.shard AND h.id = b.id WHERE b.instance IS NULL";
constexpr const char* k_marks =
    "SELECT m.mark, m.disposition, m.answer FROM unnest($1, $2) u(shard, mark) "
    "JOIN marks m ON m.shard = u.shard AND m.mark = u.mark "
    "AND m.month <= (now() AT TIME ZONE 'UTC')::date + 1";
constexpr const char* k_parked =
    "SELECT DISTINCT p.arrival, p.mark, p.event, p.expires_at "
    "FROM unnest($1, $2) u(shard, id) JOIN waits w ON w.shard = u.shard AND w.id = u.id "
    "JOIN parked p ON p.shard = w.mark_shard AND p.mark = w.mark ORDER BY p.arrival";

// Those asked about are among them.
constexpr const char* k_earlier =
    "SELECT " VOZEX_PG_OUTBOX_COLUMNS
    "FROM unnest($1, $2, $3, $4) u(shard, from_instance, seq, idx) JOIN outbox c ON c.shard = "
    "u.shard AND c.from_instance = u.from_instance AND (c.seq, c.idx) < (u.seq, u.idx) "
    "ORDER BY c.from_instance, c.seq, c.idx LIMIT $5";
constexpr const char* k_bucket_earlier =
    "SELECT " VOZEX_PG_OUTBOX_COLUMNS
    "FROM outbox c WHERE c.shard = $1 AND c.from_instance = $2 AND (c.seq, c.idx) < ($3, $4) "
    "ORDER BY c.seq, c.idx LIMIT $5";

// Of one bucket each: $1 its number, $2 ids.
constexpr const char* k_bucket_instances =
    "SELECT " VOZEX_PG_LIVE_COLUMNS
    "FROM instances i WHERE i.shard = $1 AND i.id = ANY ($2) UNION ALL "
    "SELECT " VOZEX_PG_FINISHED_COLUMNS
    "FROM finished i WHERE i.shard = $1 AND i.id = ANY ($2) "
    "AND i.finished_at <= now() + interval '1 day'";
constexpr const char* k_bucket_bindings =
    "SELECT b.tenant, b.slot, b.key, b.instance_shard, b.instance, b.live = 0, b.parked > 0 "
    "FROM bindings b WHERE b.shard = $1 AND b.id = ANY ($2) AND b.instance IS NOT NULL UNION ALL "
    "SELECT b.tenant, b.slot, b.key, h.instance_shard, h.instance, h.ended, b.parked > 0 "
    "FROM bindings b JOIN holders h ON h.shard = $1 AND h.id = b.id "
    "WHERE b.shard = $1 AND b.id = ANY ($2) AND b.instance IS NULL";
constexpr const char* k_bucket_marks =
    "SELECT m.mark, m.disposition, m.answer FROM marks m WHERE m.shard = $1 AND m.mark = ANY ($2) "
    "AND m.month <= (now() AT TIME ZONE 'UTC')::date + 1";
// First which events wait on the keys, then those.
constexpr const char* k_bucket_waits =
    "SELECT DISTINCT w.mark_shard, w.mark FROM waits w WHERE w.shard = $1 AND w.id = ANY ($2)";
constexpr const char* k_bucket_parked =
    "SELECT p.arrival, p.mark, p.event, p.expires_at FROM parked p "
    "WHERE p.shard = $1 AND p.mark = ANY ($2)";

template <class Item>
std::set<Item> once_each(const std::vector<Item>& items) {
  return {items.begin(), items.end()};
}

// Rows by their buckets and ids, each once.
using Places = std::map<Shard, std::set<Bytes16>>;

Places places_of(const std::vector<ports::BindingKey>& keys) {
  Places places;
  for (const ports::BindingKey& key : once_each(keys)) {
    const Bytes16 id = id_of(key);
    places[static_cast<Shard>(shard_of_binding(id))].insert(id);
  }
  return places;
}

Places places_of(const std::vector<ports::InstanceKey>& keys) {
  Places places;
  for (const ports::InstanceKey& key : keys) places[key.shard].insert(key.id.bytes);
  return places;
}

Places places_of(const std::vector<MarkId>& marks) {
  Places places;
  for (const MarkId& mark : marks) places[shard_of_mark(mark)].insert(mark.bytes);
  return places;
}

Params all_of(const Places& places) {
  Column shard(k_int2), id(k_uuid);
  for (const auto& [bucket, ids] : places) {
    for (const Bytes16& one : ids) {
      shard.add_int2(bucket);
      id.add_bytes(one);
    }
  }
  Params params;
  params.array(shard).array(id);
  return params;
}

Params one_of(Shard bucket, const std::set<Bytes16>& ids) {
  Column id(k_uuid);
  for (const Bytes16& one : ids) id.add_bytes(one);
  Params params;
  params.int2(bucket).array(id);
  return params;
}

// Messages that are about to be delivered, by sender.
class Messages {
 public:
  explicit Messages(const std::vector<ports::OutboxRow>& rows) {
    for (const ports::OutboxRow& row : rows) {
      known_.insert(key_of(row));
      const ports::OutboxRow*& last = last_[row.from];
      if (last == nullptr || key_of(*last) < key_of(row)) last = &row;
    }
  }

  bool empty() const { return known_.empty(); }
  Params all() const {
    Column shard(k_int2), from(k_uuid), seq(k_int4), index(k_int4);
    for (const auto& [sender, row] : last_) {
      shard.add_int2(row->shard);
      from.add_id(sender);
      seq.add_int4(static_cast<std::int32_t>(row->seq));
      index.add_int4(row->index);
    }
    Params params;
    params.array(shard).array(from).array(seq).array(index).int8(limit());
    return params;
  }
  std::vector<Params> each() const {
    std::vector<Params> some;
    for (const auto& [sender, row] : last_) {
      some.emplace_back().int2(row->shard).id(sender).int4(static_cast<std::int32_t>(row->seq));
      some.back().int4(row->index).int8(limit());
    }
    return some;
  }
  void read(const Rows& rows, ports::LoadReply& reply) const {
    for (int i = 0; i < rows.size(); ++i) {
      ports::OutboxRow row = read_outbox_row(rows, i);
      if (!known_.contains(key_of(row))) reply.outbox.push_back(std::move(row));
    }
  }

 private:
  using Key = std::tuple<InstanceId, std::uint32_t, std::uint16_t>;
  static Key key_of(const ports::OutboxRow& row) { return {row.from, row.seq, row.index}; }
  std::int64_t limit() const {
    return static_cast<std::int64_t>(ports::k_max_earlier + known_.size());
  }

  std::set<Key> known_;
  std::map<InstanceId, const ports::OutboxRow*> last_;
};

// Statements of one round trip, and who reads their rows.
class Questions {
 public:
  using Read = std::function<void(const Rows&)>;

  // All at once, or bucket by bucket.
  void ask(const char* sql, const Places& places, const Read& read) {
    if (!places.empty()) add(sql, all_of(places), read);
  }
  void ask_each(const char* sql, const Places& places, const Read& read) {
    for (const auto& [bucket, ids] : places) add(sql, one_of(bucket, ids), read);
  }
  void ask(const char* sql, Params params, const Read& read) { add(sql, std::move(params), read); }
  Result<void> send(Connection& connection) {
    if (statements_.empty()) return {};
    std::vector<Query> queries;
    queries.reserve(statements_.size());
    for (const auto& [sql, params] : statements_) queries.push_back({sql, &params});
    auto results = connection.run_all(queries);
    if (!results) return Failure(results.error());
    for (std::size_t i = 0; i < readers_.size(); ++i) readers_[i]((*results)[i]);
    return {};
  }

 private:
  void add(const char* sql, Params params, const Read& read) {
    statements_.emplace_back(sql, std::move(params));
    readers_.push_back(read);
  }

  std::vector<std::pair<const char*, Params>> statements_;
  std::vector<Read> readers_;
};

void read_instances(const Rows& rows, ports::LoadReply& reply) {
  for (int i = 0; i < rows.size(); ++i) reply.instances.push_back(read_instance(rows, i));
}

void read_bindings(const Rows& rows, ports::LoadReply& reply) {
  for (int i = 0; i < rows.size(); ++i) {
    reply.bindings.push_back({{rows.text(i, 0), rows.text(i, 1), rows.text(i, 2)},
                              {rows.number<Shard>(i, 3), rows.id<InstanceId>(i, 4)},
                              rows.boolean(i, 5),
                              rows.boolean(i, 6)});
  }
}

void read_marks(const Rows& rows, ports::LoadReply& reply) {
  for (int i = 0; i < rows.size(); ++i) {
    reply.marks.push_back(
        {rows.id<MarkId>(i, 0), rows.number<machine::Disposition>(i, 1), rows.text(i, 2)});
  }
}

void read_parked(const Rows& rows, ports::LoadReply& reply) {
  for (int i = 0; i < rows.size(); ++i) {
    reply.parked.push_back({rows.id<MarkId>(i, 1),
                            rows.number<std::uint64_t>(i, 0),
                            rows.text(i, 2),
                            rows.time(i, 3)});
  }
}

}  // namespace

std::vector<HotStatement> load_statements(Layout layout) {
  if (layout == Layout::by_bucket) {
    return {{"instances", k_bucket_instances},
            {"bindings", k_bucket_bindings},
            {"marks", k_bucket_marks},
            {"waits", k_bucket_waits},
            {"parked", k_bucket_parked},
            {"earlier", k_bucket_earlier, "int2, uuid, int4, int4, int8"}};
  }
  return {{"instances", k_instances},
          {"bindings", k_bindings},
          {"marks", k_marks},
          {"parked", k_parked},
          {"earlier", k_earlier, "int2[], uuid[], int4[], int4[], int8"}};
}

namespace {

Result<ports::LoadReply> load_together(Connection& connection, const ports::LoadRequest& request) {
  ports::LoadReply reply;
  Questions questions;
  questions.ask(k_instances, places_of(request.instances), [&](const Rows& rows) {
    read_instances(rows, reply);
  });
  questions.ask(k_bindings, places_of(request.bindings), [&](const Rows& rows) {
    read_bindings(rows, reply);
  });
  questions.ask(
      k_marks, places_of(request.marks), [&](const Rows& rows) { read_marks(rows, reply); });
  questions.ask(
      k_parked, places_of(request.parked), [&](const Rows& rows) { read_parked(rows, reply); });
  const Messages messages(request.outbox);
  if (!messages.empty()) {
    questions.ask(k_earlier, messages.all(), [&](const Rows& rows) { messages.read(rows, reply); });
  }
  if (auto sent = questions.send(connection); !sent) return Failure(sent.error());
  return reply;
}

Result<void> load_parked(Connection& connection, const Places& waiting, ports::LoadReply& reply) {
  Questions questions;
  questions.ask_each(k_bucket_parked, waiting, [&](const Rows& rows) { read_parked(rows, reply); });
  if (auto sent = questions.send(connection); !sent) return sent;
  std::sort(reply.parked.begin(), reply.parked.end(), [](const auto& a, const auto& b) {
    return std::tie(a.order, a.mark) < std::tie(b.order, b.mark);
  });
  return {};
}

Result<ports::LoadReply> load_by_bucket(Connection& connection, const ports::LoadRequest& request) {
  ports::LoadReply reply;
  Places waiting;
  Questions questions;
  questions.ask_each(k_bucket_instances, places_of(request.instances), [&](const Rows& rows) {
    read_instances(rows, reply);
  });
  questions.ask_each(k_bucket_bindings, places_of(request.bindings), [&](const Rows& rows) {
    read_bindings(rows, reply);
  });
  questions.ask_each(
      k_bucket_marks, places_of(request.marks), [&](const Rows& rows) { read_marks(rows, reply); });
  questions.ask_each(k_bucket_waits, places_of(request.parked), [&](const Rows& rows) {
    for (int i = 0; i < rows.size(); ++i) {
      waiting[rows.number<Shard>(i, 0)].insert(rows.bytes(i, 1));
    }
  });
  const Messages messages(request.outbox);
  for (Params& one : messages.each()) {
    questions.ask(
        k_bucket_earlier, std::move(one), [&](const Rows& rows) { messages.read(rows, reply); });
  }
  if (auto sent = questions.send(connection); !sent) return Failure(sent.error());
  if (auto read = load_parked(connection, waiting, reply); !read) return Failure(read.error());
  return reply;
}

}  // namespace

Result<ports::LoadReply> load(Connection& connection,
                              const ports::LoadRequest& request,
                              Layout layout) {
  return layout == Layout::together ? load_together(connection, request)
                                    : load_by_bucket(connection, request);
}

}  // namespace vozex::postgres
