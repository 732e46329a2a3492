// SPDX-License-Identifier: Apache-2.0
//
// Server: HTTP/1.1 on Boost.Asio and Beast. Many connections on few threads, keep-alive, a limit on
// everything (connections, header bytes, body bytes by route, time for a header, a body, an answer,
// a slow reader), graceful shutdown. Handlers run on the server's threads and must not block; they
// answer through the Responder, from any thread. Beast is seen by server.cc and connection*.cc/.h
// only. TLS belongs to the proxy in front. Tests: tests/unit/server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/router.h"
#include "engine/base/result.h"

namespace vozex::http {

struct ServerLimits {
  std::size_t connections = 10'000;
  std::uint32_t header_bytes = 16u << 10;
  std::chrono::milliseconds header_time{
      10'000};  // also how long an idle connection is kept between requests: idle_time
  std::chrono::milliseconds idle_time{60'000};
  std::chrono::milliseconds body_time{30'000};
  std::chrono::milliseconds answer_time{60'000};
  std::chrono::milliseconds write_time{30'000};  // without progress
  std::chrono::milliseconds linger_time{2'000};  // for a peer that still sends what was refused
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  std::size_t threads = 2;
  ServerLimits limits;
};

// Who a presented API key belongs to; nullopt refuses.
using Authenticate = std::function<std::optional<std::string>(std::string_view key)>;
// Called after each answer, for metrics and logs: route pattern ("" when none matched), status,
// time taken.
using Observe = std::function<void(std::string_view method,
                                   std::string_view pattern,
                                   unsigned status,
                                   std::chrono::microseconds took)>;

class Server {
 public:
  Server(ServerOptions options, Router router, Authenticate authenticate, Observe observe);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and starts the threads. Error `address_in_use` and the like, class unavailable.
  Result<void> run();
  // The port it listens on; valid after run().
  std::uint16_t port() const;
  // Takes no more connections and requests, lets those under way finish for at most `grace`, then
  // closes.
  void stop(std::chrono::milliseconds grace);
  std::size_t open_connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vozex::http
