// SPDX-License-Identifier: Apache-2.0
//
// Writer: the one connection that writes, shared by all lanes. Group commit: whoever finds the
// writer free leads and commits every request that waits by then, its own included, in one
// transaction with one fsync; the others wait for their replies. At rest a batch is one request.
// Requests stay independent: when the merged transaction fails, each is tried alone. Thread rule:
// any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/sqlite/connection.h"
#include "engine/ports/lane_store.h"

namespace vozex::sqlite {

class Writer {
 public:
  // `log_grew` is called with the number of pages in the log after each commit.
  Writer(std::unique_ptr<Connection> connection, std::function<void(int)> log_grew);

  Result<ports::CommitReply> commit(const ports::CommitRequest& request);

  // Another write: `work(Connection&)` (a Result) inside a transaction of its own.
  template <class Work>
  auto write(Work&& work) -> decltype(work(std::declval<Connection&>()));

  struct Stats {
    std::uint64_t transactions = 0;
    std::uint64_t requests = 0;
    std::uint64_t waiting = 0;  // now
  };
  Stats stats() const;

 private:
  struct Pending {
    const ports::CommitRequest* request;
    Result<ports::CommitReply> reply;
    bool done = false;
  };
  using Batch = std::vector<Pending*>;

  void lead(std::unique_lock<std::mutex>& lock);
  void run(const Batch& batch);
  Result<void> commit_all(const Batch& batch);
  void wait_for_turn(std::unique_lock<std::mutex>& lock);
  void end_turn(std::unique_lock<std::mutex>& lock);

  std::unique_ptr<Connection> connection_;
  std::function<void(int)> log_grew_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool busy_ = false;  // somebody uses the connection; the lock isn't held meanwhile
  std::vector<Pending*> queue_;
  Stats stats_;
};

template <class Work>
auto Writer::write(Work&& work) -> decltype(work(std::declval<Connection&>())) {
  std::unique_lock lock(mutex_);
  wait_for_turn(lock);
  lock.unlock();
  auto result = connection_->transaction([&] { return work(*connection_); });
  lock.lock();
  end_turn(lock);
  return result;
}

}  // namespace vozex::sqlite
