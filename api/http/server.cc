// SPDX-License-Identifier: Apache-2.0
#include "api/http/server.h"

#include "api/http/connection_internal.h"

#include <mutex>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "engine/base/assert.h"

namespace vozex::http {
namespace asio = boost::asio;
using asio::ip::tcp;

struct Server::Impl {
  Impl(ServerOptions o, Router router, Authenticate authenticate, Observe observe)
      : options(std::move(o)), shared(std::make_shared<Shared>()), acceptor(io), retry(io) {
    shared->limits = options.limits;
    shared->router = std::move(router);
    shared->authenticate = std::move(authenticate);
    shared->observe =
        observe ? std::move(observe)
                : [](std::string_view, std::string_view, unsigned, std::chrono::microseconds) {};
  }

  void accept();
  void on_accepted(boost::system::error_code error, tcp::socket socket);
  void remember(const std::shared_ptr<Connection>& connection);
  template <class Action>
  void each_connection(Action action);

  ServerOptions options;
  std::shared_ptr<Shared> shared;
  asio::io_context io;
  tcp::acceptor acceptor;
  asio::steady_timer retry;
  std::vector<std::thread> threads;
  std::mutex mutex;  // guards connections
  std::vector<std::weak_ptr<Connection>> connections;
  std::uint16_t bound_port = 0;
};

void Server::Impl::accept() {
  acceptor.async_accept(asio::make_strand(io),
                        [this](boost::system::error_code error, tcp::socket socket) {
                          on_accepted(error, std::move(socket));
                        });
}

void Server::Impl::on_accepted(boost::system::error_code error, tcp::socket socket) {
  if (error == asio::error::operation_aborted || shared->stopping.load()) return;
  if (error) {  // out of descriptors, mostly: let some end
    retry.expires_after(std::chrono::milliseconds(50));
    retry.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) accept();
    });
    return;
  }
  if (shared->open.load() < shared->limits.connections) {
    auto connection = std::make_shared<Connection>(std::move(socket), shared);
    remember(connection);
    connection->start();
  }
  accept();
}

void Server::Impl::remember(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex);
  // Forget the dead when they could be half of the list.
  if (connections.size() > 64 && connections.size() > 2 * shared->open.load()) {
    std::erase_if(connections, [](const auto& weak) { return weak.expired(); });
  }
  connections.push_back(connection);
}

template <class Action>
void Server::Impl::each_connection(Action action) {
  const std::lock_guard lock(mutex);
  for (const auto& weak : connections) {
    if (auto connection = weak.lock()) action(*connection);
  }
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
  impl_->acceptor.open(endpoint.protocol(), error);
  if (!error) impl_->acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) impl_->acceptor.bind(endpoint, error);
  if (!error) impl_->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return fail(ErrorClass::unavailable,
                "cannot_listen",
                "Can't listen on " + impl_->options.address + ":" +
                    std::to_string(impl_->options.port) + ": " + error.message() +
                    ". Is another server running there? Choose another port.");
  }
  impl_->bound_port = impl_->acceptor.local_endpoint().port();
  impl_->accept();
  for (std::size_t i = 0; i < std::max<std::size_t>(1, impl_->options.threads); ++i) {
    impl_->threads.emplace_back([this] { impl_->io.run(); });
  }
  return {};
}

std::uint16_t Server::port() const { return impl_->bound_port; }

std::size_t Server::open_connections() const { return impl_->shared->open.load(); }

void Server::stop(std::chrono::milliseconds grace) {
  if (impl_->threads.empty()) return;
  impl_->shared->stopping.store(true);
  asio::post(impl_->io, [this] {
    boost::system::error_code ignored;
    impl_->acceptor.close(ignored);
    impl_->retry.cancel();
  });
  impl_->each_connection([](Connection& connection) { connection.wind_down(); });
  const auto deadline = std::chrono::steady_clock::now() + grace;
  while (impl_->shared->open.load() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  impl_->each_connection([](Connection& connection) { connection.close(); });
  impl_->io.stop();
  for (std::thread& thread : impl_->threads) thread.join();
  impl_->threads.clear();
}

}  // namespace vozex::http
