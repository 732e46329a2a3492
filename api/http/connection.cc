// SPDX-License-Identifier: Apache-2.0
#include "api/http/connection_internal.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>

#include "api/http/problem.h"
#include "api/http/request_check.h"

namespace vozex::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

// A head and a small body come in one read of this size; of a larger body more is read at once.
constexpr std::size_t k_read_bytes = 4096;
constexpr std::size_t k_read_body_bytes = 64u << 10;

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// "Bearer <key>", or the key in x-api-key.
std::string_view presented_key(const Request& request) {
  const std::string_view authorization = request.header("authorization");
  if (authorization.size() > 7 && ascii_lower(authorization.substr(0, 7)) == "bearer ")
    return authorization.substr(7);
  return request.header("x-api-key");
}

Response unauthorized() {
  Response response = problem(401,
                              "no_valid_key",
                              "Who is asking?",
                              "This needs an API key: send it as `Authorization: Bearer <key>`.");
  response.headers.emplace_back("www-authenticate", "Bearer realm=\"vozex\"");
  return response;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Response too_large_a_body(std::uint64_t limit, std::string_view more) {
  return problem(
      413,
      "body_too_large",
      "The body is too large",
      "At most " + std::to_string(limit) + " bytes are taken here" + std::string(more) + ".");
}

Response not_http(const std::string& what, beast::error_code error) {
  return problem(400,
                 "malformed_request",
                 "This is not HTTP",
                 "The " + what + " could not be read: " + error.message() + ".");
}

}  // namespace

Connection::Connection(Socket socket, std::shared_ptr<Shared> shared, Loop& loop)
    : loop_(loop), socket_(std::move(socket)), shared_(std::move(shared)) {
  loop_.join(*this);
  beast::error_code ignored;
  const auto peer = socket_.remote_endpoint(ignored);
  if (!ignored) remote_ = peer.address().to_string();
}

Connection::~Connection() {
  if (file_descriptor_ >= 0) ::close(file_descriptor_);
  loop_.leave(*this);
  shared_->open.fetch_sub(1);
}

void Connection::start() {
  if (shared_->stopping.load()) return;  // accepted just before, started after wind_down(): let go
  beast::error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  read_head();
}

void Connection::wind_down() {
  if (stage_ == Stage::head || stage_ == Stage::lingering) close();
}

void Connection::close() {
  beast::error_code ignored;
  socket_.close(ignored);
}

void Connection::let_go() { waiting_.reset(); }

void Connection::limit(std::chrono::milliseconds patience) {
  deadline_ = std::chrono::steady_clock::now() + patience;
  loop_.expect(deadline_);
}

void Connection::on_deadline() {
  deadline_ = Moment::max();
  switch (stage_) {
    case Stage::head:
    case Stage::body: {
      too_slow_ = true;
      beast::error_code ignored;
      socket_.cancel(ignored);
      return;
    }
    case Stage::handling:
      return answer(problem(503,
                            "no_answer_in_time",
                            "No answer in time",
                            "It may still take effect: read the instance before you try again."));
    case Stage::writing:
    case Stage::lingering: return close();
  }
}

void Connection::read_head() {
  stage_ = Stage::head;
  ++serial_;
  parser_.emplace();
  parser_->header_limit(shared_->limits.header_bytes);
  // The route's limit is set when the route is known. Not boost::none: Beast of Boost 1.74 takes
  // that for 0.
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  request_ = Request{};
  match_ = {};
  head_only_ = false;
  too_slow_ = false;
  // A first request must come within header_time; between requests the connection may rest for
  // idle_time.
  limit(serial_ == 1 ? shared_->limits.header_time : shared_->limits.idle_time);
  parse();
}

void Connection::read_body() {
  stage_ = Stage::body;
  parser_->eager(true);
  if (!parser_->is_done()) limit(shared_->limits.body_time);
  parse();
}

void Connection::parse() {
  const auto is_there = [this] {
    return stage_ == Stage::head ? parser_->is_header_done() : parser_->is_done();
  };
  while (!is_there()) {
    if (buffer_.size() == 0) return read_some();
    beast::error_code error;
    buffer_.consume(parser_->put(buffer_.data(), error));
    if (error == beast::http::error::need_more) return read_some();
    if (error) return read_ended(error);
  }
  if (stage_ == Stage::head) return on_head();
  request_.body = std::move(parser_->get().body());
  dispatch();
}

void Connection::read_some() {
  std::size_t room = k_read_bytes;
  if (stage_ == Stage::body) {
    const auto left = parser_->content_length_remaining();
    room = left ? std::clamp<std::uint64_t>(*left, k_read_bytes, k_read_body_bytes)
                : k_read_body_bytes;
  }
  socket_.async_read_some(buffer_.prepare(room),
                          [self = shared_from_this()](beast::error_code error, std::size_t bytes) {
                            self->on_read(error, bytes);
                          });
}

void Connection::on_read(beast::error_code error, std::size_t bytes) {
  buffer_.commit(bytes);
  if (!error && !too_slow_) return parse();
  if (error == asio::error::eof && parser_->got_some()) {
    error = {};
    parser_->put_eof(error);
    if (!error) return parse();
  }
  read_ended(error);
}

