// SPDX-License-Identifier: Apache-2.0
//
// Checkpointer: moves pages from the log into the database file on a thread of its own, so that no
// commit waits for it. Woken by the writer when the log has grown by enough; a log that readers
// have kept from being reused for long is cut by a RESTART checkpoint, which does hold up the
// writer for a moment. Thread rule: log_grew() from any thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/sqlite/connection.h"

namespace vozex::sqlite {

// 16 MB.
inline constexpr int k_pages_to_checkpoint = 4000;

// When enough of the log waits to be copied. A log that commits go on to write is not begun anew,
// however much of it is copied: what counts is what came since. Pure.
class LogWatch {
 public:
  // The log has so many pages now.
  bool is_due(int pages);
  // So many of them are in the database file.
  void copied(int pages) { copied_ = pages; }

 private:
  int copied_ = 0;
};

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
  // How many pages of the log are in the database file; 0 when that isn't known.
  int checkpoint(int pages);

  std::unique_ptr<Connection> connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
  int pages_ = 0;      // of the log, when a commit said so last
  bool grew_ = false;  // it said so since the last checkpoint began
  LogWatch watch_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vozex::sqlite
