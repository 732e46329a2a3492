// SPDX-License-Identifier: Apache-2.0
//
// Pool: the few connections that everything but the lanes shares: queries, sessions, definitions,
// sweepers. Opened when first needed, at most `size`; who finds none free waits, at most
// `patience`, then is told `store_busy` (class unavailable). A connection that failed is dropped,
// not mended. Thread rule: any thread; `work` runs on the caller's.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/postgres/connection.h"
#include "engine/base/result.h"

namespace vozex::postgres {

// Longer than a reader wants to wait, shorter than a statement may take.
inline constexpr std::chrono::milliseconds k_pool_patience{5000};

class Pool {
 public:
  Pool(std::string url,
       Profile profile,
       std::size_t size,
       std::chrono::milliseconds patience = k_pool_patience);
  ~Pool();

  // Runs `work(Connection&)` (a Result) that may be repeated: reads, and writes that come to the
  // same when done twice. Once more on a new connection when the first was lost; then class
  // unavailable.
  template <class Work>
  auto repeatable(Work&& work) -> decltype(work(std::declval<Connection&>()));
  // Runs it once. A lost connection stays outcome_unknown; `lost` says which server process had the
  // work.
  template <class Work>
  auto once(Work&& work, Backend* lost = nullptr) -> decltype(work(std::declval<Connection&>()));

 private:
  Result<std::unique_ptr<Connection>> take();
  void give_back(std::unique_ptr<Connection> connection);
  void drop_idle();
  static bool is_lost(const Error& error);

  const std::string url_;
  const Profile profile_;
  const std::size_t size_;
  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t in_use_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
};

template <class Work>
auto Pool::once(Work&& work, Backend* lost) -> decltype(work(std::declval<Connection&>())) {
  auto connection = take();
  if (!connection) return Failure(connection.error());
  if (lost != nullptr) *lost = (*connection)->backend();
  auto result = work(**connection);
  // A silent server may still answer the old question, a standby never takes writes: such a
  // connection is not used again, nor are those that idled while it was lost.
  if (!result && is_lost(result.error())) {
    connection->reset();
    drop_idle();
  }
  give_back(std::move(*connection));
  return result;
}

template <class Work>
auto Pool::repeatable(Work&& work) -> decltype(work(std::declval<Connection&>())) {
  auto result = once(work);
  if (!result && is_lost(result.error())) result = once(work);
  if (!result && result.error().kind == ErrorClass::outcome_unknown) {
    result.error().kind = ErrorClass::unavailable;
  }
  return result;
}

}  // namespace vozex::postgres
