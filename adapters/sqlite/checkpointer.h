// SPDX-License-Identifier: Apache-2.0
//
// Checkpointer: moves pages from the log into the database file on a thread of its own, so that no
// commit waits for it. Woken by the writer when the log has grown; a log that readers have kept
// from being reused for long is cut by a RESTART checkpoint, which does hold up the writer for a
// moment. Thread rule: log_grew() from any thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/sqlite/connection.h"

namespace vozex::sqlite {

class Checkpointer {
 public:
  static Result<std::unique_ptr<Checkpointer>> start(const std::string& path);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  void log_grew(int pages);

 private:
  explicit Checkpointer(std::unique_ptr<Connection> connection);
  void run();
  void checkpoint(int pages);

  std::unique_ptr<Connection> connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
  int pages_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vozex::sqlite
