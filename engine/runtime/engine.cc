// SPDX-License-Identifier: Apache-2.0
//
// The facade: checks at the door, and the order in which things start and stop.
#include "engine/runtime/engine.h"

#include <algorithm>
#include <future>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/runtime/batch/correlation.h"
#include "engine/runtime/batch/migration.h"
#include "engine/runtime/batch/preview.h"
#include "engine/runtime/batch/routing.h"
#include "engine/runtime/definitions/door.h"
#include "engine/runtime/engine_impl.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

constexpr Duration k_stop_step{std::chrono::milliseconds{5}};
constexpr std::size_t k_calls_of_one = 1000;

}  // namespace

Engine::Engine(Ports ports, EngineOptions options)
    : impl_(std::make_unique<Impl>(std::move(ports), std::move(options))) {}

Engine::~Engine() { stop(Duration{0}); }

Result<void> Engine::run() {
  const auto errors = impl_->registry.refresh();
  if (!errors) return Failure(errors.error());
  for (const Error& error : *errors) spdlog::error("{}: {}", error.code, error.message);
  if (auto joined = impl_->membership.join(); !joined) return joined;
  for (const auto& lane : impl_->lanes) lane->start();
  impl_->running = true;
  impl_->timers.start();
  impl_->membership.start();
  impl_->chores.start();
  impl_->claim_unknown(definitions());
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
  impl_->chores.stop();
  impl_->membership.stop();
  for (const auto& lane : impl_->lanes) lane->stop();
  impl_->calls.stop();
  impl_->membership.leave();
}

Result<std::vector<Engine::Deployed>> Engine::deploy(
    const std::vector<machine::MachineRef>& machines) {
  auto deployed = impl_->registry.deploy(machines, impl_->now());
  if (deployed) impl_->chores.look_for_schedules();
  if (deployed && impl_->running) impl_->claim_unknown(machines);
  return deployed;
}

std::vector<machine::MachineRef> Engine::definitions() const {
  return impl_->registry.current()->all();
}

machine::MachineRef Engine::newest(const std::string& workflow) const {
  return impl_->registry.current()->newest(workflow);
}

namespace {

machine::Event with_defaults(machine::Event event, Timestamp now) {
  if (event.tenant.empty()) event.tenant = "default";
  if (event.time == Timestamp{}) event.time = now;
  event.cause = machine::External{};
  return event;
}

Item item_of(machine::Event event, Done<EventAnswer> done) {
  Item item;
  if (!event.id.empty()) item.mark = mark_of(event.tenant, event.source, event.id);
  item.order = FindOrder{std::move(event)};
  item.done = std::move(done);
  return item;
}

}  // namespace

void Engine::post(machine::Event event, Done<EventAnswer> done) {
  auto admitted =
      runtime::admit(*impl_->definitions(), with_defaults(std::move(event), impl_->now()));
  if (!admitted) {
    if (done) done(Failure(admitted.error()));
    return;
  }
  const std::size_t bytes = types::weight(admitted->data);
  impl_->admit(item_of(*std::move(admitted), std::move(done)), bytes);
}

void Engine::post(std::vector<Posting> postings) {
  const DefinitionsRef definitions = impl_->definitions();
  const Timestamp now = impl_->now();
  std::vector<Item> items;
  items.reserve(postings.size());
  for (auto& [event, done] : postings) {
    auto admitted = runtime::admit(*definitions, with_defaults(std::move(event), now));
    if (!admitted) {
      if (done) done(Failure(admitted.error()));
      continue;
    }
    const std::size_t bytes = types::weight(admitted->data);
    Item item = item_of(*std::move(admitted), std::move(done));
    if (impl_->counts_in(item, bytes)) items.push_back(std::move(item));
  }
  impl_->offer_all(std::move(items));
}

void Engine::keep(machine::Event event, Done<EventAnswer> done) {
  if (impl_->definitions()->knows_event(event.name)) {
    post(std::move(event), std::move(done));
    return;
  }
  const std::size_t bytes = types::weight(event.data);
  Item item = item_of(with_defaults(std::move(event), impl_->now()), std::move(done));
  item.keep_unknown = true;
  impl_->admit(std::move(item), bytes);
}

Result<Engine::Prediction> Engine::explain(machine::Event event) {
  using types::Value;
  auto admitted =
      runtime::admit(*impl_->definitions(), with_defaults(std::move(event), impl_->now()));
  if (!admitted) return Failure(admitted.error());
  auto lane = impl_->store().open_lane();
  if (!lane) return Failure(lane.error());
  const PreviewPorts ports{
      lane->get(), &impl_->store().queries(), impl_->ports.random, impl_->definitions()};
  auto foreseen = preview(ports, item_of(*std::move(admitted), {}), impl_->now());
  if (!foreseen) return Failure(foreseen.error());
  if (!foreseen->answer) return Failure(foreseen->answer.error());
  Value::List steps;
  for (const Batch::Foreseen::Step& step : foreseen->steps) {
    auto entry = types::parse_json(step.entry);
    steps.push_back(Value::object({{"instance", Value::string(step.instance.text())},
                                   {"workflow", Value::string(step.workflow)},
                                   {"entry", entry ? *std::move(entry) : Value()}}));
  }
  Value::List messages;
  for (const ports::OutboxRow& row : foreseen->messages) {
    auto message = types::parse_json(row.event);
    if (message) messages.push_back(*std::move(message));
  }
  return Prediction{*std::move(foreseen->answer),
                    Value::list(std::move(steps)),
                    Value::list(std::move(messages))};
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
  const std::size_t bytes = types::weight(order.form);
  event.cause = machine::ActionTaken{order.action,
                                     std::move(order.actor),
                                     std::move(order.form),
                                     order.task,
                                     std::move(order.reason)};
  item.fingerprint = std::move(order.fingerprint);
  item.order = DeliverOrder{order.instance, std::nullopt, std::move(event), true};
  item.done = std::move(done);
  impl_->admit(std::move(item), bytes);
}

