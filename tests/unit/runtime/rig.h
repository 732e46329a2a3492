// SPDX-License-Identifier: Apache-2.0
//
// Rig: lanes driven by hand on the simulated store: no threads, time as the test says. Calls that
// go out are collected, items for other lanes are handed over, timers are fired by the test.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/simulated/simulated_store.h"
#include "engine/runtime/batch/routing.h"
#include "engine/runtime/lanes/lane_core.h"
#include "tests/unit/runtime/sources.h"

namespace vozex::runtime {

class Rig final : public Gate, public Parking, public ports::Random {
 public:
  explicit Rig(const std::vector<std::string>& texts, std::size_t lanes = 1) {
    store.set_now(now);
    definitions = std::make_shared<Definitions>(compiled(texts), types::Value());
    for (std::size_t i = 0; i < lanes; ++i) {
      LaneCore::Ports ports;
      ports.definitions = [this] { return definitions; };
      ports.session = [this] { return session; };
      ports.wanted = [this](const auto& change) { return wanted && wanted(change); };
      ports.random = this;
      ports.gate = this;
      ports.parking = this;
      LaneOptions options;
      options.lane = i;
      options.lanes = lanes;
      cores.push_back(std::make_unique<LaneCore>(std::move(ports), options));
      connections.push_back(*store.open_lane());
    }
    (void)store.sessions().join(session, "rig");
  }

  // ---- what the test does ----

  void offer(Item item) {
    const Shard shard = shard_for(item, *definitions, now);
    cores[shard % cores.size()]->offer(std::move(item));
  }

  // Until nothing is left to do, or it has crashed; false when it does not come to rest.
  bool run() {
    for (int i = 0; i < 100'000 && !crashed; ++i) {
      bool idle = true;
      for (std::size_t lane = 0; lane < cores.size(); ++lane) idle = turn(lane) && idle;
      if (idle) return true;
    }
    return false;
  }

  // Offers one item, runs, and gives its answer.
  Result<EventAnswer> ask(Item item) {
    std::optional<Result<EventAnswer>> got;
    item.done = [&got](Result<EventAnswer> answer) { got = std::move(answer); };
    offer(std::move(item));
    EXPECT_TRUE(run());
    if (!got) return fail(ErrorClass::unavailable, "no_answer", "no answer came");
    return *got;
  }

  Item start(const std::string& workflow, types::Value input, const std::string& id = "") {
    Item item;
    const InstanceId instance = new_instance_id(now);
    item.order = NewOrder{instance, instance, std::nullopt, "default", workflow, std::move(input)};
    if (!id.empty()) item.mark = mark_of("default", "test", id);
    return item;
  }

  Item event(const std::string& name, const std::string& id, types::Value data) {
    machine::Event event;
    event.id = id;
    event.source = "test";
    event.name = name;
    event.tenant = "default";
    event.time = now;
    event.data = std::move(data);
    Item item;
    item.mark = mark_of("default", "test", id);
    item.order = FindOrder{std::move(event)};
    return item;
  }

  // What people or ops do to an instance.
  Item order(const ports::InstanceRow& row, const std::string& name, machine::Cause cause) {
    machine::Event event;
    event.name = name;
    event.source = "ops";
    event.tenant = "default";
    event.time = now;
    event.cause = std::move(cause);
    Item item;
    item.order = DeliverOrder{row.id, row.shard, std::move(event), true};
    return item;
  }

  Item failure_of(const OutgoingCall& call, const std::string& code) {
    machine::ErrorInfo error;
    error.code = code;
    error.attempts = 3;
    Item item;
    item.order = CallOrder{call.row, false, {}, error};
    return item;
  }

  Item end_of(const OutgoingCall& call, types::Value result) {
    Item item;
    item.order = CallOrder{call.row, true, std::move(result), {}};
    return item;
  }

  // The one row of a workflow and key.
  ports::InstanceRow row(const std::string& workflow, const std::string& key) {
    ports::InstanceFilter filter;
    filter.tenant = "default";
    filter.workflow = workflow;
    filter.key = key;
    const auto rows = store.queries().instances(filter, 10);
    EXPECT_EQ(rows->size(), 1u) << workflow << " " << key;
    return rows->empty() ? ports::InstanceRow{} : rows->front();
  }

  // ---- Gate and Random ----

