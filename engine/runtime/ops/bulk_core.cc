// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/bulk_core.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/base/planted.h"
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

Result<BulkPage> bulk_page(ports::QueryStore& queries,
                           const BulkOrder& order,
                           const std::string& tenant,
                           const InstanceId& after,
                           std::size_t limit) {
  auto rows = queries.instances(filter_of(order.query, tenant, after), limit);
  if (!rows) return Failure(rows.error());
  BulkPage page;
  page.last = rows->size() < limit;
  page.cursor = rows->empty() ? after : rows->back().id;
  for (ports::InstanceRow& row : *rows) {
    BulkPage::Candidate candidate;
    // A dead call is an incident of its instance.
    if (needs_calls(order) && row.incident) {
      auto dead = queries.calls({ports::CallState::dead, row.id, {}, {}}, k_bulk_calls);
      if (!dead) return Failure(dead.error());
      candidate.dead = *std::move(dead);
    }
    if (!fits(order.query, row, candidate.dead)) continue;
    candidate.row = std::move(row);
    page.found.push_back(std::move(candidate));
  }
  if (VOZEX_PLANTED(batch_listing_ends_early)) page.last = page.found.size() < limit;
  return page;
}

BulkCore::BulkCore(Ports ports, const SessionId& owner, Duration lease, std::size_t page)
    : ports_(std::move(ports)), owner_(owner), lease_(lease), page_(page) {}

void BulkCore::answered(std::uint64_t ticket, Result<EventAnswer> answer) {
  if (round_) round_->answered(ticket, std::move(answer), ports_.now());
}

// The lease is written a few times while it lasts, not with each round.
bool BulkCore::claim() {
  const Timestamp now = ports_.now();
  if (!std::exchange(look_, false) && now - claimed_at_ < lease_ / k_claims_in_a_lease) return true;
  auto rows = ports_.batches->claim(owner_, lease_, k_batches_at_once);
  if (!rows) {
    notes_.push_back("batches can't be claimed: " + rows.error().message);
    look_ = true;
    return false;
  }
  rows_ = *std::move(rows);
  claimed_at_ = now;
  return true;
}

// A pass goes over all batches; it stands still while a round waits for its answers.
std::optional<Timestamp> BulkCore::work(bool look) {
  look_ = look_ || look;
  if (round_) {
    if (is_waiting()) return round_->until();
    if (round_->go_on(ports_.now()) && is_waiting()) return round_->until();
    next_ = earlier(next_, finish());
  }
  if (at_ == 0 && !claim()) return ports_.now() + k_pause;
  while (at_ < rows_.size()) {
    next_ = earlier(next_, begin(rows_[at_++]));
    if (round_) return is_waiting() ? round_->until() : ports_.now();
  }
  at_ = 0;
  std::erase_if(rows_, [](const ports::BatchRow& row) {
    return row.state != ports::BatchState::running || row.owner.is_nil();
  });
  return std::exchange(next_, std::nullopt);
}

std::optional<Timestamp> BulkCore::after_trouble(const ports::BatchId& batch, const Error& error) {
  notes_.push_back("batch " + batch.text() + ": " + error.message);
  return ports_.now() + k_pause;
}

// Lists a page, or begins a round of items.
std::optional<Timestamp> BulkCore::begin(ports::BatchRow& row) {
  auto order = parse_bulk_order(row.order);
  if (!order) {
    notes_.push_back("batch " + row.id.text() + ": " + order.error().message);
    ports::BatchRound none;
    none.done = true;
    return save(row, none);
  }
  if (!row.listed) return save(row, list(row, *order));
  const BulkPace& pace = paces_[row.id];
  const Timestamp now = ports_.now();
  const std::size_t room = pace.room(row.rate, now);
  if (room == 0) return pace.next();
  auto items = ports_.batches->items(row.id, ports::BatchItemState::waiting, InstanceId{}, room);
  if (!items) return after_trouble(row.id, items.error());
  if (items->empty()) {
    ports::BatchRound last;
    last.done = true;
    return save(row, last);
  }
  round_.emplace(BulkRound::Ports{ports_.hands, ports_.queries, &ticket_},
                 row,
                 *std::move(order),
                 *std::move(items),
                 now);
  return std::nullopt;
}

// Records what came of the round.
std::optional<Timestamp> BulkCore::finish() {
  const Timestamp now = ports_.now();
  ports::BatchRow& row = rows_[at_ - 1];
  paces_[row.id].did(round_->size(), row.rate, round_->begun(), now);
  ports::BatchRound record;
  record.results = round_->results(now);
  round_.reset();
  if (record.results.empty()) {
    return after_trouble(row.id,
                         {ErrorClass::unavailable,
                          "no_answers",
                          "nothing was answered in time: it is tried again",
                          {}});
  }
  return save(row, std::move(record));
}

// `row` becomes what it is afterwards; without an owner when it is lost.
std::optional<Timestamp> BulkCore::save(ports::BatchRow& row, Result<ports::BatchRound> round) {
  if (!round) return after_trouble(row.id, round.error());
  round->batch = row.id;
  round->owner = owner_;
  round->now = ports_.now();
  const auto saved = ports_.batches->save(*round);
  if (!saved) return after_trouble(row.id, saved.error());
  if (*saved) {
    row = **saved;
  } else {
    row.owner = {};
  }
  if (VOZEX_PLANTED(batch_pause_ignored) && row.state == ports::BatchState::paused)
    row.state = ports::BatchState::running;
  if (!*saved || row.state != ports::BatchState::running) {
    paces_.erase(row.id);
    return std::nullopt;
  }
  return std::max(paces_[row.id].next(), ports_.now());
}

Result<ports::BatchRound> BulkCore::list(const ports::BatchRow& row, const BulkOrder& order) {
  const auto page = bulk_page(*ports_.queries, order, row.tenant, row.cursor, page_);
  if (!page) return Failure(page.error());
  ports::BatchRound round;
  for (const BulkPage::Candidate& candidate : page->found) {
    ports::BatchItem item;
    item.instance = candidate.row.id;
    if (order.operation == BulkOperation::retry)
      item.basis = to_json(basis_of(candidate.row, candidate.dead));
    round.add.push_back(std::move(item));
  }
  round.cursor = page->cursor;
  round.listed = page->last || row.total + round.add.size() >= k_max_bulk_items;
  return round;
}

}  // namespace vozex::runtime