void Connection::read_ended(beast::error_code error) {
  stage_ == Stage::head ? head_failed(error) : body_failed(error);
}

void Connection::head_failed(beast::error_code error) {
  began_ = std::chrono::steady_clock::now();
  if (too_slow_ && (buffer_.size() > 0 || parser_->got_some())) {
    return refuse(problem(408,
                          "too_slow",
                          "The request came too slowly",
                          "The head of a request must come within " +
                              std::to_string(shared_->limits.header_time.count()) + " ms."));
  }
  if (error == beast::http::error::header_limit) {
    return refuse(
        problem(431,
                "header_too_large",
                "The head of the request is too large",
                "At most " + std::to_string(shared_->limits.header_bytes) + " bytes are read."));
  }
  if (error == beast::http::error::partial_message || error == asio::error::operation_aborted ||
      error == asio::error::eof || error == asio::error::connection_reset) {
    return close();
  }
  refuse(not_http("request", error));
}

void Connection::body_failed(beast::error_code error) {
  if (too_slow_) {
    return refuse(problem(408,
                          "too_slow",
                          "The request came too slowly",
                          "The body must come within " +
                              std::to_string(shared_->limits.body_time.count()) +
                              " ms; nothing was done."));
  }
  if (error == beast::http::error::body_limit) {
    return refuse(too_large_a_body(match_.route->body_limit, ""));
  }
  if (error == beast::http::error::partial_message || error == asio::error::operation_aborted ||
      error == asio::error::eof || error == asio::error::connection_reset) {
    return close();
  }
  refuse(not_http("body", error));
}

bool Connection::take_target() {
  const auto& message = parser_->get();
  request_.method = std::string(view(message.method_string()));
  head_only_ = request_.method == "HEAD";
  const std::string_view target = view(message.target());
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (question != std::string_view::npos) request_.query = std::string(target.substr(question + 1));
  request_.path = percent_decode(path).value_or("");
  request_.remote = remote_;
  for (const auto& field : message) {
    request_.headers.emplace_back(ascii_lower(view(field.name_string())),
                                  std::string(view(field.value())));
  }
  if (auto fault = fault_of_head(request_, message.version())) {
    refuse(*std::move(fault));
    return false;
  }
  match_ = shared_->router.match(request_.method, path);
  return true;
}

bool Connection::find_route() {
  if (match_.route == nullptr && match_.allowed.empty()) {
    refuse(problem(404,
                   "no_such_page",
                   "There is nothing here",
                   "No resource has the path " + request_.path + "."));
    return false;
  }
  if (match_.route == nullptr) {
    Response response = problem(
        405,
        "method_not_allowed",
        "This can't be done here",
        request_.path + " takes " + join(match_.allowed) + ", not " + request_.method + ".");
    response.headers.emplace_back("allow", join(match_.allowed));
    refuse(std::move(response));
    return false;
  }
  if (!match_.route->open) {
    auto caller = shared_->authenticate(presented_key(request_));
    if (!caller) {
      refuse(unauthorized());
      return false;
    }
    request_.caller = *std::move(caller);
    if (auto fault = fault_of_query(request_, match_.route->query)) {
      refuse(*std::move(fault));
      return false;
    }
  }
  request_.parameters = std::move(match_.parameters);
  return true;
}

void Connection::on_head() {
  began_ = std::chrono::steady_clock::now();
  keep_alive_ = parser_->get().keep_alive() && !shared_->stopping.load();
  if (!take_target() || !find_route()) return;
  const std::size_t most = match_.route->body_limit;
  parser_->body_limit(most);
  const auto announced = parser_->content_length();
  if (announced && *announced > most) {
    return refuse(too_large_a_body(most, ", " + std::to_string(*announced) + " were announced"));
  }
  if (ascii_lower(request_.header("expect")) == "100-continue") return say_continue();
  read_body();
}

void Connection::say_continue() {
  static constexpr std::string_view k_go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  stage_ = Stage::writing;
  limit(shared_->limits.write_time);
  asio::async_write(socket_,
                    asio::buffer(k_go_on.data(), k_go_on.size()),
                    [self = shared_from_this()](beast::error_code failed, std::size_t) {
                      if (!failed) self->read_body();
                    });
}

Responder Connection::responder() {
  return [weak = weak_from_this(), mailbox = loop_.mailbox(), serial = serial_](Response response) {
    if (!mailbox->is_here()) return mailbox->put({weak, serial, std::move(response)});
    if (auto self = weak.lock()) self->answered_with(serial, std::move(response));
  };
}

void Connection::dispatch() {
  stage_ = Stage::handling;
  limit(shared_->limits.answer_time);
  waiting_ = shared_from_this();
  const Responder respond = responder();
  try {
    match_.route->handler(std::move(request_), respond);
  } catch (const std::exception&) {
    // A library below threw what nobody expected: this request fails, the others go on.
    respond(problem(500,
                    "internal",
                    "This is our fault",
                    "The request could not be handled. Please report it."));
  }
}

void Connection::answered_with(std::uint64_t serial, Response response) {
  if (serial_ == serial && stage_ == Stage::handling) answer(std::move(response));
}

}  // namespace vozex::http
