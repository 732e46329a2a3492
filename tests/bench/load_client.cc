// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "engine/base/assert.h"
#include "tests/bench/child.h"

namespace vozex::bench {
namespace {

// After so long without any answer the server is taken for dead.
constexpr int k_patience_ms = 20'000;

struct Connection {
  int socket = -1;
  std::string answer;
  double sent_at = 0;
};

int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  VOZEX_ASSERT(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

// The length of the whole answer when its header is there, else 0. Our servers always send a
// length.
std::size_t answer_length(const std::string& answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return 0;
  constexpr std::string_view k_name = "\r\ncontent-length:";
  for (std::size_t at = 0; at < end; ++at) {
    if (::strncasecmp(answer.c_str() + at, k_name.data(), k_name.size()) != 0) continue;
    return end + 4 + std::strtoul(answer.c_str() + at + k_name.size(), nullptr, 10);
  }
  return end + 4;
}

bool is_success(const std::string& answer) { return answer.compare(9, 1, "2") == 0; }

class Load {
 public:
  Load(int port, std::size_t count, const NextRequest& next)
      : next_(next), poll_(::epoll_create1(EPOLL_CLOEXEC)), connections_(count) {
    for (std::size_t i = 0; i < count; ++i) {
      connections_[i].socket = connect_to(port);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = i;
      ::epoll_ctl(poll_, EPOLL_CTL_ADD, connections_[i].socket, &event);
    }
  }
  ~Load() {
    for (std::size_t i = 0; i < connections_.size(); ++i) close(i);
    ::close(poll_);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  LoadResult run() {
    begin_ = now_seconds();
    open_ = connections_.size();
    for (std::size_t i = 0; i < connections_.size(); ++i) send_next(i);
    while (open_ > 0) {
      epoll_event events[256];
      const int count = ::epoll_wait(poll_, events, 256, k_patience_ms);
      if (count == 0) {
        fail("no answer for 20 s");
        break;
      }
      for (int i = 0; i < count; ++i) receive(events[i].data.u64);
    }
    return std::move(result_);
  }

 private:
  void send_next(std::size_t index) {
    const std::string request = next_(index, connections_[index].answer);
    connections_[index].answer.clear();
    if (request.empty()) {
      close(index);
      return;
    }
    Connection& connection = connections_[index];
    connection.sent_at = now_seconds();
    // Requests are far smaller than a socket's buffer.
    const ssize_t sent = ::send(connection.socket, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request.size())) broken(index);
  }

  void receive(std::size_t index) {
    Connection& connection = connections_[index];
    if (connection.socket < 0) return;
    char buffer[16'384];
    const ssize_t got = ::recv(connection.socket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got <= 0) {
      broken(index);
      return;
    }
    connection.answer.append(buffer, static_cast<std::size_t>(got));
    const std::size_t length = answer_length(connection.answer);
    if (length == 0 || connection.answer.size() < length) return;
    const double at = now_seconds();
    result_.milliseconds.push_back((at - connection.sent_at) * 1000);
    result_.seconds = at - begin_;
    if (!is_success(connection.answer)) fail(connection.answer);
    send_next(index);
  }

  void fail(const std::string& why) {
    if (result_.failed++ == 0) result_.first_failure = why.substr(0, 600);
  }
  void broken(std::size_t index) {
    fail("the connection broke");
    close(index);
  }
  void close(std::size_t index) {
    if (connections_[index].socket < 0) return;
    ::close(connections_[index].socket);
    connections_[index].socket = -1;
    --open_;
  }

  const NextRequest& next_;
  int poll_;
  std::vector<Connection> connections_;
  std::size_t open_ = 0;
  double begin_ = 0;
  LoadResult result_;
};

}  // namespace

LoadResult run_load(int port, std::size_t connections, const NextRequest& next) {
  return Load(port, connections, next).run();
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

std::string post_request(const std::string& path, const std::string& key, const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer " + key +
         "\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string get_request(const std::string& path, const std::string& key) {
  return "GET " + path + " HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer " + key +
         "\r\n\r\n";
}

}  // namespace vozex::bench
