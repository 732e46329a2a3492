// SPDX-License-Identifier: Apache-2.0
//
// The sandbox on the wire: one thread, one coroutine per connection, keep-alive, limits on
// everything.
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <cstdio>
#include <fstream>
#include <thread>

#include "api/sandbox/sender_internal.h"

// g++ 12 takes Asio's operator delete of coroutine frames for a mismatch when sanitizers change
// what it inlines: both come from awaitable_frame_base.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace vozex::sandbox {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;

constexpr std::chrono::seconds k_idle{120};
constexpr std::uint32_t k_max_header = 32u << 10;
constexpr std::uint64_t k_max_body = 1u << 20;
constexpr std::size_t k_max_connections = 10'000;

Incoming incoming_of(const bhttp::request<bhttp::string_body>& message) {
  Incoming in;
  in.method = std::string(message.method_string());
  const std::string target(message.target());
  const auto mark = target.find('?');
  in.path = target.substr(0, mark);
  if (mark != std::string::npos) in.query = parse_form(std::string_view(target).substr(mark + 1));
  in.authorization = std::string(message[bhttp::field::authorization]);
  in.body = message.body();
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    in.headers[std::move(name)] = std::string(field.value());
  }
  return in;
}

bhttp::response<bhttp::string_body> message_of(const Outgoing& out, bool keep_alive) {
  bhttp::response<bhttp::string_body> message(
      bhttp::int_to_status(static_cast<unsigned>(out.status)), 11);
  message.set(bhttp::field::content_type, out.type);
  for (const auto& [name, value] : out.headers) message.set(name, value);
  message.body() = out.body;
  message.keep_alive(keep_alive);
  message.prepare_payload();
  return message;
}

}  // namespace

struct Sandbox::Running {
  explicit Running(const SandboxOptions& options)
      : core(options), acceptor(context), sender(context, core) {}

  asio::awaitable<void> accept_all() {
    for (;;) {
      boost::system::error_code fault;
      tcp::socket socket =
          co_await acceptor.async_accept(asio::redirect_error(use_awaitable, fault));
      if (fault == asio::error::operation_aborted) co_return;
      if (fault || connections == k_max_connections) continue;
      asio::co_spawn(context, serve(beast::tcp_stream(std::move(socket))), asio::detached);
    }
  }

  asio::awaitable<void> serve(beast::tcp_stream stream) {
    ++connections;
    co_await serve_requests(stream);
    --connections;
  }

  asio::awaitable<void> serve_requests(beast::tcp_stream& stream) {
    boost::system::error_code fault;
    stream.socket().set_option(tcp::no_delay(true), fault);
    beast::flat_buffer buffer;
    for (;;) {
      bhttp::request_parser<bhttp::string_body> parser;
      parser.header_limit(k_max_header);
      parser.body_limit(k_max_body);
      stream.expires_after(k_idle);
      co_await bhttp::async_read(
          stream, buffer, parser, asio::redirect_error(use_awaitable, fault));
      if (fault) co_return;
      const Outgoing out = core.handle(incoming_of(parser.get()), wall_now());
      for (const auto& owed : core.take_owed()) sender.send(owed);
      if (out.wire == Wire::reset) {
        stream.socket().set_option(asio::socket_base::linger(true, 0), fault);
        co_return;  // closing now sends RST
      }
      if (out.wire == Wire::silence) {
        // Until the client gives up and closes, or the idle time is over.
        bhttp::request_parser<bhttp::string_body> more;
        co_await bhttp::async_read(
            stream, buffer, more, asio::redirect_error(use_awaitable, fault));
        co_return;
      }
      const bool keep_alive = parser.get().keep_alive();
      auto message = message_of(out, keep_alive);
      co_await bhttp::async_write(stream, message, asio::redirect_error(use_awaitable, fault));
      if (fault || !keep_alive) co_return;
    }
  }

  boost::system::error_code listen(const SandboxOptions& options) {
    boost::system::error_code fault;
    const auto address = asio::ip::make_address(options.address, fault);
    if (fault) return fault;
    const tcp::endpoint endpoint(address, options.port);
    acceptor.open(endpoint.protocol(), fault);
    if (!fault) acceptor.set_option(asio::socket_base::reuse_address(true), fault);
    if (!fault) acceptor.bind(endpoint, fault);
    if (!fault) acceptor.listen(1024, fault);
    return fault;
  }

  Core core;
  asio::io_context context{1};
  tcp::acceptor acceptor;
  Sender sender;
  std::size_t connections = 0;
  std::uint16_t port = 0;
  std::thread thread;
};

Sandbox::Sandbox(SandboxOptions options) : options_(std::move(options)) {}

Sandbox::~Sandbox() { stop(); }

Result<bool> Sandbox::start() {
  auto running = std::make_unique<Running>(options_);
  if (const auto fault = running->listen(options_)) {
    return fail(ErrorClass::unavailable,
                "listen_failed",
                "the sandbox can't listen on " + options_.address + ":" +
                    std::to_string(options_.port) + ": " + fault.message());
  }
  running->port = running->acceptor.local_endpoint().port();
  running_ = std::move(running);
  running_->core.set_public_url(url());
  if (const auto& path = options_.paypal_ca_file; !path.empty()) {
    std::ofstream file(path, std::ios::trunc);
    for (const auto& gateway : running_->core.gateways()) file << gateway->authority();
    if (!file.flush()) {
      running_.reset();
      return fail(ErrorClass::invalid, "ca_file_unwritable", "the sandbox can't write " + path);
    }
  }
  asio::co_spawn(running_->context, running_->accept_all(), asio::detached);
  running_->thread = std::thread([running = running_.get()] { running->context.run(); });
  return true;
}

void Sandbox::stop() {
  if (!running_) return;
  running_->context.stop();
  running_->thread.join();
  running_.reset();
}

std::uint16_t Sandbox::port() const { return running_ ? running_->port : 0; }

std::string Sandbox::url() const {
  if (!options_.public_url.empty()) return options_.public_url;
  return "http://" + options_.address + ":" + std::to_string(port());
}

int run_sandbox(const SandboxOptions& options) {
  // Taken before anything starts, so that a signal that comes at once is not lost.
  asio::io_context waiting;
  asio::signal_set signals(waiting, SIGINT, SIGTERM);
  Sandbox sandbox(options);
  if (const auto started = sandbox.start(); !started) {
    std::fprintf(stderr, "%s\n", started.error().message.c_str());
    return 7;
  }
  std::printf("sandbox      %s   what there is, and buttons\n", sandbox.url().c_str());
  for (const char* name : {"dodo", "paypal", "stripe"})
    std::printf("%-12s base URL %s/%s\n", name, sandbox.url().c_str(), name);
  std::printf("API key      %s\n", options.api_key.c_str());
  std::printf("webhooks to  %s\n", options.webhook_url.c_str());
  std::printf("requests     %s/sandbox/requests\n", sandbox.url().c_str());
  std::printf("deliveries   %s/sandbox/deliveries\n", sandbox.url().c_str());
  std::fflush(stdout);
  signals.async_wait([](const boost::system::error_code&, int) {});
  waiting.run();
  sandbox.stop();
  return 0;
}

}  // namespace vozex::sandbox
