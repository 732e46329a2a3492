// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/home_commit.h"

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "adapters/postgres/distribute.h"
#include "adapters/postgres/load.h"

namespace vozex::postgres {
namespace {

constexpr const char* k_homes =
    "SELECT get_shard_id_for_distribution_column('instances'::regclass, b::int2) "
    "FROM generate_series(0, $1) b ORDER BY b";
// On one machine there are none, so these are made up: for tests.
constexpr std::size_t k_homes_of_one_machine = 8;

// Tells Citus that the home's node is written on, and begins the receipt: $1 home, $2 lane, $3
// epoch. An attempt that was given up finds a later epoch, and fails in commit_v3.
constexpr const char* k_begin_receipt =
    "INSERT INTO receipts AS r (shard, lane, epoch) VALUES ($1, $2, $3) ON CONFLICT (shard, lane) "
    "DO UPDATE SET epoch = excluded.epoch, bad = NULL, dup_group = NULL, dup_mark = NULL, "
    "taken_group = NULL, taken_binding = NULL, claim_tenant = NULL, claim_slot = NULL, "
    "claim_key = NULL WHERE r.epoch <= excluded.epoch";
constexpr const char* k_commit =
    "SELECT commit_home_v2($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
    "$17, $18, $19, $20, $21, $22, $23, $24, $25) FROM receipts r WHERE r.shard = $1 AND "
    "r.lane = $3";
constexpr const char* k_look =
    "SELECT l.bad, l.dup_group, l.dup_mark, l.dup_disposition, l.dup_answer, l.taken_group, "
    "l.taken_binding FROM receipts r, look_home_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, "
    "$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) l WHERE r.shard = $1 AND "
    "r.lane = $3";
// Who was left out: $1 home, $2 lane.
constexpr const char* k_note_left_out =
    "UPDATE receipts SET bad = $3, dup_group = $4, dup_mark = $5, taken_group = $6, "
    "taken_binding = $7 WHERE shard = $1 AND lane = $2";
// $3 an epoch that is higher than the lane's.
constexpr const char* k_raise_epoch =
    "INSERT INTO receipts AS r (shard, lane, epoch) VALUES ($1, $2, $3) ON CONFLICT (shard, lane) "
    "DO UPDATE SET epoch = CASE WHEN r.epoch < excluded.epoch THEN excluded.epoch ELSE r.epoch + 1 "
    "END RETURNING etag, epoch, bad, dup_group, dup_mark, taken_group, taken_binding, "
    "claim_tenant, claim_slot, claim_key";
constexpr const char* k_claims =
    "SELECT claim_tenant, claim_slot, claim_key FROM receipts WHERE shard = $1 AND lane = $2";

constexpr const char* k_deliver = "SELECT deliver_home_v1($1, $2)";
// The order of arrival is the time: nodes have no sequence in common. $3: its place in the batch.
constexpr const char* k_park =
    "INSERT INTO parked (shard, mark, arrival, wait_shards, wait_ids, expires_at, event) VALUES "
    "($1, $2, (extract(epoch FROM clock_timestamp()) * 1000000)::int8 + $3, $4, $5, $6, $7)";

Column numbers_of(const std::vector<std::int64_t>& numbers) {
  Column column(k_int4);
  for (const std::int64_t number : numbers) column.add_int4(static_cast<std::int32_t>(number));
  return column;
}

Params park_of(const ports::ParkWrite& park, std::int64_t place) {
  std::set<std::pair<Shard, Bytes16>> keys;
  for (const ports::BindingKey& key : park.keys) {
    const Bytes16 id = id_of(key);
    keys.emplace(shard_of_binding(id), id);
  }
  Column shards(k_int2), ids(k_uuid);
  for (const auto& [shard, id] : keys) {
    shards.add_int2(shard);
    ids.add_bytes(id);
  }
  Params params;
  params.int2(shard_of_mark(park.mark)).id(park.mark).int8(place).array(shards).array(ids);
  return std::move(params.time(park.expires_at).text(park.event));
}

// Answers of commit_home_v2: tenants, then slots, then names, as one array.
void add_claims(const Rows& row, Batch::Found& found) {
  const auto texts = row.texts(0, 0);
  const std::size_t count = texts.size() / 3;
  for (std::size_t i = 0; i < count; ++i) {
    found.claims.insert({texts[i], texts[count + i], texts[2 * count + i]});
  }
}

}  // namespace

Result<Homes> Homes::read(Connection& connection) {
  Homes homes;
  auto layout = layout_of(connection);
  if (!layout) return Failure(layout.error());
  if (*layout == Layout::together) {
    for (std::size_t i = 0; i < homes.homes_.size(); ++i) {
      homes.homes_[i].bucket = static_cast<Shard>(i % k_homes_of_one_machine);
    }
    return homes;
  }
  Params params;
  params.int4(static_cast<std::int32_t>(homes.homes_.size() - 1));
  auto rows = connection.run(k_homes, params);
  if (!rows) return Failure(rows.error());
  std::map<std::int64_t, Shard> first;
  for (std::size_t i = 0; i < homes.homes_.size(); ++i) {
    const std::int64_t place = rows->number(static_cast<int>(i), 0);
    const Shard bucket = first.emplace(place, static_cast<Shard>(i)).first->second;
    homes.homes_[i] = {bucket, place};
  }
  return homes;
}

// Statements of one round trip, with their parameters.
class HomeCommit::Script {
 public:
  void add(const char* sql, Params params) {
    params_.push_back(std::move(params));
    queries_.push_back({sql, &params_.back()});
  }
  const std::vector<Query>& queries() const { return queries_; }
  // What the commits among them answered.
  void read_claims(const std::vector<Rows>& rows, Batch::Found& found) const {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (queries_[i].sql == k_commit) add_claims(rows[i], found);
    }
  }

