// SPDX-License-Identifier: Apache-2.0
//
// The parts of an Engine and how they hang together: lanes, calls, timers, session, definitions. No
// decisions; locks and threads are in the parts.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "engine/runtime/calls/call_driver.h"
#include "engine/runtime/definitions/registry_driver.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/items/host.h"
#include "engine/runtime/lanes/lane_driver.h"
#include "engine/runtime/sessions/chore_driver.h"
#include "engine/runtime/sessions/membership_driver.h"
#include "engine/runtime/timers/timer_driver.h"

namespace vozex::runtime {

struct Engine::Impl final : public Host {
  Impl(Ports given, EngineOptions wanted);
  ~Impl() override = default;

  Timestamp now() const override { return membership.now(); }
  bool may_send() const override { return membership.may_send(); }
  SessionId session() const override { return membership.session(); }
  DefinitionsRef definitions() const override { return registry.current(); }
  Result<void> refresh_definitions() override;
  ports::Store& store() override { return *ports.store; }
  void offer(Item item) override;
  void start(StartOrder order, Done<EventAnswer> done) override;
  void publish(Publish publish) override;
  bool is_wanted(const Change& change) const override;
  void heard(const ports::News& news, Timestamp sent) override;
  void session_lost() override { calls.reset(); }
  void session_renewed() override;
  void may_send_again() override { calls.kick(); }
  void log(const LogNote& note) override;

  // Counts the item in, `bytes` of data with it; or tells it why not.
  bool counts_in(Item& item, std::size_t bytes);
  // The same, and offers it.
  void admit(Item item, std::size_t bytes);
  // Each to its lane, and those of one lane together.
  void offer_all(std::vector<Item> items);
  Done<EventAnswer> counted(Done<EventAnswer> done, std::size_t bytes);
  // Early events that no workflow declared until now are looked at again.
  void claim_unknown(const std::vector<machine::MachineRef>& machines);
  bool lanes_idle() const;
  void count(const Publish::Counts& counts);
  void give(Publish& published);
  Result<std::optional<InstanceView>> view(std::optional<ports::InstanceRow> row) const;

  Engine::Ports ports;
  EngineOptions options;
  Registry registry;
  CallDriver calls;
  MembershipDriver membership;
  ChoreDriver chores;
  TimerDriver timers;
  CommitsUnderWay commits;
  std::vector<std::unique_ptr<LaneDriver>> lanes;
  std::vector<std::function<void(const Change&)>> watchers;
  std::vector<std::function<bool(const Change&)>> viewers;
  std::vector<std::function<void(const ports::News&)>> listeners;
  std::function<void(const std::function<void()>&)> surround;

  std::atomic<bool> running{false};
  std::atomic<std::uint64_t> queued{0};
  std::atomic<std::uint64_t> queued_bytes{0};
  std::atomic<std::uint64_t> events{0};
  std::atomic<std::uint64_t> duplicates{0};
  std::atomic<std::uint64_t> transitions{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::uint64_t> stale_groups{0};
  std::atomic<std::uint64_t> timers_fired{0};
  std::atomic<std::uint64_t> parked{0};
  std::atomic<std::uint64_t> calls_dead{0};
};

}  // namespace vozex::runtime
