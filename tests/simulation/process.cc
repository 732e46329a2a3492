// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/process.h"

#include <algorithm>
#include <utility>

#include "engine/runtime/routing.h"
#include "engine/runtime/sharing.h"

namespace vozex::simulation {
namespace {

using runtime::Chore;
using runtime::Item;

constexpr Duration k_ms{std::chrono::milliseconds{1}};
constexpr std::size_t k_lanes = 2;
constexpr std::size_t k_workers = 4;

}  // namespace

void World::note(const std::string& text) {
  if (!tracing) return;
  trace.push_back(format_timestamp(agenda.now()) + " " + text);
}

Process::Process(World& world, std::string name)
    : world_(world), name_(std::move(name)), lease_(k_lease) {}

Process::~Process() { crash(); }

void Process::crash() {
  if (!alive_) return;
  alive_ = false;
  if (life_) *life_ = false;
  ++world_.crashes;
  world_.note(name_ + " crashes");
}

void Process::boot() {
  life_ = std::make_shared<bool>(true);
  alive_ = true;
  frozen_until_ = {};
  skew_ = world_.dice.between(Duration{-2'000'000}, Duration{2'000'000});
  calls_ = std::make_unique<runtime::CallCore>(k_workers, world_.dice);
  timers_ = {};
  chores_ = {};
  schedules_ = {};
  calls_wake_.reset();
  lease_ = runtime::Lease(k_lease);
  lanes_.clear();
  lanes_.resize(k_lanes);
  for (std::size_t i = 0; i < k_lanes; ++i) {
    runtime::LaneCore::Ports ports;
    ports.definitions = [this] { return world_.definitions; };
    ports.session = [this] { return lease_.session(); };
    ports.random = &world_.dice;
    ports.gate = calls_.get();
    runtime::LaneOptions options;
    options.lane = i;
    options.lanes = k_lanes;
    options.cache.entries = 50;  // small, so that loads and evictions happen
    lanes_[i].core = std::make_unique<runtime::LaneCore>(std::move(ports), options);
    lanes_[i].store = *world_.store.open_lane();
  }
  world_.note(name_ + " boots");
  join();
  later(k_beat, [this] { beat(); });
  later(k_ms, [this] { do_chores(); });
  check_timers();
}

void Process::join() {
  const SessionId session{world_.dice.new_instance_id(world_.agenda.now()).bytes};
  lease_.joined(session, boot_time());
  (void)world_.store.sessions().join(session, name_);
}

void Process::later(Duration delay, std::function<void()> act) {
  world_.agenda.in(delay, [this, life = life_, act = std::move(act)] {
    if (!*life) return;
    if (world_.agenda.now() < frozen_until_) {
      later(frozen_until_ - world_.agenda.now(), act);
    } else {
      act();
    }
  });
}

bool Process::maybe_crash() {
  if (!world_.dice.chance(world_.faults.crash)) return false;
  crash();
  return true;
}

Timestamp Process::now() const { return lease_.database_time(world_.agenda.now() + skew_); }

void Process::offer(Item item) {
  const Shard shard = shard_for(item, *world_.definitions, now());
  const std::size_t lane = shard % k_lanes;
  lanes_[lane].core->offer(std::move(item));
  kick(lane);
}

void Process::offer_all(std::vector<Item> items) {
  for (Item& item : items) offer(std::move(item));
}

bool Process::is_idle() const {
  const bool lanes = std::all_of(
      lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.core->is_idle(); });
  return lanes && calls_->is_idle();
}

// ---- lanes
// -----------------------------------------------------------------------------------------

void Process::kick(std::size_t lane) {
  if (lanes_[lane].busy) return;
  lanes_[lane].busy = true;
  later(world_.dice.between(Duration{0}, 2 * k_ms), [this, lane] { turn(lane); });
}

void Process::turn(std::size_t lane) {
  Lane& own = lanes_[lane];
  own.busy = false;
  runtime::LaneAction action = own.core->next(now());
  if (const auto* idle = std::get_if<runtime::IdleAction>(&action)) {
    const std::uint64_t wake = ++own.wake;
    if (!idle->until) return;
    later(std::max(*idle->until - now(), k_ms), [this, lane, wake] {
      if (lanes_[lane].wake == wake) kick(lane);
    });
    return;
  }
  own.busy = true;
  const Duration delay = world_.dice.between(k_ms / 10, 3 * k_ms);
  if (auto* wanted = std::get_if<runtime::LoadAction>(&action)) {
    later(delay, [this, lane, needs = wanted->needs] { load(lane, needs); });
  } else if (auto* decided = std::get_if<runtime::CommitAction>(&action)) {
    later(delay, [this, lane, settle = decided->settle, request = decided->request] {
      commit(lane, settle, *request);
    });
  } else {
    if (maybe_crash()) return;
    publish(lane, std::move(std::get<runtime::PublishAction>(action).publish));
    if (!alive_) return;
    own.busy = false;
    kick(lane);
  }
}

