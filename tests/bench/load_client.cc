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
#include <utility>

#include "engine/base/assert.h"
#include "tests/bench/child.h"

namespace vozex::bench {
namespace {

// After so long without any answer the server is taken for dead.
constexpr int k_patience_ms = 20'000;

struct Connection {
  int socket = -1;
  std::string answer;  // what came of one that did not come whole
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
std::size_t answer_length(std::string_view answer) {
  constexpr std::string_view k_name = "content-length:";
  std::size_t length = 0;
  for (std::size_t line = 0;;) {
    const std::size_t end = answer.find('\n', line);
    if (end == std::string_view::npos) return 0;
    if (end - line < 2) return end + 1 + length;  // the empty line after the header
    const char* text = answer.data() + line;
    if (end - line > k_name.size() && ::strncasecmp(text, k_name.data(), k_name.size()) == 0) {
      length = std::strtoul(text + k_name.size(), nullptr, 10);
    }
    line = end + 1;
  }
}

bool is_success(std::string_view answer) { return answer.size() > 9 && answer[9] == '2'; }

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
    const double cpu_before = own_cpu_seconds();
    begin_ = now_ = now_seconds();
    open_ = connections_.size();
    for (std::size_t i = 0; i < connections_.size(); ++i) send_next(i, {});
    while (open_ > 0) {
      epoll_event events[256];
      const int count = ::epoll_wait(poll_, events, 256, k_patience_ms);
      now_ = now_seconds();
      if (count == 0) {
        fail("no answer for 20 s");
        break;
      }
      for (int i = 0; i < count; ++i) receive(events[i].data.u64);
    }
    result_.cpu_seconds = own_cpu_seconds() - cpu_before;
    return std::move(result_);
  }

 private:
  void send_next(std::size_t index, std::string_view answer) {
    request_.clear();
    next_(index, answer, request_);
    if (request_.empty()) {
      close(index);
      return;
    }
    Connection& connection = connections_[index];
    connection.sent_at = now_;
    // Requests are far smaller than a socket's buffer.
    const ssize_t sent = ::send(connection.socket, request_.data(), request_.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(request_.size())) broken(index);
  }

  void receive(std::size_t index) {
    Connection& connection = connections_[index];
    if (connection.socket < 0) return;
    const ssize_t got = ::recv(connection.socket, buffer_, sizeof buffer_, MSG_DONTWAIT);
    if (got <= 0) {
      broken(index);
      return;
    }
    std::string_view answer(buffer_, static_cast<std::size_t>(got));
    if (!connection.answer.empty()) answer = connection.answer.append(answer);
    const std::size_t length = answer_length(answer);
    if (length == 0 || answer.size() < length) {
      if (connection.answer.empty()) connection.answer = answer;
      return;
    }
    result_.milliseconds.push_back((now_ - connection.sent_at) * 1000);
    result_.seconds = now_ - begin_;
    if (!is_success(answer)) fail(answer);
    send_next(index, answer);
    connection.answer.clear();
  }

  void fail(std::string_view why) {
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
  double now_ = 0;  // of the last wake-up
  std::string request_;
  char buffer_[16'384];
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

RequestTemplate::RequestTemplate(std::string request, const std::string& hole)
    : request_(std::move(request)), length_(hole.size()) {
  for (std::size_t at = 0; (at = request_.find(hole, at)) != std::string::npos; at += length_) {
    holes_.push_back(at);
  }
  VOZEX_ASSERT(!holes_.empty());
}

const std::string& RequestTemplate::fill(std::string_view text) {
  VOZEX_ASSERT(text.size() == length_);
  for (const std::size_t at : holes_) request_.replace(at, length_, text);
  return request_;
}

}  // namespace vozex::bench
