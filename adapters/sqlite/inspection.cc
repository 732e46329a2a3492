// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/inspection.h"

#include <array>
#include <iterator>
#include <string_view>

#include "adapters/sqlite/inbox.h"
#include "adapters/sqlite/queries.h"
#include "adapters/sqlite/rows.h"
#include "adapters/sqlite/sessions.h"

namespace vozex::sqlite {
namespace {

using ports::BindingKey;
using ports::Damage;
using ports::InstanceRow;

// What a sweep gives beside (instance or NULL, text, shard); the limit is ?1.
enum class More : std::uint8_t { nothing, binding, event };
struct Sweep {
  const char* code;
  bool passing;
  const char* sql;
  More more = More::nothing;
};
constexpr std::array k_sweeps = {
    Sweep{"call_orphan",
          false,
          "SELECT c.instance, 'call ' || c.seq || '/' || c.idx || ' of ' || c.adapter, c.shard "
          "FROM calls c WHERE NOT EXISTS (SELECT 1 FROM instances i WHERE i.id = c.instance) AND "
          "NOT EXISTS (SELECT 1 FROM finished f WHERE f.id = c.instance) LIMIT ?1"},
    Sweep{"task_orphan",
          false,
          "SELECT t.instance, 'task ' || t.seq || '.' || t.idx || ' in the queue ' || t.queue, "
          "t.shard FROM tasks t WHERE NOT EXISTS (SELECT 1 FROM instances i WHERE i.id = "
          "t.instance) LIMIT ?1"},
    Sweep{"binding_orphan",
          false,
          "SELECT h.instance, h.slot || ' ' || h.key, h.shard, h.tenant, h.slot, h.key FROM "
          "holders h WHERE h.ended = 0 AND NOT EXISTS (SELECT 1 FROM instances i WHERE i.id = "
          "h.instance) LIMIT ?1",
          More::binding},
    Sweep{"key_duplicate",
          false,
          "SELECT i.id, i.workflow || ' ' || i.key || ' is held by ' || g.held, i.shard FROM "
          "(SELECT tenant, workflow, key, count(*) AS held FROM instances WHERE key <> '' GROUP BY "
          "tenant, workflow, key HAVING count(*) > 1) g JOIN instances i ON i.tenant = g.tenant "
          "AND i.workflow = g.workflow AND i.key = g.key LIMIT ?1"},
    Sweep{"live_and_finished",
          false,
          "SELECT i.id, i.workflow || ' ' || i.key, i.shard FROM instances i JOIN finished f ON "
          "f.id = i.id LIMIT ?1"},
    Sweep{"parked_lost",
          false,
          "SELECT m.instance, 'mark ' || hex(m.mark), 0, m.mark, '' FROM marks m WHERE "
          "m.disposition = 4 AND NOT EXISTS (SELECT 1 FROM parked p WHERE p.mark = m.mark) "
          "LIMIT ?1",
          More::event},
    Sweep{"parked_unreachable",
          false,
          "SELECT NULL, 'parked event ' || hex(p.mark), 0, p.mark, p.event FROM parked p WHERE NOT "
          "EXISTS (SELECT 1 FROM waits w WHERE w.arrival = p.arrival) LIMIT ?1",
          More::event},
    Sweep{"parked_unclaimed",
          true,
          "SELECT h.instance, h.slot || ' ' || h.key, h.shard FROM waits w CROSS JOIN holders h "
          "WHERE h.tenant = w.tenant AND h.slot = w.slot AND h.key = w.key AND h.ended = 0 "
          "LIMIT ?1"},
    Sweep{"timer_overdue",
          true,
          "SELECT id, workflow || ' ' || key || ' in ' || state, shard FROM instances WHERE "
          "timer_at < (strftime('%s', 'now') - 60) * 1000000 LIMIT ?1"},
    Sweep{"call_overdue",
          true,
          "SELECT instance, 'call ' || seq || '/' || idx || ' of ' || adapter, shard FROM calls "
          "WHERE state = 2 AND next_at < (strftime('%s', 'now') - 600) * 1000000 LIMIT ?1"},
    Sweep{"call_unowned",
          true,
          "SELECT c.instance, 'call ' || c.seq || '/' || c.idx || ' of ' || c.adapter, c.shard "
          "FROM calls c WHERE c.state = 1 AND c.owner NOT IN (SELECT id FROM sessions WHERE live = "
          "1) LIMIT ?1"},
    Sweep{
        "outbox_stuck",
        true,
        "SELECT from_instance, 'message ' || seq || '/' || idx, shard FROM outbox WHERE owner NOT "
        "IN (SELECT id FROM sessions WHERE live = 1) LIMIT ?1"}};

Damage read_damage(const Sweep& sweep, const Statement& row) {
  Damage damage{sweep.code, row.id_at<InstanceId>(0), row.text_at(1), sweep.passing};
  damage.shard = row.number_at<Shard>(2);
  if (sweep.more == More::binding)
    damage.binding = {row.text_at(3), row.text_at(4), row.text_at(5)};
  if (sweep.more == More::event) {
    damage.mark = row.id_at<MarkId>(3);
    damage.event = row.text_at(4);
  }
  return damage;
}

class InspectionImpl final : public ports::Inspection {
 public:
  explicit InspectionImpl(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  ~InspectionImpl() override { connection_->roll_back(); }

  Result<void> begin() override {
    connection_->roll_back();
    return connection_->execute("BEGIN");
  }

  Result<std::vector<ports::DefinitionRow>> definitions() override {
    return all_definitions(*connection_);
  }

  Result<std::vector<InstanceRow>> live_after(const ports::InstanceKey& after,
                                              std::size_t limit) override {
    std::vector<InstanceRow> rows;
    auto read = connection_
                    ->use("SELECT " VOZEX_SQLITE_LIVE_COLUMNS
                          "FROM instances WHERE id > ?1 ORDER BY id LIMIT ?2")
                    .id(1, after.id)
                    .number(2, static_cast<std::int64_t>(limit))
                    .each([&](const Statement& row) { rows.push_back(read_instance(row)); });
    if (!read) return Failure(read.error());
    return rows;
  }

  Result<ports::Surroundings> around(const ports::SurroundingsRequest& request) override {
    ports::Surroundings around;
    for (const ports::InstanceKey& instance : request.instances) {
      auto good = calls_of(instance.id, around);
      if (good) good = add_tasks_of(instance.id, around);
      if (good) good = sender(instance.id, around);
      if (!good) return Failure(good.error());
    }
    for (const BindingKey& key : request.bindings) {
      if (auto good = holders_of(key, around); !good) return Failure(good.error());
    }
    for (const ports::InstanceKey& one : request.kin) {
      auto good = life_of(one.id, around);
      if (good) good = sender(one.id, around);
      if (!good) return Failure(good.error());
    }
    return around;
  }

  Result<ports::InstanceRecord> record(const ports::InstanceKey& instance) override {
    ports::InstanceRecord record;
    const auto put = [](std::optional<InstanceRow>& place) {
      return [&place](const Statement& row) { place = read_instance(row); };
    };
    auto read = connection_->use("SELECT " VOZEX_SQLITE_LIVE_COLUMNS "FROM instances WHERE id = ?1")
                    .id(1, instance.id)
                    .each(put(record.live));
    if (read) {
      read = connection_->use("SELECT " VOZEX_SQLITE_FINISHED_COLUMNS "FROM finished WHERE id = ?1")
                 .id(1, instance.id)
                 .each(put(record.finished));
    }
    if (read) {
      read = connection_
                 ->use(
                     "SELECT seq, disposition, at, entry FROM history WHERE id = ?1 ORDER BY seq "
                     "DESC LIMIT 1")
                 .id(1, instance.id)
                 .each([&](const Statement& row) {
                   record.last = ports::HistoryRow{instance.shard,
                                                   instance.id,
                                                   row.number_at<std::uint32_t>(0),
                                                   row.number_at<machine::Disposition>(1),
                                                   row.time_at(2),
                                                   row.text_at(3)};
                 });
    }
    if (!read) return Failure(read.error());
    return record;
  }

  Result<std::vector<Damage>> sweep(std::size_t limit) override {
    std::vector<Damage> all;
    for (const Sweep& sweep : k_sweeps) {
      auto read = connection_->use(sweep.sql)
                      .number(1, static_cast<std::int64_t>(limit))
                      .each([&](const Statement& row) { all.push_back(read_damage(sweep, row)); });
      if (!read) return Failure(read.error());
    }
    return all;
  }

 private:
  Result<void> calls_of(const InstanceId& id, ports::Surroundings& around) {
    return connection_->use("SELECT " VOZEX_SQLITE_CALL_COLUMNS "FROM calls WHERE instance = ?1")
        .id(1, id)
        .each([&](const Statement& row) { around.calls.push_back(read_call(row)); });
  }
  Result<void> add_tasks_of(const InstanceId& id, ports::Surroundings& around) {
    auto rows = tasks_of(*connection_, id);
    if (!rows) return Failure(rows.error());
    std::move(rows->begin(), rows->end(), std::back_inserter(around.tasks));
    return {};
  }
  Result<void> sender(const InstanceId& id, ports::Surroundings& around) {
    return connection_->use("SELECT 1 FROM outbox WHERE from_instance = ?1 LIMIT 1")
        .id(1, id)
        .each([&](const Statement&) { around.senders.insert(id); });
  }
  Result<void> holders_of(const BindingKey& key, ports::Surroundings& around) {
    return connection_
        ->use(
            "SELECT instance FROM holders WHERE tenant = ?1 AND slot = ?2 AND key = ?3 AND "
            "ended = 0")
        .text(1, key.tenant)
        .text(2, key.slot)
        .text(3, key.key)
        .each(
            [&](const Statement& row) { around.bindings.insert({key, row.id_at<InstanceId>(0)}); });
  }
  Result<void> life_of(const InstanceId& id, ports::Surroundings& around) {
    return connection_
        ->use(
            "SELECT life FROM instances WHERE id = ?1 UNION ALL SELECT life FROM finished "
            "WHERE id = ?1 LIMIT 1")
        .id(1, id)
        .each([&](const Statement& row) { around.kin[id] = row.number_at<machine::Life>(0); });
  }

  std::unique_ptr<Connection> connection_;
};

}  // namespace

Result<std::unique_ptr<ports::Inspection>> open_inspection(const std::string& url) {
  constexpr std::string_view k_scheme = "sqlite://";
  auto connection = Connection::open(url.substr(k_scheme.size()), Access::read_only);
  if (!connection) return Failure(connection.error());
  return std::make_unique<InspectionImpl>(std::move(*connection));
}

}  // namespace vozex::sqlite
