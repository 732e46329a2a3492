// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/process.h"

#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "engine/runtime/batch/routing.h"

namespace vozex::simulation {
namespace {

using runtime::Item;

constexpr Duration k_ms{std::chrono::milliseconds{1}};
constexpr std::size_t k_lanes = 2;
constexpr std::size_t k_workers = 4;
constexpr std::uint64_t k_max_parked = 40;  // few, so that the bound is met
// What can't be done now goes again after so long, doubled each time, up to the bound.
constexpr Duration k_later{std::chrono::seconds{5}};
constexpr int k_later_doublings = 6;

}  // namespace

Process::Process(World& world, std::string name)
    : world_(world), name_(std::move(name)), lease_(k_lease), parked_(k_max_parked) {}

Process::~Process() {
  if (life_) *life_ = false;
}

void Process::crash() {
  if (!alive_) return;
  alive_ = false;
  *life_ = false;
  ++world_.crashes;
  world_.witness.crashed(name_);
  note("crashes");
}

void Process::freeze(Duration length) {
  if (!alive_ || world_.agenda.now() < frozen_until_) return;
  frozen_until_ = world_.agenda.now() + length;
  frozen_for_ += length;
  ++world_.freezes;
  note("stands still until " + format_timestamp(frozen_until_));
}

void Process::set_wall_clock(Duration skew) {
  skew_ = skew;
  ++world_.jumps;
  note("has its wall clock wrong by " + format_duration(skew));
}

void Process::boot() {
  life_ = std::make_shared<bool>(true);
  alive_ = true;
  frozen_until_ = {};
  frozen_for_ = Duration{0};
  skew_ = world_.dice.between(Duration{-2'000'000}, Duration{2'000'000});
  wall_offset_ = Duration{0};
  definitions_ = world_.definitions;
  calls_ = std::make_unique<runtime::CallCore>(runtime::CallLimits(k_workers), world_.dice);
  timers_ = {};
  chores_ = {};
  schedules_ = {};
  parked_ = runtime::ParkedCounts(k_max_parked);
  sharing_.clear();
  calls_wake_.reset();
  lease_ = runtime::Lease(k_lease);
  lanes_.clear();
  lanes_.resize(k_lanes);
  for (std::size_t i = 0; i < k_lanes; ++i) {
    runtime::LaneCore::Ports ports;
    ports.definitions = [this] { return definitions_; };
    ports.session = [this] { return lease_.session(); };
    ports.random = &world_.dice;
    ports.gate = calls_.get();
    ports.parking = this;
    runtime::LaneOptions options;
    options.lane = i;
    options.lanes = k_lanes;
    options.park_for = k_park_for;
    options.cache.entries = 50;  // small, so that loads and evictions happen
    lanes_[i].core = std::make_unique<runtime::LaneCore>(std::move(ports), options);
    lanes_[i].connection = std::make_shared<Database::Connection>(world_.database.connect(name_));
    lanes_[i].settled = std::make_shared<std::uint64_t>(0);
  }
  if (!join()) {
    note("finds no database, and ends");
    alive_ = *life_ = false;
    return;
  }
  note("boots");
  later(k_beat, [this] { beat(); });
  later(k_ms, [this] { do_chores(); });
  check_timers();
  if (world_.runs_batches) boot_batches();
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

// At once, unless it is stopped just before it.
void Process::or_later(const std::function<void()>& act) {
  if (world_.dice.chance(world_.faults.freeze)) {
    freeze(world_.dice.between(k_lease / 2, 3 * k_lease));
    later(Duration{0}, act);
  } else {
    act();
  }
}

bool Process::maybe_crash() {
  if (!world_.dice.chance(world_.faults.crash)) return false;
  crash();
  return true;
}

Duration Process::on_the_way() {
  const bool slow = world_.dice.chance(world_.faults.slow_store);
  return world_.dice.between(k_ms / 10, slow ? 2000 * k_ms : 2 * k_ms);
}

Duration Process::boot_time() const {
  if (VOZEX_PLANTED(lease_by_elapsed_time)) return world_.agenda.elapsed() - frozen_for_;
  return world_.agenda.elapsed();
}

Timestamp Process::now() const {
  if (VOZEX_PLANTED(wall_clock_trusted)) return wall() + wall_offset_;
  return lease_.database_time(boot_time(), wall());
}

void Process::offer(Item item) {
  if (const auto* call = std::get_if<runtime::CallOrder>(&item.order)) {
    world_.ended[call->row.id.text() + "#" + std::to_string(call->row.attempt)] =
        machine::CallEnded{call->row.id, call->ok, call->result, call->error};
  }
  const std::size_t lane = shard_for(item, *definitions_, now()) % k_lanes;
  lanes_[lane].core->offer(std::move(item));
  kick(lane);
}

void Process::offer_all(std::vector<Item> items) {
  for (Item& item : items) offer(std::move(item));
}

void Process::put_off(Item item) {
  const int doublings = std::min<int>(item.delays++, k_later_doublings);
  auto shared = std::make_shared<Item>(std::move(item));
  later(k_later * (1 << doublings), [this, shared] { offer(std::move(*shared)); });
}

bool Process::is_idle() const {
  if (!alive_ || world_.agenda.now() < frozen_until_) return false;
  const bool lanes = std::all_of(
      lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.core->is_idle(); });
  return lanes && calls_->is_idle();
}

// ---- lanes ----

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
  if (auto* wanted = std::get_if<runtime::LoadAction>(&action)) {
    later(on_the_way(), [this, lane, needs = std::move(wanted->needs)] { load(lane, needs); });
  } else if (auto* decided = std::get_if<runtime::CommitAction>(&action)) {
    if (maybe_crash()) return;
    if (VOZEX_PLANTED(call_before_commit) && !decided->settle) send_decided(*decided->request);
    const auto request = std::make_shared<ports::CommitRequest>(*decided->request);
    or_later([this, lane, settle = decided->settle, request] { commit(lane, settle, request); });
  } else {
    if (maybe_crash()) return;
    auto& publishing = std::get<runtime::PublishAction>(action).publish;
    const auto published = std::make_shared<runtime::Publish>(std::move(publishing));
    or_later([this, lane, published] {
      publish(lane, std::move(*published));
      lanes_[lane].busy = false;
      kick(lane);
    });
  }
}

