// SPDX-License-Identifier: Apache-2.0
//
// What a batch does to instances: orders like those that people give to one, at most a chunk at
// once. What has no answer in time is asked for again by a later round, and is a duplicate then.
#include <chrono>
#include <map>
#include <utility>

#include "engine/runtime/ops/bulk_driver.h"
#include "engine/runtime/ops/bulk_retry.h"

namespace vozex::runtime {
namespace {

constexpr Duration k_answer_wait{std::chrono::seconds{10}};

}  // namespace

BulkDriver::Items BulkDriver::apply(const ports::BatchRow& row,
                                    const BulkOrder& order,
                                    const Items& items) {
  if (order.operation == BulkOperation::retry) return retry(row, order, items);
  const auto results = std::make_shared<Collected<ports::BatchItem>>();
  for (const ports::BatchItem& item : items) operate(row, order, item.instance, results);
  return results->wait(k_answer_wait);
}

void BulkDriver::operate(const ports::BatchRow& row,
                         const BulkOrder& order,
                         const InstanceId& instance,
                         const Results& results) {
  results->expect();
  const Timestamp now = ports_.clock->now();
  OpsOrder ops;
  ops.instance = instance;
  ops.event = bulk_event(order, row.id, instance, now);
  ops.event.tenant = row.tenant;
  ports_.engine->operate(std::move(ops), [results, instance, now](Result<EventAnswer> answer) {
    results->take(bulk_result(instance, answer, now));
  });
}

// What is held goes on first: the failures in its queue decide which of its calls are dead. Then
// those go out.
BulkDriver::Items BulkDriver::retry(const ports::BatchRow& row,
                                    const BulkOrder& order,
                                    const Items& items) {
  const auto resumed = std::make_shared<Collected<ports::BatchItem>>();
  for (const ports::BatchItem& item : items) {
    if (parse_basis(item.basis).held) operate(row, order, item.instance, resumed);
  }
  std::map<InstanceId, ports::BatchItem> went_on;
  for (ports::BatchItem& one : resumed->wait(k_answer_wait)) went_on[one.instance] = std::move(one);

  Items results;
  const auto sent = std::make_shared<Collected<Sent>>();
  std::map<InstanceId, std::size_t> expected;
  for (const ports::BatchItem& item : items) {
    if (parse_basis(item.basis).held) {
      const auto resumption = went_on.find(item.instance);
      if (resumption == went_on.end()) continue;
      if (resumption->second.state != ports::BatchItemState::applied) {
        results.push_back(resumption->second);
        continue;
      }
    }
    if (const auto count = send_calls(order, item, sent)) expected[item.instance] = *count;
  }
  std::map<InstanceId, std::vector<Result<EventAnswer>>> answers;
  for (Sent& one : sent->wait(k_answer_wait))
    answers[one.instance].push_back(std::move(one.answer));
  for (const ports::BatchItem& item : items) {
    const auto count = expected.find(item.instance);
    if (count == expected.end() || answers[item.instance].size() < count->second) continue;
    auto result = retry_result(
        item.instance, parse_basis(item.basis), answers[item.instance], ports_.clock->now());
    if (result) results.push_back(*std::move(result));
  }
  return results;
}

Result<std::size_t> BulkDriver::send_calls(const BulkOrder& order,
                                           const ports::BatchItem& item,
                                           const std::shared_ptr<Collected<Sent>>& sent) {
  const BulkBasis basis = parse_basis(item.basis);
  if (basis.calls.empty()) return 0;
  const auto dead =
      ports_.queries->calls({ports::CallState::dead, item.instance, {}, {}}, k_bulk_calls);
  if (!dead) return Failure(dead.error());
  std::size_t count = 0;
  for (const ports::CallRow& call : *dead) {
    if (!basis.covers(call)) continue;
    ++count;
    sent->expect();
    ports_.engine->retry_call(call,
                              {call.id, order.actor, order.reason},
                              [sent, instance = item.instance](Result<EventAnswer> answer) {
                                sent->take(Sent{instance, std::move(answer)});
                              });
  }
  return count;
}

}  // namespace vozex::runtime
