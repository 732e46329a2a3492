// SPDX-License-Identifier: Apache-2.0
#include "engine/runtime/ops/bulk_driver.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include <spdlog/spdlog.h>

namespace vozex::runtime {
namespace {

constexpr int k_claims_in_a_lease = 5;

}  // namespace

struct BulkDriver::Inbox {
  using Answer = std::pair<std::uint64_t, Result<EventAnswer>>;

  std::mutex mutex;  // guards what follows
  std::condition_variable wake;
  std::vector<Answer> answers;
  bool woken = false;
  bool stopping = false;
};

BulkDriver::BulkDriver(Ports ports, Duration lease)
    : ports_(ports),
      lease_(lease),
      owner_{ports.random->new_instance_id(ports.clock->now()).bytes},
      inbox_(std::make_shared<Inbox>()),
      core_({ports.batches, ports.queries, this, [clock = ports.clock] { return clock->now(); }},
            owner_,
            lease) {}

void BulkDriver::start() {
  thread_ = std::thread([this] { run(); });
}

void BulkDriver::stop() {
  {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->stopping = true;
  }
  inbox_->wake.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  if (auto released = ports_.batches->release(owner_); !released) {
    spdlog::warn("batches wait for their lease to run out: {}", released.error().message);
  }
}

void BulkDriver::wake() {
  {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->woken = true;
  }
  inbox_->wake.notify_all();
}

std::function<void(const ports::News&)> BulkDriver::listener() const {
  return [may_run = may_run_](const ports::News& news) { *may_run = news.batches; };
}

Done<EventAnswer> BulkDriver::answer_to(std::uint64_t ticket) const {
  return [inbox = inbox_, ticket](Result<EventAnswer> answer) {
    {
      const std::lock_guard lock(inbox->mutex);
      inbox->answers.emplace_back(ticket, std::move(answer));
    }
    inbox->wake.notify_all();
  };
}

void BulkDriver::operate(std::uint64_t ticket, OpsOrder order) {
  ports_.engine->operate(std::move(order), answer_to(ticket));
}

void BulkDriver::retry_call(std::uint64_t ticket,
                            const ports::CallRow& call,
                            Engine::RetryCall order) {
  ports_.engine->retry_call(call, std::move(order), answer_to(ticket));
}

void BulkDriver::run() {
  bool look = true;
  for (;;) {
    const auto next = core_.work(look);
    for (const std::string& text : core_.take_notes()) spdlog::warn("{}", text);
    const Duration rest =
        next ? std::min(*next - ports_.clock->now(), lease_ / k_claims_in_a_lease) : lease_;
    std::vector<Inbox::Answer> answers;
    {
      std::unique_lock lock(inbox_->mutex);
      const auto called = [&] {
        return inbox_->stopping || inbox_->woken || !inbox_->answers.empty();
      };
      if (rest > Duration{0}) {
        // Nothing to run, and the heartbeats say that nobody has: nothing is asked.
        while (!inbox_->wake.wait_for(lock, rest, called) && !next && !*may_run_) {
        }
      }
      if (inbox_->stopping) return;
      look = std::exchange(inbox_->woken, false) || !next;
      answers.swap(inbox_->answers);
    }
    for (auto& [ticket, answer] : answers) core_.answered(ticket, std::move(answer));
  }
}

}  // namespace vozex::runtime
