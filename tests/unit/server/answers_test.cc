// SPDX-License-Identifier: Apache-2.0
// Answers from other threads: each reaches its own request, also when many come at once, when the
// server is being stopped, and when the deadline is over in the same moment.
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "api/http/answers_together.h"
#include "api/http/loop_internal.h"
#include "tests/unit/server/wire_client.h"

#include "api/http/connection_internal.h"

namespace vozex::http::test {
namespace {

// Threads that answer GET /slow/{id} with "slow <id>".
class Answerers {
 public:
  explicit Answerers(std::size_t threads) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~Answerers() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Handler handler() {
    return [this](Request request, Responder respond) {
      {
        const std::lock_guard lock(mutex_);
        jobs_.emplace_back(std::string(request.parameter("id")), std::move(respond));
      }
      wake_.notify_one();
    };
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const auto [id, respond] = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      respond(Response::text(200, "slow " + id));
      respond(Response::text(200, "a second answer"));
      lock.lock();
    }
  }

  std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<std::pair<std::string, Responder>> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

std::unique_ptr<Server> server_of(Handler slow,
                                  std::chrono::milliseconds answer_time,
                                  std::size_t threads = ServerOptions{}.threads) {
  Router router;
  router.add({"GET", "/slow/{id}", std::move(slow), true, k_default_body_limit});
  ServerOptions options;
  options.limits.answer_time = answer_time;
  options.threads = threads;
  auto server = std::make_unique<Server>(
      options,
      std::move(router),
      [](std::string_view) { return std::optional<std::string>("x"); },
      [](std::string_view, std::string_view, unsigned, auto) {});
  EXPECT_TRUE(server->run());
  return server;
}

std::string slow(const std::string& id) { return request_text("GET", "/slow/" + id); }

TEST(Answers, OfManyThreadsReachTheirOwnRequests) {
  constexpr int k_clients = 16;
  constexpr int k_requests = 100;
  Answerers answerers(4);
  const auto server = server_of(answerers.handler(), std::chrono::seconds(60));
  std::atomic<int> right{0};
  std::vector<std::thread> clients;
  for (int c = 0; c < k_clients; ++c) {
    clients.emplace_back([&, c] {
      WireClient client(server->port());
      const auto id = [c](int i) { return std::to_string(c) + "-" + std::to_string(i); };
      std::string all;
      for (int i = 0; i < k_requests; ++i) all += slow(id(i));
      client.send(all);
      for (int i = 0; i < k_requests; ++i) {
        const auto answer = client.read_answer();
        if (answer && answer->status == 200 && answer->body == "slow " + id(i)) ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, k_clients * k_requests);
}

// Whichever is first, the request has one answer, and the next one on the connection gets its own.
TEST(Answers, AndADeadlineInTheSameMomentMakeOneAnswer) {
  constexpr int k_requests = 400;
  const std::chrono::milliseconds deadline(2);
  Answerers answerers(1);
  const Handler at_once = answerers.handler();
  const Handler late = [&](Request request, Responder respond) {
    const auto until = std::chrono::steady_clock::now() + deadline;
    at_once(std::move(request), [respond, until](Response response) {
      while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
      respond(std::move(response));
    });
  };
  const auto server = server_of(late, deadline);
  WireClient client(server->port());
  for (int i = 0; i < k_requests; ++i) {
    ASSERT_TRUE(client.send(slow(std::to_string(i))));
    const auto answer = client.read_answer();
    ASSERT_TRUE(answer) << i;
    if (answer->status == 200) {
      EXPECT_EQ(answer->body, "slow " + std::to_string(i));
    } else {
      EXPECT_EQ(answer->status, 503u) << answer->body;
    }
  }
  client.send(request_text("GET", "/slow/last", "", "connection: close\r\n"));
  EXPECT_TRUE(client.read_answer());
  EXPECT_TRUE(client.is_closed()) << "nothing more came than was asked for";
}

// Both answers are for the server's one thread, so the second overtakes the first only where the
// first was kept.
TEST(Answers, KeptTogetherGoOutAtTheEnd) {
  std::mutex mutex;
  std::condition_variable asked;
  std::map<std::string, Responder> responders;
  const Handler keep = [&](Request request, Responder respond) {
    const std::lock_guard lock(mutex);
    responders[std::string(request.parameter("id"))] = std::move(respond);
    asked.notify_all();
  };
  const auto server = server_of(keep, std::chrono::seconds(60), 1);
  WireClient first(server->port());
  WireClient second(server->port());
  first.send(slow("1"));
  second.send(slow("2"));
  std::unique_lock lock(mutex);
  asked.wait(lock, [&] { return responders.size() == 2; });
  {
    const AnswersTogether outer;
    {
      const AnswersTogether together;
      responders["1"](Response::text(200, "kept"));
      std::thread([&] { responders["2"](Response::text(200, "at once")); }).join();
      EXPECT_EQ(second.read_answer().value().body, "at once");
      EXPECT_TRUE(first.is_silent());
    }
    EXPECT_EQ(first.read_answer().value().body, "kept");
  }
}

TEST(Answers, ThatComeWhileTheServerStopsHarmNobody) {
  constexpr int k_clients = 6;
  for (int round = 0; round < 30; ++round) {
    Answerers answerers(3);
    auto server = server_of(answerers.handler(), std::chrono::seconds(60));
    const std::uint16_t port = server->port();
    std::atomic<int> sent{0};
    std::atomic<int> connected{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> clients;
    for (int c = 0; c < k_clients; ++c) {
      clients.emplace_back([&, c] {
        WireClient client(port);
        ++connected;
        for (int i = 0;; ++i) {
          const std::string id = std::to_string(c) + "-" + std::to_string(i);
          if (!client.send(slow(id))) return;
          ++sent;
          const auto answer = client.read_answer();
          if (!answer) return;
          if (answer->body != "slow " + id) ++wrong;
          if (answer->headers.contains("connection")) return;
        }
      });
    }
    while (connected < k_clients || sent < 20) std::this_thread::yield();
    server->stop(std::chrono::milliseconds(round % 2 == 0 ? 0 : 5000));
    server.reset();  // connections that were let go are closed; answers still come
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(wrong, 0);
  }
}

TEST(AMailbox, WakesItsLoopOnceForAllThatIsThereAndNeverAfterItsEnd) {
  boost::asio::io_context io;
  const auto mailbox = std::make_shared<Mailbox>(io);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([mailbox] {
      for (int n = 0; n < 250; ++n) mailbox->put({{}, 1, Response::text(200, "x")});
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(io.poll(), 1u) << "a thousand letters, one wake-up";
  io.restart();
  mailbox->put({{}, 2, Response::text(200, "x")});
  EXPECT_EQ(io.poll(), 1u) << "and one again for the next";
  io.restart();
  mailbox->put({{}, 3, Response::text(200, "x")});
  mailbox->close();
  mailbox->put({{}, 4, Response::text(200, "x")});
  EXPECT_EQ(io.poll(), 1u) << "what had been woken finds nothing";
}

TEST(AMailbox, MayBeClosedWhileOthersPost) {
  for (int round = 0; round < 200; ++round) {
    auto io = std::make_unique<boost::asio::io_context>();
    const auto mailbox = std::make_shared<Mailbox>(*io);
    std::atomic<bool> go{false};
    std::thread poster([&] {
      while (!go) std::this_thread::yield();
      for (int n = 0; n < 50; ++n) mailbox->put({{}, 1, Response::text(200, "x")});
    });
    go = true;
    mailbox->close();
    io.reset();  // a put() that came later would touch what is gone
    poster.join();
    EXPECT_EQ(mailbox.use_count(), 1);
  }
}

}  // namespace
}  // namespace vozex::http::test
