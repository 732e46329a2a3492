// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/inspection.h"

#include <array>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/distribute.h"
#include "adapters/postgres/inbox.h"
#include "adapters/postgres/load.h"
#include "adapters/postgres/records.h"
#include "adapters/postgres/sessions.h"

namespace vozex::postgres {
namespace {

using ports::Damage;
using ports::InstanceRow;

// What a sweep gives beside (instance or NULL, text, shard); the limit is $1.
enum class More : std::uint8_t { nothing, binding, event };
struct Sweep {
  const char* code;
  bool passing;
  const char* sql;
  More more = More::nothing;
  // Where the tables are spread: what stands on different nodes is joined by sending one side to
  // all.
  const char* spread_sql = nullptr;
};
constexpr std::array k_sweeps = {
    Sweep{"call_orphan",
          false,
          "SELECT c.instance, 'call ' || c.seq || '/' || c.idx || ' of ' || c.adapter, c.shard "
          "FROM calls c WHERE NOT EXISTS (SELECT FROM instances i WHERE i.shard = c.shard AND i.id "
          "= c.instance) AND NOT EXISTS (SELECT FROM finished f WHERE f.shard = c.shard AND f.id = "
          "c.instance) LIMIT $1"},
    Sweep{"task_orphan",
          false,
          "SELECT t.instance, 'task ' || t.seq || '.' || t.idx || ' in the queue ' || t.queue, "
          "t.shard FROM tasks t WHERE NOT EXISTS (SELECT FROM instances i WHERE i.shard = t.shard "
          "AND i.id = t.instance) LIMIT $1"},
    Sweep{"binding_orphan",
          false,
          "SELECT b.instance, b.slot || ' ' || b.key, b.instance_shard, b.tenant, b.slot, b.key "
          "FROM bindings b WHERE b.live > 0 AND b.instance IS NOT NULL AND NOT EXISTS (SELECT FROM "
          "instances i WHERE i.shard = b.instance_shard AND i.id = b.instance) UNION ALL SELECT "
          "h.instance, b.slot || ' ' || b.key, h.instance_shard, b.tenant, b.slot, b.key FROM "
          "holders h JOIN bindings b ON b.shard = h.shard AND b.id = h.id WHERE NOT h.ended AND "
          "NOT EXISTS (SELECT FROM instances i WHERE i.shard = h.instance_shard AND i.id = "
          "h.instance) LIMIT $1",
          More::binding,
          "WITH i AS MATERIALIZED (SELECT id FROM instances) "
          "SELECT b.instance, b.slot || ' ' || b.key, b.instance_shard, b.tenant, b.slot, b.key "
          "FROM bindings b WHERE b.live > 0 AND b.instance IS NOT NULL AND NOT EXISTS (SELECT FROM "
          "i WHERE i.id = b.instance) UNION ALL SELECT h.instance, b.slot || ' ' || b.key, "
          "h.instance_shard, b.tenant, b.slot, b.key FROM holders h JOIN bindings b ON b.shard = "
          "h.shard AND b.id = h.id WHERE NOT h.ended AND NOT EXISTS (SELECT FROM i WHERE i.id = "
          "h.instance) LIMIT $1"},
    Sweep{
        "binding_miscounted",
        false,
        "SELECT b.instance, b.slot || ' ' || b.key || ' counts ' || b.live || ' holders and ' || "
        "b.parked || ' waiting events', b.instance_shard, b.tenant, b.slot, b.key FROM bindings "
        "b WHERE b.parked <> (SELECT count(*) FROM waits w WHERE w.shard = b.shard AND w.id = "
        "b.id) OR (b.instance IS NULL AND b.live <> (SELECT count(*) FROM holders h WHERE h.shard "
        "= b.shard AND h.id = b.id AND NOT h.ended)) LIMIT $1",
        More::binding},
    Sweep{"key_duplicate",
          false,
          "SELECT unnest(ids), held, 0::int2 FROM (SELECT array_agg(id) AS ids, workflow || ' ' || "
          "key || ' is held by ' || count(*) AS held FROM instances WHERE key <> '' GROUP BY "
          "tenant, workflow, key HAVING count(*) > 1) g LIMIT $1"},
    Sweep{"live_and_finished",
          false,
          "SELECT i.id, i.workflow || ' ' || i.key, i.shard FROM instances i JOIN finished f ON "
          "f.shard = i.shard AND f.id = i.id LIMIT $1"},
    Sweep{"parked_lost",
          false,
          "SELECT m.instance, 'mark ' || m.mark, 0::int2, m.mark, '' FROM marks m WHERE "
          "m.disposition = 4 AND NOT EXISTS (SELECT FROM parked p WHERE p.shard = m.shard AND "
          "p.mark = m.mark) LIMIT $1",
          More::event},
    Sweep{"parked_unreachable",
          false,
          "SELECT NULL::uuid, 'parked event ' || p.mark, 0::int2, p.mark, p.event FROM parked p "
          "WHERE NOT EXISTS (SELECT FROM waits w WHERE w.mark = p.mark) LIMIT $1",
          More::event,
          "WITH w AS MATERIALIZED (SELECT DISTINCT mark FROM waits) SELECT NULL::uuid, 'parked "
          "event ' || p.mark, 0::int2, p.mark, p.event FROM parked p WHERE NOT EXISTS (SELECT FROM "
          "w WHERE w.mark = p.mark) LIMIT $1"},
    Sweep{"parked_unclaimed",
          true,
          "SELECT b.instance, b.slot || ' ' || b.key, b.instance_shard FROM bindings b WHERE "
          "b.live > 0 AND b.parked > 0 LIMIT $1"},
    Sweep{"timer_overdue",
          true,
          "SELECT id, workflow || ' ' || key || ' in ' || state, shard FROM instances WHERE "
          "timer_at < now() - interval '1 minute' LIMIT $1"},
    Sweep{"timer_hidden",
          false,
          "SELECT id, workflow || ' ' || key || ' in ' || state || ' is looked for ' || "
          "coalesce('at ' || due_by, 'never') || ', and due at ' || timer_at, shard FROM instances "
          "WHERE timer_at < coalesce(due_by, 'infinity') LIMIT $1",
          More::nothing,
          // Spread tables have no column of their own for it.
          "SELECT NULL::uuid, '', 0::int2 FROM instances WHERE false LIMIT $1"},
    Sweep{"call_overdue",
          true,
          "SELECT instance, 'call ' || seq || '/' || idx || ' of ' || adapter, shard FROM calls "
          "WHERE state = 2 AND next_at < now() - interval '10 minutes' LIMIT $1"},
    Sweep{"call_unowned",
          true,
          "SELECT c.instance, 'call ' || c.seq || '/' || c.idx || ' of ' || c.adapter, c.shard "
          "FROM calls c WHERE c.state = 1 AND (c.owner IS NULL OR c.owner NOT IN (SELECT id FROM "
          "sessions WHERE live)) LIMIT $1"},
    Sweep{"outbox_stuck",
          true,
          "SELECT o.from_instance, 'message ' || o.seq || '/' || o.idx, o.shard FROM outbox o "
          "WHERE o.owner NOT IN (SELECT id FROM sessions WHERE live) LIMIT $1"}};

Damage read_damage(const Sweep& sweep, const Rows& rows, int at) {
  Damage damage{sweep.code, rows.id<InstanceId>(at, 0), rows.text(at, 1), sweep.passing};
  if (!rows.is_null(at, 2)) damage.shard = rows.number<Shard>(at, 2);
  if (sweep.more == More::binding)
    damage.binding = {rows.text(at, 3), rows.text(at, 4), rows.text(at, 5)};
  if (sweep.more == More::event) {
    damage.mark = rows.id<MarkId>(at, 3);
    damage.event = rows.text(at, 4);
  }
  return damage;
}

Params keys_of(const std::vector<ports::InstanceKey>& keys) {
  Column shards(k_int2);
  Column ids(k_uuid);
  for (const ports::InstanceKey& key : keys) {
    shards.add_int2(key.shard);
    ids.add_id(key.id);
  }
  Params params;
  params.array(shards).array(ids);
  return params;
}

class InspectionImpl final : public ports::Inspection {
 public:
  InspectionImpl(std::unique_ptr<Connection> connection, Layout layout)
      : connection_(std::move(connection)), layout_(layout) {}