void Process::load(std::size_t lane, runtime::Needs needs) {
  Lane& own = lanes_[lane];
  own.busy = false;
  if (maybe_unavailable()) {
    own.core->loaded(fail(ErrorClass::unavailable, "store_unavailable", "simulated"), now());
  } else {
    runtime::Loaded loaded;
    loaded.rows = *own.store->load(needs.load);
    for (const InstanceId& id : needs.locate) {
      if (auto row = *world_.store.queries().instance(id)) loaded.located.push_back(*row);
    }
    if (needs.definitions) loaded.definitions = world_.definitions;
    own.core->loaded(loaded, now());
  }
  kick(lane);
}

void Process::commit(std::size_t lane, bool settle, const ports::CommitRequest& request) {
  Lane& own = lanes_[lane];
  if (maybe_crash()) return;
  if (maybe_unavailable()) {
    own.core->committed(fail(ErrorClass::unavailable, "store_unavailable", "simulated"), now());
  } else {
    auto fault = simulated::CommitFault::none;
    if (world_.dice.chance(world_.faults.commit_lost_before)) {
      fault = simulated::CommitFault::before_applying;
    } else if (world_.dice.chance(world_.faults.commit_lost_after)) {
      fault = simulated::CommitFault::after_applying;
    }
    if (fault != simulated::CommitFault::none) ++world_.unknown_commits;
    world_.store.fail_next_commit(fault);
    const auto reply = settle ? own.store->settle(request) : own.store->commit(request);
    world_.store.fail_next_commit(simulated::CommitFault::none);
    if (maybe_crash()) return;
    own.core->committed(reply, now());
  }
  own.busy = false;
  kick(lane);
}

void Process::publish(std::size_t lane, runtime::Publish published) {
  for (runtime::OutgoingCall& call : published.calls) {
    offer_all(calls_->take(std::move(call), lease_.session(), now()));
  }
  for (const auto& [instance, due] : published.timers) timers_.set(instance, due, now());
  for (auto& [done, answer] : published.answers) {
    if (done) done(std::move(answer));
  }
  for (auto& [to, item] : published.handed) {
    lanes_[to].core->offer(std::move(item));
    if (to != lane) kick(to);
  }
  withdraw(published.withdrawn);
  if (published.calls_wait) chores_.calls_wait(now());
  doubt(std::move(published.doubtful));
  for (Item& item : published.later) {
    auto shared = std::make_shared<Item>(std::move(item));
    later(std::chrono::seconds{5}, [this, shared] { offer(std::move(*shared)); });
  }
  for (const auto& text : published.notes) world_.note(name_ + ": " + text.text);
  counts_.stale_groups += published.counts.stale_groups;
  counts_.transitions += published.counts.transitions;
  counts_.batches += published.counts.batches;
  counts_.duplicates += published.counts.duplicates;
  counts_.timers_fired += published.counts.timers_fired;
  counts_.calls_dead += published.counts.calls_dead;
  pump_calls();
  check_timers();
}

// ---- calls
// -----------------------------------------------------------------------------------------

void Process::pump_calls() {
  if (!alive_) return;
  for (const std::string& adapter : calls_->busy()) {
    while (lease_.may_send(boot_time())) {
      const auto attempt = calls_->next(adapter, now());
      if (!attempt) break;
      world_.outside.call(attempt->request, [this, life = life_, attempt](ports::CallReply reply) {
        if (!*life) return;
        later(Duration{0}, [this, attempt, reply] {
          offer_all(calls_->finished(*attempt, reply, now()));
          pump_calls();
        });
      });
    }
  }
  const auto wake = calls_->wake_at();
  if (!wake || wake == calls_wake_) return;
  calls_wake_ = wake;
  later(std::max(*wake - now(), k_ms), [this] {
    calls_wake_.reset();
    offer_all(calls_->wake(now()));
    pump_calls();
  });
}

void Process::withdraw(const std::vector<CallId>& calls) {
  for (const CallId& id : calls) {
    bool known = false;
    offer_all(calls_->withdraw(id, known));
    if (known) continue;
    const auto rows =
        world_.store.queries().calls({ports::CallState::waiting, id.instance, {}, {}}, 1000);
    for (const ports::CallRow& row : *rows) {
      if (row.id == id) offer(runtime::lease_item(row, lease_.session(), false));
    }
  }
}

void Process::doubt(std::vector<Item> items) {
  for (Item& item : items) {
    const CallId id = runtime::row_of_end(item).id;
    const auto rows = world_.store.queries().calls({std::nullopt, id.instance, {}, {}}, 1000);
    const bool ours = std::any_of(rows->begin(), rows->end(), [&](const ports::CallRow& row) {
      return row.id == id && row.owner == runtime::owner_of_end(item) &&
             row.attempt == runtime::attempt_of_end(item);
    });
    if (ours) offer(std::move(item));
  }
}

