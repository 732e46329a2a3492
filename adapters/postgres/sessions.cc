// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/sessions.h"

#include <algorithm>

#include "adapters/postgres/records.h"
#include "adapters/postgres/spread.h"
#include "adapters/postgres/walks.h"

namespace vozex::postgres {
namespace {

using Inheritance = ports::SessionStore::Inheritance;

Failure dead_session() {
  return fail(ErrorClass::not_found, "session_dead", "the session is dead: join anew");
}

Result<void> done(const Result<Rows>& rows) {
  if (!rows) return Failure(rows.error());
  return {};
}

std::vector<ports::CallRow> read_calls(const Rows& rows) { return rows.all(read_call); }

// The heir's row is locked, so that it can't be buried meanwhile.
Result<void> bury(Connection& connection, const SessionId& heir, Duration lease) {
  Params params;
  params.id(heir);
  auto living =
      connection.run("SELECT 1 FROM sessions WHERE id = $1 AND live FOR NO KEY UPDATE", params);
  if (!living) return Failure(living.error());
  if (living->empty()) return dead_session();
  params.int8(lease.count());
  return done(connection.run(
      "UPDATE sessions SET live = false WHERE id IN (SELECT id FROM sessions WHERE live AND id <> "
      "$1 AND beat_at < now() - $2 * interval '1 microsecond' FOR NO KEY UPDATE SKIP LOCKED)",
      params));
}

// Owners are few; the dead ones' rows are looked up.
constexpr const char* k_inherit_calls =
    "WITH RECURSIVE " VOZEX_PG_CALL_OWNERS("o") ","
    " d AS (SELECT owner FROM o WHERE owner IS NOT NULL"
    "  AND NOT EXISTS (SELECT FROM sessions s WHERE s.id = o.owner AND s.live)),"
    " l AS (SELECT c.shard, c.instance, c.seq, c.idx FROM calls c"
    "  WHERE c.state = 1 AND c.owner = ANY (SELECT owner FROM d) ORDER BY c.instance, c.seq, c.idx"
    "  LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED) "
    "UPDATE calls c SET owner = $1, attempt = c.attempt + 1, losses = c.losses + 1 FROM l "
    "WHERE c.shard = l.shard AND c.instance = l.instance AND c.seq = l.seq AND c.idx = l.idx "
    "RETURNING " VOZEX_PG_CALL_COLUMNS;

constexpr const char* k_inherit_outbox =
    "WITH RECURSIVE " VOZEX_PG_OUTBOX_OWNERS("o") ","
    " d AS (SELECT owner FROM o WHERE owner IS NOT NULL"
    "  AND NOT EXISTS (SELECT FROM sessions s WHERE s.id = o.owner AND s.live)),"
    " l AS (SELECT c.shard, c.from_instance, c.seq, c.idx FROM outbox c"
    "  WHERE c.owner = ANY (SELECT owner FROM d) ORDER BY c.from_instance, c.seq, c.idx"
    "  LIMIT $2 FOR NO KEY UPDATE OF c SKIP LOCKED) "
    "UPDATE outbox c SET owner = $1 FROM l WHERE c.shard = l.shard "
    "AND c.from_instance = l.from_instance AND c.seq = l.seq AND c.idx = l.idx "
    "RETURNING " VOZEX_PG_OUTBOX_COLUMNS;

std::vector<ports::OutboxRow> read_outbox(const Rows& rows) { return rows.all(read_outbox_row); }

Result<Inheritance> take_over(Connection& connection, const SessionId& heir, std::size_t limit) {
  Params params;
  params.id(heir).int8(static_cast<std::int64_t>(limit));
  auto calls = connection.run(k_inherit_calls, params);
  if (!calls) return Failure(calls.error());
  auto outbox = connection.run(k_inherit_outbox, params);
  if (!outbox) return Failure(outbox.error());
  return Inheritance{read_calls(*calls), read_outbox(*outbox)};
}

Result<Inheritance> take_over_spread(Connection& connection,
                                     const SessionId& heir,
                                     std::size_t limit) {
  auto calls = spread::inherit_calls(connection, heir, limit);
  if (!calls) return Failure(calls.error());
  auto outbox = spread::inherit_outbox(connection, heir, limit);
  if (!outbox) return Failure(outbox.error());
  return Inheritance{std::move(*calls), std::move(*outbox)};
}

Result<Inheritance> inherit_in(Connection& connection,
                               Layout layout,
                               const SessionId& heir,
                               Duration lease,
                               std::size_t limit) {
  if (auto buried = bury(connection, heir, lease); !buried) return Failure(buried.error());
  const bool together = layout == Layout::together;
  auto inheritance =
      together ? take_over(connection, heir, limit) : take_over_spread(connection, heir, limit);
  if (!inheritance) return inheritance;
  std::sort(inheritance->calls.begin(), inheritance->calls.end(), [](const auto& a, const auto& b) {
    return a.id < b.id;
  });
  const auto order = [](const auto& row) { return std::tie(row.from, row.seq, row.index); };
  std::sort(inheritance->outbox.begin(),
            inheritance->outbox.end(),
            [&](const auto& a, const auto& b) { return order(a) < order(b); });
  return inheritance;
}

// Whether the transaction that a lost COMMIT was to end did commit. Its server process is ended
// first, so that the answer stays true; then one of the rows tells.
Result<bool> did_commit(Pool& pool,
                        const Backend& lost,
                        const char* find_owner,
                        const Params& row,
                        const SessionId& expected) {
  return pool.repeatable([&](Connection& connection) -> Result<bool> {
    Params params;
    params.int4(lost.pid).time(lost.started);
    auto ended = connection.run(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = $1 AND "
        "backend_start = $2",
        params);
    if (!ended) return Failure(ended.error());
    auto found = connection.run(find_owner, row);
    if (!found) return Failure(found.error());
    return !found->empty() && found->id<SessionId>(0, 0) == expected;
  });
}

constexpr const char* k_find_call =
    "SELECT owner FROM calls WHERE shard = $1 AND instance = $2 AND seq = $3 AND idx = $4 AND "
    "attempt = $5 AND state = 1";

Params params_of(const ports::CallRow& call) {
  Params params;
  params.int2(call.shard).id(call.id.instance).int4(static_cast<std::int32_t>(call.id.seq));
  params.int4(call.id.index).int4(call.attempt);
  return params;
}

constexpr const char* k_find_outbox =
    "SELECT owner FROM outbox WHERE shard = $1 AND from_instance = $2 AND seq = $3 AND idx = $4";

Params params_of(const ports::OutboxRow& row) {
  Params params;
  params.int2(row.shard).id(row.from).int4(static_cast<std::int32_t>(row.seq)).int4(row.index);
  return params;
}

Failure unavailable(Error error) {
  error.kind = ErrorClass::unavailable;
  return Failure(std::move(error));
}

}  // namespace

Result<void> join(Connection& connection, const SessionId& session, const std::string& name) {
  Params params;
  params.id(session).text(name);
  return done(connection.run(
      "INSERT INTO sessions(id, name, live) VALUES($1, $2, true) ON CONFLICT DO NOTHING", params));
}

Result<void> leave(Connection& connection, const SessionId& session) {
  Params params;
  params.id(session);
  return done(connection.run("UPDATE sessions SET live = false WHERE id = $1", params));
}

Result<Inheritance> inherit(
    Pool& pool, Layout layout, const SessionId& heir, Duration lease, std::size_t limit) {
  Inheritance seen;
  Backend lost;
  auto result = pool.once(
      [&](Connection& connection) {
        return connection.transaction([&]() -> Result<Inheritance> {
          auto inherited = inherit_in(connection, layout, heir, lease, limit);
          if (inherited) seen = *inherited;
          return inherited;
        });
      },
      &lost);
  if (result || result.error().kind != ErrorClass::outcome_unknown) return result;
  if (seen.calls.empty() && seen.outbox.empty()) return unavailable(result.error());
  const auto committed =
      seen.calls.empty() ? did_commit(pool, lost, k_find_outbox, params_of(seen.outbox[0]), heir)
                         : did_commit(pool, lost, k_find_call, params_of(seen.calls[0]), heir);
  if (!committed) return Failure(committed.error());
  if (!*committed) return unavailable(result.error());
  return seen;
}

namespace {

Result<std::vector<ports::CallRow>> claim_in(Connection& connection,
                                             const SessionId& session,
                                             const std::string& adapter,
                                             Timestamp now,
                                             std::size_t limit) {
  constexpr const char* k_claim =
      "WITH l AS (SELECT c.shard, c.instance, c.seq, c.idx FROM calls c"
      "  WHERE c.state = 2 AND c.adapter = $4 AND c.next_at <= $2"
      "  AND EXISTS (SELECT FROM sessions s WHERE s.id = $1 AND s.live)"
      "  ORDER BY c.next_at LIMIT $3"
      "  FOR NO KEY UPDATE OF c SKIP LOCKED) "
      "UPDATE calls c SET state = 1, owner = $1 FROM l "
      "WHERE c.shard = l.shard AND c.instance = l.instance AND c.seq = l.seq AND c.idx = l.idx "
      "RETURNING " VOZEX_PG_CALL_COLUMNS;
  Params params;
  params.id(session).time(now).int8(static_cast<std::int64_t>(limit)).text(adapter);
  auto rows = connection.run(k_claim, params);
  if (!rows) return Failure(rows.error());
  return read_calls(*rows);
}

}  // namespace

Result<std::vector<ports::CallRow>> claim_calls(Pool& pool,
                                                Layout layout,
                                                const SessionId& session,
                                                const std::string& adapter,
                                                Timestamp now,
                                                std::size_t limit) {
  std::vector<ports::CallRow> seen;
  Backend lost;
  const auto claim = layout == Layout::together ? claim_in : spread::claim_calls;
  auto result = pool.once(
      [&](Connection& connection) {
        return connection.transaction([&]() -> Result<void> {
          auto claimed = claim(connection, session, adapter, now, limit);
          if (!claimed) return Failure(claimed.error());
          seen = std::move(*claimed);
          return {};
        });
      },
      &lost);
  std::sort(seen.begin(), seen.end(), [](const auto& a, const auto& b) {
    return std::tie(a.next_at, a.id) < std::tie(b.next_at, b.id);
  });
  if (result) return seen;
  if (result.error().kind != ErrorClass::outcome_unknown) return Failure(result.error());
  if (seen.empty()) return unavailable(result.error());
  auto committed = did_commit(pool, lost, k_find_call, params_of(seen[0]), session);
  if (!committed) return Failure(committed.error());
  if (!*committed) return unavailable(result.error());
  return seen;
}

}  // namespace vozex::postgres