  Result<void> begin() override {
    if (begun_) {
      if (auto ended = connection_->execute("ROLLBACK"); !ended) return ended;
    }
    begun_ = true;
    return connection_->execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

  Result<std::vector<ports::DefinitionRow>> definitions() override {
    return all_definitions(*connection_);
  }

  // As the primary key has them.
  Result<std::vector<InstanceRow>> live_after(const ports::InstanceKey& after,
                                              std::size_t limit) override {
    Params params;
    params.int2(after.shard).id(after.id).int8(static_cast<std::int64_t>(limit));
    const auto rows = connection_->run("SELECT " VOZEX_PG_LIVE_COLUMNS
                                       "FROM instances i WHERE (i.shard, i.id) > ($1, $2) ORDER BY "
                                       "i.shard, i.id LIMIT $3",
                                       params);
    if (!rows) return Failure(rows.error());
    return rows->all(read_instance);
  }

  Result<ports::Surroundings> around(const ports::SurroundingsRequest& request) override {
    ports::Surroundings around;
    auto good = calls_of(request.instances, around);
    if (good) good = add_tasks_of(request.instances, around);
    if (good) good = senders(request.instances, around);
    if (good) good = senders(request.kin, around);
    if (good) good = lives(request.kin, around);
    if (!good) return Failure(good.error());
    ports::LoadRequest wanted;
    wanted.bindings = request.bindings;
    const auto loaded = load(*connection_, wanted, layout_);
    if (!loaded) return Failure(loaded.error());
    for (const ports::BoundRow& row : loaded->bindings) {
      if (!row.ended) around.bindings.insert({row.binding, row.instance.id});
    }
    return around;
  }

  Result<ports::InstanceRecord> record(const ports::InstanceKey& instance) override {
    Params params;
    params.int2(instance.shard).id(instance.id);
    const auto live = connection_->run("SELECT " VOZEX_PG_LIVE_COLUMNS
                                       "FROM instances i WHERE i.shard = $1 AND i.id = $2",
                                       params);
    if (!live) return Failure(live.error());
    const auto finished = connection_->run("SELECT " VOZEX_PG_FINISHED_COLUMNS
                                           "FROM finished i WHERE i.shard = $1 AND i.id = $2",
                                           params);
    if (!finished) return Failure(finished.error());
    const auto last = connection_->run(
        "SELECT seq, disposition, step_at, entry FROM history WHERE shard = $1 AND id = $2 ORDER "
        "BY seq DESC LIMIT 1",
        params);
    if (!last) return Failure(last.error());
    ports::InstanceRecord record;
    if (!live->empty()) record.live = read_instance(*live, 0);
    if (!finished->empty()) record.finished = read_instance(*finished, 0);
    if (!last->empty()) {
      record.last = ports::HistoryRow{instance.shard,
                                      instance.id,
                                      last->number<std::uint32_t>(0, 0),
                                      last->number<machine::Disposition>(0, 1),
                                      last->time(0, 2),
                                      last->text(0, 3)};
    }
    return record;
  }

  Result<std::vector<Damage>> sweep(std::size_t limit) override {
    std::vector<Damage> all;
    for (const Sweep& sweep : k_sweeps) {
      const bool spread = layout_ == Layout::by_bucket && sweep.spread_sql != nullptr;
      const auto rows = connection_->run(spread ? sweep.spread_sql : sweep.sql,
                                         Params().int8(static_cast<std::int64_t>(limit)));
      if (!rows) return Failure(rows.error());
      for (int at = 0; at < rows->size(); ++at) all.push_back(read_damage(sweep, *rows, at));
    }
    return all;
  }

 private:
  Result<void> calls_of(const std::vector<ports::InstanceKey>& keys, ports::Surroundings& around) {
    const auto rows = connection_->run(
        "SELECT " VOZEX_PG_CALL_COLUMNS
        "FROM calls c JOIN unnest($1, $2) u(shard, id) ON c.shard = u.shard AND c.instance = u.id",
        keys_of(keys));
    if (!rows) return Failure(rows.error());
    for (int at = 0; at < rows->size(); ++at) around.calls.push_back(read_call(*rows, at));
    return {};
  }
  Result<void> add_tasks_of(const std::vector<ports::InstanceKey>& keys,
                            ports::Surroundings& around) {
    auto rows = tasks_of(*connection_, keys);
    if (!rows) return Failure(rows.error());
    around.tasks = *std::move(rows);
    return {};
  }

  Result<void> senders(const std::vector<ports::InstanceKey>& keys, ports::Surroundings& around) {
    const auto rows = connection_->run(
        "SELECT DISTINCT u.id FROM outbox o JOIN unnest($1, $2) u(shard, id) ON o.shard = u.shard "
        "AND o.from_instance = u.id",
        keys_of(keys));
    if (!rows) return Failure(rows.error());
    for (int at = 0; at < rows->size(); ++at) around.senders.insert(rows->id<InstanceId>(at, 0));
    return {};
  }
  Result<void> lives(const std::vector<ports::InstanceKey>& keys, ports::Surroundings& around) {
    // Two statements, because Citus mixes up the columns of unnest() below UNION.
    for (const char* sql :
         {"SELECT i.id, i.life FROM instances i JOIN unnest($1, $2) u(shard, id) ON i.shard = "
          "u.shard AND i.id = u.id",
          "SELECT f.id, f.life FROM finished f JOIN unnest($1, $2) u(shard, id) ON f.shard = "
          "u.shard AND f.id = u.id"}) {
      const auto rows = connection_->run(sql, keys_of(keys));
      if (!rows) return Failure(rows.error());
      for (int at = 0; at < rows->size(); ++at)
        around.kin.emplace(rows->id<InstanceId>(at, 0), rows->number<machine::Life>(at, 1));
    }
    return {};
  }

  std::unique_ptr<Connection> connection_;
  const Layout layout_;
  bool begun_ = false;
};

}  // namespace

Result<std::unique_ptr<ports::Inspection>> open_inspection(const std::string& url) {
  auto connection = Connection::open(url, Profile::setup);
  if (!connection) return Failure(connection.error());
  auto layout = layout_of(**connection);
  if (!layout) return Failure(layout.error());
  return std::make_unique<InspectionImpl>(std::move(*connection), *layout);
}

}  // namespace vozex::postgres
