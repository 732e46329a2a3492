// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "adapters/simulated/simulated_store.h"

namespace vozex::simulated {
namespace {

Failure away() { return fail(ErrorClass::unavailable, "store_unavailable", "the store is away"); }

bool may_take(const ports::TaskRow& row, const std::vector<std::string>& roles) {
  if (roles.empty() || row.roles.empty()) return true;
  return std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
    return std::find(row.roles.begin(), row.roles.end(), role) != row.roles.end();
  });
}

using Place = std::pair<Timestamp, TaskId>;

bool matches(const ports::TaskFilter& filter, const ports::TaskRow& row) {
  if (row.tenant != filter.tenant) return false;
  if (!filter.queue.empty() && row.queue != filter.queue) return false;
  if (!filter.workflow.empty() && row.workflow != filter.workflow) return false;
  if (!filter.assignee.empty() && row.assignee != filter.assignee) return false;
  if (filter.unassigned && !row.assignee.empty()) return false;
  if (filter.due_before && ports::due_of(row) >= *filter.due_before) return false;
  if (!filter.of.is_nil() && row.id.instance != filter.of) return false;
  if (filter.after &&
      Place{ports::due_of(row), row.id} <= Place{filter.after->due, filter.after->id}) {
    return false;
  }
  return may_take(row, filter.roles);
}

}  // namespace

Result<std::vector<ports::TaskRow>> SimulatedStore::tasks(const ports::TaskFilter& filter,
                                                          std::size_t limit) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::map<Place, const ports::TaskRow*> found;
  for (const auto& [id, row] : tables_.tasks) {
    if (matches(filter, row)) found.emplace(Place{ports::due_of(row), id}, &row);
  }
  std::vector<ports::TaskRow> rows;
  for (const auto& [place, row] : found) {
    if (rows.size() >= limit) break;
    rows.push_back(*row);
  }
  return rows;
}

Result<std::vector<ports::TaskCount>> SimulatedStore::task_counts(const std::string& tenant,
                                                                  Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (unavailable_) return away();
  std::map<std::string, ports::TaskCount> counts;
  for (const auto& [id, row] : tables_.tasks) {
    if (row.tenant != tenant) continue;
    ports::TaskCount& count = counts[row.queue];
    count.queue = row.queue;
    ++count.open;
    if (row.assignee.empty()) ++count.unassigned;
    if (ports::due_of(row) < now) ++count.overdue;
  }
  std::vector<ports::TaskCount> rows;
  rows.reserve(counts.size());
  for (auto& [queue, count] : counts) rows.push_back(std::move(count));
  return rows;
}

}  // namespace vozex::simulated
