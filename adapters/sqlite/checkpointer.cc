// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/checkpointer.h"

#include <sqlite3.h>

#include <utility>

namespace vozex::sqlite {
namespace {

constexpr int k_pages_to_restart = 50'000;  // 200 MB

}  // namespace

bool LogWatch::is_due(int pages) {
  if (pages < copied_) copied_ = 0;  // it was begun anew
  return pages - copied_ >= k_pages_to_checkpoint;
}

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
  {
    const std::lock_guard lock(mutex_);
    pages_ = pages;
    grew_ = true;
    if (!watch_.is_due(pages)) return;
  }
  wake_.notify_one();
}

void Checkpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || (grew_ && watch_.is_due(pages_)); });
    if (stopping_) return;
    const int pages = pages_;
    grew_ = false;
    lock.unlock();
    const int copied = checkpoint(pages);
    lock.lock();
    watch_.copied(copied);
  }
}

// Failures are left alone: the log keeps everything, and the next commit wakes us again.
int Checkpointer::checkpoint(int pages) {
  sqlite3* database = connection_->handle();
  int copied = 0;
  const int result =
      sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &copied);
  if (pages >= k_pages_to_restart) {
    sqlite3_wal_checkpoint_v2(database, nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  }
  return result == SQLITE_OK ? copied : 0;
}

}  // namespace vozex::sqlite
