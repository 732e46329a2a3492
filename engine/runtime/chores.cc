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
                                Every{Chore::next_call, k_next_call_every},
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
  if (wants_calls(now)) due.push_back(Chore::claim_calls);
  return due;
}

Timestamp Chores::next(Timestamp now) const {
  Timestamp next = now + k_inherit_every;
  for (const Every& every : k_every) {
    const auto at = at_.find(every.chore);
    next = std::min(next, at == at_.end() ? now : at->second);
  }
  if (calls_at_) next = std::min(next, std::max(*calls_at_, now));
  return next;
}

void Chores::done(Chore chore, Timestamp now, bool more) {
  if (chore == Chore::claim_calls) {
    // Without a full page there is nothing more; next_call says when there will be.
    if (!more) calls_at_.reset();
    if (!more) at_[Chore::next_call] = now;
    return;
  }
  at_[chore] = more ? now : now + interval_of(chore);
}

void Chores::failed(Chore chore, Timestamp now) {
  if (chore == Chore::claim_calls) {
    calls_at_ = now + k_after_failure;
  } else {
    at_[chore] = now + k_after_failure;
  }
}

void Chores::restart() {
  at_.clear();
  calls_at_.reset();
}

void Chores::calls_wait(std::optional<Timestamp> at, Timestamp now) {
  if (!at) return;
  const Timestamp when = std::max(*at, now);
  calls_at_ = calls_at_ ? std::min(*calls_at_, when) : when;
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
