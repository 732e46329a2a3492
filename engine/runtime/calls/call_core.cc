// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/calls/call_core.h"

#include <algorithm>
#include <utility>

namespace vozex::runtime {

CallCore::Lane& CallCore::lane_of(std::string_view adapter) {
  const auto found = lanes_.find(adapter);
  if (found != lanes_.end()) return found->second;
  Lane& lane = lanes_[std::string(adapter)];
  lane.limit = limits_.for_adapter(adapter);
  return lane;
}

void CallCore::Lane::note(Duration took) {
  took = std::max(took, Duration{0});
  pace = pace ? (*pace * 7 + took) / 8 : took;
}

std::size_t CallCore::Lane::capacity() const {
  if (!pace) return limit * k_held_per_worker;
  const Duration each = std::max(*pace, Duration{1});
  return limit * std::clamp(static_cast<std::size_t>(k_held_for / each),
                            k_held_per_worker,
                            k_max_held_per_worker);
}

bool CallCore::reserve(std::string_view adapter) {
  Lane& lane = lane_of(adapter);
  if (lane.breaker.open_until() || lane.used() >= lane.capacity()) return false;
  ++lane.reserved;
  return true;
}

void CallCore::release(std::string_view adapter) {
  Lane& lane = lane_of(adapter);
  if (lane.reserved > 0) --lane.reserved;
}

Result<CallSpec> spec_of(OutgoingCall& call) {
  if (!call.spec) return parse_request(call.row.request);
  Result<CallSpec> spec = *std::move(call.spec);
  call.spec.reset();
  return spec;
}

std::vector<Item> CallCore::take(OutgoingCall outgoing, const SessionId& session, Timestamp now) {
  auto spec = spec_of(outgoing);
  return take(std::move(outgoing), std::move(spec), session, now);
}

std::vector<Item> CallCore::take(OutgoingCall outgoing,
                                 Result<CallSpec> spec,
                                 const SessionId& session,
                                 Timestamp now) {
  if (outgoing.reserved) release(outgoing.row.adapter);
  const CallId id = outgoing.row.id;
  if (outgoing.row.owner != session || calls_.contains(id)) return {};
  Call call;
  call.out = std::move(outgoing);
  call.tries = static_cast<std::uint16_t>(
      std::max(0, call.out.row.attempt - 1 - static_cast<int>(call.out.row.losses)));
  call.last = parse_error(call.out.row.error);
  if (!spec) {
    machine::ErrorInfo error;
    error.code = "internal";
    error.message = "the stored request can't be read: " + spec.error().message;
    return {end_item(call, false, {}, std::move(error))};
  }
  call.spec = std::move(*spec);
  call.sent = call.out.maybe_sent;
  const Lane& lane = lane_of(call.out.row.adapter);
  const auto deadline = deadline_of(call);
  if (deadline && *deadline <= now && !call.out.maybe_sent) {
    return {end_item(call, false, {}, deadline_error(std::move(call.last)))};
  }
  const bool crowded = (lane.queue.size() > 4 * lane.capacity() && !call.out.by_hand) ||
                       calls_.size() >= k_max_held_calls;
  if (crowded && !call.out.maybe_sent) return {put_back(call, now + k_put_back_for)};
  if (is_action(call.spec)) actions_[id.instance].insert(id);
  if (deadline) deadlines_.insert({*deadline, id});
  const bool lost = call.out.maybe_sent;
  Call& held = calls_.emplace(id, std::move(call)).first->second;
  if (lost) return follow(id, after_loss(held.spec, history_of(held, now)), now);
  enqueue(id, held);
  return {};
}

std::vector<Item> CallCore::withdraw(const CallId& id, bool& known) {
  const auto found = calls_.find(id);
  known = found != calls_.end();
  if (!known) return {};
  Call& call = found->second;
  call.out.withdrawn = true;
  const bool waits = call.phase == Phase::queued || call.phase == Phase::paused;
  if (!waits || (call.sent && !call.spec.read_only)) return {};
  std::vector<Item> items{end_item(call, false, {}, withdrawn_error())};
  erase(id);
  return items;
}

bool CallCore::is_its_turn(const CallId& id, const Call& call) const {
  if (!is_action(call.spec)) return true;
  const auto found = actions_.find(id.instance);
  return found == actions_.end() || *found->second.begin() == id;
}

void CallCore::enqueue(const CallId& id, Call& call) {
  call.phase = Phase::queued;
  lane_of(call.out.row.adapter).queue.push_back(id);
}

void CallCore::pause(const CallId& id, Call& call, Timestamp due) {
  call.phase = Phase::paused;
  call.due = due;
  paused_.insert({due, id});
}

std::vector<Item> CallCore::wake(Timestamp now) {
  std::vector<Item> items;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const CallId id = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    Call& call = calls_.at(id);
    if (call.sent) continue;  // what may be done is settled by the policy
    ++counts_.failed;
    items.push_back(end_item(call, false, {}, deadline_error(call.last)));
    erase(id);
  }
  while (!paused_.empty() && paused_.begin()->first <= now) {
    const CallId id = paused_.begin()->second;
    paused_.erase(paused_.begin());
    enqueue(id, calls_.at(id));
  }
  return items;
}

