// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/spread.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "adapters/postgres/records.h"
#include "adapters/postgres/walks.h"

namespace vozex::postgres::spread {
namespace {

// Rows of `calls` or `outbox` that were seen, as parameters of statements for one bucket each.
struct Seen {
  struct Bucket {
    Column instance{k_uuid}, seq{k_int4}, index{k_int4};
  };
  std::map<Shard, Bucket> buckets;
  std::set<Bytes16> owners;
};

// Columns: shard, instance, seq, idx, owner.
Result<Seen> look(Connection& connection, const char* sql, const Params& params) {
  auto rows = connection.run(sql, params);
  if (!rows) return Failure(rows.error());
  Seen seen;
  for (int i = 0; i < rows->size(); ++i) {
    Seen::Bucket& bucket = seen.buckets[rows->number<Shard>(i, 0)];
    bucket.instance.add_bytes(rows->bytes(i, 1));
    bucket.seq.add_int4(rows->number<std::int32_t>(i, 2));
    bucket.index.add_int4(rows->number<std::int32_t>(i, 3));
    if (!rows->is_null(i, 4)) seen.owners.insert(rows->bytes(i, 4));
  }
  return seen;
}

// $1 who takes, $2 to $5 which rows, $6 as `add` says.
template <class Add>
Result<std::vector<Rows>> take(
    Connection& connection, const char* sql, const SessionId& owner, const Seen& seen, Add&& add) {
  std::vector<Params> params;
  for (const auto& [shard, bucket] : seen.buckets) {
    Params one;
    one.id(owner).int2(shard).array(bucket.instance).array(bucket.seq).array(bucket.index);
    add(one);
    params.push_back(std::move(one));
  }
  std::vector<Query> queries;
  queries.reserve(params.size());
  for (const Params& one : params) queries.push_back({sql, &one});
  if (queries.empty()) return std::vector<Rows>();
  return connection.run_all(queries);
}

// Owners that were found dead stay dead.
auto add_owners(const Seen& seen) {
  Column owners(k_uuid);
  for (const Bytes16& owner : seen.owners) owners.add_bytes(owner);
  return [owners](Params& params) { params.array(owners); };
}

#define VOZEX_PG_IDS(instance) "(c." instance ", c.seq, c.idx)"
// Of the rows of one bucket those that meet `condition` and that nobody holds.
#define VOZEX_PG_TAKE(table, instance, condition, change)                             \
  "WITH l AS (SELECT c." instance ", c.seq, c.idx FROM " table                        \
  " c WHERE c.shard = $2 AND " VOZEX_PG_IDS(                                          \
      instance) " IN (SELECT * FROM unnest($3, $4, $5)) AND " condition               \
                " FOR NO KEY UPDATE OF c SKIP LOCKED) UPDATE " table " c SET " change \
                " FROM l WHERE c.shard = $2 AND " VOZEX_PG_IDS(                       \
                    instance) " = (l." instance ", l.seq, l.idx) RETURNING "

constexpr const char* k_dead_calls =
    "SELECT c.shard, c.instance, c.seq, c.idx, c.owner FROM calls c WHERE c.state = 1 "
    "AND c.owner NOT IN (SELECT id FROM sessions WHERE live) "
    "ORDER BY c.instance, c.seq, c.idx LIMIT $1";
constexpr const char* k_inherit_calls = VOZEX_PG_TAKE(
    "calls",
    "instance",
    "c.state = 1 AND c.owner = ANY ($6)",
    "owner = $1, attempt = c.attempt + 1, losses = c.losses + 1") VOZEX_PG_CALL_COLUMNS;

constexpr const char* k_dead_outbox =
    "SELECT o.shard, o.from_instance, o.seq, o.idx, o.owner FROM outbox o "
    "WHERE o.owner NOT IN (SELECT id FROM sessions WHERE live) "
    "ORDER BY o.from_instance, o.seq, o.idx LIMIT $1";
constexpr const char* k_inherit_outbox = VOZEX_PG_TAKE(
    "outbox", "from_instance", "c.owner = ANY ($6)", "owner = $1") VOZEX_PG_OUTBOX_COLUMNS;

constexpr const char* k_waiting =
    "SELECT c.shard, c.instance, c.seq, c.idx, c.owner FROM calls c WHERE c.state = 2 "
    "AND c.adapter = $3 AND c.next_at <= $1 ORDER BY c.next_at LIMIT $2";
constexpr const char* k_claim =
    VOZEX_PG_TAKE("calls", "instance", "c.state = 2 AND c.next_at <= $6", "state = 1, owner = $1")
        VOZEX_PG_CALL_COLUMNS;

std::vector<ports::CallRow> calls_of(const std::vector<Rows>& all) {
  std::vector<ports::CallRow> calls;
  for (const Rows& rows : all) {
    for (int i = 0; i < rows.size(); ++i) calls.push_back(read_call(rows, i));
  }
  return calls;
}

constexpr const char* k_is_live = "SELECT 1 FROM sessions WHERE id = $1 AND live";

constexpr const char* k_expired =
    "SELECT shard, mark FROM parked WHERE expires_at <= $1 ORDER BY expires_at, mark LIMIT $2";
constexpr const char* k_expire = "SELECT expire_parked_home_v1($1, $2, $3, $4, $5)";

constexpr const char* k_first_of_adapters =
    "SELECT adapter, min(next_at) FROM calls WHERE state = 2 GROUP BY adapter ORDER BY adapter";

// What tells of sessions knows them all: they are few.
constexpr const char* k_sessions =
    "SELECT id, id <> $1 AND beat_at < now() - $2 * interval '1 microsecond' FROM sessions "
    "WHERE live ORDER BY id";
constexpr const char* k_call_orphan =
    "SELECT 1 FROM calls c WHERE c.state = 1 AND c.owner NOT IN (SELECT id FROM sessions WHERE "
    "live) LIMIT 1";
constexpr const char* k_outbox_orphan =
    "SELECT 1 FROM outbox o WHERE o.owner NOT IN (SELECT id FROM sessions WHERE live) LIMIT 1";
constexpr const char* k_unclaimed = "SELECT 1 FROM bindings WHERE " VOZEX_PG_UNCLAIMED " LIMIT 1";
constexpr const char* k_first_timer =
    "SELECT min(timer_at) FROM instances WHERE timer_at IS NOT NULL";
constexpr const char* k_first_expiry = "SELECT min(expires_at) FROM parked";
constexpr const char* k_definitions =
    "SELECT count(*) || '/' || coalesce(max(deployed_at)::text, '') FROM definitions";
constexpr const char* k_batches = "SELECT 1 FROM batches WHERE state = 1 LIMIT 1";

std::vector<ports::WaitingCalls> read_waiting(const Rows& rows) {
  return rows.all([](const Rows& from, int row) {
    return ports::WaitingCalls{from.text(row, 0), from.time(row, 1)};
  });
}

ports::News read_news(const std::vector<Rows>& rows) {
  ports::News news;
  for (int i = 0; i < rows[0].size(); ++i) {
    news.living.push_back(rows[0].id<SessionId>(i, 0));
    news.orphans = news.orphans || rows[0].boolean(i, 1);
  }
  news.orphans = news.orphans || !rows[1].empty() || !rows[2].empty();
  news.unclaimed = !rows[3].empty();
  news.waiting_calls = read_waiting(rows[4]);
  news.first_timer = rows[5].optional_time(0, 0);
  news.first_expiry = rows[6].optional_time(0, 0);
  news.definitions = rows[7].text(0, 0);
  news.batches = !rows[8].empty();
  return news;
}

}  // namespace

std::vector<HotStatement> take_statements() {
  return {{"claim_calls", k_claim, "uuid, int2, uuid[], int4[], int4[], timestamptz"},
          {"inherit_calls", k_inherit_calls, "uuid, int2, uuid[], int4[], int4[], uuid[]"},
          {"inherit_outbox", k_inherit_outbox, "uuid, int2, uuid[], int4[], int4[], uuid[]"}};
}

Result<std::vector<ports::CallRow>> inherit_calls(Connection& connection,
                                                  const SessionId& heir,
                                                  std::size_t limit) {
  Params params;
  params.int8(static_cast<std::int64_t>(limit));
  auto seen = look(connection, k_dead_calls, params);
  if (!seen) return Failure(seen.error());
  auto taken = take(connection, k_inherit_calls, heir, *seen, add_owners(*seen));
  if (!taken) return Failure(taken.error());
  return calls_of(*taken);
}

Result<std::vector<ports::OutboxRow>> inherit_outbox(Connection& connection,
                                                     const SessionId& heir,
                                                     std::size_t limit) {
  Params params;
  params.int8(static_cast<std::int64_t>(limit));
  auto seen = look(connection, k_dead_outbox, params);
  if (!seen) return Failure(seen.error());
  auto taken = take(connection, k_inherit_outbox, heir, *seen, add_owners(*seen));
  if (!taken) return Failure(taken.error());
  std::vector<ports::OutboxRow> outbox;
  for (const Rows& rows : *taken) {
    for (int i = 0; i < rows.size(); ++i) outbox.push_back(read_outbox_row(rows, i));
  }
  return outbox;
}

Result<std::vector<ports::CallRow>> claim_calls(Connection& connection,
                                                const SessionId& session,
                                                const std::string& adapter,
                                                Timestamp now,
                                                std::size_t limit) {
  auto living = connection.run(k_is_live, Params().id(session));
  if (!living) return Failure(living.error());
  if (living->empty()) return std::vector<ports::CallRow>();
  Params params;
  params.time(now).int8(static_cast<std::int64_t>(limit)).text(adapter);
  auto seen = look(connection, k_waiting, params);
  if (!seen) return Failure(seen.error());
  auto taken = take(connection, k_claim, session, *seen, [&](Params& one) { one.time(now); });
  if (!taken) return Failure(taken.error());
  return calls_of(*taken);
}

Result<std::size_t> expire_parked(Connection& connection, Timestamp now, std::size_t limit) {
  Params params;
  params.time(now).int8(static_cast<std::int64_t>(limit));
  auto seen = connection.run(k_expired, params);
  if (!seen) return Failure(seen.error());
  if (seen->empty()) return std::size_t{0};
  Column shard(k_int2), mark(k_uuid);
  for (int i = 0; i < seen->size(); ++i) {
    shard.add_int2(seen->number<Shard>(i, 0));
    mark.add_bytes(seen->bytes(i, 1));
  }
  Params expired;
  expired.array(shard).array(mark).time(now).text(ports::k_expired_answer);
  expired.int2(static_cast<std::int16_t>(machine::Disposition::rejected));
  auto rows = connection.run(k_expire, expired);
  if (!rows) return Failure(rows.error());
  return rows->number<std::size_t>(0, 0);
}

Result<std::vector<ports::WaitingCalls>> waiting_calls(Connection& connection) {
  auto rows = connection.run(k_first_of_adapters);
  if (!rows) return Failure(rows.error());
  return read_waiting(*rows);
}

Result<ports::News> news(Connection& connection, const SessionId& session, Duration lease) {
  Params of_session;
  of_session.id(session).int8(lease.count());
  const Params none;
  auto rows = connection.run_all({{k_sessions, &of_session},
                                  {k_call_orphan, &none},
                                  {k_outbox_orphan, &none},
                                  {k_unclaimed, &none},
                                  {k_first_of_adapters, &none},
                                  {k_first_timer, &none},
                                  {k_first_expiry, &none},
                                  {k_definitions, &none},
                                  {k_batches, &none}});
  if (!rows) return Failure(rows.error());
  return read_news(*rows);
}

}  // namespace vozex::postgres::spread
