// SPDX-License-Identifier: Apache-2.0
//
// The facade: checks at the door, and the order in which things start and stop.
#include "engine/runtime/engine.h"

#include <algorithm>
#include <future>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/runtime/door.h"
#include "engine/runtime/engine_impl.h"
#include "engine/runtime/routing.h"

namespace vozex::runtime {
namespace {

constexpr Duration k_stop_step{std::chrono::milliseconds{5}};
constexpr Duration k_retry_call_wait{std::chrono::seconds{10}};
constexpr std::size_t k_calls_of_one = 1000;

}  // namespace

Engine::Engine(Ports ports, EngineOptions options)
    : impl_(std::make_unique<Impl>(std::move(ports), std::move(options))) {}

Engine::~Engine() { stop(Duration{0}); }

Result<void> Engine::run() {
  const auto errors = impl_->registry.refresh();
  if (!errors) return Failure(errors.error());
  for (const Error& error : *errors) spdlog::error("{}: {}", error.code, error.message);
  if (auto joined = impl_->session_driver.join(); !joined) return joined;
  for (const auto& lane : impl_->lanes) lane->start();
  impl_->running = true;
  impl_->timers.start();
  impl_->session_driver.start();
  return {};
}

void Engine::stop(Duration grace) {
  if (!impl_->running.exchange(false)) return;
  impl_->calls.drain(grace);
  impl_->timers.stop();
  // Lanes end what they have: acknowledged means committed, so nothing is lost if they can't.
  for (Duration waited{0}; waited < grace && !impl_->lanes_idle(); waited += k_stop_step) {
    std::promise<void> never;
    never.get_future().wait_for(k_stop_step);
  }
  impl_->session_driver.stop();
  for (const auto& lane : impl_->lanes) lane->stop();
  impl_->calls.stop();
  impl_->session_driver.leave();
}

Result<std::vector<Engine::Deployed>> Engine::deploy(
    const std::vector<machine::MachineRef>& machines) {
  auto deployed = impl_->registry.deploy(machines, impl_->now());
  if (deployed) impl_->session_driver.look_for_schedules();
  return deployed;
}

std::vector<machine::MachineRef> Engine::definitions() const {
  return impl_->registry.current()->all();
}

machine::MachineRef Engine::newest(const std::string& workflow) const {
  return impl_->registry.current()->newest(workflow);
}

void Engine::post(machine::Event event, Done<EventAnswer> done) {
  if (event.tenant.empty()) event.tenant = "default";
  if (event.time == Timestamp{}) event.time = impl_->now();
  event.cause = machine::External{};
  auto admitted = admit(*impl_->definitions(), std::move(event));
  if (!admitted) {
    if (done) done(Failure(admitted.error()));
    return;
  }
  Item item;
  if (!admitted->id.empty()) {
    item.mark = mark_of(admitted->tenant, admitted->source, admitted->id);
  }
  item.order = FindOrder{std::move(*admitted)};
  item.done = std::move(done);
  if (impl_->admit_item(item)) impl_->offer(std::move(item));
}

void Engine::start(StartOrder order, Done<EventAnswer> done) {
  impl_->start(std::move(order), std::move(done));
}

void Engine::act(ActionOrder order, Done<EventAnswer> done) {
  Item item;
  const std::string source = "action:" + order.instance.text();
  if (!order.id.empty()) item.mark = mark_of("", source, order.id);
  machine::Event event;
  event.id = order.id;
  event.source = "action";
  event.name = "action." + order.action;
  event.time = impl_->now();
  event.data = order.form;
  event.cause = machine::ActionTaken{order.action, std::move(order.actor), std::move(order.form)};
  item.order = DeliverOrder{order.instance, std::nullopt, std::move(event), true};
  item.done = std::move(done);
  if (impl_->admit_item(item)) impl_->offer(std::move(item));
}

void Engine::operate(OpsOrder order, Done<EventAnswer> done) {
  Item item;
  machine::Event event = std::move(order.event);
  if (event.time == Timestamp{}) event.time = impl_->now();
  if (!event.id.empty()) item.mark = mark_of(event.tenant, event.source, event.id);
  item.order = DeliverOrder{order.instance, std::nullopt, std::move(event), true};
  item.done = std::move(done);
  if (impl_->admit_item(item)) impl_->offer(std::move(item));
}

Result<void> Engine::retry_call(const CallId& call, const machine::Actor& actor) {
  auto rows = impl_->store().queries().calls(std::nullopt, call.instance, k_calls_of_one);
  if (!rows) return Failure(rows.error());
  const auto row = std::find_if(
      rows->begin(), rows->end(), [&call](const auto& candidate) { return candidate.id == call; });
  if (row == rows->end()) {
    return fail(ErrorClass::not_found, "call_not_found", "there is no open call " + call.text());
  }
  if (row->state != ports::CallState::dead) {
    return fail(ErrorClass::conflict, "call_not_dead", "the call " + call.text() + " is under way");
  }
  const bool maybe_sent = parse_error(row->error).code == "outcome_unknown";
  Item item = lease_item(*row, impl_->session(), maybe_sent);
  auto promise = std::make_shared<std::promise<Result<EventAnswer>>>();
  auto future = promise->get_future();
  item.done = [promise](Result<EventAnswer> answer) { promise->set_value(std::move(answer)); };
  if (impl_->admit_item(item)) impl_->offer(std::move(item));
  if (future.wait_for(k_retry_call_wait) != std::future_status::ready) {
    return fail(ErrorClass::unavailable, "store_unavailable", "the store did not answer in time");
  }
  const Result<EventAnswer> answer = future.get();
  if (!answer) return Failure(answer.error());
  spdlog::info("call {} sent again by {}", call.text(), actor.id);
  return {};
}

void Engine::watch(std::function<void(const Change&)> watcher) {
  impl_->watchers.push_back(std::move(watcher));
}

Result<std::optional<InstanceView>> Engine::find(const InstanceId& id) const {
  auto row = impl_->store().queries().instance(id);
  if (!row) return Failure(row.error());
  return impl_->view(std::move(*row));
}

// The live holder of the key, else the one that ended last.
Result<std::optional<InstanceView>> Engine::find(const std::string& tenant,
                                                 const std::string& workflow,
                                                 const std::string& key) const {
  ports::InstanceFilter filter;
  filter.tenant = tenant;
  filter.workflow = workflow;
  filter.key = key;
  auto rows = impl_->store().queries().instances(filter, 100);
  if (!rows) return Failure(rows.error());
  std::optional<ports::InstanceRow> best;
  for (ports::InstanceRow& row : *rows) {
    const bool live = !machine::is_ended(row.life);
    if (!best || live || (machine::is_ended(best->life) && best->started_at < row.started_at)) {
      best = std::move(row);
    }
    if (live) break;
  }
  return impl_->view(std::move(best));
}

Waiting Engine::waiting_for(const InstanceView& view, const machine::Actor& actor) const {
  if (view.machine == nullptr) return {};
  return vozex::waiting_for(*view.machine,
                            view.snapshot,
                            actor,
                            impl_->now(),
                            impl_->definitions()->config_of(view.row.workflow));
}

Engine::Stats Engine::stats() const {
  Stats stats;
  stats.events = impl_->events;
  stats.duplicates = impl_->duplicates;
  stats.transitions = impl_->transitions;
  stats.batches = impl_->batches;
  stats.stale_groups = impl_->stale_groups;
  const CallCore::Counts calls = impl_->calls.counts();
  stats.calls_sent = calls.sent;
  stats.calls_failed = calls.failed;
  stats.calls_dead = impl_->calls_dead;
  stats.timers_fired = impl_->timers_fired;
  stats.parked = impl_->parked;
  stats.queued = impl_->queued;
  stats.calls_in_flight = impl_->calls.in_flight();
  stats.store_ok = std::none_of(impl_->lanes.begin(), impl_->lanes.end(), [](const auto& lane) {
    return lane->store_is_away();
  });
  stats.session_ok = impl_->session_driver.is_live();
  return stats;
}

}  // namespace vozex::runtime
