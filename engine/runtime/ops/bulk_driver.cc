// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/bulk_driver.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <spdlog/spdlog.h>

#include "engine/runtime/ops/bulk_retry.h"

namespace vozex::runtime {
namespace {

// After trouble with the store or the engine.
constexpr Duration k_pause{std::chrono::milliseconds{500}};
constexpr std::size_t k_batches_at_once = 8;
constexpr int k_claims_in_a_lease = 5;

std::optional<Timestamp> earlier(std::optional<Timestamp> a, std::optional<Timestamp> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

}  // namespace

BulkDriver::BulkDriver(Ports ports, Duration lease)
    : ports_(ports),
      lease_(lease),
      owner_{ports.random->new_instance_id(ports.clock->now()).bytes} {}

void BulkDriver::start() {
  thread_ = std::thread([this] { run(); });
}

void BulkDriver::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  if (auto released = ports_.batches->release(owner_); !released) {
    spdlog::warn("batches wait for their lease to run out: {}", released.error().message);
  }
}

void BulkDriver::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  wake_.notify_all();
}

bool BulkDriver::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void BulkDriver::run() {
  bool look = true;
  while (!stopping()) {
    const auto next = work(look);
    const Timestamp now = ports_.clock->now();
    const Duration rest = next ? std::min(*next - now, lease_ / k_claims_in_a_lease) : lease_;
    std::unique_lock lock(mutex_);
    const auto called = [this] { return stopping_ || woken_; };
    if (rest > Duration{0}) {
      // Nothing to run, and the heartbeats say that nobody has: nothing is asked.
      while (!wake_.wait_for(lock, rest, called) && !next && !*may_run_) {
      }
    }
    look = std::exchange(woken_, false) || !next;
  }
}

std::function<void(const ports::News&)> BulkDriver::listener() const {
  return [may_run = may_run_](const ports::News& news) { *may_run = news.batches; };
}

// The lease is written a few times while it lasts, not with each round.
std::optional<Timestamp> BulkDriver::work(bool look) {
  const Timestamp now = ports_.clock->now();
  if (look || now - claimed_at_ >= lease_ / k_claims_in_a_lease) {
    auto rows = ports_.batches->claim(owner_, lease_, k_batches_at_once);
    if (!rows) {
      spdlog::warn("batches can't be claimed: {}", rows.error().message);
      return now + k_pause;
    }
    rows_ = *std::move(rows);
    claimed_at_ = now;
  }
  std::optional<Timestamp> next;
  for (ports::BatchRow& row : rows_) {
    if (stopping()) return std::nullopt;
    next = earlier(next, round(row));
  }
  std::erase_if(rows_, [](const ports::BatchRow& row) {
    return row.state != ports::BatchState::running || row.owner.is_nil();
  });
  return next;
}

std::optional<Timestamp> BulkDriver::after_trouble(const ports::BatchRow& row,
                                                   const Error& error) const {
  spdlog::warn("batch {}: {}", row.id.text(), error.message);
  return ports_.clock->now() + k_pause;
}

// `row` becomes what it is afterwards; without an owner when it is lost.
std::optional<Timestamp> BulkDriver::round(ports::BatchRow& row) {
  const auto order = parse_bulk_order(row.order);
  Result<ports::BatchRound> round = ports::BatchRound{};
  if (!order) {
    spdlog::error("batch {}: {}", row.id.text(), order.error().message);
    round->done = true;
  } else if (!row.listed) {
    round = list(row, *order);
  } else if (paces_[row.id].room(row.rate, ports_.clock->now()) == 0) {
    return paces_[row.id].next();
  } else {
    round = act(row, *order);
  }
  if (!round) return after_trouble(row, round.error());
  round->batch = row.id;
  round->owner = owner_;
  round->now = ports_.clock->now();
  const auto saved = ports_.batches->save(*round);
  if (!saved) return after_trouble(row, saved.error());
  if (*saved) {
    row = **saved;
  } else {
    row.owner = {};
  }
  if (!*saved || row.state != ports::BatchState::running) {
    paces_.erase(row.id);
    return std::nullopt;
  }
  return std::max(paces_[row.id].next(), ports_.clock->now());
}

Result<ports::BatchRound> BulkDriver::list(const ports::BatchRow& row, const BulkOrder& order) {
  const auto found = page(order, row.tenant, row.cursor);
  if (!found) return Failure(found.error());
  ports::BatchRound round;
  for (const Candidate& candidate : found->found) {
    ports::BatchItem item;
    item.instance = candidate.row.id;
    if (order.operation == BulkOperation::retry)
      item.basis = to_json(basis_of(candidate.row, candidate.dead));
    round.add.push_back(std::move(item));
  }
  round.cursor = found->cursor;
  round.listed = found->last || row.total + round.add.size() >= k_max_bulk_items;
  return round;
}

Result<ports::BatchRound> BulkDriver::act(const ports::BatchRow& row, const BulkOrder& order) {
  BulkPace& pace = paces_[row.id];
  const Timestamp begun = ports_.clock->now();
  const auto items = ports_.batches->items(
      row.id, ports::BatchItemState::waiting, InstanceId{}, pace.room(row.rate, begun));
  if (!items) return Failure(items.error());
  ports::BatchRound round;
  round.done = items->empty();
  if (round.done) return round;
  round.results = apply(row, order, *items);
  pace.did(items->size(), row.rate, begun, ports_.clock->now());
  if (round.results.empty()) {
    return fail(
        ErrorClass::unavailable, "no_answers", "nothing was answered in time: it is tried again");
  }
  return round;
}

}  // namespace vozex::runtime
