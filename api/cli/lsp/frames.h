// SPDX-License-Identifier: Apache-2.0
//
// The framing of the Language Server Protocol: `Content-Length: n`, an empty line, n bytes of JSON.
// Fed with whatever arrives, in pieces of any size. Pure. Tests: tests/unit/cli/lsp_test.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace vozex::cli::lsp {

inline constexpr std::size_t k_max_header_bytes = 4096;
inline constexpr std::size_t k_max_message_bytes = 16u << 20;

class FrameReader {
 public:
  void feed(std::string_view bytes);
  struct Message {
    std::string body;
    bool too_long = false;  // was longer than the bound: thrown away
  };
  // The next whole message, if it is there.
  std::optional<Message> next();
  // What came is no frame: nothing after it can be understood.
  bool broken() const { return broken_; }

 private:
  bool read_header();

  std::string buffer_;
  std::optional<std::size_t> length_;  // of the message whose body is awaited
  std::size_t to_skip_ = 0;            // of a message that is too long
  bool broken_ = false;
};

std::string frame(std::string_view body);

}  // namespace vozex::cli::lsp
