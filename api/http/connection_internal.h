// SPDX-License-Identifier: Apache-2.0
//
// One connection of the server: reads a request head, finds the route, checks the key and the
// body's limit before a byte of the body is read, hands over, writes the answer, and goes again.
// Internal to api/http: sees Beast. Thread rule: everything of one connection runs on its strand;
// the Responder posts to it.
#pragma once

#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/http/server.h"

namespace vozex::http {

// What the connections of one server share.
struct Shared {
  ServerLimits limits;
  Router router;
  Authenticate authenticate;
  Observe observe;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> open{0};
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(boost::asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // Closes if it is between two requests; a request under way finishes first.
  void wind_down();
  void close();

 private:
  void read_head();
  // Ends the read under way when it takes longer; `too_slow_` then says so.
  void limit_reading(std::chrono::milliseconds patience);
  void end_limit();
  void on_head(boost::beast::error_code error);
  void read_body();
  void on_body(boost::beast::error_code error);
  void dispatch();
  void answer(Response response);
  void refuse(Response response);  // answers and closes: the rest of the request is not read
  void write_body();
  void read_chunk();
  void on_written(boost::beast::error_code error);
  // Closes so that the last answer arrives: a socket closed over unread bytes resets the
  // connection, and the peer may lose what was sent. What still comes is read and dropped, for a
  // limited time.
  void linger();
  void drain();
  void log(unsigned status);

  boost::beast::tcp_stream stream_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<Shared> shared_;
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::string remote_;
  Router::Match match_;
  Request request_;
  std::chrono::steady_clock::time_point began_;
  bool idle_ = true;
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool too_slow_ = false;
  bool answered_ = false;
  std::uint64_t turn_ = 0;    // of timer_: a wait that is out of date does nothing
  std::uint64_t serial_ = 0;  // of the request under way: a late Responder answers nobody else's
  // The answer being written.
  std::optional<boost::beast::http::response<boost::beast::http::string_body>> response_;
  std::optional<boost::beast::http::response<boost::beast::http::empty_body>> head_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::empty_body>>
      head_serializer_;
  std::optional<FilePart> file_;
  int file_descriptor_ = -1;
  std::vector<char> chunk_;
};

}  // namespace vozex::http
