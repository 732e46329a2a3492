// SPDX-License-Identifier: Apache-2.0
#include "api/cli/line_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace vozex::cli {

bool LineReader::fill() {
  constexpr std::size_t k_chunk = 64u << 10;
  before_waiting_();
  buffer_.resize(k_chunk);
  ssize_t got = 0;
  do {
    got = ::read(STDIN_FILENO, buffer_.data(), buffer_.size());
  } while (got < 0 && errno == EINTR);
  buffer_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  at_ = 0;
  return got > 0;
}

LineReader::Found LineReader::next(std::string& line) {
  line.clear();
  bool too_long = false;
  bool any = false;
  while (at_ < buffer_.size() || fill()) {
    any = true;
    const std::size_t end = std::min(buffer_.find('\n', at_), buffer_.size());
    const bool complete = end < buffer_.size();
    too_long = too_long || line.size() + (end - at_) > max_bytes_;
    if (!too_long) line.append(buffer_, at_, end - at_);
    at_ = complete ? end + 1 : end;
    if (complete) break;
  }
  if (!any) return Found::end;
  if (line.ends_with('\r')) line.pop_back();
  return too_long ? Found::too_long : Found::line;
}

}  // namespace vozex::cli
