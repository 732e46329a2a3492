// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/chores.h"

#include <algorithm>
#include <array>

#include "engine/runtime/messages.h"
#include "engine/runtime/schedules.h"

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
                                Every{Chore::sharing, k_sharing_every},
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

std::vector<Chore> Chores::due(Timestamp now) const {
  std::vector<Chore> due;
  for (const Every& every : k_every) {
    const auto at = at_.find(every.chore);
    if (at == at_.end() || at->second <= now) due.push_back(every.chore);
  }
  return due;
}

Timestamp Chores::next(Timestamp now) const {
  Timestamp next = now + k_inherit_every;
  for (const Every& every : k_every) {
    const auto at = at_.find(every.chore);
    next = std::min(next, at == at_.end() ? now : at->second);
  }
  for (const auto& [adapter, at] : calls_at_) {
    const auto blocked = no_room_until_.find(adapter);
    const Timestamp when = blocked == no_room_until_.end() ? at : std::max(at, blocked->second);
    next = std::min(next, std::max(when, now));
  }
  return next;
}

void Chores::done(Chore chore, Timestamp now, bool more) {
  at_[chore] = more ? now : now + interval_of(chore);
}

void Chores::failed(Chore chore, Timestamp now) { at_[chore] = now + k_after_failure; }

void Chores::restart() {
  at_.clear();
  calls_at_.clear();
  no_room_until_.clear();
}

void Chores::calls_wait(Timestamp now) { at_[Chore::waiting_calls] = now; }

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
