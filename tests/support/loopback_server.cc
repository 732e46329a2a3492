// SPDX-License-Identifier: Apache-2.0
#include "tests/support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>

#include "engine/base/assert.h"

namespace vozex::test {
namespace {

int listen_on_loopback(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  VOZEX_ASSERT(fd >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  VOZEX_ASSERT(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  socklen_t size = sizeof address;
  VOZEX_ASSERT(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port = ntohs(address.sin_port);
  return fd;
}

// False at the end of the connection.
bool read_more(int fd, std::string& buffer) {
  char bytes[16384];
  const auto count = ::recv(fd, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(count));
  return true;
}

void read_headers(const std::string& head, WireRequest& request) {
  auto at = head.find("\r\n");
  const std::string line = head.substr(0, at);
  request.method = line.substr(0, line.find(' '));
  const auto target = line.find(' ') + 1;
  request.target = line.substr(target, line.rfind(' ') - target);
  while (at != std::string::npos) {
    const auto start = at + 2;
    at = head.find("\r\n", start);
    const std::string field = head.substr(start, at == std::string::npos ? at : at - start);
    const auto colon = field.find(": ");
    if (colon == std::string::npos) continue;
    std::string name = field.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    request.headers[name] = field.substr(colon + 2);
  }
}

bool read_request(int fd, std::string& buffer, WireRequest& request) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(fd, buffer)) return false;
  }
  read_headers(buffer.substr(0, end), request);
  const auto length = request.headers.find("content-length");
  const std::size_t wanted =
      length == request.headers.end() ? 0 : std::strtoul(length->second.c_str(), nullptr, 10);
  while (buffer.size() < end + 4 + wanted) {
    if (!read_more(fd, buffer)) return false;
  }
  request.body = buffer.substr(end + 4, wanted);
  buffer.erase(0, end + 4 + wanted);
  return true;
}

void write_all(int fd, const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const auto count = ::send(fd, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (count <= 0) return;
    done += static_cast<std::size_t>(count);
  }
}

}  // namespace

WireReply WireReply::answer(int status,
                            const std::string& body,
                            const std::vector<std::string>& headers) {
  WireReply reply;
  reply.raw = "HTTP/1.1 " + std::to_string(status) +
              " X\r\ncontent-length: " + std::to_string(body.size()) + "\r\n";
  for (const auto& header : headers) reply.raw += header + "\r\n";
  reply.raw += "\r\n" + body;
  return reply;
}

struct LoopbackServer::State {
  Handler handler;
  int listener = -1;
  std::uint16_t port = 0;
  std::atomic<int> requests{0};
  std::atomic<int> connections{0};
  std::mutex mutex;  // guards open and threads
  std::set<int> open;
  std::vector<std::thread> threads;
  std::thread acceptor;

  void serve(int fd, int number) {
    std::string buffer;
    for (;;) {
      WireRequest request;
      request.connection = number;
      if (!read_request(fd, buffer, request)) break;
      ++requests;
      const WireReply reply = handler(request);
      if (reply.after == WireReply::After::silence) {
        while (read_more(fd, buffer)) {
        }
        break;
      }
      write_all(fd, reply.raw);
      if (reply.after != WireReply::After::keep_alive) break;
    }
    const std::lock_guard lock(mutex);
    open.erase(fd);
    ::shutdown(fd, SHUT_RDWR);
    ::close(fd);
  }

  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      const int number = ++connections;
      const std::lock_guard lock(mutex);
      open.insert(fd);
      threads.emplace_back([this, fd, number] { serve(fd, number); });
    }
  }
};

LoopbackServer::LoopbackServer(Handler handler) : state_(std::make_shared<State>()) {
  state_->handler = std::move(handler);
  state_->listener = listen_on_loopback(state_->port);
  VOZEX_ASSERT(::listen(state_->listener, 128) == 0);
  state_->acceptor = std::thread([state = state_.get()] { state->accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  ::shutdown(state_->listener, SHUT_RDWR);
  state_->acceptor.join();
  ::close(state_->listener);
  {
    const std::lock_guard lock(state_->mutex);
    for (const int fd : state_->open) ::shutdown(fd, SHUT_RDWR);
  }
  for (auto& thread : state_->threads) thread.join();
}

std::uint16_t LoopbackServer::port() const { return state_->port; }
int LoopbackServer::requests() const { return state_->requests; }
int LoopbackServer::connections() const { return state_->connections; }

std::uint16_t closed_port() {
  std::uint16_t port = 0;
  ::close(listen_on_loopback(port));
  return port;
}

}  // namespace vozex::test
