// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/sessions.h"
#include "adapters/postgres/spread.h"
#include "adapters/postgres/walks.h"

namespace vozex::postgres {
namespace {

#define VOZEX_PG_BEAT                                                                 \
  "UPDATE sessions SET beat_at = clock_timestamp() WHERE id = $1 AND live RETURNING " \
  "beat_at"

constexpr const char* k_beat = VOZEX_PG_BEAT;
// Citus takes no function that may answer anew for each row.
constexpr const char* k_beat_everywhere =
    "UPDATE sessions SET beat_at = now() WHERE id = $1 AND live RETURNING beat_at";

// Each part is a short look into an index, whatever the size of its table.
constexpr const char* k_beat_and_news =
    "WITH RECURSIVE " VOZEX_PG_CALL_OWNERS("c") ", " VOZEX_PG_OUTBOX_OWNERS(
        "m") ", " VOZEX_PG_WAITING("a") ", beat AS (" VOZEX_PG_BEAT
                                        ") "
                                        "SELECT (SELECT beat_at FROM beat),"
                                        " (SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM "
                                        "sessions WHERE live),"
                                        " EXISTS (SELECT FROM sessions WHERE live AND id <> $1"
                                        "  AND beat_at < clock_timestamp() - $2 * interval '1 "
                                        "microsecond')"
                                        " OR EXISTS (SELECT FROM (SELECT owner FROM c UNION ALL "
                                        "SELECT owner FROM m) o"
                                        "  WHERE o.owner IS NOT NULL"
                                        "  AND NOT EXISTS (SELECT FROM sessions s WHERE s.id = "
                                        "o.owner AND s.live)),"
                                        " EXISTS (SELECT FROM bindings WHERE " VOZEX_PG_UNCLAIMED
                                        "),"
                                        " (SELECT coalesce(array_agg(adapter ORDER BY adapter), "
                                        "'{}') FROM a),"
                                        " (SELECT coalesce(array_agg((extract(epoch FROM next_at) "
                                        "* 1000000)::int8"
                                        "  ORDER BY adapter), '{}') FROM a),"
                                        " (SELECT min(due_by) FROM instances WHERE due_by IS NOT "
                                        "NULL),"
                                        " (SELECT min(expires_at) FROM parked),"
                                        " (SELECT count(*) || '/' || "
                                        "coalesce(max(deployed_at)::text, '') FROM definitions),"
                                        " EXISTS (SELECT FROM batches WHERE state = 1)";

Failure dead_session() {
  return fail(ErrorClass::not_found, "session_dead", "the session is dead: join anew");
}

ports::News read_news(const Rows& row) {
  ports::News news;
  for (const Bytes16& id : row.all_bytes(0, 1)) news.living.push_back(SessionId{id});
  news.orphans = row.boolean(0, 2);
  news.unclaimed = row.boolean(0, 3);
  const auto adapters = row.texts(0, 4);
  const auto times = row.numbers(0, 5);
  for (std::size_t i = 0; i < adapters.size(); ++i) {
    news.waiting_calls.push_back({adapters[i], Timestamp(Duration(times[i]))});
  }
  news.first_timer = row.optional_time(0, 6);
  news.first_expiry = row.optional_time(0, 7);
  news.definitions = row.text(0, 8);
  news.batches = row.boolean(0, 9);
  return news;
}

Result<ports::Beat> beat_alone(Connection& connection, const char* sql, const Params& params) {
  auto row = connection.run(sql, params);
  if (!row) return Failure(row.error());
  if (row->empty()) return dead_session();
  return ports::Beat{row->time(0, 0), std::nullopt};
}

Result<ports::Beat> beat_spread(Connection& connection, const SessionId& session, Duration lease) {
  auto beat = beat_alone(connection, k_beat_everywhere, Params().id(session));
  if (!beat) return beat;
  auto news = spread::news(connection, session, lease);
  if (news) beat->news = std::move(*news);
  return beat;
}

}  // namespace

Result<ports::Beat> beat(Connection& connection,
                         Layout layout,
                         const SessionId& session,
                         Duration lease) {
  if (layout == Layout::by_bucket) return beat_spread(connection, session, lease);
  Params params;
  params.id(session);
  Params both = params;
  both.int8(lease.count());
  auto row = connection.run(k_beat_and_news, both);
  if (row && row->is_null(0, 0)) return dead_session();
  if (row) return ports::Beat{row->time(0, 0), read_news(*row)};
  // A table that is locked or a look that takes too long must not cost the session.
  if (!connection.is_usable()) return Failure(row.error());
  return beat_alone(connection, k_beat, params);
}

}  // namespace vozex::postgres