 private:
  std::deque<Params> params_;
  std::vector<Query> queries_;
};

HomeCommit::HomeCommit(const Batch& batch,
                       const LaneIdentity& lane,
                       const RowTypes& types,
                       const Homes& homes)
    : batch_(batch), lane_(lane), types_(types), homes_(homes) {
  Operations ignored;
  for (std::size_t wave = 0; wave < batch.waves(); ++wave) {
    batch.spread(wave, {}, [&](Shard bucket) -> Operations& {
      touched_.insert(homes.of(bucket).bucket);
      return ignored;
    });
  }
}

void HomeCommit::add_receipts(Script& script) const {
  for (const Shard home : touched_) {
    Params params;
    params.int2(home).bytes(lane_.lane).int4(lane_.epoch);
    script.add(k_begin_receipt, std::move(params));
  }
}

void HomeCommit::add_looks(Script& script, std::size_t wave) const {
  std::map<Shard, Operations> parts;
  batch_.spread(
      wave, {}, [&](Shard bucket) -> Operations& { return parts[homes_.of(bucket).bucket]; });
  for (auto& [home, operations] : parts) {
    Params params;
    params.int2(home).int8(homes_.of(home).place).bytes(lane_.lane).boolean(batch_.may_wait());
    operations.add_v3_to(params, types_);
    script.add(k_look, std::move(params));
  }
}

void HomeCommit::add_early_events(Script& script, std::size_t wave, const LeftOut& left_out) const {
  Column shards(k_int2), marks(k_uuid);
  std::int64_t place = 0;
  batch_.each_group(wave, left_out, [&](std::int32_t, const ports::Group& group) {
    for (const MarkId& mark : group.unparks) {
      shards.add_int2(shard_of_mark(mark));
      marks.add_id(mark);
    }
    for (const ports::ParkWrite& park : group.parks) {
      script.add(k_park, park_of(park, place++));
    }
  });
  if (shards.size() == 0) return;
  Params params;
  params.array(shards).array(marks);
  script.add(k_deliver, std::move(params));
}