// ---- timers, session, chores
// -----------------------------------------------------------------------

void Process::check_timers() {
  if (!alive_) return;
  if (timers_.wants_refill(now()) && !maybe_unavailable()) {
    const Timestamp horizon = now() + runtime::k_timer_horizon;
    const std::size_t size = timers_.page_size();
    const auto page = world_.store.work().timers_before(horizon, timers_.shards(), size);
    timers_.refill(*page, horizon, page->size() < size, now());
  }
  for (const ports::DueTimer& due : timers_.take_due(now(), 1000)) {
    Item item;
    item.order = runtime::TimerOrder{due.instance, due.due};
    offer(std::move(item));
  }
  Duration wait = runtime::k_timer_refill;
  if (const auto next = timers_.next_due()) wait = std::clamp(*next - now(), k_ms, wait);
  const std::uint64_t wake = ++timer_wake_;
  later(wait, [this, wake] {
    if (timer_wake_ == wake) check_timers();
  });
}

void Process::beat() {
  if (world_.dice.chance(world_.faults.freeze)) {
    frozen_until_ = world_.agenda.now() + world_.dice.between(k_lease / 2, 3 * k_lease);
    ++world_.freezes;
    world_.note(name_ + " freezes");
  }
  later(k_beat, [this] { beat(); });
  if (maybe_unavailable()) return;
  const Timestamp wall = world_.agenda.now() + skew_;
  const auto database = world_.store.sessions().beat(lease_.session());
  if (database) {
    lease_.confirmed(boot_time(), wall, wall, *database);
    pump_calls();
    return;
  }
  world_.note(name_ + " finds its session dead");
  lease_.lost();
  calls_->reset();
  join();
  for (Lane& lane : lanes_) lane.core->forget();
  timers_.clear();
  chores_.restart();
}

void Process::do_chores() {
  for (const Chore chore : chores_.due(now())) do_chore(chore);
  claim_calls();
  later(std::max(chores_.next(now()) - now(), 20 * k_ms), [this] { do_chores(); });
}

void Process::do_chore(Chore chore) {
  if (maybe_unavailable()) {
    chores_.failed(chore, now());
    return;
  }
  switch (chore) {
    case Chore::inherit: {
      const auto found = world_.store.sessions().inherit(lease_.session(), k_lease, 100);
      if (!found) return chores_.failed(chore, now());
      if (!found->calls.empty() || !found->outbox.empty()) world_.note(name_ + " inherits");
      offer_all(runtime::items_of(*found).items);
      break;
    }
    case Chore::unclaimed:
    case Chore::ended_keys: {
      const auto holding = chore == Chore::unclaimed ? ports::Holding::live : ports::Holding::ended;
      const auto keys = world_.store.work().unclaimed(holding, 100);
      for (const ports::BindingKey& key : *keys) {
        Item item;
        item.order = runtime::ClaimOrder{key};
        offer(std::move(item));
      }
      break;
    }
    case Chore::waiting_calls: chores_.calls_wait(*world_.store.work().waiting_calls()); break;
    case Chore::sharing:
      timers_.share(runtime::shards_of(lease_.session(), *world_.store.sessions().living()), now());
      check_timers();
      break;
    case Chore::expire: (void)world_.store.work().expire_parked(now(), 100); break;
    case Chore::schedules: return start_scheduled();
    case Chore::parked:
    case Chore::definitions: break;
  }
  chores_.done(chore, now());
}

void Process::claim_calls() {
  for (const std::string& adapter : chores_.claims(now())) {
    const std::size_t room = calls_->room(adapter, now());
    if (room == 0 || maybe_unavailable()) {
      chores_.no_room(adapter, now(), calls_->room_at(adapter));
      continue;
    }
    const auto rows = world_.store.work().claim_calls(lease_.session(), adapter, now(), room);
    for (const ports::CallRow& row : *rows) offer(runtime::item_of_claimed(row));
    chores_.claimed(adapter, now(), rows->size() >= room);
  }
}

void Process::start_scheduled() {
  std::vector<std::string> unusable;
  for (const auto& start : schedules_.due(*world_.definitions, now(), unusable)) {
    Item item;
    item.mark = mark_of(start.order.tenant, start.order.source, start.order.id);
    const InstanceId id = world_.dice.new_instance_id(now());
    item.order = runtime::NewOrder{
        id, id, std::nullopt, start.order.tenant, start.order.workflow, start.order.input};
    item.done = [this, life = life_, start](const Result<runtime::EventAnswer>& answer) {
      if (*life && !answer) schedules_.failed(start, now());
    };
    offer(std::move(item));
  }
  for (const std::string& text : unusable) world_.note(text);
  chores_.done_until(Chore::schedules, schedules_.next(now()));
}

}  // namespace vozex::simulation
