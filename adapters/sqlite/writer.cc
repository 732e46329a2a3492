// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/writer.h"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "adapters/sqlite/commit.h"

namespace vozex::sqlite {
namespace {

// As many requests share one transaction; more lanes than this make no sense.
constexpr std::size_t k_max_merged = 64;

int tell_log_size(void* log_grew, sqlite3*, const char*, int pages) {
  (*static_cast<std::function<void(int)>*>(log_grew))(pages);
  return SQLITE_OK;
}

}  // namespace

Writer::Writer(std::unique_ptr<Connection> connection, std::function<void(int)> log_grew)
    : connection_(std::move(connection)), log_grew_(std::move(log_grew)) {
  sqlite3_wal_hook(connection_->handle(), tell_log_size, &log_grew_);
}

Result<ports::CommitReply> Writer::commit(const ports::CommitRequest& request) {
  Pending mine{&request, {}, false};
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  while (!mine.done) {
    if (busy_) {
      changed_.wait(lock);
    } else {
      lead(lock);
    }
  }
  return std::move(mine.reply);
}

void Writer::lead(std::unique_lock<std::mutex>& lock) {
  busy_ = true;
  const auto end =
      queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), k_max_merged));
  const Batch batch(queue_.begin(), end);
  queue_.erase(queue_.begin(), end);
  lock.unlock();
  run(batch);
  lock.lock();
  ++stats_.transactions;
  stats_.requests += batch.size();
  for (Pending* pending : batch) pending->done = true;
  end_turn(lock);
}

void Writer::run(const Batch& batch) {
  const auto committed = commit_all(batch);
  if (committed) return;
  for (Pending* pending : batch) {
    auto alone = batch.size() == 1 ? committed : commit_all({pending});
    if (!alone) pending->reply = Failure(alone.error());
  }
}

Result<void> Writer::commit_all(const Batch& batch) {
  return connection_->transaction([&]() -> Result<void> {
    for (Pending* pending : batch) {
      pending->reply = commit_into(*connection_, *pending->request);
      if (!pending->reply) return Failure(pending->reply.error());
    }
    return {};
  });
}

void Writer::wait_for_turn(std::unique_lock<std::mutex>& lock) {
  changed_.wait(lock, [&] { return !busy_; });
  busy_ = true;
}

void Writer::end_turn(std::unique_lock<std::mutex>&) {
  busy_ = false;
  changed_.notify_all();
}

Writer::Stats Writer::stats() const {
  const std::lock_guard lock(mutex_);
  Stats stats = stats_;
  stats.waiting = queue_.size();
  return stats;
}

}  // namespace vozex::sqlite
