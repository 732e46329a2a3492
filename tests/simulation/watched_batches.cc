// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/watched_batches.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/runtime/ops/bulk.h"
#include "tests/simulation/world.h"

namespace vozex::simulation {
namespace {

using simulated::Tables;

constexpr std::size_t k_most = 10'000;

}  // namespace

WatchedBatches::WatchedBatches(World& world)
    : world_(world), store_([&world] { return world.database.now(); }) {}

// Read from the rows, without the queries of the store: only members that stay as they are.
std::set<InstanceId> WatchedBatches::fitting(const ports::BatchRow& row) const {
  std::set<InstanceId> ids;
  const auto order = runtime::parse_bulk_order(row.order);
  if (order->query.life || !order->query.state.empty() || order->query.incident) return ids;
  world_.database.inspect([&](const Tables& tables) {
    for (const auto& [key, instance] : tables.live) {
      const bool same = instance.workflow == order->query.workflow &&
                        (order->query.key.empty() || order->query.key == instance.key);
      if (same && (order->query.version == 0 || order->query.version == instance.version))
        ids.insert(key.id);
    }
    return 0;
  });
  return ids;
}

std::size_t WatchedBatches::steps_of(const ports::BatchId& id) const {
  return world_.database.inspect([&](const Tables& tables) { return steps_of_batch(tables, id); });
}

void WatchedBatches::create(const ports::BatchRow& row) {
  (void)store_.create(row);
  watched_[row.id].fitted = fitting(row);
}

void WatchedBatches::change(const ports::BatchId& id, ports::BatchState to) {
  if (!store_.change(id, to, world_.agenda.now())) return;
  WatchedBatch& watched = watched_[id];
  if (to == ports::BatchState::paused) {
    watched.paused = true;
    watched.steps_when_paused = watched.steps_when_resumed = steps_of(id);
  } else if (watched.paused) {
    watched.paused = false;
    watched.steps_when_resumed = steps_of(id);
  }
}

Result<std::optional<ports::BatchRow>> WatchedBatches::save(const ports::BatchRound& round) {
  const bool was_listed = store_.batch(round.batch).value()->listed;
  auto row = store_.save(round);
  if (!*row || was_listed || !(*row)->listed) return row;
  const std::set<InstanceId> now = fitting(**row);
  WatchedBatch& watched = watched_[round.batch];
  std::set_intersection(watched.fitted.begin(),
                        watched.fitted.end(),
                        now.begin(),
                        now.end(),
                        std::inserter(watched.must_find, watched.must_find.end()));
  return row;
}

std::vector<ports::BatchRow> WatchedBatches::rows() const { return *store_.batches({}, k_most); }

std::vector<ports::BatchItem> WatchedBatches::items(const ports::BatchId& id) const {
  return *store_.items(id, std::nullopt, InstanceId{}, k_most);
}

std::size_t steps_of_batch(const Tables& tables, const ports::BatchId& id) {
  const std::string source = "\"source\":\"batch:" + id.text() + "\"";
  return static_cast<std::size_t>(
      std::count_if(tables.history.begin(), tables.history.end(), [&](const auto& entry) {
        return entry.second.entry.find(source) != std::string::npos;
      }));
}

}  // namespace vozex::simulation