std::optional<CallCore::Attempt> CallCore::next(const std::string& adapter, Timestamp now) {
  Lane& lane = lane_of(adapter);
  if (lane.in_flight >= lane.limit) return std::nullopt;
  const BreakerState breaker = lane.breaker.state(now);
  if (breaker == BreakerState::open) return std::nullopt;
  if (breaker == BreakerState::half_open && lane.in_flight > 0) return std::nullopt;
  const auto ready = std::find_if(lane.queue.begin(), lane.queue.end(), [this](const CallId& id) {
    return is_its_turn(id, calls_.at(id));
  });
  if (ready == lane.queue.end()) return std::nullopt;
  Call& call = calls_.at(*ready);
  lane.queue.erase(ready);
  ++lane.in_flight;
  ++counts_.sent;
  call.phase = call.ask_next ? Phase::asking : Phase::sending;
  call.sent = true;
  if (call.ask_next) {
    ++call.asks;
  } else {
    ++call.tries;
  }
  return Attempt{request_of(call, now), adapter, session_, now};
}

ports::CallRequest CallCore::request_of(const Call& call, Timestamp now) const {
  ports::CallRequest request;
  request.id = call.out.row.id;
  request.attempt = static_cast<std::uint16_t>(std::max(call.tries + call.out.row.losses, 1));
  request.operation = call.phase == Phase::asking ? call.spec.ask : call.spec.operation;
  request.input = call.spec.input;
  request.idempotency_key = call.spec.idempotency_key;
  request.timeout = call.spec.timeout;
  // An attempt doesn't outlast the deadline; a question about one that has passed takes its time.
  const auto deadline = deadline_of(call);
  if (deadline && now < *deadline) request.timeout = std::min(request.timeout, *deadline - now);
  request.tenant = call.out.row.tenant;
  request.workflow = call.spec.workflow;
  request.version = call.spec.version;
  request.instance_key = call.spec.instance_key;
  return request;
}

std::vector<Item> CallCore::finished(const Attempt& attempt,
                                     const ports::CallReply& reply,
                                     Timestamp now) {
  Lane& lane = lane_of(attempt.adapter);
  --lane.in_flight;
  if (lane.breaker.note(reply, now)) lane.note(now - attempt.sent_at);
  const CallId& id = attempt.request.id;
  const auto found = calls_.find(id);
  if (attempt.session != session_ || found == calls_.end()) return {};
  Call& call = found->second;
  const CallHistory history = history_of(call, now);
  const CallDecision decision = call.phase == Phase::asking
                                    ? after_ask(call.spec, reply, call.last, history)
                                    : after_call(call.spec, reply, history);
  return follow(id, decision, now);
}

std::vector<Item> CallCore::follow(const CallId& id, const CallDecision& decision, Timestamp now) {
  using Kind = CallDecision::Kind;
  Call& call = calls_.at(id);
  if (!decision.ok) call.last = decision.error;
  std::vector<Item> items;
  if (decision.kind == Kind::end) {
    if (!decision.ok) ++counts_.failed;
    items.push_back(end_item(call, decision.ok, decision.result, decision.error));
    erase(id);
    return items;
  }
  // Certainly not done, and nobody waits for it.
  const bool not_done = decision.kind == Kind::retry;
  if (call.out.withdrawn && not_done) {
    items.push_back(end_item(call, false, {}, withdrawn_error()));
    erase(id);
    return items;
  }
  if (decision.kind == Kind::retry && !is_action(call.spec)) {
    items.push_back(put_back(call, now + decision.delay));
    erase(id);
    return items;
  }
  call.ask_next = decision.kind == Kind::ask;
  if (not_done) call.sent = false;
  if (decision.delay > Duration{0}) {
    pause(id, call, now + decision.delay);
  } else {
    enqueue(id, call);
  }
  return items;
}

Item CallCore::end_item(const Call& call,
                        bool ok,
                        types::Value result,
                        machine::ErrorInfo error) const {
  Item item;
  item.order = CallOrder{call.out.row, ok, std::move(result), std::move(error)};
  return item;
}

