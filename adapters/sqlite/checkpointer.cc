// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/checkpointer.h"

#include <sqlite3.h>

#include <utility>

namespace vozex::sqlite {
namespace {

constexpr int k_pages_to_checkpoint = 2000;  // 8 MB
constexpr int k_pages_to_restart = 50'000;   // 200 MB

}  // namespace

Result<std::unique_ptr<Checkpointer>> Checkpointer::start(const std::string& path) {
  auto connection = Connection::open(path, Access::read_write);
  if (!connection) return Failure(connection.error());
  return std::unique_ptr<Checkpointer>(new Checkpointer(std::move(*connection)));
}

Checkpointer::Checkpointer(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)), thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Checkpointer::log_grew(int pages) {
  if (pages < k_pages_to_checkpoint) return;
  {
    const std::lock_guard lock(mutex_);
    pages_ = pages;
  }
  wake_.notify_one();
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || pages_ > 0; });
    if (stopping_) return;
    const int pages = std::exchange(pages_, 0);
    lock.unlock();
    checkpoint(pages);
    lock.lock();
  }
}

// Failures are left alone: the log keeps everything, and the next commit wakes us again.
void Checkpointer::checkpoint(int pages) {
  sqlite3* database = connection_->handle();
  sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  if (pages >= k_pages_to_restart) {
    sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  }
}

}  // namespace vozex::sqlite