void Engine::operate(OpsOrder order, Done<EventAnswer> done) {
  Item item;
  machine::Event event = std::move(order.event);
  if (event.time == Timestamp{}) event.time = impl_->now();
  if (!event.id.empty()) item.mark = mark_of(event.tenant, event.source, event.id);
  item.fingerprint = std::move(order.fingerprint);
  const std::size_t bytes = types::weight(event.data);
  item.order = DeliverOrder{order.instance, std::nullopt, std::move(event), true};
  item.done = std::move(done);
  impl_->admit(std::move(item), bytes);
}

void Engine::retry_call(RetryCall order, Done<EventAnswer> done) {
  const CallId& call = order.call;
  const auto rows =
      impl_->store().queries().calls({std::nullopt, call.instance, {}, {}}, k_calls_of_one);
  if (!rows) return done(Failure(rows.error()));
  const auto row = std::find_if(
      rows->begin(), rows->end(), [&call](const auto& candidate) { return candidate.id == call; });
  if (row == rows->end()) {
    return done(
        fail(ErrorClass::not_found, "call_not_found", "there is no open call " + call.text()));
  }
  retry_call(*row, std::move(order), std::move(done));
}

void Engine::retry_call(const ports::CallRow& row, RetryCall order, Done<EventAnswer> done) {
  if (row.state != ports::CallState::dead) {
    return done(
        fail(ErrorClass::conflict, "call_not_dead", "the call " + row.id.text() + " is under way"));
  }
  Item item;
  item.order = RetryOrder{row, std::move(order.actor), std::move(order.reason)};
  item.done = std::move(done);
  impl_->admit(std::move(item), row.request.size());
}

void Engine::watch(std::function<void(const Change&)> watcher,
                   std::function<bool(const Change&)> wanted) {
  impl_->watchers.push_back(std::move(watcher));
  if (wanted) impl_->viewers.push_back(std::move(wanted));
}

void Engine::surround(std::function<void(const std::function<void()>& give)> surround) {
  impl_->surround = std::move(surround);
}

void Engine::listen(std::function<void(const ports::News&)> listener) {
  impl_->listeners.push_back(std::move(listener));
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

Result<MigrationPlan> Engine::plan_migration(const ports::InstanceRow& row,
                                             std::uint32_t to) const {
  const DefinitionsRef current = impl_->definitions();
  auto view = impl_->view(row);
  if (!view) return Failure(view.error());
  const machine::MachineRef& machine = (*view)->machine;
  if (machine == nullptr) {
    return fail(ErrorClass::unavailable, "unknown_version", "its definition is not deployed here");
  }
  const auto path = migration_path(*machine, current->find(row.workflow, to));
  if (!path) return Failure(path.error());
  return vozex::plan_migration(*machine,
                               *path->to,
                               *path->migration,
                               (*view)->snapshot,
                               impl_->now(),
                               current->config_of(*path->to));
}

Waiting Engine::waiting_for(const InstanceView& view, const machine::Actor& actor) const {
  if (view.machine == nullptr) return {};
  return vozex::waiting_for(*view.machine,
                            view.snapshot,
                            actor,
                            impl_->now(),
                            impl_->definitions()->config_of(*view.machine));
}

Timestamp Engine::database_time() const { return impl_->now(); }

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
  stats.timer_lag = impl_->timers.lag();
  stats.parked = impl_->parked;
  stats.queued = impl_->queued;
  stats.calls_in_flight = impl_->calls.in_flight();
  stats.store_ok = std::none_of(impl_->lanes.begin(), impl_->lanes.end(), [](const auto& lane) {
    return lane->store_is_away();
  });
  for (const auto& lane : impl_->lanes) {
    if (auto refusal = lane->refusal()) stats.refusal = std::move(refusal->message);
  }
  stats.session_ok = impl_->membership.may_send();
  for (const CallCore::AdapterState& adapter :
       impl_->calls.adapters(impl_->definitions()->adapters())) {
    stats.adapters.push_back({adapter.adapter,
                              to_string(adapter.breaker),
                              static_cast<int>(adapter.breaker),
                              adapter.limit,
                              adapter.in_flight,
                              adapter.queued});
  }
  return stats;
}

}  // namespace vozex::runtime
