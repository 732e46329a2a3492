// SPDX-License-Identifier: Apache-2.0
//
// Workers: a few threads for what blocks (queries, gateways' look-ups, compiling), so that the
// server's threads never do. The queue is bounded; what doesn't fit is refused, and the client
// hears 429. Thread rule: any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "api/http/message.h"

namespace vozex::handlers {

class Workers {
 public:
  Workers(std::size_t threads, std::size_t max_queued);
  ~Workers();  // what is queued is dropped, what runs is finished
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False when the queue is full or the end has come.
  bool run(std::function<void()> job);
  void stop();

 private:
  void work();

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::size_t max_queued_;
  std::vector<std::thread> threads_;
};

// A handler that runs on a worker and answers with what `handle` returns.
http::Handler blocking(Workers& workers,
                       std::function<http::Response(const http::Request&)> handle);

// What a client hears whose request finds no room.
http::Response overloaded();

// Runs `job` on a worker, or answers overloaded().
void run_or_refuse(Workers& workers, const http::Responder& respond, std::function<void()> job);

}  // namespace vozex::handlers
