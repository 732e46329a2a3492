// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/sessions.h"
#include "adapters/postgres/spread.h"
#include "adapters/postgres/walks.h"

namespace vozex::postgres {

namespace {

// As the text of an int2[].
std::string array_of(const ports::ShardSet& shards) {
  std::string list;
  for (std::size_t shard = 0; shard < shards.size(); ++shard) {
    if (shards.test(shard)) list += (list.empty() ? "" : ",") + std::to_string(shard);
  }
  return "{" + list + "}";
}

// `due_by` is the column that is indexed. It may be earlier than `timer_at`, which a step has
// cleared or moved since, and never later. Spread tables have none (migration 0017).
std::string timers_sql(Layout layout, const ports::ShardSet& shards) {
  const std::string due = layout == Layout::together ? "due_by" : "timer_at";
  // All of the shards is the rule for a process alone, and needs no look at each row.
  return "SELECT shard, id, " + due + ", timer_at IS DISTINCT FROM " + due +
         " FROM instances WHERE " + due + " < $1 " +
         (shards.all() ? "" : "AND shard = ANY ($3::text::int2[]) ") + "ORDER BY " + due +
         " LIMIT $2";
}

// One that a commit has locked is left: it comes back too early.
constexpr const char* k_put_right =
    "UPDATE instances i SET due_by = i.timer_at FROM (SELECT shard, id FROM instances WHERE due_by "
    "<= $1 AND timer_at IS DISTINCT FROM due_by ORDER BY due_by LIMIT $2 FOR NO KEY UPDATE SKIP "
    "LOCKED) s WHERE i.shard = s.shard AND i.id = s.id";

// A page of the index can be all such as wait no more, and the next one, too. Who reads comes
// again.
constexpr int k_pages_put_right = 20;

bool has_early(const Rows& rows) {
  for (int i = 0; i < rows.size(); ++i) {
    if (rows.boolean(i, 3)) return true;
  }
  return false;
}

}  // namespace

Result<std::vector<ports::DueTimer>> timers_before(Connection& connection,
                                                   Layout layout,
                                                   Timestamp horizon,
                                                   const ports::ShardSet& shards,
                                                   std::size_t limit) {
  const std::string sql = timers_sql(layout, shards);
  Params params;
  params.time(horizon).int8(static_cast<std::int64_t>(limit));
  if (!shards.all()) params.text(array_of(shards));
  auto rows = connection.run(sql.c_str(), params);
  for (int page = 0; rows && has_early(*rows) && page < k_pages_put_right; ++page) {
    Params early;
    early.time(rows->time(rows->size() - 1, 2)).int8(static_cast<std::int64_t>(limit));
    if (auto right = connection.run(k_put_right, early); !right) return Failure(right.error());
    rows = connection.run(sql.c_str(), params);
  }
  if (!rows) return Failure(rows.error());
  return rows->all([](const Rows& from, int row) {
    return ports::DueTimer{{from.number<Shard>(row, 0), from.id<InstanceId>(row, 1)},
                           from.time(row, 2)};
  });
}

constexpr const char* k_waiting_calls =
    "WITH RECURSIVE " VOZEX_PG_WAITING("a") " SELECT adapter, next_at FROM a";

Result<std::vector<ports::WaitingCalls>> waiting_calls(Connection& connection, Layout layout) {
  if (layout == Layout::by_bucket) return spread::waiting_calls(connection);
  auto rows = connection.run(k_waiting_calls);
  if (!rows) return Failure(rows.error());
  return rows->all([](const Rows& from, int row) {
    return ports::WaitingCalls{from.text(row, 0), from.time(row, 1)};
  });
}

constexpr const char* k_unclaimed =
    "SELECT tenant, slot, key FROM bindings WHERE " VOZEX_PG_UNCLAIMED
    " ORDER BY tenant, slot, key LIMIT $1";
// The holder of a business key stands in its row, those of an alias beside it.
constexpr const char* k_unclaimed_ended =
    "SELECT tenant, slot, key FROM bindings b WHERE parked > 0 AND live = 0 AND (instance IS NOT "
    "NULL OR EXISTS (SELECT FROM holders h WHERE h.shard = b.shard AND h.id = b.id)) "
    "ORDER BY tenant, slot, key LIMIT $1";

Result<std::vector<ports::BindingKey>> unclaimed(Connection& connection,
                                                 ports::Holding holding,
                                                 std::size_t limit) {
  Params params;
  params.int8(static_cast<std::int64_t>(limit));
  auto rows =
      connection.run(holding == ports::Holding::live ? k_unclaimed : k_unclaimed_ended, params);
  if (!rows) return Failure(rows.error());
  return rows->all([](const Rows& from, int row) {
    return ports::BindingKey{from.text(row, 0), from.text(row, 1), from.text(row, 2)};
  });
}

// One at a time would be cheap too; but all of a call are one transaction, so that the count is
// true.
Result<std::size_t> expire_parked(Connection& connection,
                                  Layout layout,
                                  Timestamp now,
                                  std::size_t limit) {
  if (layout == Layout::by_bucket) {
    return connection.transaction([&] { return spread::expire_parked(connection, now, limit); });
  }
  Params params;
  params.time(now).int8(static_cast<std::int64_t>(limit)).text(ports::k_expired_answer);
  params.int2(static_cast<std::int16_t>(machine::Disposition::rejected));
  auto rows = connection.run("SELECT expire_parked_v1($1, $2, $3, $4)", params);
  if (!rows) return Failure(rows.error());
  return rows->number<std::size_t>(0, 0);
}

Result<std::vector<ports::TenantCount>> parked_by_tenant(Connection& connection) {
  auto rows = connection.run(
      "SELECT tenant, sum(parked)::int8 FROM bindings WHERE parked > 0 GROUP BY tenant "
      "ORDER BY tenant");
  if (!rows) return Failure(rows.error());
  return rows->all([](const Rows& from, int row) {
    return ports::TenantCount{from.text(row, 0), from.number<std::uint64_t>(row, 1)};
  });
}

Result<void> put(Connection& connection, const std::vector<ports::DefinitionRow>& rows) {
  return connection.transaction([&]() -> Result<void> {
    for (const ports::DefinitionRow& row : rows) {
      Params params;
      params.text(row.workflow).int4(static_cast<std::int32_t>(row.version));
      params.text(row.content_hash).text(row.bundle).time(row.deployed_at);
      // The update makes the row that is there come back. The same again writes its files anew:
      // what is stored of them may have been damaged.
      auto stored = connection.run(
          "INSERT INTO definitions(workflow, version, content_hash, bundle, deployed_at) "
          "VALUES($1, $2, $3, $4, $5) ON CONFLICT (workflow, version) DO UPDATE SET "
          "bundle = CASE WHEN definitions.content_hash = excluded.content_hash THEN "
          "excluded.bundle "
          "ELSE definitions.bundle END RETURNING content_hash",
          params);
      if (!stored) return Failure(stored.error());
      if (stored->text(0, 0) != row.content_hash) {
        return fail(ErrorClass::conflict,
                    "version_changed",
                    "version " + std::to_string(row.version) + " of " + row.workflow +
                        " is deployed with other content: raise its version");
      }
    }
    return {};
  });
}

Result<std::vector<ports::DefinitionRow>> all_definitions(Connection& connection) {
  auto rows = connection.run(
      "SELECT workflow, version, content_hash, bundle, deployed_at FROM definitions "
      "ORDER BY workflow, version");
  if (!rows) return Failure(rows.error());
  return rows->all([](const Rows& from, int row) {
    return ports::DefinitionRow{from.text(row, 0),
                                from.number<std::uint32_t>(row, 1),
                                from.text(row, 2),
                                from.text(row, 3),
                                from.time(row, 4)};
  });
}

Result<void> maintain(Connection& connection) {
  auto made = connection.run("SELECT maintain_v1()");
  if (!made) return Failure(made.error());
  auto settled = connection.run("SELECT settle_due_by_v1()");
  if (!settled) return Failure(settled.error());
  auto swept = connection.run("DELETE FROM receipts WHERE used_at < now() - interval '30 days'");
  if (!swept) return Failure(swept.error());
  return {};
}

}  // namespace vozex::postgres
