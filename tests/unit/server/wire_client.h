// SPDX-License-Identifier: Apache-2.0
//
// WireClient: one TCP connection to a server on loopback, byte by byte, for tests of what happens
// on the wire. Every read has a deadline, so that a test fails instead of hanging. Thread rule: one
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace vozex::http::test {

struct WireAnswer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class WireClient {
 public:
  explicit WireClient(std::uint16_t port);
  ~WireClient();
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;

  // False when the peer has closed.
  bool send(std::string_view bytes);
  // One whole answer; `without_body` for HEAD. Nothing when the peer closes or nothing comes in
  // time.
  std::optional<WireAnswer> read_answer(bool without_body = false);
  // Whether nothing has come until now that was not read.
  bool is_silent() const;
  // Whether the peer has closed and nothing more comes.
  bool is_closed();
  void close();

 private:
  bool fill();

  int socket_ = -1;
  std::string received_;
  std::chrono::milliseconds patience_{10'000};
};

// "GET /x HTTP/1.1" with a host and the headers given ("name: value\r\n" each).
std::string request_text(std::string_view method,
                         std::string_view target,
                         std::string_view body = "",
                         std::string_view headers = "");

}  // namespace vozex::http::test
