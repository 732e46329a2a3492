// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "adapters/simulated/simulated_store.h"

namespace vozex::simulated {
namespace {

Failure away() { return fail(ErrorClass::unavailable, "store_unavailable", "the store is away"); }

// `states` are paths joined by ','; one of them is `path` or lies below it.
bool is_in_state(const std::string& states, const std::string& path) {
  const std::string padded = "," + states + ",";
  return padded.find("," + path + ",") != std::string::npos ||
         padded.find("," + path + ".") != std::string::npos;
}

bool matches(const ports::InstanceFilter& filter, const ports::InstanceRow& row) {
  if (row.tenant != filter.tenant || !(filter.after < row.id)) return false;
  if (!filter.workflow.empty() && row.workflow != filter.workflow) return false;
  if (!filter.key.empty() && row.key != filter.key) return false;
  if (!filter.state.empty() && !is_in_state(row.state, filter.state)) return false;
  if (filter.life && row.life != *filter.life) return false;
  if (filter.live_only && machine::is_ended(row.life)) return false;
  if (filter.incident_only && !row.incident) return false;
  return filter.root.is_nil() || row.root == filter.root;
}

}  // namespace

Result<std::vector<ports::DueTimer>> SimulatedStore::timers_before(Timestamp horizon,
                                                                   const ports::ShardSet& shards,
                                                                   std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::vector<ports::DueTimer> due;
  for (const auto& [at, key] : tables_.timers) {
    if (at >= horizon || due.size() >= limit) break;
    if (shards.test(key.shard)) due.push_back({key, at});
  }
  return due;
}

Result<std::vector<ports::CallRow>> SimulatedStore::claim_calls(const SessionId& session,
                                                                const std::string& adapter,
                                                                Timestamp now,
                                                                std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  const auto own = tables_.sessions.find(session);
  if (own == tables_.sessions.end() || !own->second.live) return std::vector<ports::CallRow>{};
  std::vector<ports::CallRow*> waiting;
  for (auto& [id, row] : tables_.calls) {
    if (row.state != ports::CallState::waiting || row.adapter != adapter) continue;
    if (row.next_at <= now) waiting.push_back(&row);
  }
  std::stable_sort(waiting.begin(), waiting.end(), [](const auto* a, const auto* b) {
    return a->next_at < b->next_at;
  });
  if (waiting.size() > limit) waiting.resize(limit);
  std::vector<ports::CallRow> rows;
  for (ports::CallRow* row : waiting) {
    row->state = ports::CallState::leased;
    row->owner = session;
    rows.push_back(*row);
  }
  return rows;
}

Result<std::vector<ports::WaitingCalls>> SimulatedStore::waiting_calls() {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  return simulated::waiting_calls(tables_);
}

Result<std::vector<ports::BindingKey>> SimulatedStore::unclaimed(ports::Holding holding,
                                                                 std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  return simulated::unclaimed(tables_, holding, limit);
}

Result<std::size_t> SimulatedStore::expire_parked(Timestamp now, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::set<std::pair<Timestamp, MarkId>> expired;
  for (const auto& [mark, parked] : tables_.parked) {
    if (parked.row.expires_at <= now) expired.insert({parked.row.expires_at, mark});
  }
  std::size_t count = 0;
  for (const auto& [at, mark] : expired) {
    if (count >= limit) break;
    unpark(tables_, mark);
    tables_.marks.insert_or_assign(
        mark, ports::MarkRow{mark, machine::Disposition::rejected, ports::k_expired_answer});
    ++count;
  }
  return count;
}

Result<std::vector<ports::TenantCount>> SimulatedStore::parked_by_tenant() {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::map<std::string, std::uint64_t> counts;
  for (const auto& [key, arbiter] : tables_.bindings) {
    if (!arbiter.waiting.empty()) counts[key.tenant] += arbiter.waiting.size();
  }
  std::vector<ports::TenantCount> rows;
  rows.reserve(counts.size());
  for (const auto& [tenant, count] : counts) rows.push_back({tenant, count});
  return rows;
}

Result<std::optional<ports::InstanceRow>> SimulatedStore::instance(const InstanceId& id) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  for (const auto* table : {&tables_.live, &tables_.finished}) {
    for (const auto& [key, row] : *table) {
      if (key.id == id) return row;
    }
  }
  return std::nullopt;
}

Result<std::vector<ports::InstanceRow>> SimulatedStore::instances(
    const ports::InstanceFilter& filter, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::map<InstanceId, const ports::InstanceRow*> found;
  for (const auto* table : {&tables_.live, &tables_.finished}) {
    for (const auto& [key, row] : *table) {
      if (matches(filter, row)) found.emplace(row.id, &row);
    }
  }
  std::vector<ports::InstanceRow> rows;
  for (const auto& [id, row] : found) {
    if (rows.size() >= limit) break;
    rows.push_back(*row);
  }
  return rows;
}

Result<std::vector<ports::HistoryRow>> SimulatedStore::history(const InstanceId& id,
                                                               std::uint32_t after_seq,
                                                               std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::vector<ports::HistoryRow> rows;
  for (auto at = tables_.history.upper_bound({id, after_seq});
       at != tables_.history.end() && at->first.first == id && rows.size() < limit;
       ++at) {
    rows.push_back(at->second);
  }
  return rows;
}

Result<std::vector<ports::CallRow>> SimulatedStore::calls(const ports::CallFilter& filter,
                                                          std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::vector<ports::CallRow> rows;
  for (const auto& [id, row] : tables_.calls) {
    if (rows.size() >= limit) break;
    if (!filter.after.instance.is_nil() && !(filter.after < id)) continue;
    if (filter.state && row.state != *filter.state) continue;
    if (!filter.of.is_nil() && id.instance != filter.of) continue;
    if (!filter.adapter.empty() && row.adapter != filter.adapter) continue;
    rows.push_back(row);
  }
  return rows;
}

Result<std::vector<ports::StateCount>> SimulatedStore::counts(const std::string& tenant) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::map<std::tuple<std::string, std::uint32_t, std::string>, ports::StateCount> counts;
  for (const auto& [key, row] : tables_.live) {
    if (row.tenant != tenant) continue;
    ports::StateCount& count = counts[{row.workflow, row.version, row.state}];
    count.workflow = row.workflow;
    count.version = row.version;
    count.state = row.state;
    ++count.count;
    if (row.incident) ++count.incidents;
  }
  std::vector<ports::StateCount> rows;
  rows.reserve(counts.size());
  for (auto& [key, count] : counts) rows.push_back(std::move(count));
  return rows;
}

Result<std::uint64_t> SimulatedStore::parked_count() {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  return tables_.parked.size();
}

Result<void> SimulatedStore::ping() {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  return {};
}

}  // namespace vozex::simulated
