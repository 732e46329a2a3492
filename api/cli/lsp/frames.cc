// SPDX-License-Identifier: Apache-2.0
#include "api/cli/lsp/frames.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace vozex::cli::lsp {
namespace {

constexpr std::string_view k_end = "\r\n\r\n";
constexpr std::string_view k_length = "content-length:";

std::optional<std::size_t> length_in(std::string_view header) {
  std::string lower(header);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  std::size_t at = lower.find(k_length);
  if (at == std::string::npos || (at > 0 && lower[at - 1] != '\n')) return std::nullopt;
  at += k_length.size();
  while (at < lower.size() && lower[at] == ' ') ++at;
  std::size_t length = 0;
  const char* begin = lower.data() + at;
  const auto [end, error] = std::from_chars(begin, lower.data() + lower.size(), length);
  if (error != std::errc() || end == begin) return std::nullopt;
  return length;
}

}  // namespace

void FrameReader::feed(std::string_view bytes) {
  const std::size_t skipped = std::min(to_skip_, bytes.size());
  to_skip_ -= skipped;
  if (!broken_) buffer_ += bytes.substr(skipped);
}

bool FrameReader::read_header() {
  const std::size_t end = buffer_.find(k_end);
  if (end == std::string::npos) {
    broken_ = broken_ || buffer_.size() > k_max_header_bytes;
    return false;
  }
  length_ = end > k_max_header_bytes ? std::nullopt : length_in(buffer_.substr(0, end));
  broken_ = !length_;
  buffer_.erase(0, end + k_end.size());
  return !broken_;
}

std::optional<FrameReader::Message> FrameReader::next() {
  if (broken_ || (!length_ && !read_header())) return std::nullopt;
  if (*length_ > k_max_message_bytes) {
    const std::size_t here = std::min(*length_, buffer_.size());
    buffer_.erase(0, here);
    to_skip_ = *length_ - here;
    length_.reset();
    return Message{"", true};
  }
  if (buffer_.size() < *length_) return std::nullopt;
  Message message{buffer_.substr(0, *length_), false};
  buffer_.erase(0, *length_);
  length_.reset();
  return message;
}

std::string frame(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace vozex::cli::lsp
