// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/sessions.h"

namespace vozex::sqlite {
namespace {

constexpr const char* k_news =
    "SELECT EXISTS (SELECT 1 FROM sessions WHERE live = 1 AND id <> ?1 AND "
    "beat_at < " VOZEX_SQLITE_NOW
    " - ?2) OR EXISTS (SELECT 1 FROM calls WHERE state = 1 AND owner NOT IN "
    "(SELECT id FROM sessions WHERE live = 1)) OR EXISTS (SELECT 1 FROM outbox WHERE owner NOT IN "
    "(SELECT id FROM sessions WHERE live = 1)), "
    "EXISTS (SELECT 1 FROM waits w CROSS JOIN holders h WHERE h.tenant = w.tenant AND "
    "h.slot = w.slot AND h.key = w.key AND h.ended = 0), "
    "(SELECT min(timer_at) FROM instances WHERE timer_at IS NOT NULL), "
    "(SELECT min(expires_at) FROM parked), "
    "(SELECT count(*) || '/' || coalesce(max(deployed_at), '') FROM definitions), "
    "EXISTS (SELECT 1 FROM batches WHERE state = 1)";

}  // namespace

Result<ports::News> news(Connection& connection, const SessionId& reader, Duration lease) {
  ports::News news;
  auto living =
      connection.use("SELECT id FROM sessions WHERE live = 1 ORDER BY id")
          .each([&](const Statement& row) { news.living.push_back(row.id_at<SessionId>(0)); });
  if (!living) return Failure(living.error());
  auto waiting = waiting_calls(connection);
  if (!waiting) return Failure(waiting.error());
  news.waiting_calls = *std::move(waiting);
  Statement look = connection.use(k_news);
  auto row = look.id(1, reader).number(2, lease.count()).step();
  if (!row) return Failure(row.error());
  news.orphans = look.number_at<int>(0) != 0;
  news.unclaimed = look.number_at<int>(1) != 0;
  news.first_timer = look.optional_time_at(2);
  news.first_expiry = look.optional_time_at(3);
  news.definitions = look.text_at(4);
  news.batches = look.number_at<int>(5) != 0;
  return news;
}

}  // namespace vozex::sqlite
