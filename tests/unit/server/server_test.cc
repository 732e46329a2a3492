// SPDX-License-Identifier: Apache-2.0
// A real server on loopback: what each kind of request, good or bad, gets on the wire.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "tests/unit/server/running_server.h"

namespace vozex::http::test {
namespace {

using ::testing::HasSubstr;

TEST(Server, RoutesByMethodAndPath) {
  RunningServer running;
  WireClient client(running.port());
  client.send(request_text("GET", "/hello"));
  auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200u);
  EXPECT_EQ(answer->body, "hello");
  EXPECT_EQ(answer->headers["x-content-type-options"], "nosniff");

  client.send(request_text("GET", "/things/a%20b?q=1%2B1"));
  EXPECT_EQ(client.read_answer()->body, "thing a b 1+1");
  client.send(request_text("GET", "/things/special"));
  EXPECT_EQ(client.read_answer()->body, "special");
  client.send(request_text("GET", "/things/a%2Fb"));
  EXPECT_EQ(client.read_answer()->body, "thing a/b -");
}

TEST(Server, UnknownPathIs404AndWrongMethodIs405WithAllow) {
  RunningServer running;
  auto missing = ask(running.port(), request_text("GET", "/nothing"));
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->status, 404u);
  EXPECT_EQ(missing->headers["content-type"], "application/problem+json");
  EXPECT_THAT(missing->body, HasSubstr("\"code\":\"no_such_page\""));

  auto wrong = ask(running.port(), request_text("DELETE", "/hello"));
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->status, 405u);
  EXPECT_EQ(wrong->headers["allow"], "GET");
}

TEST(Server, AKeyIsWantedBeforeTheBodyIsRead) {
  RunningServer running;
  auto refused = ask(running.port(), request_text("GET", "/private"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 401u);
  EXPECT_THAT(refused->headers["www-authenticate"], HasSubstr("Bearer"));
  EXPECT_EQ(
      ask(running.port(), request_text("GET", "/private", "", "authorization: Bearer nope\r\n"))
          ->status,
      401u);
  EXPECT_EQ(
      ask(running.port(), request_text("GET", "/private", "", "authorization: bearer secret\r\n"))
          ->body,
      "tester");
  EXPECT_EQ(ask(running.port(), request_text("GET", "/private", "", "x-api-key: secret\r\n"))->body,
            "tester");
}

TEST(Server, KeepsAConnectionAndAnswersPipelinedRequestsInOrder) {
  RunningServer running;
  WireClient client(running.port());
  client.send(request_text("GET", "/hello") + request_text("POST", "/echo", "two") +
              request_text("GET", "/things/3"));
  EXPECT_EQ(client.read_answer()->body, "hello");
  EXPECT_EQ(client.read_answer()->body, "two");
  EXPECT_EQ(client.read_answer()->body, "thing 3 -");
  client.send(request_text("GET", "/hello", "", "connection: close\r\n"));
  auto last = client.read_answer();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->headers["connection"], "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(Server, HeadHasTheLengthAndNoBody) {
  RunningServer running;
  WireClient client(running.port());
  client.send(request_text("HEAD", "/hello") + request_text("GET", "/hello"));
  auto head = client.read_answer(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers["content-length"], "5");
  EXPECT_EQ(client.read_answer()->body, "hello");
  client.send(request_text("HEAD", "/file"));
  EXPECT_EQ(client.read_answer(true)->headers["content-length"], "150000");
}

TEST(Server, ReadsChunkedBodies) {
  RunningServer running;
  auto answer = ask(running.port(),
                    request_text("POST", "/echo", "", "transfer-encoding: chunked\r\n") +
                        "4\r\nWiki\r\n6\r\npedia \r\n0\r\n\r\n");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "Wikipedia ");
}

