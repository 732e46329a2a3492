// SPDX-License-Identifier: Apache-2.0
#include "adapters/http/http_client.h"

#include <gtest/gtest.h>

#include <thread>

#include "adapters/http/address_policy.h"
#include "tests/support/loopback_server.h"

namespace vozex::http {
namespace {

using test::LoopbackServer;
using test::WireReply;
using test::WireRequest;

HttpRequest to(const std::string& url, std::string method = "GET") {
  HttpRequest request;
  request.method = std::move(method);
  request.url = url;
  request.origin_is_configured = true;
  return request;
}

TEST(HttpClient, AnswerCarriesStatusHeadersAndBody) {
  LoopbackServer server([](const WireRequest& request) {
    return WireReply::answer(
        201, request.method + " " + request.target + " " + request.body, {"X-Thing:  one "});
  });
  HttpClient client;
  auto request = to(server.url() + "/a?b=c", "POST");
  request.body = "hello";
  const auto answer = client.send(request);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "POST /a?b=c hello");
  ASSERT_NE(find_header(answer->headers, "x-ThinG"), nullptr);
  EXPECT_EQ(*find_header(answer->headers, "x-thing"), "one");
}

TEST(HttpClient, OneConnectionServesManyRequests) {
  LoopbackServer server([](const WireRequest&) { return WireReply::answer(200, "ok"); });
  HttpClient client;
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client.send(to(server.url())));
  EXPECT_EQ(server.requests(), 20);
  EXPECT_EQ(server.connections(), 1);
}

TEST(HttpClient, ManyThreadsAtOnce) {
  LoopbackServer server(
      [](const WireRequest& request) { return WireReply::answer(200, request.body); });
  HttpClient client;
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        auto request = to(server.url(), "POST");
        request.body = std::to_string(t * 1000 + i);
        const auto answer = client.send(request);
        if (answer && answer->body == request.body) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(right, 200);
  EXPECT_LE(server.connections(), 8);
}

TEST(HttpClient, RefusedConnectionIsNotSent) {
  HttpClient client;
  const auto answer =
      client.send(to("http://127.0.0.1:" + std::to_string(test::closed_port()), "POST"));
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().sent);
  EXPECT_EQ(answer.error().code, "unreachable");
}

TEST(HttpClient, UnknownNameIsNotSent) {
  HttpClient client;
  const auto answer = client.send(to("https://nowhere.invalid/"));
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().sent);
}

TEST(HttpClient, CutConnectionIsAnUnknownOutcome) {
  LoopbackServer server([](const WireRequest&) { return WireReply::cut(); });
  HttpClient client;
  const auto answer = client.send(to(server.url(), "POST"));
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().sent);
  EXPECT_EQ(server.requests(), 1);
}

// libcurl itself would send such a request again, on a fresh connection.
TEST(HttpClient, ConnectionThatDiesWhileReusedNeverRepeatsTheRequest) {
  LoopbackServer server([](const WireRequest& request) {
    return request.target == "/work" ? WireReply::cut() : WireReply::answer(200, "ok");
  });
  for (const std::string method : {"POST", "GET", "DELETE"}) {
    for (const std::string body : {"", "pay"}) {
      HttpClient client;
      ASSERT_TRUE(client.send(to(server.url() + "/warm")));
      const int before = server.requests();
      auto request = to(server.url() + "/work", method);
      request.body = body;
      const auto answer = client.send(request);
      ASSERT_FALSE(answer);
      EXPECT_TRUE(answer.error().sent);
      EXPECT_EQ(answer.error().code, "broken");
      EXPECT_EQ(server.requests(), before + 1) << method << " '" << body << "'";
    }
  }
}

TEST(HttpClient, SilenceIsATimeoutAfterSending) {
  LoopbackServer server([](const WireRequest&) { return WireReply::silence(); });
  HttpClient client;
  auto request = to(server.url(), "POST");
  request.timeout = std::chrono::milliseconds(50);
  const auto answer = client.send(request);
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().sent);
  EXPECT_EQ(answer.error().code, "timeout");
}

TEST(HttpClient, AnswerThatStopsHalfWayIsAnUnknownOutcome) {
  LoopbackServer server([](const WireRequest&) {
    return WireReply{"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\nhalf", WireReply::After::close};
  });
  HttpClient client;
  const auto answer = client.send(to(server.url()));
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().sent);
}

TEST(HttpClient, AnswerOverTheLimitIsRefused) {
  LoopbackServer server(
      [](const WireRequest&) { return WireReply::answer(200, std::string(100'000, 'x')); });
  HttpClient client;
  auto request = to(server.url());
  request.max_response_bytes = 50'000;
  const auto answer = client.send(request);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, "too_large");
  request.max_response_bytes = 200'000;
  EXPECT_TRUE(client.send(request));
}

TEST(HttpClient, RedirectIsAnAnswer) {
  LoopbackServer server(
      [](const WireRequest&) { return WireReply::answer(302, "", {"Location: /elsewhere"}); });
  HttpClient client;
  const auto answer = client.send(to(server.url()));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(server.requests(), 1);
}

TEST(HttpClient, PrivateAddressIsRefusedUnlessConfigured) {
  LoopbackServer server([](const WireRequest&) { return WireReply::answer(200, "ok"); });
  HttpClient client;
  for (const std::string host :
       {"127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254"}) {
    HttpRequest request;
    request.url = "https://" + host + ":" + std::to_string(server.port());
    const auto answer = client.send(request);
    ASSERT_FALSE(answer) << host;
    EXPECT_EQ(answer.error().code, "forbidden_address") << host;
    EXPECT_FALSE(answer.error().sent);
  }
  HttpRequest plain;
  plain.url = server.url();
  EXPECT_EQ(client.send(plain).error().code, "invalid_request");
  EXPECT_EQ(server.connections(), 0);
}

TEST(HttpClient, HeadersCannotBeSmuggled) {
  LoopbackServer server([](const WireRequest&) { return WireReply::answer(200, "ok"); });
  HttpClient client;
  auto request = to(server.url());
  request.headers = {{"x-a", "1\r\nx-b: 2"}};
  EXPECT_EQ(client.send(request).error().code, "invalid_request");
  EXPECT_EQ(client.send(to(server.url() + "/a\r\nb")).error().code, "invalid_request");
  EXPECT_EQ(client.send(to("file:///etc/hostname")).error().code, "invalid_request");
  EXPECT_EQ(server.requests(), 0);
}

TEST(AddressPolicy, KnowsWhatIsPublic) {
  for (const char* text : {"8.8.8.8",
                           "172.15.0.1",
                           "172.32.0.1",
                           "100.128.0.1",
                           "2606:4700::1111",
                           "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(is_public_address(text)) << text;
  }
  for (const char* text : {"127.0.0.1",
                           "10.1.2.3",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.168.1.1",
                           "169.254.169.254",
                           "100.64.0.1",
                           "0.0.0.0",
                           "255.255.255.255",
                           "224.0.0.1",
                           "::1",
                           "::",
                           "fe80::1",
                           "fd00::1",
                           "::ffff:10.0.0.1",
                           "64:ff9b::a00:1",
                           "2002:a00:1::",
                           "2001:db8::1",
                           "nonsense",
                           ""}) {
    EXPECT_FALSE(is_public_address(text)) << text;
  }
}

TEST(PercentEncode, LeavesOnlyUnreservedCharacters) {
  EXPECT_EQ(percent_encode("a b/c?d=é~"), "a%20b%2Fc%3Fd%3D%C3%A9~");
}

}  // namespace
}  // namespace vozex::http
