// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/repair.h"

#include <utility>

#include "adapters/postgres/audit_log.h"
#include "adapters/postgres/distribute.h"
#include "adapters/postgres/fold.h"
#include "adapters/postgres/lane.h"
#include "adapters/postgres/pool.h"

namespace vozex::postgres {
namespace {

// A repair takes no new partition: what it writes belongs to rows of today.
Result<void> maintain_nothing() { return {}; }

class RepairsImpl final : public ports::Repairs {
 public:
  RepairsImpl(const std::string& url, Layout layout)
      : lane_(url, layout, maintain_nothing), pool_(url, Profile::query, 1), audit_(pool_) {}

  Result<void> start() { return lane_.start(); }

  Result<ports::Verdict> commit(const ports::CommitRequest& request) override {
    auto reply = lane_.commit(request);
    if (!reply && reply.error().kind == ErrorClass::outcome_unknown) reply = lane_.settle(request);
    if (!reply) return Failure(reply.error());
    return reply->verdicts.front().verdict;
  }

  Result<std::size_t> drop_tasks(const ports::InstanceKey& instance) override {
    return count(
        "DELETE FROM tasks WHERE shard = $1 AND instance = $2 AND NOT EXISTS (SELECT FROM "
        "instances WHERE shard = $1 AND id = $2) RETURNING 1",
        Params().int2(instance.shard).id(instance.id));
  }

  Result<bool> drop_row(const ports::InstanceKey& instance, ports::Table from, Etag etag) override {
    // One statement, so that the tasks go only with their row.
    const auto dropped = count(
        from == ports::Table::instances
            ? "WITH gone AS (DELETE FROM instances WHERE shard = $1 AND id = $2 AND etag = $3 AND "
              "EXISTS (SELECT FROM finished WHERE shard = $1 AND id = $2) RETURNING 1 AS row), "
              "tasks AS (DELETE FROM tasks WHERE shard = $1 AND instance = $2 AND EXISTS (SELECT "
              "FROM gone)) SELECT row FROM gone"
            : "DELETE FROM finished WHERE shard = $1 AND id = $2 AND etag = $3 AND EXISTS (SELECT "
              "FROM instances WHERE shard = $1 AND id = $2) RETURNING 1",
        Params().int2(instance.shard).id(instance.id).int8(static_cast<std::int64_t>(etag)));
    if (!dropped) return Failure(dropped.error());
    return *dropped > 0;
  }

  // The row is locked first, so that the second statement sees what whoever had it has written.
  Result<bool> recount(const ports::BindingKey& key) override {
    Params params;
    params.int2(shard_of_binding(id_of(key))).bytes(id_of(key));
    return pool_.once([&](Connection& connection) {
      return connection.transaction([&]() -> Result<bool> {
        auto locked = connection.run(
            "SELECT 1 FROM bindings WHERE shard = $1 AND id = $2 FOR UPDATE", params);
        if (!locked) return Failure(locked.error());
        auto changed = connection.run(
            "UPDATE bindings b SET parked = n.parked, live = n.live FROM (SELECT (SELECT "
            "count(*)::int4 FROM waits w WHERE w.shard = $1 AND w.id = $2) AS parked, "
            "CASE WHEN o.instance IS NULL THEN (SELECT count(*)::int4 FROM holders h WHERE h.shard "
            "= $1 AND h.id = $2 AND NOT h.ended) ELSE o.live END AS live FROM bindings o WHERE "
            "o.shard = $1 AND o.id = $2) n WHERE b.shard = $1 AND b.id = $2 AND (b.parked, b.live) "
            "<> (n.parked, n.live) RETURNING 1",
            params);
        if (!changed) return Failure(changed.error());
        return !changed->empty();
      });
    });
  }

  ports::AuditLog& audit() override { return audit_; }

 private:
  Result<std::size_t> count(const char* sql, const Params& params) {
    const auto rows =
        pool_.once([&](Connection& connection) { return connection.run(sql, params); });
    if (!rows) return Failure(rows.error());
    return static_cast<std::size_t>(rows->size());
  }

  Lane lane_;
  Pool pool_;
  PostgresAuditLog audit_;
};

}  // namespace

Result<std::unique_ptr<ports::Repairs>> open_repairs(const std::string& url) {
  auto connection = Connection::open(url, Profile::setup);
  if (!connection) return Failure(connection.error());
  const auto layout = layout_of(**connection);
  if (!layout) return Failure(layout.error());
  auto repairs = std::make_unique<RepairsImpl>(url, *layout);
  if (auto started = repairs->start(); !started) return Failure(started.error());
  return repairs;
}

}  // namespace vozex::postgres
