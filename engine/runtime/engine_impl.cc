// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/engine_impl.h"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/machine/codec.h"
#include "engine/runtime/routing.h"
#include "engine/runtime/rows.h"

namespace vozex::runtime {
namespace {

Failure stopping() {
  return fail(
      ErrorClass::unavailable, "stopping", "the engine is not running: try another or later");
}

Failure overloaded(std::size_t bound) {
  return fail(ErrorClass::unavailable,
              "overloaded",
              "more than " + std::to_string(bound) + " events are queued: try again later");
}

}  // namespace

Engine::Impl::Impl(Ports given, EngineOptions wanted)
    : ports(std::move(given)),
      options(std::move(wanted)),
      registry(*ports.store, options.config),
      calls(*this, *ports.random, ports.adapters, ports.more_adapters, options.workers_per_adapter),
      session_driver(
          *this, *ports.clock, *ports.random, calls, {options.name, options.lease, options.beat}),
      timers(*this) {
  const std::size_t count = std::clamp<std::size_t>(options.lanes, 1, 256);
  for (std::size_t i = 0; i < count; ++i) {
    LaneOptions lane;
    lane.lane = i;
    lane.lanes = count;
    lane.park_for = options.park_for;
    lanes.push_back(std::make_unique<LaneDriver>(*this, *ports.random, calls, lane));
  }
}

void Engine::Impl::refresh_definitions() {
  const auto errors = registry.refresh();
  if (!errors) {
    spdlog::warn("definitions can't be read: {}", errors.error().message);
    return;
  }
  for (const Error& error : *errors) spdlog::error("{}: {}", error.code, error.message);
}

void Engine::Impl::offer(Item item) {
  const Shard shard = shard_for(item, *definitions(), now());
  lanes[shard % lanes.size()]->offer(std::move(item));
}

void Engine::Impl::start(StartOrder order, Done<EventAnswer> done) {
  const DefinitionsRef current = definitions();
  const machine::MachineRef machine = current->newest(order.workflow);
  if (machine == nullptr) {
    if (done) {
      done(fail(ErrorClass::not_found,
                "unknown_workflow",
                "no workflow " + order.workflow + " is deployed"));
    }
    return;
  }
  Item item;
  if (!order.id.empty()) item.mark = mark_of(order.tenant, order.source, order.id);
  InstanceId id = ports.random->new_instance_id(now());
  const auto key = key_of_input(*machine, order.input, current->config_of(order.workflow));
  if (key) id.bytes[15] = lane_byte(order.tenant, *key);
  item.order = NewOrder{id,
                        id,
                        std::nullopt,
                        std::move(order.tenant),
                        std::move(order.workflow),
                        std::move(order.input)};
  item.done = std::move(done);
  if (admit_item(item)) offer(std::move(item));
}

void Engine::Impl::publish(Publish published) {
  // Calls first: whoever is answered next may look for them.
  if (!published.calls.empty()) calls.take(std::move(published.calls));
  timers.set(published.timers);
  for (auto& [done, answer] : published.answers) done(std::move(answer));
  for (const Change& change : published.changes) {
    for (const auto& watcher : watchers) watcher(change);
  }
  for (auto& [to, item] : published.handed) {
    lanes[to]->offer(std::move(item));
  }
  if (!published.withdrawn.empty()) {
    session_driver.look_for_withdrawn(calls.withdraw(published.withdrawn));
  }
  if (published.calls_wait) session_driver.calls_wait(now());
  session_driver.doubt(std::move(published.doubtful));
  session_driver.later(std::move(published.later));
  for (const LogNote& note : published.notes) log(note);
  count(published.counts);
}

void Engine::Impl::count(const Publish::Counts& counts) {
  duplicates += counts.duplicates;
  transitions += counts.transitions;
  batches += counts.batches;
  stale_groups += counts.stale_groups;
  timers_fired += counts.timers_fired;
  parked += counts.parked;
  calls_dead += counts.calls_dead;
}

void Engine::Impl::session_renewed() {
  for (const auto& lane : lanes) lane->forget();
  timers.clear();
}

void Engine::Impl::log(const LogNote& note) {
  const auto level = note.level == LogNote::Level::error     ? spdlog::level::err
                     : note.level == LogNote::Level::warning ? spdlog::level::warn
                                                             : spdlog::level::info;
  if (note.instance.is_nil()) {
    spdlog::log(level, "{}", note.text);
  } else {
    spdlog::log(level,
                "{} instance={} workflow={} key={}",
                note.text,
                note.instance.text(),
                note.workflow,
                note.key);
  }
}

Done<EventAnswer> Engine::Impl::counted(Done<EventAnswer> done) {
  return [this, done = std::move(done)](Result<EventAnswer> answer) {
    --queued;
    if (done) done(std::move(answer));
  };
}

bool Engine::Impl::admit_item(Item& item) {
  if (!running) {
    if (item.done) item.done(stopping());
    return false;
  }
  if (++queued > options.max_queued_events) {
    --queued;
    if (item.done) item.done(overloaded(options.max_queued_events));
    return false;
  }
  ++events;
  item.done = counted(std::move(item.done));
  return true;
}

bool Engine::Impl::lanes_idle() const {
  return std::all_of(lanes.begin(), lanes.end(), [](const auto& lane) { return lane->is_idle(); });
}

Result<std::optional<InstanceView>> Engine::Impl::view(
    std::optional<ports::InstanceRow> row) const {
  if (!row) return std::optional<InstanceView>{};
  InstanceView view;
  view.machine = registry.current()->find(row->workflow, row->version);
  read_columns(*row, view.snapshot);
  if (view.machine != nullptr) {
    const auto decoded =
        machine::decode(*view.machine, {row->input, row->data, row->rt}, view.snapshot);
    if (!decoded) return Failure(decoded.error());
  }
  view.row = std::move(*row);
  return std::optional<InstanceView>{std::move(view)};
}

}  // namespace vozex::runtime
