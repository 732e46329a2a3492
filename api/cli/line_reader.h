// SPDX-License-Identifier: Apache-2.0
//
// Lines of standard input with a bound on each: a line that is too long is read to its end and
// dropped, so that the next one is whole. Thread rule: one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace vozex::cli {

class LineReader {
 public:
  enum class Found { line, too_long, end };

  // `before_waiting` runs before each read that may wait: the place to flush answers.
  LineReader(std::size_t max_bytes, std::function<void()> before_waiting)
      : max_bytes_(max_bytes), before_waiting_(std::move(before_waiting)) {}

  // The next line without its end. A last line may lack one.
  Found next(std::string& line);

 private:
  bool fill();

  std::size_t max_bytes_;
  std::function<void()> before_waiting_;
  std::string buffer_;
  std::size_t at_ = 0;
};

}  // namespace vozex::cli
