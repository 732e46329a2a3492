// SPDX-License-Identifier: Apache-2.0
//
// Sender: posts what Deliveries owes, each until a 2xx comes, over a few kept connections. Thread
// rule: the sandbox's one thread; `core` must outlive the io_context's run.
#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <memory>
#include <string>
#include <vector>

#include "api/sandbox/core.h"

namespace vozex::sandbox {

class Sender {
 public:
  Sender(boost::asio::io_context& context, Core& core);
  // Starts sending one.
  void send(Owed owed);

 private:
  using Stream = boost::beast::tcp_stream;
  struct Reply {
    int status = 0;
    std::string error;
  };

  boost::asio::awaitable<void> deliver(Owed owed);
  boost::asio::awaitable<void> take_slot();
  void give_slot();
  boost::asio::awaitable<Reply> post(const std::string& url, const WebhookAttempt& attempt);
  boost::asio::awaitable<Reply> exchange(Stream& stream,
                                         const std::string& host,
                                         const std::string& path,
                                         const WebhookAttempt& attempt,
                                         bool& keep);

  boost::asio::io_context& context_;
  Core& core_;
  std::size_t free_slots_;
  boost::asio::steady_timer slot_freed_;
  std::string idle_for_;  // host:port of the idle connections
  std::vector<std::unique_ptr<Stream>> idle_;
};

Timestamp wall_now();

}  // namespace vozex::sandbox
