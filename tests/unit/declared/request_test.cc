// SPDX-License-Identifier: Apache-2.0
// What a declared request looks like on the wire, and which inputs give none.
#include <gtest/gtest.h>

#include "engine/base/base64.h"
#include "engine/types/json.h"
#include "tests/unit/declared/provider.h"

namespace vozex::http {
namespace {

using test::WireReply;
using test::WireRequest;
using types::Value;

WireReply ok(const WireRequest&) { return WireReply::answer(200, "{}"); }
Value text(const std::string& value) { return Value::string(value); }

TEST(DeclaredRequest, EveryMethodGoesOut) {
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}) {
    Provider shop(std::string("  go: {request: {method: ") + method + ", path: /things}}\n", ok);
    EXPECT_TRUE(shop.call("go", Value::object({}))) << method;
    EXPECT_EQ(shop.seen().method, method);
    EXPECT_EQ(shop.seen().target, "/things");
  }
}

constexpr const char* k_get =
    "  get: {input: {id: string, tag: optional<string>, tags: list<string>, n: int}, request: "
    "{method: GET, path: \"/a/${input.id}/b\", query: {tag: \"${input.tag}\", t: "
    "\"${input.tags}\", n: \"${input.n}\", fixed: x y}, headers: {X-Tag: \"${input.tag}\"}}}\n";

Value get_input(const std::string& id) {
  return Value::object({{"id", text(id)}, {"tags", Value::list({})}, {"n", Value::integer(7)}});
}

TEST(DeclaredRequest, ValuesAreEncodedAndNeverLeaveTheirPlace) {
  Provider shop(k_get, ok);
  EXPECT_TRUE(shop.call("get", get_input("x/../y?z=1#f&%2e\r\nHost: evil \xC3\xA4")));
  EXPECT_EQ(shop.seen().target,
            "/a/x%2F..%2Fy%3Fz%3D1%23f%26%252e%0D%0AHost%3A%20evil%20%C3%A4/b?n=7&fixed=x%20y");
}

TEST(DeclaredRequest, AbsentOptionalsAreLeftOutAndListsRepeat) {
  Provider shop(k_get, ok);
  EXPECT_TRUE(shop.call("get", get_input("1")));
  EXPECT_FALSE(shop.seen().headers.contains("x-tag"));
  EXPECT_EQ(shop.seen().target.find("tag="), std::string::npos);
  EXPECT_TRUE(shop.call(
      "get",
      get_input("1").with("tag", text("a&b")).with("tags", Value::list({text("p"), text("q=r")}))));
  EXPECT_EQ(shop.seen().headers["x-tag"], "a&b");
  EXPECT_NE(shop.seen().target.find("t=p&t=q%3Dr"), std::string::npos) << shop.seen().target;
  EXPECT_NE(shop.seen().target.find("tag=a%26b"), std::string::npos);
}

TEST(DeclaredRequest, ValuesThatLeadElsewhereAreRefusedBeforeSending) {
  Provider shop(k_get, ok);
  for (const char* id : {"", ".", ".."}) {
    const auto reply = shop.call("get", get_input(id));
    ASSERT_FALSE(reply) << id;
    EXPECT_EQ(reply.error().code, "invalid_input");
    EXPECT_FALSE(reply.error().retryable);
    EXPECT_FALSE(reply.error().outcome_unknown);
  }
  EXPECT_EQ(shop.requests(), 0);
}

TEST(DeclaredRequest, HeadersTakeNoControlCharacters) {
  Provider shop(k_get, ok);
  const std::vector<std::string> tags{"a\r\nX-Admin: 1", "a\nb", std::string("a\0b", 3)};
  for (const std::string& tag : tags) {
    const auto reply = shop.call("get", get_input("1").with("tag", text(tag)));
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "invalid_input");
    EXPECT_NE(reply.error().message.find("X-Tag"), std::string::npos);
  }
  EXPECT_EQ(shop.requests(), 0);
}

TEST(DeclaredRequest, HugeValuesAreRefused) {
  Provider shop(k_get, ok);
  const auto reply = shop.call("get", get_input(std::string(9000, 'x')));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "invalid_input");
  EXPECT_EQ(shop.requests(), 0);
}

TEST(DeclaredRequest, BodyIsATreeInJson) {
  Provider shop(
      "  add: {input: {id: string, note: optional<string>, at: timestamp}, request: {method: POST, "
      "path: /add, body: {ref: \"${input.id}\", note: \"${input.note}\", at: \"${input.at}\", "
      "lines: [1, {deep: true}]}}}\n",
      ok);
  const Value at = Value::timestamp(*parse_timestamp("2026-01-02T03:04:05Z"));
  EXPECT_TRUE(shop.call("add", Value::object({{"id", text("\"1\n")}, {"at", at}})));
  EXPECT_EQ(shop.seen().headers["content-type"], "application/json");
  EXPECT_EQ(shop.seen().body,
            R"({"at":"2026-01-02T03:04:05Z","lines":[1,{"deep":true}],"ref":"\"1\n"})");
}

