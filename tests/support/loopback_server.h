// SPDX-License-Identifier: Apache-2.0
//
// LoopbackServer: a real HTTP/1.1 server on 127.0.0.1 for tests of outgoing calls. A handler sees
// each request and says what happens on the wire: an answer, an answer and a closed connection, a
// connection cut before any answer, or silence until the client gives up. Thread rule: the handler
// runs on the server's threads, one per connection; the counters may be read at any time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace vozex::test {

struct WireRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
  int connection = 0;  // counts from 1
};

struct WireReply {
  enum class After { keep_alive, close, cut_before, silence };
  std::string raw;  // everything that goes on the wire
  After after = After::keep_alive;

  static WireReply answer(int status,
                          const std::string& body,
                          const std::vector<std::string>& headers = {});
  static WireReply cut() { return {"", After::cut_before}; }
  static WireReply silence() { return {"", After::silence}; }
};

class LoopbackServer {
 public:
  using Handler = std::function<WireReply(const WireRequest&)>;
  explicit LoopbackServer(Handler handler);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::uint16_t port() const;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  int requests() const;
  int connections() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// A port of 127.0.0.1 on which nobody listens.
std::uint16_t closed_port();

}  // namespace vozex::test
