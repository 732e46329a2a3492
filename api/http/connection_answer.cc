// SPDX-License-Identifier: Apache-2.0
// The second half of a connection: the answer, a file's bytes, and an end that lets the answer
// arrive.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "api/http/connection_internal.h"

#include <boost/asio/write.hpp>
#include <boost/beast/http/write.hpp>

namespace vozex::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;

constexpr std::size_t k_chunk_bytes = 64u << 10;

}  // namespace

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
    beast::http::async_write(
        stream_, *response_, [self = shared_from_this()](beast::error_code error, std::size_t) {
          self->on_written(error);
        });
    return;
  }
  file_ = std::move(response.file);
  head_.emplace();
  fill(*head_);
  head_->content_length(file_->length);
  head_serializer_.emplace(*head_);
  beast::http::async_write_header(
      stream_,
      *head_serializer_,
      [self = shared_from_this()](beast::error_code error, std::size_t) {
        if (error) return self->on_written(error);
        self->write_body();
      });
}

void Connection::write_body() {
  if (head_only_ || file_->length == 0) return on_written({});
  file_descriptor_ = ::open(file_->path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_descriptor_ < 0)
    return close();  // the head has gone out: a cut connection is the only honest sign
  chunk_.resize(k_chunk_bytes);
  read_chunk();
}

void Connection::read_chunk() {
  const std::size_t wanted = std::min<std::uint64_t>(k_chunk_bytes, file_->length);
  const ssize_t got =
      ::pread(file_descriptor_, chunk_.data(), wanted, static_cast<off_t>(file_->offset));
  if (got <= 0) return close();
  file_->offset += static_cast<std::uint64_t>(got);
  file_->length -= static_cast<std::uint64_t>(got);
  stream_.expires_after(shared_->limits.write_time);
  asio::async_write(stream_,
                    asio::buffer(chunk_.data(), static_cast<std::size_t>(got)),
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
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now() - began_);
  shared_->observe(
      request_.method, match_.route == nullptr ? "" : match_.route->pattern, status, took);
}

}  // namespace vozex::http
