// SPDX-License-Identifier: Apache-2.0
#include "adapters/postgres/pool.h"

#include <utility>

#include "adapters/postgres/failure.h"

namespace vozex::postgres {

Pool::Pool(std::string url, Profile profile, std::size_t size, std::chrono::milliseconds patience)
    : url_(std::move(url)), profile_(profile), size_(size), patience_(patience) {}

Pool::~Pool() = default;

Result<std::unique_ptr<Connection>> Pool::take() {
  std::unique_lock lock(mutex_);
  if (!freed_.wait_for(lock, patience_, [&] { return in_use_ < size_; })) return pool_busy(size_);
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

void Pool::drop_idle() {
  std::vector<std::unique_ptr<Connection>> dropped;
  const std::lock_guard lock(mutex_);
  dropped.swap(idle_);
}

bool Pool::is_lost(const Error& error) {
  return error.kind == ErrorClass::outcome_unknown || is_standby(error);
}

}  // namespace vozex::postgres
