// SPDX-License-Identifier: Apache-2.0
//
// Which instances a batch is about, and what it would do to them.
#include <map>
#include <tuple>
#include <utility>

#include "engine/runtime/ops/bulk_driver.h"

namespace vozex::runtime {

// What step's own plan says of the committed state.
BulkForecast BulkDriver::forecast_migration(const BulkOrder& order,
                                            const ports::InstanceRow& row) const {
  const auto no = [](const Error& error) {
    std::string note = error.message;
    for (const ErrorDetail& detail : error.details) {
      note += "; " + (detail.name.empty() ? "" : detail.name + ": ") + detail.text;
    }
    return BulkForecast{false, error.code, std::move(note)};
  };
  const auto plan = ports_.engine->plan_migration(row, order.to_version);
  if (!plan) return no(plan.error());
  if (!plan->obstacles.empty())
    return no(Error{ErrorClass::refused, "migration_refused", "it can't", plan->obstacles});
  std::string note;
  for (const auto& [from, into] : plan->states)
    note += (note.empty() ? "" : ", ") + (from == into ? from : from + " to " + into);
  note += "; timers kept " + std::to_string(plan->timers_kept) + ", started " +
          std::to_string(plan->timers_armed) + ", dropped " + std::to_string(plan->timers_dropped);
  return {true, "", std::move(note)};
}

Result<BulkPlan> BulkDriver::plan(const BulkOrder& order, const std::string& tenant) {
  BulkPlan plan;
  std::map<std::tuple<std::string, std::uint32_t, std::string, std::string>, std::uint64_t> lines;
  InstanceId after;
  for (;;) {
    const auto found = bulk_page(*ports_.queries, order, tenant, after, k_bulk_page);
    if (!found) return Failure(found.error());
    for (const BulkPage::Candidate& one : found->found) {
      BulkForecast says = forecast(order, one.row, one.dead.size());
      if (says.would && order.operation == BulkOperation::migrate)
        says = forecast_migration(order, one.row);
      ++plan.matched;
      if (says.would) ++plan.would;
      std::uint64_t& count = lines[{one.row.workflow, one.row.version, one.row.state, says.code}];
      if (++count == 1 && plan.sample.size() < k_max_sample) plan.sample.push_back({one.row, says});
    }
    plan.truncated = plan.matched >= k_max_bulk_items;
    if (found->last || plan.truncated) break;
    after = found->cursor;
  }
  for (const auto& [line, count] : lines) {
    const auto& [workflow, version, state, code] = line;
    plan.lines.push_back({workflow, version, state, code, count});
  }
  return plan;
}

}  // namespace vozex::runtime