TEST(Server, SaysContinueToThoseWhoAsk) {
  RunningServer running;
  WireClient client(running.port());
  client.send(
      "POST /echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 100u);
  client.send("abc");
  EXPECT_EQ(client.read_answer()->body, "abc");
}

TEST(Server, ABodyOf100MbIsRefusedBeforeItIsRead) {
  RunningServer running;
  WireClient client(running.port());
  client.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\n\r\n");
  auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413u);
  EXPECT_THAT(answer->body, HasSubstr("104857600 were announced"));
}

TEST(Server, SomebodyWhoSends100MbAnywayStillHearsWhy) {
  RunningServer running;
  WireClient client(running.port());
  client.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\n\r\n");
  const std::string piece(1 << 20, 'x');
  for (int i = 0; i < 100 && client.send(piece); ++i) {
  }
  auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 413u);
}

TEST(Server, AnUnannouncedBodyIsCutAtTheLimitOfItsRoute) {
  RunningServer running;
  WireClient client(running.port());
  client.send(request_text("POST", "/small", "", "transfer-encoding: chunked\r\n"));
  client.send("c8\r\n" + std::string(200, 'x') + "\r\n0\r\n\r\n");
  EXPECT_EQ(client.read_answer()->status, 413u);
  EXPECT_EQ(ask(running.port(), request_text("POST", "/small", std::string(100, 'x')))->body,
            "fits");
}

TEST(Server, ASlowHeadIs408) {
  RunningServer running(small_limits());
  WireClient begun(running.port());
  begun.send("GET /hello HTTP/1.1\r\nho");
  EXPECT_EQ(begun.read_answer()->status, 408u);
  WireClient line_only(running.port());
  line_only.send("GET /hello HTTP/1.1\r\n");
  EXPECT_EQ(line_only.read_answer()->status, 408u);
}

TEST(Server, ASlowBodyIs408AndNothingWasDone) {
  RunningServer running(small_limits());
  WireClient client(running.port());
  client.send("POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
  auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 408u);
  EXPECT_THAT(answer->body, HasSubstr("nothing was done"));
}

TEST(Server, ASilentConnectionIsClosedWithoutAWord) {
  RunningServer running(small_limits());
  WireClient client(running.port());
  EXPECT_TRUE(client.is_closed());
}

TEST(Server, TooLargeAHeaderIs431) {
  RunningServer running(small_limits());
  EXPECT_EQ(ask(running.port(),
                request_text("GET", "/hello", "", "x: " + std::string(8000, 'y') + "\r\n"))
                ->status,
            431u);
}

TEST(Server, WhatIsNotHttpIs400) {
  RunningServer running;
  for (const std::string_view text :
       {"hello there\r\n\r\n",
        "GET\r\n\r\n",
        "GET /hello HTTP/9.9\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
        "GET /hello HTTP/1.1\r\nbad header\r\n\r\n",
        "POST /echo HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        "POST /echo HTTP/1.1\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
        "POST /echo HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        "GET /a%zz HTTP/1.1\r\n\r\n"}) {
    auto answer = ask(running.port(), text);
    ASSERT_TRUE(answer) << text;
    EXPECT_EQ(answer->status, 400u) << text;
  }
}

TEST(Server, AThousandConnectionsAtOnce) {
  RunningServer running;
  std::vector<std::unique_ptr<WireClient>> clients;
  for (int i = 0; i < 1000; ++i) clients.push_back(std::make_unique<WireClient>(running.port()));
  for (int round = 0; round < 2; ++round) {
    for (auto& client : clients) ASSERT_TRUE(client->send(request_text("GET", "/hello")));
    for (auto& client : clients) ASSERT_EQ(client->read_answer()->body, "hello");
  }
  EXPECT_EQ(running.server().open_connections(), 1000u);
}

TEST(Server, BeyondTheLimitOfConnectionsNewOnesAreClosed) {
  ServerLimits limits;
  limits.connections = 2;
  RunningServer running(limits);
  WireClient first(running.port());
  WireClient second(running.port());
  first.send(request_text("GET", "/hello"));
  second.send(request_text("GET", "/hello"));
  ASSERT_TRUE(first.read_answer());
  ASSERT_TRUE(second.read_answer());
  WireClient third(running.port());
  EXPECT_TRUE(third.is_closed());
}

TEST(Server, AnAnswerMayComeFromAnotherThreadAndOnlyTheFirstCounts) {
  RunningServer running;
  WireClient client(running.port());
  client.send(request_text("GET", "/later"));
  Responder respond = running.take_later();
  std::thread other([&] {
    respond(Response::text(200, "first"));
    respond(Response::text(200, "second"));
  });
  EXPECT_EQ(client.read_answer()->body, "first");
  other.join();
  client.send(request_text("GET", "/hello"));
  EXPECT_EQ(client.read_answer()->body, "hello");
  respond(Response::text(200, "late, and to nobody else's question"));
  client.send(request_text("GET", "/hello"));
  EXPECT_EQ(client.read_answer()->body, "hello");
}

TEST(Server, NoAnswerInTimeIs503) {
  RunningServer running(small_limits());
  WireClient client(running.port());
  client.send(request_text("GET", "/later"));
  auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503u);
  EXPECT_EQ(answer->headers["retry-after"], "1");
  running.take_later()(Response::text(200, "too late"));
}

