// SPDX-License-Identifier: Apache-2.0
//
// What a process does for ops: the batches that it runs.
#include "tests/simulation/process_batches.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/process.h"

namespace vozex::simulation {
namespace {

constexpr Duration k_ms{std::chrono::milliseconds{1}};
// Few, so that listings have several rounds.
constexpr std::size_t k_page = 5;

Failure away() { return fail(ErrorClass::unavailable, "store_unavailable", "simulated"); }

}  // namespace

template <class Ask>
auto ProcessBatches::asked(Ask&& ask) -> decltype(ask()) {
  if (world_.dice.chance(world_.faults.unavailable)) return away();
  auto answer = ask();
  if (world_.dice.chance(world_.faults.commit_lost_after)) return away();
  return answer;
}

Result<ports::BatchRow> ProcessBatches::create(const ports::BatchRow& row) {
  return asked([&] { return world_.batches.store().create(row); });
}

Result<std::optional<ports::BatchRow>> ProcessBatches::batch(const ports::BatchId& id) {
  return asked([&] { return world_.batches.store().batch(id); });
}

Result<std::vector<ports::BatchRow>> ProcessBatches::batches(const ports::BatchId& after,
                                                             std::size_t limit) {
  return asked([&] { return world_.batches.store().batches(after, limit); });
}

Result<std::vector<ports::BatchItem>> ProcessBatches::items(
    const ports::BatchId& id,
    std::optional<ports::BatchItemState> state,
    const InstanceId& after,
    std::size_t limit) {
  return asked([&] { return world_.batches.store().items(id, state, after, limit); });
}

Result<ports::BatchRow> ProcessBatches::change(const ports::BatchId& id,
                                               ports::BatchState to,
                                               Timestamp now) {
  return asked([&] { return world_.batches.store().change(id, to, now); });
}

Result<std::vector<ports::BatchRow>> ProcessBatches::claim(const SessionId& owner,
                                                           Duration lease,
                                                           std::size_t limit) {
  return asked([&] { return world_.batches.store().claim(owner, lease, limit); });
}

Result<std::optional<ports::BatchRow>> ProcessBatches::save(const ports::BatchRound& round) {
  return asked([&] { return world_.batches.save(round); });
}

Result<void> ProcessBatches::release(const SessionId& owner) {
  return asked([&] { return world_.batches.store().release(owner); });
}

// ---- the process ----

void Process::boot_batches() {
  const SessionId owner{world_.dice.new_instance_id(world_.agenda.now()).bytes};
  batches_ = std::make_unique<ProcessBatches>(world_);
  bulk_ = std::make_unique<runtime::BulkCore>(
      runtime::BulkCore::Ports{
          batches_.get(), &world_.database.queries(), this, [this] { return now(); }},
      owner,
      k_lease,
      k_page);
  bulk_looks_ = true;
  run_batches();
}

// As the driver's thread does it, one turn after the other. It may die in the middle, between what
// it has asked for and what it has recorded.
void Process::run_batches() {
  const auto next = bulk_->work(std::exchange(bulk_looks_, false));
  for (const std::string& text : bulk_->take_notes()) note(text);
  if (maybe_crash()) return;
  bulk_looks_ = !next;
  const Duration wait = next ? std::clamp(*next - now(), k_ms, k_lease) : k_lease / 3;
  const std::uint64_t wake = ++bulk_wake_;
  later(wait, [this, wake] {
    if (bulk_wake_ == wake) run_batches();
  });
}

runtime::Done<runtime::EventAnswer> Process::answer_to(std::uint64_t ticket) {
  return [this, ticket, life = life_](const Result<runtime::EventAnswer>& answer) {
    if (!*life) return;
    later(Duration{0}, [this, ticket, answer] {
      bulk_->answered(ticket, answer);
      run_batches();
    });
  };
}

void Process::operate(std::uint64_t ticket, runtime::OpsOrder order) {
  world_.sent.try_emplace({order.event.source, order.event.id}, order.event);
  runtime::Item item;
  item.mark = mark_of(order.event.tenant, order.event.source, order.event.id);
  item.order = runtime::DeliverOrder{order.instance, std::nullopt, std::move(order.event), true};
  item.done = answer_to(ticket);
  offer(std::move(item));
}

void Process::retry_call(std::uint64_t ticket,
                         const ports::CallRow& call,
                         runtime::Engine::RetryCall order) {
  runtime::Item item;
  item.order = runtime::RetryOrder{call, std::move(order.actor), std::move(order.reason)};
  item.done = answer_to(ticket);
  offer(std::move(item));
}

}  // namespace vozex::simulation
