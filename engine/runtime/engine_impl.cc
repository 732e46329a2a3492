// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/engine_impl.h"

#include <algorithm>
#include <set>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/machine/codec.h"
#include "engine/runtime/batch/correlation.h"
#include "engine/runtime/batch/routing.h"
#include "engine/runtime/items/rows.h"
#include "engine/runtime/timers/sharing.h"

namespace vozex::runtime {
namespace {

Failure stopping() {
  return fail(
      ErrorClass::unavailable, "stopping", "the engine is not running: try another or later");
}

Failure overloaded(const EngineOptions& options) {
  return fail(ErrorClass::unavailable,
              "overloaded",
              "more than " + std::to_string(options.max_queued_events) + " events or " +
                  std::to_string(options.max_queued_bytes >> 20) +
                  " MiB of their data are queued: try again later");
}

CallLimits limits_of(const EngineOptions& options) {
  CallLimits limits(options.workers_per_adapter);
  for (const auto& [adapter, limit] : options.adapter_limits) {
    limits.of[adapter] = std::max<std::size_t>(limit, 1);
  }
  return limits;
}

}  // namespace

Engine::Impl::Impl(Ports given, EngineOptions wanted)
    : ports(std::move(given)),
      options(std::move(wanted)),
      registry(*ports.store, options.config),
      calls(*this, *ports.random, ports.adapters, ports.more_adapters, limits_of(options)),
      membership(*this, *ports.clock, *ports.random, {options.name, options.lease, options.beat}),
      chores(*this, calls, {options.lease, options.max_parked_events}),
      timers(*this) {
  const std::size_t count = std::clamp<std::size_t>(options.lanes, 1, 256);
  for (std::size_t i = 0; i < count; ++i) {
    LaneOptions lane;
    lane.lane = i;
    lane.lanes = count;
    lane.park_for = options.park_for;
    lanes.push_back(
        std::make_unique<LaneDriver>(*this, *ports.random, calls, chores, commits, lane));
  }
}

Result<void> Engine::Impl::refresh_definitions() {
  const auto errors = registry.refresh();
  if (!errors) {
    spdlog::warn("definitions can't be read: {}", errors.error().message);
    return Failure(errors.error());
  }
  for (const Error& error : *errors) spdlog::error("{}: {}", error.code, error.message);
  return {};
}

void Engine::Impl::offer(Item item) {
  const Shard shard = shard_for(item, *definitions(), now());
  lanes[shard % lanes.size()]->offer(std::move(item));
}

void Engine::Impl::offer_all(std::vector<Item> items) {
  const DefinitionsRef current = definitions();
  const Timestamp at = now();
  std::vector<std::vector<Item>> of_lanes(lanes.size());
  for (Item& item : items) {
    const Shard shard = shard_for(item, *current, at);
    of_lanes[shard % lanes.size()].push_back(std::move(item));
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (!of_lanes[i].empty()) lanes[i]->offer(std::move(of_lanes[i]));
  }
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
  item.fingerprint = std::move(order.fingerprint);
  InstanceId id = ports.random->new_instance_id(now());
  const std::size_t bytes = types::weight(order.input);
  const auto key = key_of_input(*machine, order.input, current->config_of(*machine));
  if (key) id.bytes[15] = lane_byte(order.tenant, *key);
  item.order = NewOrder{id,
                        id,
                        std::nullopt,
                        std::move(order.tenant),
                        std::move(order.workflow),
                        std::move(order.input)};
  item.done = std::move(done);
  admit(std::move(item), bytes);
}

// The answers, and what changed.
void Engine::Impl::give(Publish& published) {
  for (auto& [done, answer] : published.answers) done(std::move(answer));
  for (const Change& change : published.changes) {
    for (const auto& watcher : watchers) watcher(change);
  }
}

void Engine::Impl::publish(Publish published) {
  // Calls first: whoever is answered next may look for them.
  if (!published.calls.empty()) calls.take(std::move(published.calls));
  timers.set(published.timers);
  if (surround) {
    surround([&] { give(published); });
  } else {
    give(published);
  }
  for (auto& [to, item] : published.handed) {
    lanes[to]->offer(std::move(item));
  }
  if (!published.withdrawn.empty()) {
    chores.look_for_withdrawn(calls.withdraw(published.withdrawn));
  }
  if (published.calls_wait) chores.calls_wait();
  chores.doubt(std::move(published.doubtful));
  chores.later(std::move(published.later));
  for (const LogNote& note : published.notes) log(note);
  count(published.counts);
}

bool Engine::Impl::is_wanted(const Change& change) const {
  return std::any_of(
      viewers.begin(), viewers.end(), [&](const auto& asks) { return asks(change); });
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

void Engine::Impl::heard(const ports::News& news, Timestamp sent) {
  if (chores.heard(news, sent)) timers.share(shards_of(session(), news.living));
  timers.heard(news.first_timer, sent);
  for (const auto& listener : listeners) listener(news);
}

void Engine::Impl::session_renewed() {
  for (const auto& lane : lanes) lane->forget();
  timers.clear();
  chores.restart();
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

Done<EventAnswer> Engine::Impl::counted(Done<EventAnswer> done, std::size_t bytes) {
  return [this, bytes, done = std::move(done)](Result<EventAnswer> answer) {
    --queued;
    queued_bytes -= bytes;
    if (done) done(std::move(answer));
  };
}

bool Engine::Impl::counts_in(Item& item, std::size_t bytes) {
  if (!running) {
    if (item.done) item.done(stopping());
    return false;
  }
  const bool too_many = ++queued > options.max_queued_events;
  const bool too_much = (queued_bytes += bytes) > options.max_queued_bytes + bytes;
  if (too_many || too_much) {
    --queued;
    queued_bytes -= bytes;
    if (item.done) item.done(overloaded(options));
    return false;
  }
  ++events;
  item.done = counted(std::move(item.done), bytes);
  return true;
}

void Engine::Impl::admit(Item item, std::size_t bytes) {
  if (counts_in(item, bytes)) offer(std::move(item));
}

void Engine::Impl::claim_unknown(const std::vector<machine::MachineRef>& machines) {
  const auto tenants = ports.store->work().parked_by_tenant();
  if (!tenants) return;  // they wait for the next deployment or start
  std::set<std::string> names;
  for (const machine::MachineRef& machine : machines) {
    for (const machine::EventDecl& event : machine->events) names.insert(event.name);
    for (const machine::StartRule& rule : machine->start_rules) names.insert(rule.event);
  }
  for (const ports::TenantCount& count : *tenants) {
    if (!count.tenant.ends_with(k_unknown_slot)) continue;
    const std::string tenant = count.tenant.substr(0, count.tenant.size() - k_unknown_slot.size());
    for (const std::string& name : names) {
      Item item;
      item.order = ClaimOrder{binding_of_unknown(tenant, name)};
      offer(std::move(item));
    }
  }
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
