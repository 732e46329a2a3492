// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/sessions/chores.h"

#include <algorithm>
#include <array>

#include "engine/runtime/items/messages.h"
#include "engine/runtime/timers/schedules.h"

namespace vozex::runtime {
namespace {

struct Every {
  Chore chore;
  Duration interval;
};

constexpr std::array k_every = {Every{Chore::inherit, k_inherit_every},
                                Every{Chore::unclaimed, k_unclaimed_every},
                                Every{Chore::ended_keys, k_ended_keys_every},
                                Every{Chore::waiting_calls, k_waiting_calls_every},
                                Every{Chore::parked, k_parked_every},
                                Every{Chore::expire, k_expire_every},
                                Every{Chore::definitions, k_definitions_every},
                                Every{Chore::schedules, k_schedule_look}};

constexpr Duration k_after_failure{std::chrono::seconds{1}};

Duration interval_of(Chore chore) {
  for (const Every& every : k_every) {
    if (every.chore == chore) return every.interval;
  }
  return k_after_failure;
}

}  // namespace

Chores::State Chores::state_of(Chore chore) const {
  const auto found = states_.find(chore);
  return found == states_.end() ? State{} : found->second;
}

std::vector<Chore> Chores::due(Timestamp now) const {
  std::vector<Chore> due;
  for (const Every& every : k_every) {
    if (state_of(every.chore).at <= now && !spared(every.chore, now)) due.push_back(every.chore);
  }
  return due;
}

// A chore that is spared is looked at again with the next heartbeat, or when there is none.
Timestamp Chores::next(Timestamp now) const {
  Timestamp next = now + k_inherit_every;
  for (const Every& every : k_every) {
    if (!spared(every.chore, now)) next = std::min(next, std::max(state_of(every.chore).at, now));
  }
  for (const auto& [adapter, at] : calls_at_) {
    const auto blocked = no_room_until_.find(adapter);
    const Timestamp when = blocked == no_room_until_.end() ? at : std::max(at, blocked->second);
    next = std::min(next, std::max(when, now));
  }
  return next;
}

bool Chores::spared(Chore chore, Timestamp now) const {
  const State state = state_of(chore);
  return news_ && state.done && now - sent_ <= k_news_age && now - *state.done < k_at_least_every &&
         says_nothing(chore, state, now);
}

bool Chores::says_nothing(Chore chore, const State& state, Timestamp now) const {
  switch (chore) {
    case Chore::inherit: return !news_->orphans;
    case Chore::unclaimed: return !news_->unclaimed;
    case Chore::waiting_calls: return calls_stirred_ < sent_;
    case Chore::expire: return !news_->first_expiry || now < *news_->first_expiry;
    case Chore::definitions: return news_->definitions == definitions_;
    // An event waits on a key whose holder has ended only if it came in the very moment, or if
    // somebody died who was to deliver it.
    case Chore::ended_keys:
    case Chore::parked:
      return shared_at_ <= *state.done &&
             (!parks_at_ || *parks_at_ + k_park_settles <= *state.done);
    case Chore::schedules: return false;
  }
  return false;
}

bool Chores::heard(const ports::News& news, Timestamp sent) {
  const bool shared = !news_ || news_->living != news.living;
  if (shared) shared_at_ = sent;
  news_ = news;
  sent_ = sent;
  if (calls_stirred_ < sent) calls_wait(news.waiting_calls);
  return shared;
}

void Chores::done(Chore chore, Timestamp now, bool more) {
  State& state = states_[chore];
  state.at = more ? now : now + interval_of(chore);
  state.done = more ? std::nullopt : std::optional(now);
  if (chore == Chore::definitions && news_ && sent_ <= now) definitions_ = news_->definitions;
}

void Chores::failed(Chore chore, Timestamp now) {
  states_[chore] = State{now + k_after_failure, std::nullopt};
}

void Chores::restart() { *this = Chores(); }

void Chores::calls_wait(Timestamp now) {
  calls_stirred_ = now;
  states_[Chore::waiting_calls].at = now;
}

void Chores::calls_wait(const std::vector<ports::WaitingCalls>& waiting) {
  calls_at_.clear();
  for (const ports::WaitingCalls& calls : waiting) calls_at_[calls.adapter] = calls.next_at;
}

std::vector<std::string> Chores::claims(Timestamp now) const {
  std::vector<std::string> adapters;
  for (const auto& [adapter, at] : calls_at_) {
    const auto blocked = no_room_until_.find(adapter);
    const bool free = blocked == no_room_until_.end() || blocked->second <= now;
    if (at <= now && free) adapters.push_back(adapter);
  }
  return adapters;
}

void Chores::claimed(const std::string& adapter, Timestamp now, bool more) {
  no_room_until_.erase(adapter);
  if (more) return;
  calls_at_.erase(adapter);
  calls_wait(now);
}

void Chores::no_room(const std::string& adapter, Timestamp now, std::optional<Timestamp> again) {
  no_room_until_[adapter] = std::max(now + k_no_room_pause, again.value_or(now));
}

Inherited items_of(const ports::SessionStore::Inheritance& inheritance) {
  Inherited inherited;
  for (const ports::CallRow& row : inheritance.calls) {
    Item item;
    item.order = CallCheckOrder{row, true};
    inherited.items.push_back(std::move(item));
  }
  for (const ports::OutboxRow& row : inheritance.outbox) {
    auto item = item_of(row);
    if (item) {
      inherited.items.push_back(std::move(*item));
    } else {
      inherited.unreadable.push_back("outbox " + row.from.text() + "/" + std::to_string(row.seq) +
                                     ": " + item.error().message);
    }
  }
  return inherited;
}

Item item_of_claimed(const ports::CallRow& row) {
  Item item;
  item.order = CallCheckOrder{row, false};
  return item;
}

}  // namespace vozex::runtime
