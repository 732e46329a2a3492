// SPDX-License-Identifier: Apache-2.0
//
// The doctor's ports on the simulated store: tables are looked at as they stand (what SQL tells is
// said by the test), repairs go through the store's own commit.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/simulated/simulated_store.h"
#include "engine/ports/inspection.h"
#include "engine/ports/repair.h"

namespace vozex::runtime {

class TableInspection final : public ports::Inspection {
 public:
  TableInspection(const simulated::Tables& tables, std::vector<ports::DefinitionRow> definitions)
      : tables_(tables), definitions_(std::move(definitions)) {}

  Result<void> begin() override {
    ++begun;
    return {};
  }
  Result<std::vector<ports::DefinitionRow>> definitions() override { return definitions_; }
  Result<std::vector<ports::InstanceRow>> live_after(const ports::InstanceKey& after,
                                                     std::size_t limit) override {
    std::vector<ports::InstanceRow> page;
    for (auto at = tables_.live.upper_bound(after); at != tables_.live.end(); ++at) {
      if (page.size() < limit) page.push_back(at->second);
    }
    return page;
  }
  Result<ports::Surroundings> around(const ports::SurroundingsRequest& request) override {
    ports::Surroundings around;
    for (const auto& [id, call] : tables_.calls) around.calls.push_back(call);
    for (const auto& [id, task] : tables_.tasks) around.tasks.push_back(task);
    for (const ports::BindingKey& key : request.bindings) {
      const auto found = tables_.bindings.find(key);
      if (found == tables_.bindings.end()) continue;
      for (const auto& [holder, ended] : found->second.holders) {
        if (!ended) around.bindings.insert({key, holder.id});
      }
    }
    for (const ports::InstanceKey& one : request.kin) {
      if (const auto* row = tables_.find(one)) around.kin[one.id] = row->life;
    }
    for (const auto& [key, row] : tables_.outbox) around.senders.insert(row.from);
    return around;
  }
  Result<ports::InstanceRecord> record(const ports::InstanceKey& instance) override {
    ports::InstanceRecord record;
    if (const auto at = tables_.live.find(instance); at != tables_.live.end())
      record.live = at->second;
    if (const auto at = tables_.finished.find(instance); at != tables_.finished.end())
      record.finished = at->second;
    for (const auto& [key, row] : tables_.history) {
      if (key.first == instance.id) record.last = row;
    }
    return record;
  }
  Result<std::vector<ports::Damage>> sweep(std::size_t) override {
    ++sweeps;
    return sweeps == 1 ? first : again;
  }

  std::vector<ports::Damage> first;
  std::vector<ports::Damage> again;
  int begun = 0;
  int sweeps = 0;

 private:
  const simulated::Tables& tables_;
  std::vector<ports::DefinitionRow> definitions_;
};

// An audit log in memory.
class AuditBook final : public ports::AuditLog {
 public:
  Result<void> begin(const ports::AuditEntry& entry) override {
    if (!writable) return fail(ErrorClass::unavailable, "store_busy", "no room");
    entries_.push_back(entry);
    return {};
  }
  Result<void> finish(const ports::AuditId& id,
                      const ports::AuditOutcome& outcome,
                      const std::string&,
                      const std::string&) override {
    for (ports::AuditEntry& entry : entries_) {
      if (entry.id == id) entry.outcome = outcome;
    }
    return {};
  }
  Result<std::vector<ports::AuditEntry>> entries(const ports::AuditFilter&, std::size_t) override {
    return entries_;
  }
  bool writable = true;

 private:
  std::vector<ports::AuditEntry> entries_;
};

class SimulatedRepairs final : public ports::Repairs {
 public:
  explicit SimulatedRepairs(simulated::SimulatedStore& store)
      : store_(store), lane_(*store.open_lane()) {}

  Result<ports::Verdict> commit(const ports::CommitRequest& request) override {
    const auto reply = lane_->commit(request);
    if (!reply) return Failure(reply.error());
    return reply->verdicts.front().verdict;
  }
  Result<std::size_t> drop_tasks(const ports::InstanceKey& instance) override {
    std::size_t dropped = 0;
    store_.alter([&](simulated::Tables& tables) {
      if (tables.live.contains(instance)) return;
      dropped = std::erase_if(tables.tasks,
                              [&](const auto& row) { return row.first.instance == instance.id; });
    });
    return dropped;
  }
  Result<bool> drop_row(const ports::InstanceKey& instance, ports::Table from, Etag etag) override {
    bool dropped = false;
    store_.alter([&](simulated::Tables& tables) {
      const bool is_live = from == ports::Table::instances;
      auto& place = is_live ? tables.live : tables.finished;
      const auto& other = is_live ? tables.finished : tables.live;
      const auto row = place.find(instance);
      if (row == place.end() || row->second.etag != etag || !other.contains(instance)) return;
      place.erase(row);
      dropped = true;
    });
    return dropped;
  }
  Result<bool> recount(const ports::BindingKey&) override { return false; }
  ports::AuditLog& audit() override { return book; }

  AuditBook book;

 private:
  simulated::SimulatedStore& store_;
  std::unique_ptr<ports::LaneStore> lane_;
};

}  // namespace vozex::runtime
