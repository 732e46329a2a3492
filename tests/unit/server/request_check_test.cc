// SPDX-License-Identifier: Apache-2.0
// What is refused before a body is read: paths, framing, query parameters.
#include "api/http/request_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/running_server.h"

namespace vozex::http::test {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> k_known = {"workflow", "limit"};

std::string query_fault(std::string query, const std::vector<std::string>& known = k_known) {
  Request request;
  request.query = std::move(query);
  const auto fault = fault_of_query(request, known);
  if (!fault) return "";
  EXPECT_EQ(fault->status, 422u) << query;
  return fault->body;
}

TEST(QueryCheck, TakesWhatTheRouteKnowsOnce) {
  for (const char* fine : {"", "&", "workflow=order", "workflow=%C3%A4&limit=3", "limit", "a+b="}) {
    EXPECT_EQ(query_fault(fine, {"workflow", "limit", "a b"}), "") << fine;
  }
}

TEST(QueryCheck, RefusesWhatWouldAskForMoreThanWasMeant) {
  EXPECT_THAT(query_fault("workflw=order"), HasSubstr("did you mean `workflow`?"));
  EXPECT_THAT(query_fault("colour=red"), HasSubstr("`colour` here: expected workflow or limit."));
  EXPECT_THAT(query_fault("limit=1", {}), HasSubstr("There is no parameter `limit` here."));
  EXPECT_THAT(query_fault("limit=1&limit=2"), HasSubstr("`limit` once"));
  for (const char* bad : {"workflow=%zz", "workflow=%ff", "workflow=%00", "%ff=1", "%=1"}) {
    EXPECT_THAT(query_fault(bad), HasSubstr("UTF-8")) << bad;
  }
}

unsigned head_status(std::vector<std::pair<std::string, std::string>> headers,
                     std::string path = "/x",
                     unsigned version = 10) {
  Request request;
  request.path = std::move(path);
  request.headers = std::move(headers);
  const auto fault = fault_of_head(request, version);
  return fault ? fault->status : 0;
}

TEST(HeadCheck, OneHostAndOneAuthorization) {
  EXPECT_EQ(head_status({}, "/x", 10), 0u) << "HTTP/1.0 knows none";
  EXPECT_EQ(head_status({}, "/x", 11), 400u);
  EXPECT_EQ(head_status({{"host", "a"}}, "/x", 11), 0u);
  EXPECT_EQ(head_status({{"host", "a"}, {"host", "b"}}, "/x", 11), 400u);
  EXPECT_EQ(head_status({{"authorization", "Bearer a"}}), 0u);
  EXPECT_EQ(head_status({{"authorization", "Bearer a"}, {"authorization", "Bearer b"}}), 400u);
}

TEST(HeadCheck, OnlyFramingThatIsReadHere) {
  EXPECT_EQ(head_status({{"transfer-encoding", "Chunked"}}), 0u);
  EXPECT_EQ(head_status({{"transfer-encoding", "xchunked"}}), 501u);
  EXPECT_EQ(head_status({{"transfer-encoding", "gzip, chunked"}}), 501u);
  EXPECT_EQ(head_status({{"transfer-encoding", "chunked"}, {"transfer-encoding", "chunked"}}),
            501u);
  EXPECT_EQ(head_status({{"content-encoding", "identity"}}), 0u);
  EXPECT_EQ(head_status({{"content-encoding", "gzip"}}), 415u);
}

TEST(HeadCheck, OnlyPathsThatAreText) {
  EXPECT_EQ(head_status({}, "/v1/ä"), 0u);
  for (const std::string& path :
       {std::string(), std::string("x"), std::string("/\xff"), std::string("/a\0b", 4)}) {
    EXPECT_EQ(head_status({}, path), 400u);
  }
}

TEST(HeadCheck, ABodyInAnotherCodingIsNoSecondRequest) {
  RunningServer running;
  WireClient client(running.port());
  client.send(
      "POST /echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n"
      "GET /hello HTTP/1.1\r\nhost: x\r\n\r\n");
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 501u);
  EXPECT_TRUE(client.is_closed());
}

TEST(QueryCheck, HoldsForRoutesWithAKeyAndOpenOnesTakeWhatComes) {
  RunningServer running;
  const std::string key = "authorization: Bearer secret\r\n";
  EXPECT_EQ(ask(running.port(), request_text("GET", "/private?a=1", "", key))->status, 422u);
  EXPECT_EQ(ask(running.port(), request_text("GET", "/private?a=1"))->status, 401u);
  EXPECT_EQ(ask(running.port(), request_text("GET", "/hello?a=1&a=2&%zz"))->status, 200u);
}

}  // namespace
}  // namespace vozex::http::test
