// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/sender_internal.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

// g++ 12 takes Asio's operator delete of coroutine frames for a mismatch when sanitizers change
// what it inlines: both come from awaitable_frame_base.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace vozex::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::use_awaitable;

constexpr std::size_t k_max_at_once = 32;
constexpr std::chrono::seconds k_timeout{15};
constexpr std::size_t k_max_answer = 1u << 20;

struct Target {
  std::string host;
  std::string port = "80";
  std::string path = "/";
};

// http://host[:port][/path]; the sandbox talks to loopback, so there is no TLS.
std::optional<Target> parse_target(const std::string& url) {
  constexpr std::string_view k_scheme = "http://";
  if (!url.starts_with(k_scheme)) return std::nullopt;
  const auto rest = url.substr(k_scheme.size());
  const auto slash = rest.find('/');
  Target target;
  target.host = rest.substr(0, slash);
  if (slash != std::string::npos) target.path = rest.substr(slash);
  if (const auto colon = target.host.rfind(':'); colon != std::string::npos) {
    target.port = target.host.substr(colon + 1);
    target.host.resize(colon);
  }
  return target.host.empty() ? std::nullopt : std::optional(target);
}

}  // namespace

Timestamp wall_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Sender::Sender(asio::io_context& context, Core& core)
    : context_(context), core_(core), free_slots_(k_max_at_once), slot_freed_(context) {
  slot_freed_.expires_at(std::chrono::steady_clock::time_point::max());
}

void Sender::send(Owed owed) { asio::co_spawn(context_, deliver(owed), asio::detached); }

asio::awaitable<void> Sender::take_slot() {
  while (free_slots_ == 0) {
    boost::system::error_code woken;
    co_await slot_freed_.async_wait(asio::redirect_error(use_awaitable, woken));
  }
  --free_slots_;
}

void Sender::give_slot() {
  ++free_slots_;
  slot_freed_.cancel_one();
}

asio::awaitable<void> Sender::deliver(Owed owed) {
  asio::steady_timer pause(context_);
  std::optional<std::chrono::milliseconds> wait = owed.delay;
  while (wait) {
    if (wait->count() > 0) {
      pause.expires_after(*wait);
      boost::system::error_code fault;
      co_await pause.async_wait(asio::redirect_error(use_awaitable, fault));
      if (fault) co_return;
    }
    co_await take_slot();
    const auto attempt = core_.attempt(owed.seq, wall_now());
    const Reply reply = co_await post(attempt.url, attempt);
    give_slot();
    wait = core_.deliveries().finished(owed.seq, reply.status, reply.error, wall_now());
  }
}

asio::awaitable<Sender::Reply> Sender::exchange(Stream& stream,
                                                const std::string& host,
                                                const std::string& path,
                                                const WebhookAttempt& attempt,
                                                bool& keep) {
  bhttp::request<bhttp::string_body> request(bhttp::verb::post, path, 11);
  request.set(bhttp::field::host, host);
  request.set(bhttp::field::content_type, "application/json");
  request.set(bhttp::field::user_agent, "vozex-sandbox");
  for (const auto& [name, value] : attempt.headers) request.set(name, value);
  request.body() = attempt.body;
  request.prepare_payload();
  boost::system::error_code fault;
  stream.expires_after(k_timeout);
  co_await bhttp::async_write(stream, request, asio::redirect_error(use_awaitable, fault));
  if (fault) co_return Reply{0, fault.message()};
  beast::flat_buffer buffer;
  bhttp::response_parser<bhttp::string_body> parser;
  parser.body_limit(k_max_answer);
  co_await bhttp::async_read(stream, buffer, parser, asio::redirect_error(use_awaitable, fault));
  if (fault) co_return Reply{0, fault.message()};
  keep = parser.get().keep_alive();
  co_return Reply{static_cast<int>(parser.get().result_int()), ""};
}

asio::awaitable<Sender::Reply> Sender::post(const std::string& url, const WebhookAttempt& attempt) {
  const auto target = parse_target(url);
  if (!target) co_return Reply{0, "the webhook URL must be http://host:port/path"};
  const std::string host = target->host + ":" + target->port;
  if (idle_for_ != host) {
    idle_.clear();
    idle_for_ = host;
  }
  bool keep = false;
  if (!idle_.empty()) {
    auto stream = std::move(idle_.back());
    idle_.pop_back();
    const Reply reply = co_await exchange(*stream, host, target->path, attempt, keep);
    if (keep && idle_for_ == host) idle_.push_back(std::move(stream));
    // A kept connection may have been closed over there: webhooks may be repeated, so a fresh one
    // gets its try.
    if (reply.status != 0) co_return reply;
  }
  boost::system::error_code fault;
  asio::ip::tcp::resolver resolver(context_);
  const auto addresses = co_await resolver.async_resolve(
      target->host, target->port, asio::redirect_error(use_awaitable, fault));
  if (fault) co_return Reply{0, fault.message()};
  auto stream = std::make_unique<Stream>(context_);
  stream->expires_after(k_timeout);
  co_await stream->async_connect(addresses, asio::redirect_error(use_awaitable, fault));
  if (fault) co_return Reply{0, fault.message()};
  stream->socket().set_option(asio::ip::tcp::no_delay(true), fault);
  keep = false;
  const Reply reply = co_await exchange(*stream, host, target->path, attempt, keep);
  if (keep && idle_for_ == host && idle_.size() < k_max_at_once) idle_.push_back(std::move(stream));
  co_return reply;
}

}  // namespace vozex::sandbox
