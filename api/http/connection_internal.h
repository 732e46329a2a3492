// SPDX-License-Identifier: Apache-2.0
//
// One connection of the server: reads a request head, finds the route, checks the key and the
// body's limit before a byte of the body is read, hands over, writes the answer, and goes again.
// What came with one read is parsed at once, and an answer goes out in one write. Internal to
// api/http: sees Beast. Thread rule: the thread of its loop; the Responder may be called anywhere
// and posts to the loop.
#pragma once

#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/http/loop_internal.h"
#include "api/http/server.h"

namespace vozex::http {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// What the connections of one server share.
struct Shared {
  ServerLimits limits;
  Router router;
  Authenticate authenticate;
  Observe observe;
  std::atomic<bool> stopping{false};
  std::atomic<std::size_t> open{0};  // counted up by who accepts
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Socket socket, std::shared_ptr<Shared> shared, Loop& loop);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  // Closes if it is between two requests; a request under way finishes first.
  void wind_down();
  void close();
  // The answer to the request with this serial; a second one, or a late one, does nothing.
  void answered_with(std::uint64_t serial, Response response);
  // Nobody will answer any more.
  void let_go();

  Moment deadline() const { return deadline_; }
  void on_deadline();

 private:
  enum class Stage : std::uint8_t { head, body, handling, writing, lingering };

  void limit(std::chrono::milliseconds patience);
  void read_head();
  void read_body();
  void parse();  // what is there, and reads on when it is not enough
  void read_some();
  void on_read(boost::beast::error_code error, std::size_t bytes);
  void read_ended(boost::beast::error_code error);
  void on_head();
  bool take_target();  // false: refused
  bool find_route();   // the same
  void head_failed(boost::beast::error_code error);
  void body_failed(boost::beast::error_code error);
  void say_continue();
  void dispatch();
  Responder responder();
  void answer(Response response);
  void refuse(Response response);  // answers and closes: the rest of the request is not read
  void write_head(const Response& response, std::uint64_t length);
  void write_some();
  void on_sent();
  void send_chunk();
  void on_written();
  // Closes so that the last answer arrives: a socket closed over unread bytes resets the
  // connection, and the peer may lose what was sent. What still comes is read and dropped, for a
  // limited time.
  void linger();
  void drain();
  void log(unsigned status);

  Loop& loop_;
  Socket socket_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<Connection> waiting_;  // itself, while only a handler knows of it
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::string remote_;
  Router::Match match_;
  Request request_;
  std::chrono::steady_clock::time_point began_;
  Moment deadline_ = Moment::max();
  Stage stage_ = Stage::head;
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool too_slow_ = false;
  std::uint64_t serial_ = 0;  // of the request under way
  // The answer being written: its head, then its body or a chunk of the file.
  std::string head_;
  std::string body_;
  std::size_t sent_ = 0;  // of both together
  std::optional<FilePart> file_;
  int file_descriptor_ = -1;
};

}  // namespace vozex::http
