// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/lanes/lane_core.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/base/assert.h"
#include "engine/machine/codec.h"
#include "engine/machine/stored_json.h"
#include "engine/types/json.h"

namespace vozex::runtime {
namespace {

bool is_claim(const Item& item) { return std::holds_alternative<ClaimOrder>(item.order); }

// Whom an item is about, when it says so.
std::optional<ports::InstanceKey> subject_of(const Item& item) {
  if (const auto* deliver = std::get_if<DeliverOrder>(&item.order)) {
    return ports::InstanceKey{deliver->shard.value_or(shard_of(deliver->to)), deliver->to};
  }
  if (const auto* timer = std::get_if<TimerOrder>(&item.order)) return timer->instance;
  if (const auto* call = std::get_if<CallOrder>(&item.order)) {
    return ports::InstanceKey{call->row.shard, call->row.id.instance};
  }
  return std::nullopt;
}

bool is_absence(const Error& error) {
  return error.kind == ErrorClass::unavailable || error.kind == ErrorClass::outcome_unknown;
}

// For who sent an event that was not taken; what the store said in detail is for the log.
Error not_taken(const Error& error) {
  return {ErrorClass::unavailable,
          error.code,
          "the store can't take events now, nothing was done, send it again: " + error.message,
          {}};
}

}  // namespace

LaneCore::LaneCore(Ports ports, LaneOptions options)
    : ports_(std::move(ports)), options_(options), cache_(options.cache) {}

void LaneCore::offer(Item item) { queue_.offer(std::move(item)); }

bool LaneCore::is_idle() const { return phase_ == Phase::idle && queue_.empty(); }

void LaneCore::forget() { cache_.clear(); }

std::vector<Item> LaneCore::give_up(bool& unsure) {
  unsure = phase_ == Phase::settling;
  std::vector<Item> items;
  if (batch_ != nullptr) items = batch_->abandon();
  batch_.reset();
  phase_ = Phase::idle;
  std::vector<Item> waiting = queue_.take_all();
  std::move(waiting.begin(), waiting.end(), std::back_inserter(items));
  return items;
}

LaneAction LaneCore::next(Timestamp now) {
  if (!told_.answers.empty()) return PublishAction{std::exchange(told_, {}), {}};
  if (not_before_) {
    if (now < *not_before_) return IdleAction{not_before_};
    not_before_.reset();
  }
  switch (phase_) {
    case Phase::idle:
      if (!gather(now)) return IdleAction{};
      if (phase_ == Phase::claiming) return LoadAction{needs_};
      return advance(now);
    case Phase::running: return advance(now);
    case Phase::loading:
    case Phase::claiming: return LoadAction{needs_};
    case Phase::committing: return CommitAction{&request_, false};
    case Phase::settling: return CommitAction{&request_, true};
    case Phase::publishing: break;
  }
  phase_ = Phase::idle;
  return PublishAction{std::exchange(publish_, {}), std::exchange(pause_, Duration{0})};
}

bool LaneCore::gather(Timestamp now) {
  std::vector<Item> items = queue_.take(limit_);
  if (items.empty()) return false;
  began_ = now;
  if (is_claim(items.front())) {
    claim_ = std::get<ClaimOrder>(items.front().order).key;
    needs_ = {};
    needs_.load.parked.push_back(claim_);
    phase_ = Phase::claiming;
    return true;
  }
  BatchContext context;
  context.definitions = ports_.definitions();
  context.cache = &cache_;
  context.random = ports_.random;
  context.gate = ports_.gate;
  context.parking = ports_.parking;
  context.wanted = &ports_.wanted;
  context.session = ports_.session();
  context.lane = options_.lane;
  context.lanes = options_.lanes;
  context.park_for = options_.park_for;
  batch_ = std::make_unique<Batch>(std::move(context), std::move(items), now);
  phase_ = Phase::running;
  return true;
}

LaneAction LaneCore::advance(Timestamp now) {
  if (!batch_->run()) {
    needs_ = batch_->needs();
    // What was missing may have come out of the cache.
    if (!needs_.empty()) {
      phase_ = Phase::loading;
      return LoadAction{needs_};
    }
    const bool decided = batch_->run();
    VOZEX_ASSERT(decided);
  }
  Etag etag = 0;
  while (etag == 0) etag = ports_.random->next();
  request_ = batch_->request(etag);
  if (!request_.groups.empty()) {
    phase_ = Phase::committing;
    return CommitAction{&request_, false};
  }
  finish({});
  return next(now);
}

void LaneCore::loaded(const Result<Loaded>& loaded, Timestamp now) {
  VOZEX_ASSERT(phase_ == Phase::loading || phase_ == Phase::claiming);
  if (!loaded) {
    store_failed(loaded.error(), now);
    return;
  }
  // A full disk can be read: only a commit shows that it takes something again.
  if (!away_ || away_->reads) store_answered();
  if (phase_ == Phase::claiming) {
    expand_claim(*loaded);
    phase_ = Phase::idle;
    return;
  }
  batch_->accept(needs_, *loaded);
  phase_ = Phase::running;
}

// Parked events of a key, in order of arrival, before everything that came later.
void LaneCore::expand_claim(const Loaded& loaded) {
  std::vector<Item> items;
  for (const ports::ParkedRow& row : loaded.rows.parked) {
    const auto value = machine::parse_stored(row.event);
    auto event = value ? machine::decode_event(*value) : Failure(value.error());
    if (!event) {
      LogNote note;
      note.level = LogNote::Level::error;
      note.text = "a parked event can't be read: " + event.error().message;
      publish_.notes.push_back(std::move(note));
      continue;
    }
    Item item;
    item.order = FindOrder{std::move(*event)};
    item.mark = row.mark;
    item.parked_on = claim_;
    items.push_back(std::move(item));
  }
  queue_.put_back(std::move(items));
}

void LaneCore::committed(const Result<ports::CommitReply>& reply, Timestamp now) {
  VOZEX_ASSERT(phase_ == Phase::committing || phase_ == Phase::settling);
  if (reply) {
    store_answered();
    const bool is_alone = batch_->size() == 1;
    finish(*reply);
    if (!is_alone) pause_ = std::clamp((now - began_) / 8, Duration{0}, options_.longest_pause);
    return;
  }
  const Error& error = reply.error();
  if (error.kind == ErrorClass::outcome_unknown) phase_ = Phase::settling;
  if (is_absence(error)) {
    store_failed(error, now);
    return;
  }
  away_.reset();
  closed_ = false;
  if (error.kind == ErrorClass::conflict) {
    back_off(now);
  } else {
    refused(error, now);
  }
}

void LaneCore::store_answered() {
  away_.reset();
  closed_ = false;
  backoff_ = Duration{0};
}

void LaneCore::store_failed(const Error& error, Timestamp now) {
  const bool reads = phase_ == Phase::loading || phase_ == Phase::claiming;
  if (!away_) away_ = Away{began_, error, reads};
  away_->error = error;
  away_->reads = away_->reads && reads;
  back_off(now);
  if (now - away_->since < options_.patience) return;
  closed_ = true;
  tell_waiting();
}

// A batch whose outcome is unknown is settled first: it may have happened.
void LaneCore::tell_waiting() {
  if (batch_ != nullptr && phase_ != Phase::settling) {
    std::vector<Item> items = batch_->abandon();
    batch_.reset();
    request_ = {};
    phase_ = Phase::idle;
    queue_.put_back(std::move(items));
  }
  for (Item& item : queue_.take_awaited()) {
    told_.answers.emplace_back(std::move(item.done), Failure(not_taken(away_->error)));
  }
}

std::optional<LaneCore::Closed> LaneCore::closed() const {
  if (!closed_ || !not_before_) return std::nullopt;
  return Closed{not_taken(away_->error), *not_before_};
}

void LaneCore::finish(const ports::CommitReply& reply) {
  Batch::Ending ending = batch_->conclude(reply);
  batch_.reset();
  request_ = {};
  second_try_ = false;
  limit_ = std::min(limit_ * 2, ports::k_max_batch_groups);
  std::vector<Item> first;
  for (ports::BindingKey& key : ending.claims) {
    Item item;
    item.order = ClaimOrder{std::move(key)};
    first.push_back(std::move(item));
  }
  first.insert(first.end(),
               std::make_move_iterator(ending.again.begin()),
               std::make_move_iterator(ending.again.end()));
  queue_.put_back(std::move(first));
  for (Item& item : ending.next) offer(std::move(item));
  auto notes = std::exchange(publish_.notes, {});
  publish_ = std::move(ending.publish);
  publish_.notes.insert(publish_.notes.end(), notes.begin(), notes.end());
  phase_ = Phase::publishing;
}

// The store won't have these data: half of the batch at a time, until one item is left that must be
// to blame. An error of the store's own may pass: then that item is tried once more.
void LaneCore::refused(const Error& error, Timestamp now) {
  const std::vector<ports::InstanceKey> touched = batch_->touched();
  std::vector<Item> items = batch_->abandon();
  batch_.reset();
  request_ = {};
  phase_ = Phase::idle;
  const bool is_alone = items.size() == 1;
  if (!is_alone || (error.kind == ErrorClass::corrupt && !second_try_)) {
    second_try_ = is_alone;
    limit_ = std::max<std::size_t>(items.size() / 2, 1);
    queue_.put_back(std::move(items));
    back_off(now);
    return;
  }
  second_try_ = false;
  publish_ = {};
  queue_.put_back(poisoned(std::move(items.front()), touched, error));
  phase_ = Phase::publishing;
}

// Those it would have changed are held; what brought it is done with.
std::vector<Item> LaneCore::poisoned(Item item,
                                     const std::vector<ports::InstanceKey>& touched,
                                     const Error& error) {
  std::vector<ports::InstanceKey> subjects = touched;
  if (const auto subject = subject_of(item)) subjects = {*subject};
  LogNote note;
  note.level = LogNote::Level::error;
  note.text = "the store refuses what an event decided: " + error.code + ": " + error.message;
  if (!subjects.empty()) note.instance = subjects.front().id;
  publish_.notes.push_back(std::move(note));
  if (item.done) publish_.answers.emplace_back(std::move(item.done), Failure(error));
  std::vector<Item> items;
  // A poison that is refused as well must not go round for ever.
  if (std::holds_alternative<PoisonOrder>(item.order)) return items;
  for (const ports::InstanceKey& subject : subjects) {
    Item poison;
    poison.order = PoisonOrder{subject, "commit_refused", error.message};
    items.push_back(std::move(poison));
  }
  if (item.outbox) {
    Item rest;
    rest.order = DoneOrder{};
    rest.outbox = std::move(item.outbox);
    items.push_back(std::move(rest));
  }
  return items;
}

void LaneCore::back_off(Timestamp now) {
  backoff_ = std::clamp(backoff_ * 2, options_.min_backoff, options_.max_backoff);
  not_before_ = now + backoff_;
}

}  // namespace vozex::runtime
