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

// All of the shards is the rule for a process alone, and needs no look at each row.
constexpr const char* k_timers =
    "SELECT shard, id, timer_at FROM instances WHERE timer_at < $1 ORDER BY timer_at LIMIT $2";
constexpr const char* k_timers_of_shards =
    "SELECT shard, id, timer_at FROM instances WHERE timer_at < $1 "
    "AND shard = ANY ($3::text::int2[]) ORDER BY timer_at LIMIT $2";

}  // namespace

Result<std::vector<ports::DueTimer>> timers_before(Connection& connection,
                                                   Timestamp horizon,
                                                   const ports::ShardSet& shards,
                                                   std::size_t limit) {
  Params params;
  params.time(horizon).int8(static_cast<std::int64_t>(limit));
  if (!shards.all()) params.text(array_of(shards));
  auto rows = connection.run(shards.all() ? k_timers : k_timers_of_shards, params);
  if (!rows) return Failure(rows.error());
  std::vector<ports::DueTimer> timers;
  for (int i = 0; i < rows->size(); ++i) {
    timers.push_back({{rows->number<Shard>(i, 0), rows->id<InstanceId>(i, 1)}, rows->time(i, 2)});
  }
  return timers;
}

constexpr const char* k_waiting_calls =
    "WITH RECURSIVE " VOZEX_PG_WAITING("a") " SELECT adapter, next_at FROM a";

Result<std::vector<ports::WaitingCalls>> waiting_calls(Connection& connection, Layout layout) {
  if (layout == Layout::by_bucket) return spread::waiting_calls(connection);
  auto rows = connection.run(k_waiting_calls);
  if (!rows) return Failure(rows.error());
  std::vector<ports::WaitingCalls> waiting;
  for (int i = 0; i < rows->size(); ++i) waiting.push_back({rows->text(i, 0), rows->time(i, 1)});
  return waiting;
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
  std::vector<ports::BindingKey> keys;
  for (int i = 0; i < rows->size(); ++i) {
    keys.push_back({rows->text(i, 0), rows->text(i, 1), rows->text(i, 2)});
  }
  return keys;
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
  std::vector<ports::TenantCount> counts;
  for (int i = 0; i < rows->size(); ++i) {
    counts.push_back({rows->text(i, 0), rows->number<std::uint64_t>(i, 1)});
  }
  return counts;
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
  std::vector<ports::DefinitionRow> all;
  for (int i = 0; i < rows->size(); ++i) {
    all.push_back({rows->text(i, 0),
                   rows->number<std::uint32_t>(i, 1),
                   rows->text(i, 2),
                   rows->text(i, 3),
                   rows->time(i, 4)});
  }
  return all;
}

Result<void> maintain(Connection& connection) {
  auto made = connection.run("SELECT maintain_v1()");
  if (!made) return Failure(made.error());
  auto swept = connection.run("DELETE FROM receipts WHERE used_at < now() - interval '30 days'");
  if (!swept) return Failure(swept.error());
  return {};
}

}  // namespace vozex::postgres
