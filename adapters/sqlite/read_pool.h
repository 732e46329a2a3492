// SPDX-License-Identifier: Apache-2.0
//
// ReadPool: the read connections that queries share, opened when first needed. Thread rule: any
// thread.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "adapters/sqlite/connection.h"

namespace vozex::sqlite {

class ReadPool {
 public:
  explicit ReadPool(std::string path) : path_(std::move(path)) {}

  // Runs `work(Connection&)` (a Result) on one of them; waits when all are in use.
  template <class Work>
  auto read(Work&& work) -> decltype(work(std::declval<Connection&>())) {
    auto connection = take();
    if (!connection) return Failure(connection.error());
    auto result = work(**connection);
    give_back(std::move(*connection));
    return result;
  }

 private:
  Result<std::unique_ptr<Connection>> take();
  void give_back(std::unique_ptr<Connection> connection);

  const std::string path_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t in_use_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace vozex::sqlite
