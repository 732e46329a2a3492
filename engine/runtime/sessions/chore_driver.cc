// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/sessions/chore_driver.h"

#include <algorithm>
#include <utility>

#include "engine/runtime/batch/routing.h"

namespace vozex::runtime {
namespace {

constexpr Duration k_busy_look{std::chrono::milliseconds{20}};
constexpr std::size_t k_calls_of_one = 1000;

}  // namespace

ChoreDriver::ChoreDriver(Host& host, CallDriver& calls, Options options)
    : host_(host), calls_(calls), options_(options), parked_(options.max_parked) {}

void ChoreDriver::start() {
  thread_ = std::thread([this] { chore_loop(); });
}

void ChoreDriver::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ChoreDriver::restart() {
  const std::lock_guard lock(mutex_);
  chores_.restart();
  wake_.notify_all();
}

bool ChoreDriver::heard(const ports::News& news, Timestamp sent) {
  const std::lock_guard lock(mutex_);
  wake_.notify_all();
  return chores_.heard(news, sent);
}

void ChoreDriver::chore_loop() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const Timestamp now = host_.now();
    const std::vector<Chore> due = chores_.due(now);
    lock.unlock();
    for (const Chore chore : due) do_chore(chore);
    claim_calls();
    settle_withdrawn();
    settle_doubts();
    offer_later(host_.now());
    lock.lock();
    if (stopping_) return;
    if (!withdrawn_.empty() || !doubts_.empty()) continue;
    Duration wait = chores_.next(host_.now()) - host_.now();
    if (!later_.empty()) wait = std::min(wait, later_.first() - host_.now());
    wake_.wait_for(lock, std::max(wait, k_busy_look));
  }
}

void ChoreDriver::do_chore(Chore chore) {
  bool fine = true;
  bool more = false;
  const Timestamp now = host_.now();
  if (chore == Chore::waiting_calls) {
    // Before it is asked: what is put into the store meanwhile asks again.
    const std::lock_guard lock(mutex_);
    chores_.done(chore, now);
  }
  switch (chore) {
    case Chore::inherit: fine = inherit(); break;
    case Chore::unclaimed: fine = claim_unclaimed(ports::Holding::live); break;
    case Chore::ended_keys: fine = claim_unclaimed(ports::Holding::ended); break;
    case Chore::waiting_calls: fine = ask_waiting_calls(); break;
    case Chore::parked: fine = count_parked(); break;
    case Chore::expire: {
      const auto count = host_.store().work().expire_parked(now, k_expire_page);
      fine = count.has_value();
      more = fine && *count >= k_expire_page;
      break;
    }
    case Chore::definitions: fine = host_.refresh_definitions().has_value(); break;
    case Chore::schedules: start_scheduled(); return;
  }
  const std::lock_guard lock(mutex_);
  if (fine && chore != Chore::waiting_calls) {
    chores_.done(chore, now, more);
  } else if (!fine) {
    chores_.failed(chore, now);
  }
}

void ChoreDriver::look_for_schedules() {
  const Timestamp now = host_.now();
  const std::lock_guard lock(mutex_);
  chores_.done_until(Chore::schedules, now);
  wake_.notify_all();
}

void ChoreDriver::start_scheduled() {
  const DefinitionsRef definitions = host_.definitions();
  std::vector<std::string> unusable;
  std::vector<ScheduledStart> starts;
  {
    const std::lock_guard lock(mutex_);
    const Timestamp now = host_.now();
    starts = schedules_.due(*definitions, now, unusable);
    chores_.done_until(Chore::schedules, schedules_.next(now));
  }
  for (const std::string& text : unusable) warn(text);
  for (const ScheduledStart& start : starts) {
    host_.start(start.order, [this, start](const Result<EventAnswer>& answer) {
      if (!answer) scheduled_ended(start, answer.error());
    });
  }
}

// A start that failed: once more when that may help.
void ChoreDriver::scheduled_ended(const ScheduledStart& start, const Error& error) {
  warn("the schedule of " + start.order.workflow + " for " + format_timestamp(start.due) +
       " started nothing: " + error.message);
  if (error.kind != ErrorClass::unavailable && error.kind != ErrorClass::outcome_unknown) return;
  const Timestamp now = host_.now();
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  schedules_.failed(start, now);
}

bool ChoreDriver::inherit() {
  const SessionId session = host_.session();
  if (session.is_nil()) return false;
  const auto found = host_.store().sessions().inherit(session, options_.lease, k_inherit_page);
  if (!found) return false;
  Inherited inherited = items_of(*found);
  if (!found->calls.empty() || !found->outbox.empty()) {
    warn("took over " + std::to_string(found->calls.size()) + " calls and " +
         std::to_string(found->outbox.size()) + " messages of a dead session");
  }
  for (const std::string& text : inherited.unreadable) warn("unreadable " + text);
  for (Item& item : inherited.items) host_.offer(std::move(item));
  return true;
}

