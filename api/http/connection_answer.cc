// SPDX-License-Identifier: Apache-2.0
// The second half of a connection: the answer, a file's bytes, and an end that lets the answer
// arrive.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "api/http/connection_internal.h"

#include <boost/beast/http/status.hpp>

namespace vozex::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr std::size_t k_chunk_bytes = 64u << 10;

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

void Connection::refuse(Response response) {
  keep_alive_ = false;
  answer(std::move(response));
}

void Connection::answer(Response response) {
  // What is handed out here keeps this object from now on.
  const std::shared_ptr<Connection> self = std::exchange(waiting_, nullptr);
  stage_ = Stage::writing;
  if (shared_->stopping.load()) keep_alive_ = false;
  log(response.status);
  file_ = std::move(response.file);
  write_head(response, file_ ? file_->length : response.body.size());
  body_.clear();
  if (head_only_) {
    file_.reset();
  } else if (!file_) {
    body_ = std::move(response.body);
  }
  sent_ = 0;
  limit(shared_->limits.write_time);
  write_some();
}

void Connection::write_head(const Response& response, std::uint64_t length) {
  const auto reason = beast::http::obsolete_reason(beast::http::int_to_status(response.status));
  head_ = "HTTP/1.1 ";
  head_.append(std::to_string(response.status)).append(" ");
  head_.append(reason.data(), reason.size()).append("\r\n");
  for (const auto& [name, value] : response.headers) append_field(head_, name, value);
  append_field(head_, "content-length", std::to_string(length));
  append_field(head_, "x-content-type-options", "nosniff");
  if (!keep_alive_) append_field(head_, "connection", "close");
  head_ += "\r\n";
}

void Connection::write_some() {
  const std::size_t of_head = std::min(sent_, head_.size());
  const std::size_t of_body = sent_ - of_head;
  const std::array<asio::const_buffer, 2> left = {
      asio::buffer(head_.data() + of_head, head_.size() - of_head),
      asio::buffer(body_.data() + of_body, body_.size() - of_body)};
  socket_.async_write_some(left,
                           [self = shared_from_this()](beast::error_code error, std::size_t bytes) {
                             if (error) return self->close();
                             self->sent_ += bytes;
                             if (self->sent_ == self->head_.size() + self->body_.size())
                               return self->on_sent();
                             self->limit(self->shared_->limits.write_time);
                             self->write_some();
                           });
}

void Connection::on_sent() {
  if (file_ && file_->length > 0) return send_chunk();
  on_written();
}

void Connection::send_chunk() {
  if (file_descriptor_ < 0) file_descriptor_ = ::open(file_->path.c_str(), O_RDONLY | O_CLOEXEC);
  // The head has gone out: a cut connection is the only honest sign.
  if (file_descriptor_ < 0) return close();
  body_.resize(std::min<std::uint64_t>(k_chunk_bytes, file_->length));
  const ssize_t got =
      ::pread(file_descriptor_, body_.data(), body_.size(), static_cast<off_t>(file_->offset));
  if (got <= 0) return close();
  body_.resize(static_cast<std::size_t>(got));
  file_->offset += body_.size();
  file_->length -= body_.size();
  head_.clear();
  sent_ = 0;
  limit(shared_->limits.write_time);
  write_some();
}

void Connection::on_written() {
  file_.reset();
  if (file_descriptor_ >= 0) {
    ::close(file_descriptor_);
    file_descriptor_ = -1;
  }
  body_ = {};  // a large one is not kept while the connection rests
  if (!keep_alive_) return linger();
  if (shared_->stopping.load()) return close();  // wind_down() came while it was written
  read_head();
}

void Connection::linger() {
  stage_ = Stage::lingering;
  beast::error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  body_.resize(k_chunk_bytes);
  limit(shared_->limits.linger_time);
  drain();
}

void Connection::drain() {
  socket_.async_read_some(asio::buffer(body_.data(), body_.size()),
                          [self = shared_from_this()](beast::error_code error, std::size_t) {
                            if (error) return self->close();
                            self->drain();
                          });
}

void Connection::log(unsigned status) {
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - began_);
  if (match_.route == nullptr) return shared_->observe(request_.method, "", status, took);
  // The handler has the request; the parser still knows its method.
  const auto method = parser_->get().method_string();
  shared_->observe({method.data(), method.size()}, match_.route->pattern, status, took);
}

}  // namespace vozex::http
