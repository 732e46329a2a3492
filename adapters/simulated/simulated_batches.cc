// SPDX-License-Identifier: Apache-2.0
#include "adapters/simulated/simulated_batches.h"

#include <algorithm>
#include <tuple>

namespace vozex::simulated {

using ports::BatchId;
using ports::BatchItem;
using ports::BatchItemState;
using ports::BatchRow;
using ports::BatchState;

std::vector<SimulatedBatches::Job*> SimulatedBatches::oldest_first() {
  std::vector<Job*> jobs;
  jobs.reserve(jobs_.size());
  for (auto& [id, job] : jobs_) jobs.push_back(&job);
  std::sort(jobs.begin(), jobs.end(), [](const Job* a, const Job* b) {
    return std::tie(a->row.created_at, a->row.id) < std::tie(b->row.created_at, b->row.id);
  });
  return jobs;
}

Result<BatchRow> SimulatedBatches::create(const BatchRow& row) {
  const std::lock_guard lock(mutex_);
  return jobs_.try_emplace(row.id, Job{row, {}, {}}).first->second.row;
}

Result<std::optional<BatchRow>> SimulatedBatches::batch(const BatchId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return std::nullopt;
  return found->second.row;
}

Result<std::vector<BatchRow>> SimulatedBatches::batches(const BatchId& after, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<BatchRow> rows;
  const std::vector<Job*> jobs = oldest_first();
  bool behind = after.is_nil();
  for (auto job = jobs.rbegin(); job != jobs.rend() && rows.size() < limit; ++job) {
    if (behind) rows.push_back((*job)->row);
    behind = behind || (*job)->row.id == after;
  }
  return rows;
}

Result<std::vector<BatchItem>> SimulatedBatches::items(const BatchId& id,
                                                       std::optional<BatchItemState> state,
                                                       const InstanceId& after,
                                                       std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::vector<BatchItem> items;
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return items;
  const auto& all = found->second.items;
  for (auto at = all.upper_bound(after); at != all.end() && items.size() < limit; ++at) {
    if (!state || at->second.state == *state) items.push_back(at->second);
  }
  return items;
}

Result<BatchRow> SimulatedBatches::change(const BatchId& id, BatchState to, Timestamp now) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(id);
  if (found == jobs_.end()) return ports::no_batch(id);
  BatchRow& row = found->second.row;
  if (ports::is_ended(row.state)) return ports::ended_batch(id);
  row.state = to;
  row.changed_at = now;
  return row;
}

Result<std::vector<BatchRow>> SimulatedBatches::claim(const SessionId& owner,
                                                      Duration lease,
                                                      std::size_t limit) {
  const std::lock_guard lock(mutex_);
  const Timestamp now = clock_();
  std::vector<BatchRow> rows;
  for (Job* job : oldest_first()) {
    if (rows.size() >= limit) break;
    BatchRow& row = job->row;
    if (row.state != BatchState::running) continue;
    if (!row.owner.is_nil() && row.owner != owner && job->lease_until >= now) continue;
    row.owner = owner;
    job->lease_until = now + lease;
    rows.push_back(row);
  }
  return rows;
}

Result<std::optional<BatchRow>> SimulatedBatches::save(const ports::BatchRound& round) {
  const std::lock_guard lock(mutex_);
  const auto found = jobs_.find(round.batch);
  if (found == jobs_.end() || found->second.row.owner != round.owner) return std::nullopt;
  Job& job = found->second;
  BatchRow& row = job.row;
  for (const BatchItem& item : round.add) {
    if (job.items.emplace(item.instance, item).second) ++row.total;
  }
  if (!round.cursor.is_nil()) row.cursor = round.cursor;
  row.listed = row.listed || round.listed;
  for (const BatchItem& result : round.results) {
    const auto item = job.items.find(result.instance);
    if (item == job.items.end() || item->second.state != BatchItemState::waiting) continue;
    const std::string basis = item->second.basis;
    item->second = result;
    item->second.basis = basis;
    if (result.state == BatchItemState::applied) ++row.applied;
    if (result.state == BatchItemState::refused) ++row.refused;
    if (result.state == BatchItemState::failed) ++row.failed;
  }
  if (round.done && row.state == BatchState::running) row.state = BatchState::done;
  row.changed_at = round.now;
  return row;
}

Result<void> SimulatedBatches::release(const SessionId& owner) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, job] : jobs_) {
    if (job.row.owner == owner) job.row.owner = {};
  }
  return {};
}

}  // namespace vozex::simulated
