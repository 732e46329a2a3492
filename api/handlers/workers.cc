// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/workers.h"

#include <memory>

#include "api/http/problem.h"

namespace vozex::handlers {

Workers::Workers(std::size_t threads, std::size_t max_queued) : max_queued_(max_queued) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Workers::~Workers() { stop(); }

bool Workers::run(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= max_queued_) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    jobs_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Workers::work() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

void run_or_refuse(Workers& workers, const http::Responder& respond, std::function<void()> job) {
  if (workers.run(std::move(job))) return;
  respond(overloaded());
}

http::Response overloaded() {
  return http::problem(Error{
      ErrorClass::unavailable, "overloaded", "Too much is under way. Try again in a moment.", {}});
}

http::Handler blocking(Workers& workers,
                       std::function<http::Response(const http::Request&)> handle) {
  return [&workers, handle = std::move(handle)](http::Request request,
                                                const http::Responder& respond) {
    auto held = std::make_shared<http::Request>(std::move(request));
    run_or_refuse(workers, respond, [handle, held, respond] {
      try {
        respond(handle(*held));
      } catch (const std::exception&) {
        respond(http::problem(500,
                              "internal",
                              "This is our fault",
                              "The request could not be handled. Please report it."));
      }
    });
  };
}

}  // namespace vozex::handlers
