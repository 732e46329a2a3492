// SPDX-License-Identifier: Apache-2.0
//
// A process's session, and what it looks after besides its lanes.
#include <algorithm>
#include <utility>

#include "engine/base/planted.h"
#include "engine/runtime/batch/routing.h"
#include "engine/runtime/timers/sharing.h"
#include "tests/simulation/process.h"

namespace vozex::simulation {
namespace {

using runtime::Chore;
using runtime::Item;

constexpr Duration k_ms{std::chrono::milliseconds{1}};
constexpr std::size_t k_page = 100;

}  // namespace

bool Process::join() {
  if (maybe_unavailable()) return false;
  const SessionId session{world_.dice.new_instance_id(world_.agenda.now()).bytes};
  world_.database.join(session, name_);
  const auto beaten = world_.database.beat(session, k_lease);
  if (!beaten) return false;
  lease_.joined(session, boot_time());
  lease_.confirmed(boot_time(), boot_time(), beaten->now);
  wall_offset_ = beaten->now - wall();
  hear(*beaten->news, beaten->now);
  return true;
}

void Process::beat() {
  later(k_beat, [this] { beat(); });
  if (maybe_unavailable()) return;
  const Timestamp sent = now();
  const auto beaten = world_.database.beat(lease_.session(), k_lease);
  if (beaten) {
    wall_offset_ = beaten->now - wall();
    lease_.confirmed(boot_time(), boot_time(), beaten->now);
    hear(*beaten->news, sent);
    pump_calls();
    return;
  }
  note("finds its session dead");
  ++world_.lost_sessions;
  lease_.lost();
  calls_->reset();
  if (!join()) return;  // the next beat finds it dead again
  for (Lane& lane : lanes_) lane.core->forget();
  timers_.clear();
  sharing_.clear();
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
  Database& database = world_.database;
  switch (chore) {
    case Chore::inherit: inherit(); break;
    case Chore::unclaimed:
    case Chore::ended_keys: {
      const auto holding = chore == Chore::unclaimed ? ports::Holding::live : ports::Holding::ended;
      const auto keys = database.work().unclaimed(holding, k_page);
      for (const ports::BindingKey& key : *keys) {
        Item item;
        item.order = runtime::ClaimOrder{key};
        offer(std::move(item));
      }
      break;
    }
    case Chore::waiting_calls: chores_.calls_wait(*database.work().waiting_calls()); break;
    case Chore::expire:
      if (!VOZEX_PLANTED(expiry_ignored)) database.expire_parked(now());
      break;
    case Chore::parked: parked_.counted(*database.work().parked_by_tenant()); break;
    case Chore::definitions: definitions_ = world_.definitions; break;
    case Chore::schedules: return start_scheduled();
  }
  chores_.done(chore, now());
}

void Process::inherit() {
  const auto found = world_.database.inherit(lease_.session(), k_lease);
  if (!found) return;
  if (!found->calls.empty() || !found->outbox.empty()) note("inherits");
  world_.takeovers += found->calls.size() + found->outbox.size();
  ports::SessionStore::Inheritance rows = *found;
  if (VOZEX_PLANTED(inheritance_dropped)) rows.calls.clear();
  offer_all(runtime::items_of(rows).items);
}

void Process::hear(const ports::News& news, Timestamp sent) {
  if (chores_.heard(news, sent)) share(news.living);
  timers_.heard(news.first_timer, sent);
  check_timers();
}

bool Process::admit(const std::string& tenant) {
  chores_.parks(now());
  return parked_.admit(tenant);
}

void Process::share(std::vector<SessionId> living) {
  living.push_back(lease_.session());
  if (living == sharing_) return;
  if (VOZEX_PLANTED(shards_never_move) && !sharing_.empty()) return;
  timers_.share(runtime::shards_of(lease_.session(), living), now());
  sharing_ = std::move(living);
}

void Process::claim_calls() {
  for (const std::string& adapter : chores_.claims(now())) {
    const std::size_t room = calls_->room(adapter, now());
    if (room == 0 || !lease_.is_live() || maybe_unavailable()) {
      chores_.no_room(adapter, now(), calls_->room_at(adapter));
      continue;
    }
    const auto rows = world_.database.claim_calls(lease_.session(), adapter, now(), room);
    for (const ports::CallRow& row : rows) offer(runtime::item_of_claimed(row));
    chores_.claimed(adapter, now(), rows.size() >= room);
  }
}

void Process::start_scheduled() {
  std::vector<std::string> unusable;
  for (const auto& start : schedules_.due(*definitions_, now(), unusable)) {
    Item item;
    item.mark = mark_of(start.order.tenant,
                        VOZEX_PLANTED(schedule_started_twice) ? name_ : start.order.source,
                        start.order.id);
    const InstanceId id = world_.dice.new_instance_id(now());
    item.order = runtime::NewOrder{
        id, id, std::nullopt, start.order.tenant, start.order.workflow, start.order.input};
    item.done = [this, life = life_, start](const Result<runtime::EventAnswer>& answer) {
      if (!*life || answer || answer.error().kind != ErrorClass::unavailable) return;
      schedules_.failed(start, now());
    };
    offer(std::move(item));
  }
  for (const std::string& text : unusable) note(text);
  chores_.done_until(Chore::schedules, schedules_.next(now()));
}

}  // namespace vozex::simulation
