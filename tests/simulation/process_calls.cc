// SPDX-License-Identifier: Apache-2.0
//
// What a process does between its lanes and the world outside: calls and timers.
#include <algorithm>

#include "engine/base/planted.h"
#include "engine/runtime/batch/routing.h"
#include "engine/runtime/items/messages.h"
#include "tests/simulation/process.h"

namespace vozex::simulation {
namespace {

using runtime::Item;

constexpr Duration k_ms{std::chrono::milliseconds{1}};
constexpr std::size_t k_calls_of_one = 1000;
constexpr std::size_t k_due_at_once = 1000;

}  // namespace

void Process::pump_calls() {
  for (const std::string& adapter : calls_->busy()) {
    while (lease_.may_send(boot_time())) {
      auto attempt = calls_->next(adapter, now());
      if (!attempt) break;
      if (VOZEX_PLANTED(key_per_attempt)) {
        attempt->request.idempotency_key += "#" + std::to_string(attempt->request.attempt);
      }
      if (world_.tracing) {
        note("sends " + attempt->request.operation + " of " + attempt->request.id.text() +
             ", attempt " + std::to_string(attempt->request.attempt));
      }
      world_.witness.sent(lease_.session(), attempt->request);
      world_.outside.call(attempt->request, [this, life = life_, attempt](ports::CallReply reply) {
        if (!*life) return;
        later(Duration{0}, [this, attempt, reply] {
          offer_all(calls_->finished(*attempt, reply, now()));
          pump_calls();
        });
      });
    }
  }
  const auto wake = calls_->wake_at();
  if (!wake || wake == calls_wake_) return;
  calls_wake_ = wake;
  later(std::max(*wake - now(), k_ms), [this] {
    calls_wake_.reset();
    offer_all(calls_->wake(now()));
    pump_calls();
  });
}

void Process::send_decided(const ports::CommitRequest& request) {
  for (const ports::Group& group : request.groups) {
    for (const ports::CallWrite& write : group.calls) {
      if (write.op != ports::CallOp::insert) continue;
      const auto spec = runtime::parse_request(write.row.request);
      ports::CallRequest call;
      call.id = write.row.id;
      call.operation = spec->operation;
      call.input = spec->input;
      call.idempotency_key = spec->idempotency_key;
      world_.witness.sent(lease_.session(), call);
      world_.outside.call(call, [](const ports::CallReply&) {});
    }
  }
}

void Process::withdraw(const std::vector<CallId>& calls) {
  for (const CallId& id : calls) {
    bool known = false;
    if (!VOZEX_PLANTED(withdrawn_call_sent)) offer_all(calls_->withdraw(id, known));
    world_.witness.withdrawn(lease_.session(), id);
    if (known) continue;
    const auto rows = world_.database.queries().calls(
        {ports::CallState::waiting, id.instance, {}, {}}, k_calls_of_one);
    for (const ports::CallRow& row : *rows) {
      if (row.id == id) offer(runtime::lease_item(row, lease_.session(), false));
    }
  }
}

void Process::doubt(std::vector<Item> items) {
  for (Item& item : items) {
    const CallId id = runtime::row_of_end(item).id;
    const auto rows =
        world_.database.queries().calls({std::nullopt, id.instance, {}, {}}, k_calls_of_one);
    const bool ours = std::any_of(rows->begin(), rows->end(), [&](const ports::CallRow& row) {
      return row.id == id && row.owner == runtime::owner_of_end(item) &&
             row.attempt == runtime::attempt_of_end(item);
    });
    if (ours) {
      offer(std::move(item));
    } else {
      note("drops the end of call " + id.text() + ": its lease was lost");
    }
  }
}

void Process::check_timers() {
  if (timers_.wants_refill(now()) && !maybe_unavailable()) {
    const Timestamp horizon = now() + runtime::k_timer_horizon;
    const std::size_t size = timers_.page_size();
    const auto page = world_.database.work().timers_before(horizon, timers_.shards(), size);
    timers_.refill(*page, horizon, page->size() < size, now());
  }
  for (const ports::DueTimer& due : timers_.take_due(now(), k_due_at_once)) {
    Item item;
    item.order = runtime::TimerOrder{due.instance, due.due};
    offer(std::move(item));
  }
  Duration wait = timers_.refill_at() - now();
  if (const auto next = timers_.next_due()) wait = std::min(wait, *next - now());
  wait = std::clamp(wait, k_ms, runtime::k_timer_refill);
  const std::uint64_t wake = ++timer_wake_;
  later(wait, [this, wake] {
    if (timer_wake_ == wake) check_timers();
  });
}

}  // namespace vozex::simulation