TEST(DeclaredRequest, FormIsEncodedLikeAQuery) {
  Provider shop(
      "  add: {input: {id: string, note: optional<string>}, request: {method: POST, path: /add, "
      "form: {ref: \"${input.id}\", note: \"${input.note}\", all: true}}}\n",
      ok);
  EXPECT_TRUE(shop.call("add", Value::object({{"id", text("a&b=c d")}})));
  EXPECT_EQ(shop.seen().headers["content-type"], "application/x-www-form-urlencoded");
  EXPECT_EQ(shop.seen().body, "ref=a%26b%3Dc%20d&all=true");
}

TEST(DeclaredRequest, IdempotencyKeyStandsInItsHeader) {
  Provider shop(
      "  add: {repeat: by_key, idempotency_header: Idempotency-Key, request: {method: POST, path: "
      "/add}}\n",
      ok);
  EXPECT_TRUE(shop.call("add", Value::object({})));
  EXPECT_EQ(shop.seen().headers["idempotency-key"], "key-1");
}

constexpr const char* k_go = "  go: {output: json, request: {method: POST, path: /go}}\n";

TEST(DeclaredRequest, SecretsAreSentAsDeclared) {
  Provider bearer(k_go, ok, "{auth: {bearer: SHOP_KEY}}");
  EXPECT_TRUE(bearer.call("go", Value::object({})));
  EXPECT_EQ(bearer.seen().headers["authorization"], "Bearer tops3cret-value");
  Provider basic(k_go, ok, "{auth: {basic: {user: ann, password: SHOP_KEY}}}");
  EXPECT_TRUE(basic.call("go", Value::object({})));
  EXPECT_EQ(basic.seen().headers["authorization"], "Basic " + base64("ann:tops3cret-value"));
  Provider header(k_go, ok, "{auth: {header: X-Api-Key, secret: SHOP_KEY}}");
  EXPECT_TRUE(header.call("go", Value::object({})));
  EXPECT_EQ(header.seen().headers["x-api-key"], "tops3cret-value");
}

// A file that is deployed can't name any variable of the environment, nor any file.
TEST(DeclaredRequest, SecretsAreWhereTheInstallationSays) {
  Provider shop(k_go, ok, "{auth: {bearer: SHOP_KEY}}");
  shop.settings.secrets = {{"SHOP_KEY", "file:/run/secrets/shop"}};
  const auto missing = shop.call("go", Value::object({}));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "not_configured");
  EXPECT_NE(missing.error().message.find("SHOP_KEY"), std::string::npos);
  shop.secrets = {{"file:/run/secrets/shop", "other"}, {"env:SHOP_KEY", "wrong"}};
  EXPECT_TRUE(shop.call("go", Value::object({})));
  EXPECT_EQ(shop.seen().headers["authorization"], "Bearer other");
  EXPECT_EQ(shop.requests(), 1);
}

// Services repeat what they were sent, in bodies, headers and messages.
TEST(DeclaredRequest, ASecretAppearsNowhereInWhatComesBack) {
  const auto echo = [](const WireRequest& request) {
    const std::string sent = request.headers.at("authorization");
    return WireReply::answer(request.method == "POST" ? 200 : 422,
                             "{\"said\":\"" + sent + "\",\"" + sent + "\":1}",
                             {"X-Echo: " + sent});
  };
  const std::string operations = std::string(k_go) +
                                 "  head: {output: json, request: {method: POST, path: /go}, "
                                 "answers: {200: {output: \"${response.headers['x-echo']}\"}}}\n"
                                 "  fail: {request: {method: PUT, path: /go}, answers: {422: "
                                 "{error: refused, message: \"${response.body.said}\"}}}\n"
                                 "  wrong: {output: {id: int}, request: {method: POST, path: /go}, "
                                 "answers: {200: {output: {id: \"${response.body.said}\"}}}}\n";
  for (const char* auth :
       {"{auth: {bearer: SHOP_KEY}}", "{auth: {basic: {user: ann, password: SHOP_KEY}}}"}) {
    Provider shop(operations, echo, auth);
    for (const char* operation : {"go", "head", "fail", "wrong"}) {
      const auto reply = shop.call(operation, Value::object({}));
      const std::string all = reply ? types::to_json(*reply)
                                    : reply.error().code + reply.error().message +
                                          types::to_json(reply.error().details);
      EXPECT_EQ(all.find("tops3cret"), std::string::npos) << operation << all;
      EXPECT_EQ(all.find(base64("ann:tops3cret-value")), std::string::npos) << operation << all;
      EXPECT_GT(shop.requests(), 0);
    }
  }
}

TEST(DeclaredRequest, AddressesOfFilesArePublicAndEncrypted) {
  Provider shop(k_go, ok, "{base: \"https://127.0.0.1:1\"}");
  shop.settings.base = "";
  const auto reply = shop.call("go", Value::object({}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "not_configured");
  EXPECT_FALSE(reply.error().outcome_unknown);
  Provider nowhere(k_go, ok);
  nowhere.settings.base = "";
  const auto without = nowhere.call("go", Value::object({}));
  ASSERT_FALSE(without);
  EXPECT_NE(without.error().message.find("adapters.shop.base"), std::string::npos);
}

}  // namespace
}  // namespace vozex::http
