// SPDX-License-Identifier: Apache-2.0
//
// Archiver: moves what has ended from a store to an archive, and forgets old marks and batches. One
// turn reads portions until nothing is left, each written durably before it is removed; a turn that
// fails or is killed leaves a portion that is in both places, and the next one repeats it. Only one
// process has its turn at a time. Thread rule: one thread.
#pragma once

#include <functional>
#include <optional>

#include "adapters/archive/archive.h"

namespace vozex::archive {

struct Plan {
  std::optional<Duration> ended;                   // kept so long after their end; none: for ever
  std::optional<Duration> marks;                   // kept so long; none: for ever
  std::optional<Duration> batches = std::nullopt;  // of ops, after their end; none: for ever
};

// Marks must outlive whoever may ask for them: a schedule starts what was missed up to 31 days ago
// (k_schedule_catch_up), and would start it again; an early event waits for at most a week.
inline constexpr Duration k_min_marks{std::chrono::hours{24 * 32}};
inline constexpr std::size_t k_portion = 500;           // instances
inline constexpr std::size_t k_marks_portion = 10'000;  // and items of batches

struct Turn {
  bool taken = true;  // false: another process was at it
  std::size_t instances = 0;
  std::size_t files = 0;
  std::size_t marks = 0;    // or months of them
  std::size_t batches = 0;  // and their items
  std::size_t months = 0;
};

class Archiver {
 public:
  Archiver(ports::RetentionStore& store, Archive archive, Plan plan)
      : store_(store), archive_(std::move(archive)), plan_(plan) {}

  // `go_on` is asked between portions.
  Result<Turn> run_once(Timestamp now, const std::function<bool()>& go_on = [] { return true; });

 private:
  Result<void> move_ended(Timestamp before, const std::function<bool()>& go_on, Turn& turn);
  using Forget = std::function<Result<std::size_t>()>;
  static Result<void> forget(const Forget& portion,
                             const std::function<bool()>& go_on,
                             std::size_t& count);

  ports::RetentionStore& store_;
  Archive archive_;
  Plan plan_;
};

}  // namespace vozex::archive
