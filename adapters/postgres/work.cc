// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/sessions.h"

namespace vozex::postgres {

Result<std::vector<ports::DueTimer>> timers_before(Connection& connection,
                                                   Timestamp horizon,
                                                   std::size_t limit) {
  Params params;
  params.time(horizon).int8(static_cast<std::int64_t>(limit));
  auto rows = connection.run(
      "SELECT shard, id, timer_at FROM instances WHERE timer_at < $1 ORDER BY timer_at LIMIT $2",
      params);
  if (!rows) return Failure(rows.error());
  std::vector<ports::DueTimer> timers;
  for (int i = 0; i < rows->size(); ++i) {
    timers.push_back({{rows->number<Shard>(i, 0), rows->id<InstanceId>(i, 1)}, rows->time(i, 2)});
  }
  return timers;
}

Result<std::optional<Timestamp>> next_call(Connection& connection) {
  auto rows = connection.run("SELECT next_at FROM calls WHERE state = 2 ORDER BY next_at LIMIT 1");
  if (!rows) return Failure(rows.error());
  if (rows->empty()) return std::nullopt;
  return rows->optional_time(0, 0);
}

Result<std::vector<ports::BindingKey>> unclaimed(Connection& connection, std::size_t limit) {
  Params params;
  params.int8(static_cast<std::int64_t>(limit));
  auto rows = connection.run(
      "SELECT tenant, slot, key FROM bindings WHERE live > 0 AND parked > 0 "
      "ORDER BY tenant, slot, key LIMIT $1",
      params);
  if (!rows) return Failure(rows.error());
  std::vector<ports::BindingKey> keys;
  for (int i = 0; i < rows->size(); ++i) {
    keys.push_back({rows->text(i, 0), rows->text(i, 1), rows->text(i, 2)});
  }
  return keys;
}

// One at a time would be cheap too; but all of a call are one transaction, so that the count is
// true.
Result<std::size_t> expire_parked(Connection& connection, Timestamp now, std::size_t limit) {
  Params params;
  params.time(now).int8(static_cast<std::int64_t>(limit)).text(ports::k_expired_answer);
  params.int2(static_cast<std::int16_t>(machine::Disposition::rejected));
  auto rows = connection.run("SELECT expire_parked_v1($1, $2, $3, $4)", params);
  if (!rows) return Failure(rows.error());
  return rows->number<std::size_t>(0, 0);
}

Result<void> put(Connection& connection, const std::vector<ports::DefinitionRow>& rows) {
  return connection.transaction([&]() -> Result<void> {
    for (const ports::DefinitionRow& row : rows) {
      Params params;
      params.text(row.workflow).int4(static_cast<std::int32_t>(row.version));
      params.text(row.content_hash).text(row.bundle).time(row.deployed_at);
      // The update changes nothing: it makes the row that is there come back.
      auto stored = connection.run(
          "INSERT INTO definitions(workflow, version, content_hash, bundle, deployed_at) "
          "VALUES($1, $2, $3, $4, $5) ON CONFLICT (workflow, version) DO UPDATE SET "
          "content_hash = definitions.content_hash RETURNING content_hash",
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
  return {};
}

}  // namespace vozex::postgres
