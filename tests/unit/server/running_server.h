// SPDX-License-Identifier: Apache-2.0
//
// RunningServer: a real server on a free port of loopback with the routes that the tests need, and
// small limits.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/http/server.h"
#include "tests/unit/server/wire_client.h"

namespace vozex::http::test {

inline ServerLimits small_limits() {
  ServerLimits limits;
  limits.header_bytes = 4096;
  limits.header_time = std::chrono::milliseconds(200);
  limits.body_time = std::chrono::milliseconds(200);
  limits.answer_time = std::chrono::milliseconds(300);
  return limits;
}

struct Seen {
  std::string method;
  std::string pattern;
  unsigned status = 0;
};

class RunningServer {
 public:
  explicit RunningServer(ServerLimits limits = {});
  ~RunningServer() { stop(); }

  std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }
  void stop() { server_->stop(std::chrono::milliseconds(5000)); }

  // What GET /later waits for; the tests answer it when they like, from their own thread.
  Responder take_later();
  std::vector<Seen> seen();
  std::string file_path() const { return file_; }

 private:
  void add_routes(Router& router);

  std::string file_;
  std::mutex mutex_;
  std::vector<Responder> later_;
  std::vector<Seen> seen_;
  std::unique_ptr<Server> server_;
};

// One request on its own connection.
inline std::optional<WireAnswer> ask(std::uint16_t port,
                                     std::string_view text,
                                     bool without_body = false) {
  WireClient client(port);
  client.send(text);
  return client.read_answer(without_body);
}

}  // namespace vozex::http::test
