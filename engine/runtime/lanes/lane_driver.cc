// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/lanes/lane_driver.h"

#include <utility>

namespace vozex::runtime {
namespace {

LaneCore::Ports ports_of(Host& host, ports::Random& random, Gate& gate, Parking& parking) {
  LaneCore::Ports ports;
  ports.definitions = [&host] { return host.definitions(); };
  ports.session = [&host] { return host.session(); };
  ports.wanted = [&host](const Engine::Change& change) { return host.is_wanted(change); };
  ports.random = &random;
  ports.gate = &gate;
  ports.parking = &parking;
  return ports;
}

Failure stopped(bool unsure) {
  return fail(unsure ? ErrorClass::outcome_unknown : ErrorClass::unavailable,
              "stopping",
              "the engine stopped before it could answer: send it again");
}

}  // namespace

LaneDriver::LaneDriver(Host& host,
                       ports::Random& random,
                       Gate& gate,
                       Parking& parking,
                       CommitsUnderWay& commits,
                       LaneOptions options)
    : host_(host), commits_(commits), core_(ports_of(host, random, gate, parking), options) {}

LaneDriver::~LaneDriver() { stop(); }

void LaneDriver::start() {
  thread_ = std::thread([this] { run(); });
}

void LaneDriver::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LaneDriver::offer(Item item) {
  std::optional<Error> refusal;
  Done<EventAnswer> refused;
  bool sleeping = false;
  {
    const std::lock_guard lock(mutex_);
    refusal = refusal_locked(item);
    if (refusal) {
      refused = std::move(item.done);
    } else {
      sleeping = !busy_;
      inbox_.push_back(std::move(item));
    }
  }
  if (sleeping) wake_.notify_one();
  if (refused) refused(Failure(*std::move(refusal)));
}

std::optional<Error> LaneDriver::refusal() const {
  const std::lock_guard lock(mutex_);
  return refusal_locked();
}

std::optional<Error> LaneDriver::refusal_locked(const Item& item) const {
  if (ended_) return stopped(false).value();
  return item.done ? refusal_locked() : std::nullopt;
}

std::optional<Error> LaneDriver::refusal_locked() const {
  if (!closed_ || host_.now() >= closed_->until) return std::nullopt;
  return closed_->error;
}

void LaneDriver::offer(std::vector<Item> items) {
  std::vector<std::pair<Item, Error>> refused;
  bool sleeping = false;
  {
    const std::lock_guard lock(mutex_);
    for (Item& item : items) {
      auto refusal = refusal_locked(item);
      if (refusal) {
        refused.emplace_back(std::move(item), *std::move(refusal));
      } else {
        inbox_.push_back(std::move(item));
        sleeping = !busy_;
      }
    }
  }
  if (sleeping) wake_.notify_one();
  for (auto& [item, error] : refused) {
    if (item.done) item.done(Failure(std::move(error)));
  }
}

bool LaneDriver::is_idle() const {
  const std::lock_guard lock(mutex_);
  return !busy_ && inbox_.empty();
}

void LaneDriver::run() {
  bool running = true;
  while (running) {
    running = take_inbox(idle_until_);
    idle_until_.reset();
    while (running && turn()) running = take_inbox(Timestamp{});
  }
  wind_up();
}

void LaneDriver::wind_up() {
  while (core_.has_batch() && turn()) {
  }
  bool unsure = false;
  std::vector<Item> left = core_.give_up(unsure);
  {
    const std::lock_guard lock(mutex_);
    std::move(inbox_.begin(), inbox_.end(), std::back_inserter(left));
    inbox_.clear();
    busy_ = false;
    ended_ = true;
  }
  for (Item& item : left) {
    if (item.done) item.done(stopped(unsure));
  }
}

// Waits for items, or until `until` (none: for ever; a past time: not at all). False when stopping.
bool LaneDriver::take_inbox(std::optional<Timestamp> until) {
  std::vector<Item> items;
  {
    std::unique_lock lock(mutex_);
    const auto ready = [this] { return stopping_ || !inbox_.empty() || forget_; };
    if (until != Timestamp{}) {
      busy_ = !core_.is_idle();
      if (until) {
        wake_.wait_for(lock, *until - host_.now(), ready);
      } else {
        wake_.wait(lock, ready);
      }
      busy_ = true;
    }
    if (stopping_) return false;
    items.swap(inbox_);
  }
  if (forget_.exchange(false)) core_.forget();
  for (Item& item : items) core_.offer(std::move(item));
  return true;
}

bool LaneDriver::turn() {
  LaneAction action = core_.next(host_.now());
  if (const auto* idle = std::get_if<IdleAction>(&action)) {
    idle_until_ = idle->until;
    away_ = core_.store_is_away();
    return false;
  }
  if (const auto* wanted = std::get_if<LoadAction>(&action)) {
    load(*wanted);
  } else if (const auto* wanted_commit = std::get_if<CommitAction>(&action)) {
    commit(*wanted_commit);
  } else {
    auto& wanted_publish = std::get<PublishAction>(action);
    host_.publish(std::move(wanted_publish.publish));
    commits_.wait_for_end(wanted_publish.pause);
  }
  const bool away = core_.store_is_away();
  if (away || away_) {
    const std::lock_guard lock(mutex_);
    closed_ = core_.closed();
  }
  away_ = away;
  return true;
}

ports::LaneStore* LaneDriver::connection(Error& error) {
  if (store_ == nullptr) {
    auto opened = host_.store().open_lane();
    if (!opened) {
      error = opened.error();
      error.kind = ErrorClass::unavailable;
      return nullptr;
    }
    store_ = std::move(*opened);
  }
  return store_.get();
}

void LaneDriver::load(const LoadAction& action) {
  Error error;
  ports::LaneStore* store = connection(error);
  if (store == nullptr) {
    core_.loaded(Failure(error), host_.now());
    return;
  }
  Loaded loaded;
  if (action.needs.definitions) {
    if (auto refreshed = host_.refresh_definitions(); !refreshed) {
      core_.loaded(Failure(refreshed.error()), host_.now());
      return;
    }
    loaded.definitions = host_.definitions();
  }
  auto rows = store->load(action.needs.load);
  if (!rows) {
    core_.loaded(Failure(rows.error()), host_.now());
    return;
  }
  loaded.rows = std::move(*rows);
  for (const InstanceId& id : action.needs.locate) {
    auto row = host_.store().queries().instance(id);
    if (!row) {
      core_.loaded(Failure(row.error()), host_.now());
      return;
    }
    if (*row) loaded.located.push_back(std::move(**row));
  }
  core_.loaded(loaded, host_.now());
}

void LaneDriver::commit(const CommitAction& action) {
  Error error;
  ports::LaneStore* store = connection(error);
  if (store == nullptr) {
    core_.committed(Failure(error), host_.now());
    return;
  }
  const auto reply = [&] {
    const CommitsUnderWay::One one(commits_);
    return action.settle ? store->settle(*action.request) : store->commit(*action.request);
  }();
  core_.committed(reply, host_.now());
}

}  // namespace vozex::runtime
