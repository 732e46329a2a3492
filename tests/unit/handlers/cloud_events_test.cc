// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/cloud_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using ::testing::HasSubstr;

const Timestamp k_now = *parse_timestamp("2026-11-20T10:00:00Z");

http::Request request(std::string type, std::string body) {
  http::Request made;
  made.headers.emplace_back("content-type", std::move(type));
  made.body = std::move(body);
  return made;
}

TEST(CloudEvents, StructuredForm) {
  const auto batch = read_cloud_events(
      request(
          "application/cloudevents+json; charset=utf-8",
          R"({"specversion":"1.0","id":"e1","source":"shop","type":"order.cancel","subject":"o1",
                  "time":"2026-11-20T09:00:00+01:00","myextension":"x","data":{"order_id":"o1"}})"),
      k_now);
  ASSERT_TRUE(batch) << batch.error().body;
  ASSERT_EQ(batch->events.size(), 1u);
  EXPECT_FALSE(batch->is_batch);
  const machine::Event& event = batch->events[0];
  EXPECT_EQ(event.id, "e1");
  EXPECT_EQ(event.source, "shop");
  EXPECT_EQ(event.name, "order.cancel");
  EXPECT_EQ(event.subject, "o1");
  EXPECT_EQ(format_timestamp(event.time), "2026-11-20T08:00:00Z");
  EXPECT_EQ(types::to_json(event.data), R"({"order_id":"o1"})");
}

TEST(CloudEvents, BinaryForm) {
  http::Request binary = request("application/json", R"({"order_id":"o1"})");
  for (const auto& [name, value] : {std::pair("ce-specversion", "1.0"),
                                    std::pair("ce-id", "e%201"),
                                    std::pair("ce-source", "shop"),
                                    std::pair("ce-type", "order.cancel")}) {
    binary.headers.emplace_back(name, value);
  }
  const auto batch = read_cloud_events(binary, k_now);
  ASSERT_TRUE(batch) << batch.error().body;
  EXPECT_EQ(batch->events[0].id, "e 1");
  EXPECT_EQ(batch->events[0].time, k_now);
  EXPECT_EQ(types::to_json(batch->events[0].data), R"({"order_id":"o1"})");
}

TEST(CloudEvents, BatchAndPlainJson) {
  const auto batch = read_cloud_events(
      request(
          "application/cloudevents-batch+json",
          R"([{"specversion":"1.0","id":"1","source":"s","type":"a","data_base64":"eyJ4IjoxfQ=="},
                  {"specversion":"1.0","id":"2","source":"s","type":"b"}])"),
      k_now);
  ASSERT_TRUE(batch) << batch.error().body;
  EXPECT_TRUE(batch->is_batch);
  EXPECT_EQ(types::to_json(batch->events[0].data), R"({"x":1})");
  EXPECT_EQ(types::to_json(batch->events[1].data), "{}");
  const auto plain = read_cloud_events(
      request("application/json", R"({"id":"1","source":"s","type":"a"})"), k_now);
  ASSERT_TRUE(plain) << plain.error().body;
  EXPECT_EQ(plain->events[0].name, "a");
}

TEST(CloudEvents, TextsThatNoStoreCanKeepAreRefusedAtTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"id":"a\u0000","source":"s","type":"a"})", R"("pointer":"/id")"},
      {R"({"id":"1","source":"s","type":"a","data":{"x/y":["k\u0000"]}})",
       R"("pointer":"/data/x~1y/0")"},
      {R"([{"id":"1","source":"s","type":"a","data":{"a\u0000":1}}])", R"("pointer":"/0/data/a)"},
      // {"a": "\u0000"}
      {R"({"id":"1","source":"s","type":"a","data_base64":"eyJhIjogIlx1MDAwMCJ9"})",
       R"("pointer":"/data_base64")"}};
  for (const auto& [body, place] : cases) {
    const auto refused = read_cloud_events(request("application/json", body), k_now);
    ASSERT_FALSE(refused) << body;
    EXPECT_EQ(refused.error().status, 422u);
    EXPECT_THAT(refused.error().body, HasSubstr(place)) << body;
  }
  // A backslash and letters are text like any other.
  EXPECT_TRUE(read_cloud_events(
      request("application/json", R"({"id":"\\u0000","source":"s","type":"a"})"), k_now));
  for (const char* id : {"\xff", "%ff", "%00"}) {
    http::Request binary = request("application/json", "{}");
    for (const auto& [name, value] : {std::pair("ce-specversion", "1.0"),
                                      std::pair("ce-id", id),
                                      std::pair("ce-source", "shop"),
                                      std::pair("ce-type", "a")}) {
      binary.headers.emplace_back(name, value);
    }
    const auto refused = read_cloud_events(binary, k_now);
    ASSERT_FALSE(refused) << id;
    EXPECT_THAT(refused.error().body, HasSubstr(R"("pointer":"/id")")) << id;
  }
}

struct Bad {
  const char* type;
  const char* body;
  unsigned status;
  const char* says;
};

TEST(CloudEvents, WhatIsWrongIsSaidWithItsPlace) {
  const Bad cases[] = {
      {"application/json", "{", 400, "malformed_json"},
      {"text/plain", "{}", 415, "unsupported_media_type"},
      {"application/json", "{}", 422, R"("pointer":"/id")"},
      {"application/json", "[]", 200, ""},
      {"application/json", "[3]", 422, R"("pointer":"/0")"},
      {"application/json",
       R"([{"id":"1","source":"s","type":"a"},{"id":"1","source":"s"}])",
       422,
       R"("pointer":"/1/type")"},
      {"application/cloudevents+json",
       R"({"id":"1","source":"s","type":"a"})",
       422,
       R"("pointer":"/specversion")"},
      {"application/json",
       R"({"specversion":"0.3","id":"1","source":"s","type":"a"})",
       422,
       "expected \\\"1.0\\\""},
      {"application/json",
       R"({"id":"1","source":"s","type":"a","time":"yesterday"})",
       422,
       R"("pointer":"/time")"},
      {"application/json",
       R"({"id":"1","source":"s","type":"a","data_base64":"!"})",
       422,
       R"("pointer":"/data_base64")"},
      {"application/json",
       R"({"id":"1","source":"instance:x","type":"a"})",
       422,
       R"("pointer":"/source")"},
      {"application/json",
       R"({"id":"1","source":"s","type":"a","tenant":"other"})",
       422,
       R"("pointer":"/tenant")"},
  };
  for (const Bad& bad : cases) {
    const auto batch = read_cloud_events(request(bad.type, bad.body), k_now);
    if (bad.status == 200) {
      EXPECT_TRUE(batch) << bad.body;
      continue;
    }
    ASSERT_FALSE(batch) << bad.body;
    EXPECT_EQ(batch.error().status, bad.status) << bad.body;
    EXPECT_THAT(batch.error().body, HasSubstr(bad.says)) << bad.body;
  }
}

TEST(CloudEvents, AtMostAHundredAtOnce) {
  std::string body = "[";
  for (int i = 0; i < 101; ++i)
    body += (i > 0 ? "," : "") + std::string(R"({"id":"1","source":"s","type":"a"})");
  const auto batch = read_cloud_events(request("application/json", body + "]"), k_now);
  ASSERT_FALSE(batch);
  EXPECT_EQ(batch.error().status, 413u);
}

}  // namespace
}  // namespace vozex::handlers
