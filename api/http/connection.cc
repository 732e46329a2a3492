// SPDX-License-Identifier: Apache-2.0
#include "api/http/connection_internal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <limits>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "api/http/problem.h"

namespace vozex::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr std::size_t k_chunk_bytes = 64u << 10;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// "Bearer <key>", or the key in x-api-key.
std::string_view presented_key(const Request& request) {
  const std::string_view authorization = request.header("authorization");
  if (authorization.size() > 7 && lower(authorization.substr(0, 7)) == "bearer ") return authorization.substr(7);
  return request.header("x-api-key");
}

Response unauthorized() {
  Response response = problem(401, "no_valid_key", "Who is asking?",
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
  asio::post(stream_.get_executor(), [self = shared_from_this()] { self->stream_.socket().close(); });
}

void Connection::read_head() {
  idle_ = true;
  ++serial_;
  parser_.emplace();
  parser_->header_limit(shared_->limits.header_bytes);
  // The route's limit is set when the route is known. Not boost::none: Beast of Boost 1.74 takes that for 0.
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  request_ = Request{};
  match_ = {};
  head_only_ = false;
  answered_ = false;
  // A first request must come within header_time; between requests the connection may rest for idle_time.
  const auto patience = serial_ == 1 ? shared_->limits.header_time : shared_->limits.idle_time;
  stream_.expires_never();
  limit_reading(patience);
  beast::http::async_read_header(stream_, buffer_, *parser_,
                                 [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_head(error); });
}

void Connection::limit_reading(std::chrono::milliseconds patience) {
  too_slow_ = false;
  timer_.expires_after(patience);
  // A timer that fired just before it was cancelled still runs: the turn says that it is out of date.
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
    return refuse(problem(408, "too_slow", "The request came too slowly", "The head of a request must come within " +
                          std::to_string(shared_->limits.header_time.count()) + " ms."));
  }
  if (error == beast::http::error::header_limit) {
    return refuse(problem(431, "header_too_large", "The head of the request is too large",
                          "At most " + std::to_string(shared_->limits.header_bytes) + " bytes are read."));
  }
  if (error == beast::http::error::partial_message) return stream_.close();
  if (error == beast::http::error::end_of_stream || error == asio::error::operation_aborted ||
      error == beast::error::timeout || error == asio::error::eof || error == asio::error::connection_reset) {
    beast::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    return;
  }
  if (error) {
    return refuse(problem(400, "malformed_request", "This is not HTTP", "The request could not be read: " + error.message() + "."));
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
    return refuse(problem(400, "malformed_target", "The path is not valid", "Expected a path like /v1/instances."));
  }
  request_.path = *decoded;
  request_.remote = remote_;
  for (const auto& field : message) {
    request_.headers.emplace_back(lower(view(field.name_string())), std::string(view(field.value())));
  }
  match_ = shared_->router.match(request_.method, path);
  if (match_.route == nullptr && match_.allowed.empty()) {
    return refuse(problem(404, "no_such_page", "There is nothing here", "No resource has the path " + request_.path + "."));
  }
  if (match_.route == nullptr) {
    Response response = problem(405, "method_not_allowed", "This can't be done here",
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
    return refuse(problem(413, "body_too_large", "The body is too large",
                          "At most " + std::to_string(limit) + " bytes are taken here, " + std::to_string(*announced) +
                              " were announced."));
  }
  if (lower(request_.header("expect")) == "100-continue") {
    auto go_on = std::make_shared<std::string>("HTTP/1.1 100 Continue\r\n\r\n");
    asio::async_write(stream_, asio::buffer(*go_on),
                      [self = shared_from_this(), go_on](beast::error_code failed, std::size_t) {
                        if (!failed) self->read_body();
                      });
    return;
  }
  read_body();
}

void Connection::read_body() {
  limit_reading(shared_->limits.body_time);
  beast::http::async_read(stream_, buffer_, *parser_,
                          [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_body(error); });
}

void Connection::on_body(beast::error_code error) {
  end_limit();
  if (error && too_slow_) {
    return refuse(problem(408, "too_slow", "The request came too slowly", "The body must come within " +
                          std::to_string(shared_->limits.body_time.count()) + " ms; nothing was done."));
  }
  if (error == beast::http::error::body_limit) {
    return refuse(problem(413, "body_too_large", "The body is too large",
                          "At most " + std::to_string(match_.route->body_limit) + " bytes are taken here."));
  }
  if (error) {
    if (error == beast::http::error::partial_message || error == asio::error::connection_reset) return;
    return refuse(problem(400, "malformed_request", "This is not HTTP", "The body could not be read: " + error.message() + "."));
  }
  request_.body = std::move(parser_->get().body());
  dispatch();
}

void Connection::dispatch() {
  timer_.expires_after(shared_->limits.answer_time);
  timer_.async_wait([self = shared_from_this(), turn = ++turn_](beast::error_code error) {
    if (error || self->turn_ != turn || self->answered_) return;
    self->answer(problem(503, "no_answer_in_time", "No answer in time",
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
    respond(problem(500, "internal", "This is our fault", "The request could not be handled. Please report it."));
  }
}

void Connection::refuse(Response response) {
  idle_ = false;
  keep_alive_ = false;
  answer(std::move(response));
}

void Connection::answer(Response response) {
  end_limit();
  answered_ = true;
  if (shared_->stopping.load()) keep_alive_ = false;
  log(response.status);
  stream_.expires_after(shared_->limits.write_time);
  const auto fill = [&](auto& message) {
    message.version(11);
    message.result(response.status);
    message.keep_alive(keep_alive_);
    for (const auto& [name, value] : response.headers) message.insert(name, value);
    message.set("x-content-type-options", "nosniff");
  };
  if (!response.file) {
    response_.emplace();
    fill(*response_);
    const std::size_t size = response.body.size();
    if (!head_only_) response_->body() = std::move(response.body);
    response_->content_length(size);
    beast::http::async_write(stream_, *response_,
                             [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_written(error); });
    return;
  }
  file_ = std::move(response.file);
  head_.emplace();
  fill(*head_);
  head_->content_length(file_->length);
  head_serializer_.emplace(*head_);
  beast::http::async_write_header(stream_, *head_serializer_,
                                  [self = shared_from_this()](beast::error_code error, std::size_t) {
                                    if (error) return self->on_written(error);
                                    self->write_body();
                                  });
}

void Connection::write_body() {
  if (head_only_ || file_->length == 0) return on_written({});
  file_descriptor_ = ::open(file_->path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_descriptor_ < 0) return close();  // the head has gone out: a cut connection is the only honest sign
  chunk_.resize(k_chunk_bytes);
  read_chunk();
}

void Connection::read_chunk() {
  const std::size_t wanted = std::min<std::uint64_t>(k_chunk_bytes, file_->length);
  const ssize_t got = ::pread(file_descriptor_, chunk_.data(), wanted, static_cast<off_t>(file_->offset));
  if (got <= 0) return close();
  file_->offset += static_cast<std::uint64_t>(got);
  file_->length -= static_cast<std::uint64_t>(got);
  stream_.expires_after(shared_->limits.write_time);
  asio::async_write(stream_, asio::buffer(chunk_.data(), static_cast<std::size_t>(got)),
                    [self = shared_from_this()](beast::error_code error, std::size_t) {
                      if (error) return self->close();
                      if (self->file_->length == 0) return self->on_written({});
                      self->read_chunk();
                    });
}

void Connection::on_written(beast::error_code error) {
  response_.reset();
  head_serializer_.reset();
  head_.reset();
  file_.reset();
  if (file_descriptor_ >= 0) {
    ::close(file_descriptor_);
    file_descriptor_ = -1;
  }
  if (error) return stream_.close();
  if (!keep_alive_) return linger();
  read_head();
}

void Connection::linger() {
  idle_ = true;
  beast::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  chunk_.resize(k_chunk_bytes);
  stream_.expires_after(shared_->limits.linger_time);
  drain();
}

void Connection::drain() {
  stream_.async_read_some(asio::buffer(chunk_.data(), chunk_.size()),
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                            if (error) return self->stream_.close();
                            self->drain();
                          });
}

void Connection::log(unsigned status) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
  shared_->observe(request_.method, match_.route == nullptr ? "" : match_.route->pattern, status, took);
}

}  // namespace vozex::http
