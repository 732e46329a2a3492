// SPDX-License-Identifier: Apache-2.0
#include "api/http/connection_internal.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <limits>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include "api/http/problem.h"

namespace vozex::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  return out;
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// "Bearer <key>", or the key in x-api-key.
std::string_view presented_key(const Request& request) {
  const std::string_view authorization = request.header("authorization");
  if (authorization.size() > 7 && lower(authorization.substr(0, 7)) == "bearer ")
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

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared)
    : stream_(std::move(socket)), timer_(stream_.get_executor()), shared_(std::move(shared)) {
  shared_->open.fetch_add(1);
  beast::error_code ignored;
  const auto peer = stream_.socket().remote_endpoint(ignored);
  if (!ignored) remote_ = peer.address().to_string();
}

Connection::~Connection() {
  if (file_descriptor_ >= 0) ::close(file_descriptor_);
  shared_->open.fetch_sub(1);
}

void Connection::start() {
  asio::dispatch(stream_.get_executor(), [self = shared_from_this()] {
    beast::error_code ignored;
    self->stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    self->read_head();
  });
}

void Connection::wind_down() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (self->idle_) self->stream_.socket().close();
  });
}

void Connection::close() {
  asio::post(stream_.get_executor(),
             [self = shared_from_this()] { self->stream_.socket().close(); });
}

void Connection::read_head() {
  idle_ = true;
  ++serial_;
  parser_.emplace();
  parser_->header_limit(shared_->limits.header_bytes);
  // The route's limit is set when the route is known. Not boost::none: Beast of Boost 1.74 takes
  // that for 0.
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  request_ = Request{};
  match_ = {};
  head_only_ = false;
  answered_ = false;
  // A first request must come within header_time; between requests the connection may rest for
  // idle_time.
  const auto patience = serial_ == 1 ? shared_->limits.header_time : shared_->limits.idle_time;
  stream_.expires_never();
  limit_reading(patience);
  beast::http::async_read_header(
      stream_,
      buffer_,
      *parser_,
      [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_head(error); });
}

void Connection::limit_reading(std::chrono::milliseconds patience) {
  too_slow_ = false;
  timer_.expires_after(patience);
  // A timer that fired just before it was cancelled still runs: the turn says that it is out of
  // date.
  timer_.async_wait([self = shared_from_this(), turn = ++turn_](beast::error_code error) {
    if (error || self->turn_ != turn) return;
    self->too_slow_ = true;
    self->stream_.cancel();
  });
}

void Connection::end_limit() {
  ++turn_;
  timer_.cancel();
}

void Connection::on_head(beast::error_code error) {
  end_limit();
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
  if (error == beast::http::error::partial_message) return stream_.close();
  if (error == beast::http::error::end_of_stream || error == asio::error::operation_aborted ||
      error == beast::error::timeout || error == asio::error::eof ||
      error == asio::error::connection_reset) {
    beast::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    return;
  }
  if (error) {
    return refuse(problem(400,
                          "malformed_request",
                          "This is not HTTP",
                          "The request could not be read: " + error.message() + "."));
  }
  idle_ = false;
  const auto& message = parser_->get();
  keep_alive_ = message.keep_alive() && !shared_->stopping.load();
  request_.method = std::string(view(message.method_string()));
  head_only_ = request_.method == "HEAD";
  const std::string_view target = view(message.target());
  const std::size_t question = target.find('?');
  const std::string_view path = target.substr(0, question);
  if (question != std::string_view::npos) request_.query = std::string(target.substr(question + 1));
  const auto decoded = percent_decode(path);
  if (!decoded || path.empty() || path[0] != '/') {
    return refuse(problem(
        400, "malformed_target", "The path is not valid", "Expected a path like /v1/instances."));
  }
  request_.path = *decoded;
  request_.remote = remote_;
  for (const auto& field : message) {
    request_.headers.emplace_back(lower(view(field.name_string())),
                                  std::string(view(field.value())));
  }
  match_ = shared_->router.match(request_.method, path);
  if (match_.route == nullptr && match_.allowed.empty()) {
    return refuse(problem(404,
                          "no_such_page",
                          "There is nothing here",
                          "No resource has the path " + request_.path + "."));
  }
  if (match_.route == nullptr) {
    Response response = problem(
        405,
        "method_not_allowed",
        "This can't be done here",
        request_.path + " takes " + join(match_.allowed) + ", not " + request_.method + ".");
    response.headers.emplace_back("allow", join(match_.allowed));
    return refuse(std::move(response));
  }
  if (!match_.route->open) {
    const auto caller = shared_->authenticate(presented_key(request_));
    if (!caller) return refuse(unauthorized());
    request_.caller = *caller;
  }
  request_.parameters = match_.parameters;
  const std::size_t limit = match_.route->body_limit;
  parser_->body_limit(limit);
  const auto announced = parser_->content_length();
  if (announced && *announced > limit) {
    return refuse(problem(413,
                          "body_too_large",
                          "The body is too large",
                          "At most " + std::to_string(limit) + " bytes are taken here, " +
                              std::to_string(*announced) + " were announced."));
  }
  if (lower(request_.header("expect")) == "100-continue") {
    auto go_on = std::make_shared<std::string>("HTTP/1.1 100 Continue\r\n\r\n");
    asio::async_write(stream_,
                      asio::buffer(*go_on),
                      [self = shared_from_this(), go_on](beast::error_code failed, std::size_t) {
                        if (!failed) self->read_body();
                      });
    return;
  }
  read_body();
}

void Connection::read_body() {
  limit_reading(shared_->limits.body_time);
  beast::http::async_read(
      stream_,
      buffer_,
      *parser_,
      [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_body(error); });
}

void Connection::on_body(beast::error_code error) {
  end_limit();
  if (error && too_slow_) {
    return refuse(problem(408,
                          "too_slow",
                          "The request came too slowly",
                          "The body must come within " +
                              std::to_string(shared_->limits.body_time.count()) +
                              " ms; nothing was done."));
  }
  if (error == beast::http::error::body_limit) {
    return refuse(
        problem(413,
                "body_too_large",
                "The body is too large",
                "At most " + std::to_string(match_.route->body_limit) + " bytes are taken here."));
  }
  if (error) {
    if (error == beast::http::error::partial_message || error == asio::error::connection_reset)
      return;
    return refuse(problem(400,
                          "malformed_request",
                          "This is not HTTP",
                          "The body could not be read: " + error.message() + "."));
  }
  request_.body = std::move(parser_->get().body());
  dispatch();
}

void Connection::dispatch() {
  timer_.expires_after(shared_->limits.answer_time);
  timer_.async_wait([self = shared_from_this(), turn = ++turn_](beast::error_code error) {
    if (error || self->turn_ != turn || self->answered_) return;
    self->answer(problem(503,
                         "no_answer_in_time",
                         "No answer in time",
                         "It may still take effect: read the instance before you try again."));
  });
  Responder respond = [weak = weak_from_this(), serial = serial_](Response response) {
    auto self = weak.lock();
    if (!self) return;
    auto held = std::make_shared<Response>(std::move(response));
    asio::dispatch(self->stream_.get_executor(), [self, serial, held] {
      if (self->serial_ != serial || self->answered_) return;
      self->answer(std::move(*held));
    });
  };
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

}  // namespace vozex::http