// A waiting row means that it is not done.
Item CallCore::put_back(const Call& call, Timestamp next_at) const {
  ports::CallWrite write;
  write.op = ports::CallOp::retry;
  write.row = call.out.row;
  write.row.attempt = static_cast<std::uint16_t>(call.tries + call.out.row.losses + 1);
  if (write.row.attempt < call.out.row.attempt) write.row.attempt = call.out.row.attempt;
  write.row.state = ports::CallState::waiting;
  write.row.owner = {};
  write.row.next_at = next_at;
  if (!call.last.code.empty()) write.row.error = error_text(call.last);
  write.expect_owner = call.out.row.owner;
  write.expect_attempt = call.out.row.attempt;
  Item item;
  item.order = CallWriteOrder{std::move(write)};
  return item;
}

void CallCore::erase(const CallId& id) {
  const auto found = calls_.find(id);
  if (found == calls_.end()) return;
  Call& call = found->second;
  if (call.phase == Phase::paused) paused_.erase({call.due, id});
  if (const auto deadline = deadline_of(call)) deadlines_.erase({*deadline, id});
  if (call.phase == Phase::queued) {
    auto& queue = lane_of(call.out.row.adapter).queue;
    queue.erase(std::remove(queue.begin(), queue.end(), id), queue.end());
  }
  if (const auto actions = actions_.find(id.instance); actions != actions_.end()) {
    actions->second.erase(id);
    if (actions->second.empty()) actions_.erase(actions);
  }
  calls_.erase(found);
}

std::optional<Timestamp> CallCore::deadline_of(const Call& call) {
  if (!call.spec.retry.deadline || call.out.by_hand) return std::nullopt;
  return call.out.row.decided_at + *call.spec.retry.deadline;
}

CallHistory CallCore::history_of(const Call& call, Timestamp now) {
  CallHistory history;
  history.tries = call.tries;
  history.losses = call.out.row.losses;
  history.asks = call.asks;
  history.decided_at = call.out.row.decided_at;
  history.now = now;
  history.random = static_cast<double>(random_.next() >> 11) * 0x1.0p-53;
  return history;
}

std::optional<Timestamp> CallCore::wake_at() const {
  std::optional<Timestamp> at;
  const auto earlier = [&at](Timestamp when) { at = at ? std::min(*at, when) : when; };
  if (!paused_.empty()) earlier(paused_.begin()->first);
  if (!deadlines_.empty()) earlier(deadlines_.begin()->first);
  for (const auto& [name, lane] : lanes_) {
    if (lane.breaker.open_until() && !lane.queue.empty()) earlier(*lane.breaker.open_until());
  }
  return at;
}

bool CallCore::wants_more(std::string_view adapter) const {
  const auto found = lanes_.find(adapter);
  return found != lanes_.end() && !found->second.queue.empty() &&
         found->second.in_flight < found->second.limit;
}

std::vector<std::string> CallCore::busy() const {
  std::vector<std::string> names;
  for (const auto& [name, lane] : lanes_) {
    if (!lane.queue.empty()) names.push_back(name);
  }
  return names;
}

std::size_t CallCore::room(std::string_view adapter, Timestamp now) const {
  if (calls_.size() >= k_max_held_calls) return 0;
  const auto found = lanes_.find(adapter);
  if (found == lanes_.end()) return limits_.for_adapter(adapter) * k_held_per_worker;
  const Lane& lane = found->second;
  const std::size_t free = lane.used() < lane.capacity() ? lane.capacity() - lane.used() : 0;
  switch (lane.breaker.state(now)) {
    case BreakerState::closed: return free;
    case BreakerState::half_open: return lane.used() == 0 ? 1 : 0;
    case BreakerState::open: break;
  }
  return 0;
}

std::optional<Timestamp> CallCore::room_at(std::string_view adapter) const {
  const auto found = lanes_.find(adapter);
  if (found == lanes_.end()) return std::nullopt;
  return found->second.breaker.open_until();
}

std::vector<CallCore::AdapterState> CallCore::adapters(Timestamp now) const {
  std::vector<AdapterState> states;
  states.reserve(lanes_.size());
  for (const auto& [name, lane] : lanes_) {
    states.push_back(
        {name, lane.breaker.state(now), lane.limit, lane.in_flight, lane.queue.size()});
  }
  return states;
}

std::size_t CallCore::in_flight() const {
  std::size_t sum = 0;
  for (const auto& [name, lane] : lanes_) sum += lane.in_flight;
  return sum;
}

void CallCore::reset() {
  ++session_;
  calls_.clear();
  paused_.clear();
  deadlines_.clear();
  actions_.clear();
  for (auto& [name, lane] : lanes_) {
    lane.queue.clear();
    lane.reserved = 0;
  }
}

}  // namespace vozex::runtime