bool ChoreDriver::claim_unclaimed(ports::Holding holding) {
  const auto keys = host_.store().work().unclaimed(holding, k_unclaimed_page);
  if (!keys) return false;
  for (const ports::BindingKey& key : *keys) {
    Item item;
    item.order = ClaimOrder{key};
    host_.offer(std::move(item));
  }
  return true;
}

bool ChoreDriver::ask_waiting_calls() {
  const auto waiting = host_.store().work().waiting_calls();
  if (!waiting) return false;
  const std::lock_guard lock(mutex_);
  chores_.calls_wait(*waiting);
  return true;
}

// For each adapter as many as it has room for: none that has no room stops another.
void ChoreDriver::claim_calls() {
  const SessionId session = host_.session();
  if (session.is_nil()) return;
  const Timestamp now = host_.now();
  std::vector<std::string> adapters;
  {
    const std::lock_guard lock(mutex_);
    adapters = chores_.claims(now);
  }
  for (const std::string& adapter : adapters) {
    std::optional<Timestamp> again;
    const std::size_t room = std::min(calls_.room(adapter, again), k_claim_page);
    auto rows = room > 0 ? host_.store().work().claim_calls(session, adapter, now, room)
                         : std::vector<ports::CallRow>{};
    if (rows) {
      for (const ports::CallRow& row : *rows) host_.offer(item_of_claimed(row));
    }
    const std::lock_guard lock(mutex_);
    if (room == 0 || !rows) {
      chores_.no_room(adapter, now, again);
    } else {
      chores_.claimed(adapter, now, rows->size() >= room);
    }
  }
}

bool ChoreDriver::count_parked() {
  const auto counts = host_.store().work().parked_by_tenant();
  if (!counts) return false;
  const std::lock_guard lock(mutex_);
  parked_.counted(*counts);
  return true;
}

bool ChoreDriver::admit(const std::string& tenant) {
  const Timestamp now = host_.now();
  const std::lock_guard lock(mutex_);
  chores_.parks(now);
  return parked_.admit(tenant);
}

void ChoreDriver::calls_wait() {
  const Timestamp now = host_.now();
  const std::lock_guard lock(mutex_);
  chores_.calls_wait(now);
  wake_.notify_all();
}

// Calls that nobody wants any more and that are not here: those that wait in the store are taken,
// and end.
void ChoreDriver::look_for_withdrawn(std::vector<CallId> calls) {
  if (calls.empty()) return;
  const std::lock_guard lock(mutex_);
  withdrawn_.insert(withdrawn_.end(), calls.begin(), calls.end());
  wake_.notify_all();
}

void ChoreDriver::settle_withdrawn() {
  std::vector<CallId> calls;
  {
    const std::lock_guard lock(mutex_);
    calls.swap(withdrawn_);
  }
  for (const CallId& id : calls) {
    const auto rows = host_.store().queries().calls(
        {ports::CallState::waiting, id.instance, {}, {}}, k_calls_of_one);
    if (!rows) continue;  // whoever claims it finds that it isn't wanted
    for (const ports::CallRow& row : *rows) {
      if (row.id != id) continue;
      host_.offer(lease_item(row, host_.session(), false));
    }
  }
}

// Ends of calls that keep losing: dropped when the lease is somebody else's by now.
void ChoreDriver::doubt(std::vector<Item> ends) {
  if (ends.empty()) return;
  const std::lock_guard lock(mutex_);
  std::move(ends.begin(), ends.end(), std::back_inserter(doubts_));
  wake_.notify_all();
}

void ChoreDriver::settle_doubts() {
  std::vector<Item> ends;
  {
    const std::lock_guard lock(mutex_);
    ends.swap(doubts_);
  }
  for (Item& item : ends) {
    const CallId id = row_of_end(item).id;
    const SessionId owner = owner_of_end(item);
    const std::uint16_t attempt = attempt_of_end(item);
    const auto rows =
        host_.store().queries().calls({std::nullopt, id.instance, {}, {}}, k_calls_of_one);
    const bool ours = !rows || std::any_of(rows->begin(), rows->end(), [&](const auto& row) {
      return row.id == id && row.owner == owner && row.attempt == attempt;
    });
    if (ours) {
      host_.offer(std::move(item));
    } else {
      warn("the end of call " + id.text() + " came after its lease was lost");
    }
  }
}

void ChoreDriver::later(std::vector<Item> items) {
  if (items.empty()) return;
  const Timestamp now = host_.now();
  std::size_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    dropped = later_.put(std::move(items), now);
  }
  if (dropped > 0) {
    warn(std::to_string(dropped) +
         " items can't be done now, and too many wait already: they go "
         "on when this process has been started again");
  }
}

void ChoreDriver::offer_later(Timestamp now) {
  std::vector<Item> ready;
  {
    const std::lock_guard lock(mutex_);
    ready = later_.take(now);
  }
  for (Item& item : ready) host_.offer(std::move(item));
}
void ChoreDriver::warn(std::string text) {
  LogNote note;
  note.level = LogNote::Level::warning;
  note.text = std::move(text);
  host_.log(note);
}

}  // namespace vozex::runtime
