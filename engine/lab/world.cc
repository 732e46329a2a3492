// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/world.h"

#include <algorithm>
#include <utility>

namespace vozex::lab {
namespace {

using machine::Disposition;
using machine::Event;
using types::Value;

// Virtual time begins on a fixed day, so that reports are the same every time.
constexpr std::string_view k_begin = "2026-01-01T00:00:00Z";

}  // namespace

World::World(WorldSetup setup) : setup_(std::move(setup)), now_(*parse_timestamp(k_begin)) {}

machine::MachineRef World::newest(std::string_view workflow) const {
  machine::MachineRef found;
  for (const machine::MachineRef& machine : setup_.compiled->machines) {
    if (machine->workflow == workflow && (found == nullptr || machine->version > found->version))
      found = machine;
  }
  return found;
}

const Value& World::config_of(const std::string& workflow) const {
  static const Value k_none = Value::map({});
  const auto found = setup_.config.find(workflow);
  return found != setup_.config.end() ? found->second : k_none;
}

void World::set_config(const std::string& workflow, Value config) {
  setup_.config[workflow] = std::move(config);
}

const std::vector<Value>& World::calls(std::string_view name) const {
  static const std::vector<Value> k_none;
  const auto found = calls_.find(name);
  return found != calls_.end() ? found->second : k_none;
}

Inhabitant* World::find(const InstanceId& id) {
  const auto found = by_id_.find(id);
  return found != by_id_.end() ? found->second : nullptr;
}

InstanceId World::new_id() { return InstanceId{digest128({"scenario", std::to_string(++ids_)})}; }

void World::problem(std::string text) {
  if (std::find(problems_.begin(), problems_.end(), text) == problems_.end())
    problems_.push_back(std::move(text));
}

void World::schedule(Due due) {
  due.order = ++order_;
  agenda_.push_back(std::move(due));
}

Inhabitant* World::add(const machine::MachineRef& machine,
                       const StartRequest& request,
                       std::string& refusal) {
  auto outcome = vozex::start(*machine, request, now_, config_of(machine->workflow));
  if (!outcome) {
    refusal = outcome.error().code + ": " + outcome.error().message;
    return nullptr;
  }
  for (const auto& other : instances_) {
    const bool same =
        other->machine->workflow == machine->workflow && other->snapshot.key == outcome->next.key;
    const bool free = machine->key_reusable && is_ended(other->snapshot.life);
    if (!same || free) continue;
    refusal = "key_in_use: " + machine->workflow + " " + outcome->next.key + " exists already";
    return nullptr;
  }
  ++steps_;
  instances_.push_back(std::make_unique<Inhabitant>());
  Inhabitant& instance = *instances_.back();
  instance.machine = machine;
  instance.snapshot = outcome->next;
  instance.last = *std::move(outcome);
  instance.last_event = "start";
  by_id_[request.id] = &instance;
  keys_changed_ = true;
  after_step(instance);
  return &instance;
}

World::Started World::start(const machine::MachineRef& machine, const Value& input) {
  StartRequest request;
  request.id = new_id();
  request.root = request.id;
  request.tenant = "default";
  request.input = input;
  Started started;
  started.instance = add(machine, request, started.refusal);
  settle();
  return started;
}

std::string World::migrate(Inhabitant& instance, const machine::MachineRef& to) {
  const machine::Machine& from = *instance.machine;
  const machine::Migration* migration = find_migration(*to, from.version);
  if (migration == nullptr) {
    return "version " + std::to_string(to->version) + " of " + to->workflow +
           " says nothing about instances of version " + std::to_string(from.version);
  }
  auto outcome =
      vozex::migrate(from, *to, *migration, instance.snapshot, now_, config_of(to->workflow));
  if (!outcome) return outcome.error().message;
  instance.last_from = state_text(from, instance.snapshot);
  instance.last_event = "migrate";
  instance.last = *std::move(outcome);
  instance.machine = to;
  instance.snapshot = instance.last.next;
  keys_changed_ = true;
  after_step(instance);
  settle();
  return "";
}

void World::run_step(Inhabitant& instance, const Event& event) {
  if (++steps_ > setup_.max_steps) {
    problem("the scenario does not come to rest: more than " + std::to_string(setup_.max_steps) +
            " steps");
    return;
  }
  instance.last_from = state_text(*instance.machine, instance.snapshot);
  instance.last_event = event.name;
  instance.last = vozex::step(
      *instance.machine, instance.snapshot, event, now_, config_of(instance.machine->workflow));
  if (instance.last.next.keys != instance.snapshot.keys) keys_changed_ = true;
  instance.snapshot = instance.last.next;
  after_step(instance);
}

void World::after_step(Inhabitant& instance) {
  if (watcher) watcher(instance);
  // Effects may start children, whose steps come before this loop ends: never through `last`
  // itself.
  const std::vector<machine::Effect> effects = instance.last.effects;
  for (const machine::Effect& effect : effects) carry_out(instance, effect);
}

void World::tell(Inhabitant& instance, Event event) {
  event.tenant = "default";
  event.time = now_;
  run_step(instance, event);
  const StepOutcome outcome = instance.last;
  settle();
  // What settled afterwards is not the answer to whoever asked.
  instance.last.disposition = outcome.disposition;
  instance.last.rejection = outcome.rejection;
}

Disposition World::deliver(Event event, Inhabitant* direct) {
  event.tenant = "default";
  if (event.time == Timestamp{}) event.time = now_;
  const std::string mark = event.source + " " + event.id;
  if (seen_.contains(mark)) return Disposition::duplicate;
  const std::optional<Disposition> routed = route(event, direct);
  if (!routed) parked_.push_back(std::move(event));
  const Disposition disposition = routed.value_or(Disposition::waiting);
  seen_[mark] = disposition;
  settle();
  return disposition;
}

// Everything that needs no time: messages, answers that are due now, parked events that have found
// their instance.
void World::settle() {
  while (steps_ <= setup_.max_steps) {
    if (!messages_.empty()) {
      const Message message = std::move(messages_.front());
      messages_.pop_front();
      if (message.to.is_nil()) {
        if (!route(message.event, nullptr) && is_declared(message.event, nullptr))
          parked_.push_back(message.event);
      } else if (Inhabitant* to = find(message.to)) {
        run_step(*to, message.event);
      }
      continue;
    }
    if (keys_changed_) {
      keys_changed_ = false;
      offer_parked();
      continue;
    }
    if (!fire_next(now_)) return;
  }
}

bool World::fire_next(Timestamp until) {
  const auto before = [](const Due& a, const Due& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
  };
  const auto next = std::min_element(agenda_.begin(), agenda_.end(), before);
  Inhabitant* timed = nullptr;
  Timestamp timer_at = Timestamp::max();
  for (const auto& instance : instances_) {
    const auto due = machine::next_due(instance->snapshot);
    if (!due || *due >= timer_at) continue;
    timer_at = *due;
    timed = instance.get();
  }
  const bool has_answer = next != agenda_.end() && next->at <= until && next->at <= timer_at;
  if (!has_answer && (timed == nullptr || timer_at > until)) return false;
  if (has_answer) {
    const Due due = std::move(*next);
    agenda_.erase(next);
    now_ = std::max(now_, due.at);
    if (due.what == Due::What::attempt) {
      attempt(due.call);
    } else {
      if (due.what == Due::What::answer) open_calls_.erase(due.call);
      messages_.push_back(due.message);
    }
    return true;
  }
  const auto timer = machine::next_timer(*timed->machine, timed->snapshot);
  if (!timer) return false;
  now_ = std::max(now_, timer_at);
  Event event;
  event.id = "timer";
  event.source = "timer";
  event.name = "timer";
  event.time = now_;
  event.cause = *timer;
  run_step(*timed, event);
  return true;
}

void World::advance(Duration by) {
  const Timestamp until = now_ + by;
  settle();
  while (steps_ <= setup_.max_steps && fire_next(until)) settle();
  now_ = std::max(now_, until);
}

}  // namespace vozex::lab