void HomeCommit::add_writes(Script& script, std::size_t wave, const LeftOut& left_out) const {
  add_early_events(script, wave, left_out);
  std::map<Shard, Operations> parts;
  // The first has the receipt, whatever else it has.
  if (wave == 0) parts[*touched_.begin()];
  batch_.spread(
      wave, left_out, [&](Shard bucket) -> Operations& { return parts[homes_.of(bucket).bucket]; });
  for (auto& [home, operations] : parts) {
    Params params;
    params.int2(home).int8(homes_.of(home).place).bytes(lane_.lane).int4(lane_.epoch);
    params.int8(static_cast<std::int64_t>(batch_.etag()));
    operations.add_v3_to(params, types_, Operations::EarlyEvents::elsewhere);
    script.add(k_commit, std::move(params));
  }
}

void HomeCommit::add_left_out(Script& script, const Batch::Found& found) const {
  Column marks(k_uuid);
  for (const Bytes16& mark : found.dup_mark) marks.add_bytes(mark);
  Params params;
  params.int2(*touched_.begin()).bytes(lane_.lane);
  params.array(numbers_of(found.bad)).array(numbers_of(found.dup_group)).array(marks);
  params.array(numbers_of(found.taken_group)).array(numbers_of(found.taken_binding));
  script.add(k_note_left_out, std::move(params));
}

Result<ports::CommitReply> HomeCommit::run(Connection& connection, bool careful) const {
  return careful ? run_with_care(connection) : run_at_once(connection);
}

Result<ports::CommitReply> HomeCommit::run_at_once(Connection& connection) const {
  Script script;
  add_receipts(script);
  for (std::size_t wave = 0; wave < batch_.waves(); ++wave) add_writes(script, wave, {});
  auto rows = connection.run_all_in_transaction(script.queries());
  if (!rows) return Failure(rows.error());
  Batch::Found found;
  script.read_claims(*rows, found);
  return batch_.reply(found);
}

Result<void> HomeCommit::run_wave(Connection& connection,
                                  std::size_t wave,
                                  Batch::Found& found) const {
  Script looks;
  add_looks(looks, wave);
  auto seen = connection.run_all(looks.queries());
  if (!seen) return Failure(seen.error());
  for (const Rows& row : *seen) found.add(row);
  Script writes;
  add_writes(writes, wave, LeftOut(found.bad.begin(), found.bad.end()));
  auto written = connection.run_all(writes.queries());
  if (!written) return Failure(written.error());
  writes.read_claims(*written, found);
  return {};
}

Result<ports::CommitReply> HomeCommit::run_with_care(Connection& connection) const {
  return connection.transaction([&]() -> Result<ports::CommitReply> {
    Script receipts;
    add_receipts(receipts);
    if (auto begun = connection.run_all(receipts.queries()); !begun) return Failure(begun.error());
    Batch::Found found;
    for (std::size_t wave = 0; wave < batch_.waves(); ++wave) {
      if (auto done = run_wave(connection, wave, found); !done) return Failure(done.error());
    }
    if (!found.bad.empty()) {
      Script note;
      add_left_out(note, found);
      if (auto noted = connection.run_all(note.queries()); !noted) return Failure(noted.error());
    }
    return batch_.reply(found);
  });
}

Result<std::optional<ports::CommitReply>> HomeCommit::settle(Connection& connection,
                                                             LaneIdentity& lane) const {
  Params params;
  params.int2(*touched_.begin()).bytes(lane.lane).int4(lane.epoch + 1);
  auto receipt = connection.run(k_raise_epoch, params);
  if (!receipt) return Failure(receipt.error());
  lane.epoch = receipt->number<std::int32_t>(0, 1);
  if (receipt->etag(0, 0) != batch_.etag()) return std::nullopt;
  Batch::Found found;
  for (auto home = std::next(touched_.begin()); home != touched_.end(); ++home) {
    auto claims = connection.run(k_claims, Params().int2(*home).bytes(lane.lane));
    if (!claims) return Failure(claims.error());
    if (!claims->empty()) found.add_claims(*claims, 0);
  }
  ports::LoadRequest named;
  for (const Bytes16& mark : receipt->all_bytes(0, 4)) named.marks.push_back(MarkId{mark});
  auto marks = load(connection, named, Layout::by_bucket);
  if (!marks) return Failure(marks.error());
  return batch_.reply_of_receipt(*receipt, marks->marks, std::move(found));
}

}  // namespace vozex::postgres
