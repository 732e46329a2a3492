// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/batch/inbox.h"

#include <algorithm>
#include <utility>

#include "engine/ports/query_store.h"

namespace vozex::runtime {
namespace {

bool by_id(const ports::TaskRow& a, const ports::TaskRow& b) { return a.id < b.id; }

}  // namespace

std::vector<ports::TaskRow> task_rows(const machine::Machine& machine,
                                      const machine::Snapshot& snapshot,
                                      Shard shard) {
  std::vector<ports::TaskRow> rows;
  if (machine::is_ended(snapshot.life)) return rows;
  rows.reserve(snapshot.tasks.size());
  for (const machine::OpenTask& task : snapshot.tasks) {
    ports::TaskRow row;
    row.id = {snapshot.id, task.entry, task.index};
    row.shard = shard;
    row.tenant = snapshot.tenant;
    row.workflow = snapshot.workflow;
    row.key = snapshot.key;
    row.state = machine.states[task.state].path;
    row.title = task.title;
    row.queue = task.queue;
    row.roles = task.roles;
    row.assignee = task.assignee;
    row.opened_at = task.opened_at;
    row.claimed_at = task.claimed_at;
    if (task.due && *task.due < ports::k_never_due) row.due = task.due;
    row.level = task.level;
    rows.push_back(std::move(row));
  }
  std::sort(rows.begin(), rows.end(), by_id);
  return rows;
}

std::vector<InboxFault> inbox_faults(std::vector<ports::TaskRow> wanted,
                                     std::vector<ports::TaskRow> found) {
  std::sort(wanted.begin(), wanted.end(), by_id);
  std::sort(found.begin(), found.end(), by_id);
  std::vector<InboxFault> faults;
  auto want = wanted.begin();
  auto have = found.begin();
  while (want != wanted.end() || have != found.end()) {
    if (have == found.end() || (want != wanted.end() && want->id < have->id)) {
      faults.push_back({want->id, "missing"});
      ++want;
    } else if (want == wanted.end() || have->id < want->id) {
      faults.push_back({have->id, "too many"});
      ++have;
    } else {
      if (!(*want == *have)) faults.push_back({want->id, "differs"});
      ++want;
      ++have;
    }
  }
  return faults;
}

}  // namespace vozex::runtime
