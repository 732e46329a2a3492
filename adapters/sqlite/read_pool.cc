// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite/read_pool.h"

namespace vozex::sqlite {
namespace {

constexpr std::size_t k_max_connections = 4;

}  // namespace

Result<std::unique_ptr<Connection>> ReadPool::take() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return in_use_ < k_max_connections; });
  ++in_use_;
  if (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  lock.unlock();
  auto opened = Connection::open(path_, Access::read_only);
  if (!opened) give_back(nullptr);
  return opened;
}

void ReadPool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    --in_use_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

}  // namespace vozex::sqlite