void Process::load(std::size_t lane, runtime::Needs needs) {
  Lane& own = lanes_[lane];
  own.busy = false;
  if (maybe_unavailable()) {
    own.core->loaded(fail(ErrorClass::unavailable, "store_unavailable", "simulated"), now());
  } else {
    runtime::Loaded loaded;
    loaded.rows = world_.database.load(*own.connection, needs.load);
    for (const InstanceId& id : needs.locate) {
      if (auto row = *world_.database.queries().instance(id)) loaded.located.push_back(*row);
    }
    if (needs.definitions) definitions_ = loaded.definitions = world_.definitions;
    own.core->loaded(loaded, now());
  }
  kick(lane);
}

// The request goes out, is applied by the database whatever becomes of this process meanwhile, and
// the answer comes back. On the way either may be lost; and one whose connection broke may be
// applied later than its sender believes, unless a settling has arrived before it.
void Process::commit(std::size_t lane, bool settle, std::shared_ptr<ports::CommitRequest> request) {
  const Faults& faults = world_.faults;
  const Duration there = on_the_way();
  if (maybe_unavailable()) {
    const auto error = fail(ErrorClass::unavailable, "store_unavailable", "simulated");
    return answer_commit(lane, there, error);
  }
  const auto unknown = fail(ErrorClass::outcome_unknown, "commit_unknown", "simulated");
  const bool lost_before = world_.dice.chance(faults.commit_lost_before);
  const bool lost_after = !lost_before && world_.dice.chance(faults.commit_lost_after);
  const bool late = !lost_before && !lost_after && world_.dice.chance(faults.commit_late);
  const bool answered = !lost_before && !lost_after && !late;
  if (!answered) {
    ++world_.unknown_commits;
    note(lost_before  ? "loses a commit on its way"
         : lost_after ? "loses the answer to a commit"
                      : "loses a commit that is under way");
  }
  const Duration delay = late ? world_.dice.between(there, 8000 * k_ms) : there;
  if (!lost_before) deliver(lane, delay, settle, answered, std::move(request));
  if (!answered) answer_commit(lane, there + on_the_way(), unknown);
}

void Process::deliver(std::size_t lane,
                      Duration delay,
                      bool settle,
                      bool answered,
                      std::shared_ptr<ports::CommitRequest> request) {
  const auto settled = lanes_[lane].settled;
  const auto connection = lanes_[lane].connection;
  const Duration back = on_the_way();
  const std::uint64_t number = ++lanes_[lane].requests;
  world_.agenda.in(delay, [=, this, life = life_] {
    if (number < *settled) return;
    if (settle) *settled = number;
    auto reply = world_.database.commit(*connection, *request, settle);
    if (answered && *life) answer_commit(lane, back, std::move(reply));
  });
}

void Process::answer_commit(std::size_t lane, Duration delay, Result<ports::CommitReply> reply) {
  later(delay, [this, lane, reply = std::move(reply)]() mutable {
    Lane& own = lanes_[lane];
    if (maybe_crash()) return;
    if (!reply && reply.error().kind == ErrorClass::outcome_unknown) {
      if (VOZEX_PLANTED(unknown_commit_failed)) {
        reply = fail(ErrorClass::conflict, "commit_failed", "planted");
      }
      if (VOZEX_PLANTED(unknown_commit_done)) {
        const auto again = std::get<runtime::CommitAction>(own.core->next(now()));
        reply = ports::CommitReply{};
        reply->verdicts.resize(again.request->groups.size());
      }
    }
    own.core->committed(reply, now());
    own.busy = false;
    kick(lane);
  });
}

void Process::publish(std::size_t lane, runtime::Publish published) {
  for (runtime::OutgoingCall& call : published.calls) {
    if (VOZEX_PLANTED(repeat_never_ignored)) {
      const std::string never =
          "\"repeat\":" + std::to_string(static_cast<int>(machine::Repeat::never));
      const std::size_t at = call.row.request.find(never);
      if (at != std::string::npos) {
        call.row.request.replace(
            at,
            never.size(),
            "\"repeat\":" + std::to_string(static_cast<int>(machine::Repeat::by_key)));
      }
    }
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
  for (Item& item : published.later) put_off(std::move(item));
  for (const auto& text : published.notes) note(text.text);
  counts_.stale_groups += published.counts.stale_groups;
  counts_.transitions += published.counts.transitions;
  counts_.batches += published.counts.batches;
  counts_.duplicates += published.counts.duplicates;
  counts_.timers_fired += published.counts.timers_fired;
  counts_.calls_dead += published.counts.calls_dead;
  counts_.parked += published.counts.parked;
  pump_calls();
  check_timers();
}

}  // namespace vozex::simulation