TEST(Server, AClientThatLeavesWhileItsHandlerWorksHarmsNobody) {
  RunningServer running;
  {
    WireClient client(running.port());
    client.send(request_text("GET", "/later"));
    Responder respond = running.take_later();
    client.close();
    respond(Response::text(200, "to nobody"));
  }
  EXPECT_EQ(ask(running.port(), request_text("GET", "/hello"))->body, "hello");
}

TEST(Server, AHandlerThatThrowsIs500AndTheServerGoesOn) {
  RunningServer running;
  WireClient client(running.port());
  client.send(request_text("GET", "/throws"));
  EXPECT_EQ(client.read_answer()->status, 500u);
  client.send(request_text("GET", "/hello"));
  EXPECT_EQ(client.read_answer()->body, "hello");
}

TEST(Server, StreamsAPartOfAFileAndKeepsTheConnection) {
  RunningServer running;
  std::ifstream file(running.file_path(), std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  WireClient client(running.port());
  client.send(request_text("GET", "/file") + request_text("GET", "/hello"));
  auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 206u);
  EXPECT_EQ(answer->body, whole.substr(10, 150'000));
  EXPECT_EQ(client.read_answer()->body, "hello");
}

TEST(Server, StopFinishesWhatIsUnderWayAndTakesNoMore) {
  RunningServer running;
  WireClient resting(running.port());
  resting.send(request_text("GET", "/hello"));
  ASSERT_TRUE(resting.read_answer());
  WireClient busy(running.port());
  busy.send(request_text("GET", "/later"));
  Responder respond = running.take_later();
  std::thread stopper([&] { running.stop(); });
  EXPECT_TRUE(resting.is_closed());
  respond(Response::text(200, "finished"));
  auto answer = busy.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "finished");
  EXPECT_EQ(answer->headers["connection"], "close");
  stopper.join();
  EXPECT_ANY_THROW(WireClient late(running.port()));
}

TEST(Server, TellsTheObserverRouteAndStatus) {
  RunningServer running;
  ask(running.port(), request_text("GET", "/things/77"));
  ask(running.port(), request_text("GET", "/nothing"));
  const auto seen = running.seen();
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0].pattern, "/things/{id}");
  EXPECT_EQ(seen[0].status, 200u);
  EXPECT_EQ(seen[1].pattern, "");
  EXPECT_EQ(seen[1].status, 404u);
}

TEST(Server, ATakenPortIsAClearError) {
  RunningServer running;
  ServerOptions options;
  options.port = running.port();
  Server second(options, Router{}, [](std::string_view) { return std::nullopt; }, {});
  const auto result = second.run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "cannot_listen");
  options.address = "nowhere";
  Server third(options, Router{}, [](std::string_view) { return std::nullopt; }, {});
  EXPECT_EQ(third.run().error().code, "invalid_address");
}

}  // namespace
}  // namespace vozex::http::test