  bool reserve(std::string_view) override {
    if (room == 0) return false;
    --room;
    return true;
  }
  void release(std::string_view) override { ++room; }
  bool admit(const std::string&) override { return parking_room-- > 0; }
  std::uint64_t next() override { return ++counter * 0x9E3779B97F4A7C15ull; }
  InstanceId new_instance_id(Timestamp) override {
    InstanceId id;
    const std::uint64_t words[2] = {next(), next()};
    for (std::size_t i = 0; i < 16; ++i) {
      id.bytes[i] = static_cast<std::uint8_t>(words[i / 8] >> (8 * (i % 8)));
    }
    return id;
  }

  Timestamp now{std::chrono::hours{24 * 20'000}};
  simulated::SimulatedStore store;
  DefinitionsRef definitions;
  // What a lane gets when it asks for the definitions again; the same without.
  std::function<DefinitionsRef()> read_definitions;
  SessionId session{Bytes16{1}};
  std::vector<std::unique_ptr<LaneCore>> cores;
  std::vector<std::unique_ptr<ports::LaneStore>> connections;
  std::size_t room = 1'000'000;
  int parking_room = 1'000'000;
  bool crashed = false;  // nothing happens any more: what is left stays as it is in the store
  std::uint64_t counter = 0;

  // When it gives an error, the commit is refused with it.
  std::function<std::optional<Error>(const ports::CommitRequest&)> refuse;
  std::function<bool(const Engine::Change&)> wanted;  // without: no change is
  std::vector<std::size_t> committed_groups;          // of each commit
  Duration commit_takes{0};
  std::vector<Duration> pauses;  // after each publishing
  int loads = 0;
  int settles = 0;
  int settles_fail = 0;  // the next so many times
  std::vector<OutgoingCall> calls;
  std::vector<CallId> withdrawn;
  std::vector<Item> later;
  std::vector<Engine::Change> changes;
  std::vector<LogNote> notes;
  Publish::Counts counts;

 private:
  // True when idle.
  bool turn(std::size_t lane) {
    LaneCore& core = *cores[lane];
    LaneAction action = core.next(now);
    if (const auto* idle = std::get_if<IdleAction>(&action)) {
      if (!idle->until) return true;
      now = *idle->until;
    } else if (const auto* load = std::get_if<LoadAction>(&action)) {
      ++loads;
      Loaded loaded;
      if (load->needs.definitions)
        loaded.definitions = read_definitions ? read_definitions() : definitions;
      loaded.rows = *connections[lane]->load(load->needs.load);
      for (const InstanceId& id : load->needs.locate) {
        if (auto found = *store.queries().instance(id)) loaded.located.push_back(*found);
      }
      core.loaded(loaded, now);
    } else if (const auto* commit = std::get_if<CommitAction>(&action)) {
      const auto reply = try_commit(lane, *commit);
      core.committed(reply, now += commit_takes);
    } else {
      auto& publishing = std::get<PublishAction>(action);
      pauses.push_back(publishing.pause);
      publish(publishing.publish);
    }
    return crashed;
  }

  Result<ports::CommitReply> try_commit(std::size_t lane, const CommitAction& commit) {
    if (commit.settle) {
      ++settles;
      if (settles_fail > 0) {
        --settles_fail;
        return fail(ErrorClass::outcome_unknown, "store_lost", "still away");
      }
      return connections[lane]->settle(*commit.request);
    }
    if (refuse) {
      if (auto error = refuse(*commit.request)) return Failure(*error);
    }
    committed_groups.push_back(commit.request->groups.size());
    return connections[lane]->commit(*commit.request);
  }

  void publish(Publish& published) {
    for (auto& call : published.calls) calls.push_back(std::move(call));
    for (auto& [done, answer] : published.answers) {
      if (done) done(std::move(answer));
    }
    for (auto& [to, item] : published.handed) cores[to]->offer(std::move(item));
    withdrawn.insert(withdrawn.end(), published.withdrawn.begin(), published.withdrawn.end());
    for (auto& item : published.later) later.push_back(std::move(item));
    changes.insert(changes.end(), published.changes.begin(), published.changes.end());
    notes.insert(notes.end(), published.notes.begin(), published.notes.end());
    counts.transitions += published.counts.transitions;
    counts.duplicates += published.counts.duplicates;
    counts.stale_groups += published.counts.stale_groups;
    counts.timers_fired += published.counts.timers_fired;
    counts.calls_dead += published.counts.calls_dead;
  }
};

inline types::Value object(std::initializer_list<std::pair<std::string, types::Value>> fields) {
  return types::Value::object(fields);
}
inline types::Value text(const std::string& value) { return types::Value::string(value); }
inline types::Value number(std::int64_t value) { return types::Value::integer(value); }

}  // namespace vozex::runtime
