// SPDX-License-Identifier: Apache-2.0
//
// CommitsUnderWay: which commits the lanes of this process wait for at the moment. A lane that has
// just published leaves the processors to those who answer its clients and to a commit of another
// lane: what comes back meanwhile shares its next batch, and what a commit costs before its first
// row is paid less often. Thread rule: any lane. Tests: tests/unit/runtime.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "engine/base/time.h"

namespace vozex::runtime {

class CommitsUnderWay {
 public:
  // A commit is under way as long as it lives.
  class One {
   public:
    explicit One(CommitsUnderWay& all);
    ~One();
    One(const One&) = delete;
    One& operator=(const One&) = delete;

   private:
    CommitsUnderWay& all_;
  };

  // Until one of those that are under way ends, `most` at the longest; at once when there is none.
  // True when one ended.
  bool wait_for_end(Duration most);
  // Lanes in wait_for_end().
  std::size_t waiting() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::size_t under_way_ = 0;
  std::size_t waiting_ = 0;
  std::uint64_t ends_ = 0;
};

}  // namespace vozex::runtime
