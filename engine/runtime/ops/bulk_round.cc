// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/bulk_round.h"

#include <chrono>
#include <utility>

#include "engine/base/planted.h"
#include "engine/runtime/ops/bulk_retry.h"

namespace vozex::runtime {
namespace {

using ports::BatchItem;
using ports::BatchItemState;

constexpr Duration k_answer_wait{std::chrono::seconds{10}};

}  // namespace

// A retry lets go on what is held first: the failures in its queue decide which of its calls are
// dead. Then those go out.
BulkRound::BulkRound(
    Ports ports, const ports::BatchRow& row, BulkOrder order, Items items, Timestamp now)
    : ports_(ports),
      batch_(row.id),
      tenant_(row.tenant),
      order_(std::move(order)),
      items_(std::move(items)),
      begun_(now),
      until_(now + k_answer_wait) {
  const bool retries = order_.operation == BulkOperation::retry;
  for (const BatchItem& item : items_) {
    if (!retries || parse_basis(item.basis).held) operate(item, now);
  }
}

std::uint64_t BulkRound::expect(const InstanceId& instance) {
  const std::uint64_t ticket = ++*ports_.ticket;
  open_.emplace(ticket, instance);
  return ticket;
}

void BulkRound::operate(const BatchItem& item, Timestamp now) {
  OpsOrder ops;
  ops.instance = item.instance;
  ops.event = bulk_event(order_, batch_, item.instance, now);
  ops.event.tenant = tenant_;
  const std::uint64_t ticket = expect(item.instance);
  ports_.hands->operate(ticket, std::move(ops));
}

void BulkRound::answered(std::uint64_t ticket, Result<EventAnswer> answer, Timestamp now) {
  const auto found = open_.find(ticket);
  if (found == open_.end()) return;
  const InstanceId instance = found->second;
  open_.erase(found);
  if (sends_calls_) {
    calls_[instance].push_back(std::move(answer));
  } else if (auto result = bulk_result(instance, answer, now)) {
    done_.insert_or_assign(instance, *std::move(result));
  }
}

bool BulkRound::has_gone_on(const BatchItem& item) const {
  if (!parse_basis(item.basis).held) return true;
  const auto resumed = done_.find(item.instance);
  return resumed != done_.end() && resumed->second.state == BatchItemState::applied;
}

bool BulkRound::go_on(Timestamp now) {
  if (order_.operation != BulkOperation::retry || sends_calls_) return false;
  open_.clear();
  sends_calls_ = true;
  until_ = now + k_answer_wait;
  for (const BatchItem& item : items_) {
    if (has_gone_on(item)) send_calls(item);
  }
  return true;
}

void BulkRound::send_calls(const BatchItem& item) {
  const BulkBasis basis = parse_basis(item.basis);
  std::vector<ports::CallRow> wanted;
  if (!basis.calls.empty()) {
    auto dead =
        ports_.queries->calls({ports::CallState::dead, item.instance, {}, {}}, k_bulk_calls);
    if (!dead) return;
    for (ports::CallRow& call : *dead) {
      if (basis.covers(call)) wanted.push_back(std::move(call));
    }
  }
  calls_sent_[item.instance] = wanted.size();
  for (const ports::CallRow& call : wanted) {
    const std::uint64_t ticket = expect(item.instance);
    ports_.hands->retry_call(ticket, call, {call.id, order_.actor, order_.reason});
  }
}

BulkRound::Items BulkRound::results(Timestamp now) const {
  Items results;
  for (const BatchItem& item : items_) {
    const auto done = done_.find(item.instance);
    if (!sends_calls_ || !has_gone_on(item)) {
      if (done != done_.end()) {
        results.push_back(done->second);
      } else if (VOZEX_PLANTED(batch_counts_what_was_sent)) {
        results.push_back({item.instance, BatchItemState::applied, "", "", "", now});
      }
      continue;
    }
    const auto sent = calls_sent_.find(item.instance);
    if (sent == calls_sent_.end()) continue;
    const auto found = calls_.find(item.instance);
    const auto answers = found == calls_.end() ? std::vector<Result<EventAnswer>>{} : found->second;
    if (answers.size() < sent->second) continue;
    auto result = retry_result(item.instance, parse_basis(item.basis), answers, now);
    if (result) results.push_back(*std::move(result));
  }
  return results;
}

}  // namespace vozex::runtime
