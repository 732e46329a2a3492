// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/pool.h"

#include <utility>

namespace vozex::postgres {

Pool::Pool(std::string url, Profile profile, std::size_t size)
    : url_(std::move(url)), profile_(profile), size_(size) {}

Pool::~Pool() = default;

Result<std::unique_ptr<Connection>> Pool::take() {
  std::unique_lock lock(mutex_);
  // Each use is bounded by the statement time-out, so this wait is too.
  freed_.wait(lock, [&] { return in_use_ < size_; });
  ++in_use_;
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->is_usable()) return connection;
  }
  lock.unlock();
  auto opened = Connection::open(url_, profile_);
  if (!opened) give_back(nullptr);
  return opened;
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  {
    const std::lock_guard lock(mutex_);
    --in_use_;
    if (connection != nullptr && connection->is_usable()) idle_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

}  // namespace vozex::postgres
