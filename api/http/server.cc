// SPDX-License-Identifier: Apache-2.0
#include "api/http/server.h"

#include "api/http/connection_internal.h"

#include <thread>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "api/http/loop_internal.h"

namespace vozex::http {
namespace asio = boost::asio;
using asio::ip::tcp;

struct Server::Impl {
  Impl(ServerOptions o, Router router, Authenticate authenticate, Observe observe)
      : options(std::move(o)), shared(std::make_shared<Shared>()) {
    shared->limits = options.limits;
    shared->router = std::move(router);
    shared->authenticate = std::move(authenticate);
    shared->observe =
        observe ? std::move(observe)
                : [](std::string_view, std::string_view, unsigned, std::chrono::microseconds) {};
    const std::size_t count = std::max<std::size_t>(1, options.threads);
    for (std::size_t i = 0; i < count; ++i) loops.push_back(std::make_unique<Loop>());
    acceptor.emplace(loops.front()->io());
    retry.emplace(loops.front()->io());
  }

  void accept();
  void on_accepted(boost::system::error_code error, Socket socket, Loop& loop);

  ServerOptions options;
  std::shared_ptr<Shared> shared;
  std::vector<std::unique_ptr<Loop>> loops;
  // On the first loop.
  std::optional<tcp::acceptor> acceptor;
  std::optional<asio::steady_timer> retry;
  std::size_t next_loop = 0;
  bool running = false;
  std::uint16_t bound_port = 0;
};

// Connections go to the loops in turn.
void Server::Impl::accept() {
  Loop& loop = *loops[next_loop++ % loops.size()];
  acceptor->async_accept(loop.io(), [this, &loop](boost::system::error_code error, Socket socket) {
    on_accepted(error, std::move(socket), loop);
  });
}

void Server::Impl::on_accepted(boost::system::error_code error, Socket socket, Loop& loop) {
  if (error == asio::error::operation_aborted || shared->stopping.load()) return;
  if (error) {  // out of descriptors, mostly: let some end
    retry->expires_after(std::chrono::milliseconds(50));
    retry->async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) accept();
    });
    return;
  }
  if (shared->open.load() < shared->limits.connections) {
    shared->open.fetch_add(1);
    asio::post(loop.io(), [this, &loop, taken = std::move(socket)]() mutable {
      std::make_shared<Connection>(std::move(taken), shared, loop)->start();
    });
  }
  accept();
}

Server::Server(ServerOptions options, Router router, Authenticate authenticate, Observe observe)
    : impl_(std::make_unique<Impl>(
          std::move(options), std::move(router), std::move(authenticate), std::move(observe))) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

Result<void> Server::run() {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(impl_->options.address, error);
  if (error) {
    return fail(ErrorClass::invalid,
                "invalid_address",
                "Expected an IP address to listen on, got \"" + impl_->options.address + "\".");
  }
  const tcp::endpoint endpoint(address, impl_->options.port);
  impl_->acceptor->open(endpoint.protocol(), error);
  if (!error) impl_->acceptor->set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl_->acceptor->bind(endpoint, error);
  if (!error) impl_->acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(ErrorClass::unavailable,
                "cannot_listen",
                "Can't listen on " + impl_->options.address + ":" +
                    std::to_string(impl_->options.port) + ": " + error.message() +
                    ". Is another server running there? Choose another port.");
  }
  impl_->bound_port = impl_->acceptor->local_endpoint().port();
  impl_->accept();
  for (const auto& loop : impl_->loops) loop->start();
  impl_->running = true;
  return {};
}

std::uint16_t Server::port() const { return impl_->bound_port; }

std::size_t Server::open_connections() const { return impl_->shared->open.load(); }

void Server::stop(std::chrono::milliseconds grace) {
  if (!std::exchange(impl_->running, false)) return;
  impl_->shared->stopping.store(true);
  asio::post(impl_->loops.front()->io(), [this] {
    boost::system::error_code ignored;
    impl_->acceptor->close(ignored);
    impl_->retry->cancel();
  });
  for (const auto& loop : impl_->loops) loop->each(&Connection::wind_down);
  const auto deadline = std::chrono::steady_clock::now() + grace;
  while (impl_->shared->open.load() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  for (const auto& loop : impl_->loops) loop->each(&Connection::close);
  for (const auto& loop : impl_->loops) loop->stop();
}

}  // namespace vozex::http
