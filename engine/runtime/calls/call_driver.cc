// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/calls/call_driver.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "engine/types/storable.h"

namespace vozex::runtime {
namespace {

// A worker looks again after so long, should it have missed a wake-up or the beat be late.
constexpr Duration k_look_again{std::chrono::seconds{1}};

// Others' words, as every store can keep them.
ports::CallReply storable(ports::CallReply reply) {
  if (reply) return types::storable(*std::move(reply));
  ports::CallError& error = reply.error();
  if (!types::is_storable(error.message)) error.message = types::storable(error.message);
  if (!types::is_storable(error.code)) error.code = types::storable(error.code);
  error.details = types::storable(std::move(error.details));
  return reply;
}

}  // namespace

CallDriver::CallDriver(Host& host,
                       ports::Random& random,
                       const std::vector<ports::Adapter*>& adapters,
                       AdapterLookup more_adapters,
                       CallLimits limits)
    : host_(host),
      limits_(limits),
      more_adapters_(std::move(more_adapters)),
      core_(std::move(limits), random) {
  for (ports::Adapter* adapter : adapters) adapters_[std::string(adapter->name())] = adapter;
}

CallDriver::~CallDriver() { stop(); }

bool CallDriver::reserve(std::string_view adapter) {
  const std::lock_guard lock(mutex_);
  return core_.reserve(adapter);
}

void CallDriver::release(std::string_view adapter) {
  const std::lock_guard lock(mutex_);
  core_.release(adapter);
}

void CallDriver::take(std::vector<OutgoingCall> calls) {
  std::vector<Item> items;
  std::vector<Result<CallSpec>> specs;
  std::vector<std::condition_variable*> woken;
  specs.reserve(calls.size());
  for (OutgoingCall& call : calls) specs.push_back(spec_of(call));
  {
    const std::lock_guard lock(mutex_);
    const Timestamp now = host_.now();
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const std::string adapter = calls[i].row.adapter;
      std::vector<Item> more =
          core_.take(std::move(calls[i]), std::move(specs[i]), host_.session(), now);
      std::move(more.begin(), more.end(), std::back_inserter(items));
      if (auto* wake = wake_locked(adapter)) woken.push_back(wake);
    }
  }
  for (std::condition_variable* wake : woken) wake->notify_one();
  offer(std::move(items));
}

std::vector<CallId> CallDriver::withdraw(const std::vector<CallId>& calls) {
  std::vector<CallId> elsewhere;
  std::vector<Item> items;
  {
    const std::lock_guard lock(mutex_);
    for (const CallId& id : calls) {
      bool known = false;
      std::vector<Item> more = core_.withdraw(id, known);
      if (!known) elsewhere.push_back(id);
      std::move(more.begin(), more.end(), std::back_inserter(items));
    }
  }
  offer(std::move(items));
  return elsewhere;
}

void CallDriver::offer(std::vector<Item> items) {
  for (Item& item : items) host_.offer(std::move(item));
}

std::condition_variable* CallDriver::wake_locked(const std::string& adapter) {
  if (stopping_ || draining_) return nullptr;
  auto& crew = crews_[adapter];
  if (crew == nullptr) crew = std::make_unique<Crew>();
  if (crew->coming) return nullptr;
  crew->coming = true;
  if (crew->waiting > 0) return &crew->wake;
  // One more has no call of its own: it ends what has no turn before its deadline.
  const std::size_t watchers = core_.has_deadlines() ? 1 : 0;
  if (crew->threads.size() >= limits_.for_adapter(adapter) + watchers) {
    crew->coming = false;  // all are at work, and look again before they rest
  } else {
    crew->threads.emplace_back([this, adapter, own = crew.get()] { work(adapter, *own); });
  }
  return nullptr;
}

