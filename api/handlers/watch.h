// SPDX-License-Identifier: Apache-2.0
//
// Watch: one client who waits for what becomes of an instance, or of a tree of them. It follows
// first and looks then, so that nothing is missed: a commit of this process wakes it, and those of
// other processes are found by looking again, after 1, 3, 7... seconds, few at a time
// (k_max_looks). A look that could not be made is made again after the same pauses. When the time
// is up, or the server ends, it looks for the last time and answers with what there is. Thread
// rule: any thread; its looks run on the workers.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "api/handlers/changes.h"
#include "api/handlers/workers.h"

namespace vozex::handlers {

class Watch : public std::enable_shared_from_this<Watch> {
 public:
  // `changes` and `workers` must live until it has answered.
  Watch(Changes& changes,
        Workers& workers,
        Changes::Topic topic,
        std::chrono::milliseconds patience,
        http::Responder respond);
  virtual ~Watch() = default;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void begin();

 protected:
  // None: go on waiting. An error: it could not be looked.
  using Seen = Result<std::optional<http::Response>>;

  // May block.
  virtual Seen look() = 0;
  // The time is up: the answer, whatever there is. May block.
  virtual http::Response last_look() = 0;
  // The time is up, and the workers have too much to do for a look. Must not block.
  virtual http::Response unseen() = 0;
  // Something has changed: look_soon() if that may be what is waited for. Must not block.
  virtual void heard(const runtime::Engine::Change& change) = 0;

  // Looks on a worker, and answers with what is seen. When the workers have too much to do, the
  // next pause looks.
  void look_soon(std::function<Seen()> look);

 private:
  using Clock = std::chrono::steady_clock;

  bool follow();
  void on_pause();
  void look_now(const std::function<Seen()>& look);
  void end_with(http::Response response);

  Changes& changes_;
  Workers& workers_;
  const Changes::Topic topic_;
  const Clock::time_point until_;
  const http::Responder respond_;
  std::atomic<bool> missed_{false};  // a look since the last pause could not be made
  std::mutex mutex_;                 // guards what follows
  bool answered_ = false;
  std::size_t round_ = 0;
  std::chrono::milliseconds pause_;
  std::shared_ptr<Changes::Follower> follower_;
};

}  // namespace vozex::handlers
