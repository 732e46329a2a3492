// SPDX-License-Identifier: Apache-2.0
// What a declared operation makes of answers, and of their absence.
#include <gtest/gtest.h>

#include "engine/types/json.h"
#include "tests/unit/declared/provider.h"

namespace vozex::http {
namespace {

using test::WireReply;
using test::WireRequest;
using types::Value;

constexpr const char* k_operations =
    "  read: {output: {id: string}, errors: [not_found], request: {method: GET, path: /x}}\n"
    "  book: {output: {id: string}, errors: [conflict], repeat: never, request: {method: POST, "
    "path: /x}}\n"
    "  keyed: {output: {id: string}, repeat: by_key, idempotency_header: K, request: {method: "
    "POST, "
    "path: /x}}\n"
    "  drop: {request: {method: DELETE, path: /x}}\n"
    "  rich: {output: {id: string, left: int}, errors: [too_heavy], request: {method: POST, path: "
    "/x}, answers: {200-299: {output: {id: \"${response.body.data.id}\", left: "
    "\"${int(response.headers['x-left'])}\"}}, 422: {error: too_heavy, message: "
    "\"${response.body.why}\"}, 423: {error: refused, retryable: true}, else: {error: "
    "outcome_unknown}}}\n";

struct Case {
  const char* name;
  const char* operation;
  WireReply reply;
  std::string code;  // "": success
  bool retryable = false;
  bool unknown = false;
};

ports::CallReply answered(const std::string& operation, const WireReply& reply) {
  Provider shop(k_operations, [&](const WireRequest&) { return reply; });
  return shop.call(operation, Value::object({}));
}

// Row by row the table of docs/language/adapters.md.
TEST(DeclaredAnswer, DefaultsAreThese) {
  const auto status = [](int code, const std::vector<std::string>& headers = {}) {
    return WireReply::answer(code, "<html>", headers);
  };
  const Case cases[] = {
      {"200", "read", WireReply::answer(200, R"({"id":"1","more":2})"), ""},
      {"204 without output", "drop", WireReply::answer(204, ""), ""},
      {"200 without output", "drop", WireReply::answer(200, "gone"), ""},
      {"429", "book", status(429), "rate_limited", true},
      {"503 that says when", "book", status(503, {"Retry-After: 3"}), "unavailable", true},
      {"503", "book", status(503), "outcome_unknown", false, true},
      {"503, read", "read", status(503), "unavailable", true},
      {"500", "book", status(500), "outcome_unknown", false, true},
      {"500, by key", "keyed", status(500), "outcome_unknown", false, true},
      {"500, read", "read", status(500), "unavailable", true},
      {"408", "book", status(408), "outcome_unknown", false, true},
      {"401", "book", status(401), "not_configured"},
      {"403", "read", status(403), "not_configured"},
      {"404, declared", "read", status(404), "not_found"},
      {"404", "book", status(404), "refused"},
      {"409, declared", "book", status(409), "conflict"},
      {"409", "read", status(409), "refused"},
      {"400", "book", status(400), "invalid_input"},
      {"422", "book", status(422), "invalid_input"},
      {"418", "book", status(418), "refused"},
      {"302", "read", status(302, {"Location: http://127.0.0.1/"}), "bad_reply"},
      {"303", "book", status(303, {"Location: /y"}), "bad_reply", false, true},
      {"cut", "book", WireReply::cut(), "outcome_unknown", false, true},
      {"cut, read", "read", WireReply::cut(), "unavailable", true},
      {"no JSON", "read", WireReply::answer(200, "{\"id\":"), "bad_reply"},
      {"no JSON, changed", "book", WireReply::answer(201, "ok"), "bad_reply", false, true},
      {"empty", "read", WireReply::answer(200, ""), "bad_reply"},
      {"deep", "read", WireReply::answer(200, std::string(5000, '[')), "bad_reply"},
  };
  for (const Case& one : cases) {
    const auto reply = answered(one.operation, one.reply);
    if (one.code.empty()) {
      EXPECT_TRUE(reply) << one.name << ": " << (reply ? "" : reply.error().message);
      continue;
    }
    ASSERT_FALSE(reply) << one.name;
    EXPECT_EQ(reply.error().code, one.code) << one.name << ": " << reply.error().message;
    EXPECT_EQ(reply.error().retryable, one.retryable) << one.name;
    EXPECT_EQ(reply.error().outcome_unknown, one.unknown) << one.name;
  }
}

TEST(DeclaredAnswer, OutputIsTheBodyWithoutWhatNobodyDeclared) {
  const auto reply = answered("read", WireReply::answer(200, R"({"id":"1","more":2})"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(types::to_json(*reply), R"({"id":"1"})");
}

TEST(DeclaredAnswer, EveryFaultOfAWrongShapeHasItsPointer) {
  const auto reply =
      answered("rich", WireReply::answer(200, R"({"data":{"id":[1]}})", {"X-Left: 5"}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "bad_reply");
  EXPECT_TRUE(reply.error().outcome_unknown);  // it was done
  const std::string details = types::to_json(reply.error().details);
  EXPECT_NE(details.find(R"("pointer":"/id")"), std::string::npos) << details;
  EXPECT_NE(details.find(R"("status":200)"), std::string::npos) << details;
}

TEST(DeclaredAnswer, OutputCanBeMadeOfBodyAndHeaders) {
  const auto reply =
      answered("rich", WireReply::answer(201, R"({"data":{"id":"p1"}})", {"X-Left: 5"}));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(types::to_json(*reply), R"({"id":"p1","left":5})");
}

TEST(DeclaredAnswer, OutputThatCantBeMadeIsABadReply) {
  for (const WireReply& wrong : {WireReply::answer(200, "{}"),
                                 WireReply::answer(200, "null"),
                                 WireReply::answer(200, "", {"X-Left: 5"}),
                                 WireReply::answer(200, R"({"data":{"id":"1"}})", {"X-Left: x"})}) {
    const auto reply = answered("rich", wrong);
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, "bad_reply") << reply.error().message;
  }
}

TEST(DeclaredAnswer, ErrorsAreThoseThatTheFileNames) {
  const auto heavy = answered("rich", WireReply::answer(422, R"({"why":"31 kg"})"));
  ASSERT_FALSE(heavy);
  EXPECT_EQ(heavy.error().code, "too_heavy");
  EXPECT_EQ(heavy.error().message, "31 kg");
  EXPECT_FALSE(heavy.error().retryable);
  const auto silent = answered("rich", WireReply::answer(422, "<html>"));
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().code, "too_heavy");
  EXPECT_EQ(silent.error().message, "shop answered with status 422");
  const auto locked = answered("rich", WireReply::answer(423, "", {"Retry-After: 60"}));
  ASSERT_FALSE(locked);
  EXPECT_TRUE(locked.error().retryable);
  EXPECT_EQ(locked.error().retry_after, Duration(std::chrono::seconds(60)));
  const auto other = answered("rich", WireReply::answer(404, ""));
  ASSERT_FALSE(other);
  EXPECT_TRUE(other.error().outcome_unknown);
}

TEST(DeclaredAnswer, LongMessagesAreCutBetweenCharacters) {
  std::string why = "x";
  while (why.size() < 5000) why += "\xC3\xA4";
  const auto reply = answered("rich", WireReply::answer(422, "{\"why\":\"" + why + "\"}"));
  ASSERT_FALSE(reply);
  EXPECT_LE(reply.error().message.size(), 510U);
  EXPECT_NO_THROW(types::to_json(Value::string(reply.error().message)));
  EXPECT_TRUE(reply.error().message.ends_with("\xC3\xA4...")) << reply.error().message;
}

TEST(DeclaredAnswer, RetryAfterIsObeyedAsSecondsAndAsDate) {
  const auto seconds = answered("read", WireReply::answer(429, "", {"Retry-After: 12"}));
  ASSERT_FALSE(seconds);
  EXPECT_EQ(seconds.error().retry_after, Duration(std::chrono::seconds(12)));
  // The provider's clock stands at 1,700,000,000 s: Tue, 14 Nov 2023 22:13:20 GMT.
  const auto date =
      answered("book", WireReply::answer(503, "", {"Retry-After: Tue, 14 Nov 2023 22:14:20 GMT"}));
  ASSERT_FALSE(date);
  EXPECT_TRUE(date.error().retryable);
  EXPECT_EQ(date.error().retry_after, Duration(std::chrono::seconds(60)));
}

TEST(DeclaredAnswer, AHugeBodyIsCutOff) {
  const std::string huge = "{\"id\":\"" + std::string(2u << 20, 'x') + "\"}";
  const auto read = answered("read", WireReply::answer(200, huge));
  ASSERT_FALSE(read);
  EXPECT_FALSE(read.error().outcome_unknown);
  const auto changed = answered("book", WireReply::answer(200, huge));
  ASSERT_FALSE(changed);
  EXPECT_TRUE(changed.error().outcome_unknown);
}

TEST(DeclaredAnswer, SilenceEndsWithTheTimeOut) {
  const auto silence = [](const WireRequest&) { return WireReply::silence(); };
  const Duration soon = std::chrono::milliseconds(50);
  Provider shop(k_operations, silence);
  const auto changed = shop.call("book", Value::object({}), soon);
  ASSERT_FALSE(changed);
  EXPECT_TRUE(changed.error().outcome_unknown);
  const auto read = shop.call("read", Value::object({}), soon);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "timeout");
  EXPECT_TRUE(read.error().retryable);
  Provider patient(k_operations, silence, "{timeout: 50ms}");
  EXPECT_FALSE(patient.call("book", Value::object({}), std::chrono::hours(1)));
}

TEST(DeclaredAnswer, NoConnectionMeansThatNothingWasDone) {
  Provider shop(k_operations, [](const WireRequest&) { return WireReply::answer(200, "{}"); });
  shop.settings.base = "http://127.0.0.1:" + std::to_string(test::closed_port());
  const auto reply = shop.call("book", Value::object({}));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "unavailable");
  EXPECT_TRUE(reply.error().retryable);
  EXPECT_FALSE(reply.error().outcome_unknown);
}

TEST(DeclaredAnswer, AnOperationThatNobodyDeclaresIsNotConfigured) {
  const auto reply = answered("nothing", WireReply::answer(200, "{}"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "not_configured");
}

}  // namespace
}  // namespace vozex::http