void CallDriver::work(const std::string& adapter, Crew& crew) {
  std::unique_lock lock(mutex_);
  crew.coming = false;
  while (!stopping_) {
    const Timestamp now = host_.now();
    std::optional<CallCore::Attempt> attempt;
    std::vector<Item> overdue;
    if (!draining_ && host_.may_send()) {
      overdue = core_.wake(now);
      attempt = core_.next(adapter, now);
    }
    if (!overdue.empty()) {
      lock.unlock();
      offer(std::move(overdue));
      lock.lock();
    }
    if (!attempt && stopping_) return;
    if (!attempt) {
      Duration wait = k_look_again;
      if (const auto at = core_.wake_at()) wait = std::clamp(*at - now, Duration{1000}, wait);
      ++crew.waiting;
      crew.wake.wait_for(lock, wait);
      --crew.waiting;
      crew.coming = false;
      continue;
    }
    std::condition_variable* wake = nullptr;
    if (core_.wants_more(adapter) || (core_.has_deadlines() && crew.waiting == 0))
      wake = wake_locked(adapter);
    lock.unlock();
    if (wake != nullptr) wake->notify_one();
    const ports::CallReply reply = call(*attempt);
    lock.lock();
    std::vector<Item> items = core_.finished(*attempt, reply, host_.now());
    if (draining_) done_.notify_all();
    lock.unlock();
    offer(std::move(items));
    lock.lock();
  }
}

ports::Adapter* CallDriver::find(const std::string& name) const {
  if (const auto found = adapters_.find(name); found != adapters_.end()) return found->second;
  return more_adapters_ ? more_adapters_(name) : nullptr;
}

ports::CallReply CallDriver::call(const CallCore::Attempt& attempt) const {
  ports::Adapter* adapter = find(attempt.adapter);
  ports::CallError error;
  if (adapter == nullptr) {
    error.code = "not_configured";
    error.message = "this engine has no adapter " + attempt.adapter;
    return tl::unexpected(std::move(error));
  }
  try {
    return storable(adapter->call(attempt.request));
  } catch (const std::exception& thrown) {
    error.message = thrown.what();
  } catch (...) {
    error.message = "the adapter threw something";
  }
  error.code = "internal";
  error.outcome_unknown = true;
  return tl::unexpected(std::move(error));
}

std::size_t CallDriver::room(const std::string& adapter, std::optional<Timestamp>& again) const {
  const std::lock_guard lock(mutex_);
  const std::size_t room = draining_ ? 0 : core_.room(adapter, host_.now());
  if (room == 0) again = core_.room_at(adapter);
  return room;
}

std::vector<CallCore::AdapterState> CallDriver::adapters(std::set<std::string> called) const {
  for (const auto& [name, adapter] : adapters_) called.insert(name);
  const std::lock_guard lock(mutex_);
  std::vector<CallCore::AdapterState> states = core_.adapters(host_.now());
  for (const CallCore::AdapterState& state : states) called.erase(state.adapter);
  for (const std::string& name : called)
    states.push_back({name, BreakerState::closed, limits_.for_adapter(name), 0, 0});
  return states;
}

void CallDriver::reset() {
  const std::lock_guard lock(mutex_);
  core_.reset();
}

void CallDriver::kick() {
  const std::lock_guard lock(mutex_);
  for (const std::string& adapter : core_.busy()) {
    if (auto* wake = wake_locked(adapter)) wake->notify_one();
  }
}

bool CallDriver::drain(Duration grace) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  return done_.wait_for(lock, grace, [this] { return core_.in_flight() == 0; });
}

void CallDriver::stop() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& [name, crew] : crews_) {
      crew->wake.notify_all();
      std::move(crew->threads.begin(), crew->threads.end(), std::back_inserter(threads));
      crew->threads.clear();
    }
  }
  for (std::thread& thread : threads) thread.join();
}

CallCore::Counts CallDriver::counts() const {
  const std::lock_guard lock(mutex_);
  return core_.counts();
}

std::size_t CallDriver::in_flight() const {
  const std::lock_guard lock(mutex_);
  return core_.in_flight();
}

}  // namespace vozex::runtime
