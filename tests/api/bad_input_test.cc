// SPDX-License-Identifier: Apache-2.0
// What is wrong gets a clear answer, and nothing is lost or half-written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

class BadInput : public ::testing::Test {
 protected:
  Town town_{Kind::sqlite};

  Answer post_raw(const std::string& path,
                  const std::string& body,
                  const std::string& type = "application/json") {
    return ask("POST",
               town_.api(path),
               body,
               {"authorization: Bearer " + town_.key(), "content-type: " + type});
  }
};

TEST_F(BadInput, WithoutAKeyNobodyGetsIn) {
  for (const char* path : {"/v1/instances", "/v1/workflows", "/v1/calls"}) {
    EXPECT_EQ(ask("GET", town_.api(path)).status, 401) << path;
    EXPECT_EQ(
        ask("GET", town_.api(path), "", {"authorization: Bearer wrong-key-wrong-key-wrong"}).status,
        401)
        << path;
  }
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/.well-known/license-key"}) {
    EXPECT_EQ(ask("GET", town_.api(path)).status, 200) << path;
  }
}

TEST_F(BadInput, ABodyOf100MbIsRefused) {
  const Answer answer = post_raw("/v1/checkouts", std::string(100u << 20, 'x'));
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.value()["code"], "body_too_large");
  EXPECT_EQ(ask("POST", town_.api("/webhooks/dodo"), std::string(100u << 20, 'x')).status, 413);
  EXPECT_TRUE(town_.all("/v1/instances").empty());
}

TEST_F(BadInput, MalformedJsonIs400WithItsPlace) {
  const Answer answer = post_raw("/v1/events", "{\"id\": \"1\",\n  oops}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.value()["code"], "malformed_json");
  EXPECT_THAT(answer.value()["detail"].get<std::string>(), HasSubstr("line 2"));
  EXPECT_EQ(post_raw("/v1/events", "hello", "text/plain").status, 415);
}

TEST_F(BadInput, APayloadThatDoesNotFitHasAPointerForEachFault) {
  const Answer answer = town_.post(
      "/v1/events",
      {{"id", "1"},
       {"source", "test"},
       {"type", "usage.recorded"},
       {"data", {{"account_id", 7}, {"quantity", "x"}, {"at", "2026-11-20T10:00:00Z"}}}});
  EXPECT_EQ(answer.status, 422) << answer.body;
  const std::string body = answer.body;
  EXPECT_THAT(body, HasSubstr("/account_id\""));
  EXPECT_THAT(body, HasSubstr("/quantity"));
  EXPECT_THAT(body, HasSubstr("/usage_id\""));
  const Answer order = town_.post("/v1/checkouts",
                                  {{"gateway", "dodo"},
                                   {"customer", {{"email", "no address"}}},
                                   {"items",
                                    {{{"product_id", "editor"},
                                      {"title", 3},
                                      {"driver", "magic"},
                                      {"price", {{"minor", 1}, {"currency", "USD"}}}}}}});
  EXPECT_EQ(order.status, 422);
  for (const char* pointer : {"/customer/email", "/items/0/title", "/items/0/driver"}) {
    EXPECT_THAT(order.body, HasSubstr("\"" + std::string(pointer) + "\""));
  }
  EXPECT_TRUE(town_.all("/v1/instances").empty());
}

// PostgreSQL keeps no U+0000 and no broken UTF-8, so neither gets as far as a store: both give the
// same answer, and it says where.
class StrangeText : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
  }
  std::unique_ptr<Town> town_;
};

TEST_P(StrangeText, IsRefusedAtItsPlaceBeforeAStoreSeesIt) {
  const std::string nul("o\0", 2);
  const Answer event = town_->post("/v1/events",
                                   {{"id", "1"},
                                    {"source", "test"},
                                    {"type", "order.cancel"},
                                    {"data", {{"order_id", nul}, {"reason", "x"}}}});
  EXPECT_EQ(event.status, 422) << event.body;
  EXPECT_THAT(event.body, HasSubstr("\"/data/order_id\""));
  const Answer batch = town_->post(
      "/v1/batches/plan", {{"operation", "cancel"}, {"query", {{"key", nul}}}, {"reason", "x"}});
  EXPECT_EQ(batch.status, 422) << batch.body;
  EXPECT_THAT(batch.body, HasSubstr("\"/query/key\""));
  for (const char* path : {"/v1/instances?key=%00",
                           "/v1/instances?workflow=%ff",
                           "/v1/instances?workflow=%zz",
                           "/v1/instances?workflw=order",
                           "/v1/instances?incident=maybe",
                           "/v1/audit?actor=a&actor=b",
                           "/v1/batches/01900000-0000-7000-8000-000000000000/items?after=x"}) {
    const Answer query = town_->get(path);
    EXPECT_EQ(query.status, 422) << path << query.body;
    EXPECT_EQ(query.value()["code"], "invalid_query") << path;
  }
  for (const char* path : {"/v1/instances/order/%00", "/v1/quotes/%ff", "/v1/products/%ff"})
    EXPECT_EQ(town_->get(path).status, 400) << path;
  EXPECT_TRUE(town_->all("/v1/instances").empty());
}

json payment_of_dodo(const std::string& type, const std::string& payment_id, json more) {
  json data = {{"payload_type", "Payment"},
               {"payment_id", "pay_" + std::to_string(payment_id.size())},
               {"total_amount", 4900},
               {"currency", "USD"},
               {"metadata", {{"payment_id", payment_id}}}};
  data.update(more);
  return {{"business_id", "bus_1"},
          {"type", type},
          {"timestamp", "2026-11-20T10:00:00Z"},
          {"data", data}};
}

// A gateway would send the same again for days: what it says is taken, and shows what was there.
TEST_P(StrangeText, OfAGatewayIsTakenWithAMarkInItsPlace) {
  const std::string nul(1, '\0');
  ASSERT_EQ(town_->checkout("o-1").status, 201);
  ASSERT_TRUE(town_->reaches("payment", "o-1-p1", "waiting")) << town_->server_log();
  const json failed = payment_of_dodo(
      "payment.failed", "o-1-p1", {{"status", "failed"}, {"error_code", "no" + nul + "funds"}});
  const Answer told = town_->webhook("msg_1", failed);
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(told.value()["outcome"], "transitioned");
  EXPECT_EQ(town_->instance("payment", "o-1-p1")["data"]["failure"],
            "no\xEF\xBF\xBD"
            "funds");
  EXPECT_THAT(town_->server_log(), HasSubstr("has U+0000 in its texts"));
  // As a key that it waits under, and as something that nobody has a word for.
  const json stray = payment_of_dodo("payment.succeeded", "ghost" + nul, {{"status", "succeeded"}});
  const Answer waits = town_->webhook("msg_2", stray);
  EXPECT_EQ(waits.status, 200) << waits.body;
  EXPECT_EQ(waits.value()["outcome"], "waiting");
  EXPECT_EQ(town_->webhook("msg_2", stray).value()["outcome"], "duplicate");
  const Answer unknown =
      town_->webhook("msg_3", payment_of_dodo("news." + nul, "o-1-p1", {{"a" + nul, {nul, nul}}}));
  EXPECT_EQ(unknown.status, 200) << unknown.body;
}

INSTANTIATE_TEST_SUITE_P(Stores,
                         StrangeText,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_F(BadInput, AnEventNobodyDeclaresIsRefusedAndInABatchTheOthersCount) {
  EXPECT_EQ(
      town_.post("/v1/events", {{"id", "1"}, {"source", "test"}, {"type", "no.such.event"}}).status,
      422);
  const Answer batch =
      town_.post("/v1/events",
                 json::array({{{"id", "1"}, {"source", "test"}, {"type", "no.such.event"}},
                              {{"id", "2"},
                               {"source", "test"},
                               {"type", "order.cancel"},
                               {"data", {{"order_id", "nobody"}, {"reason", "test"}}}}}));
  EXPECT_EQ(batch.status, 200) << batch.body;
  const json answers = batch.value();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0]["problem"]["code"], "unknown_event");
  EXPECT_EQ(answers[1]["outcome"], "waiting");
}

TEST_F(BadInput, AnActionThatIsNotOfferedSaysWhatIs) {
  town_.checkout("o-1");
  const std::string id = town_.instance("order", "o-1")["id"];
  const Answer answer =
      town_.post("/v1/instances/" + id + "/actions/mark_fulfilled", {{"form", {{"note", "x"}}}});
  EXPECT_EQ(answer.status, 409) << answer.body;
  EXPECT_EQ(answer.value()["state"], "paying");
  EXPECT_THAT(answer.body, HasSubstr("order.cancel"));
  EXPECT_EQ(town_.post("/v1/instances/" + id + "/cancel", json::object()).status,
            422);  // a reason is wanted
  EXPECT_EQ(
      town_.post("/v1/instances/01900000-0000-7000-8000-000000000000/cancel", {{"reason", "x"}})
          .status,
      404);
  EXPECT_EQ(town_.get("/v1/instances/not-an-id").status, 404);
}

TEST_F(BadInput, AWorkflowWithMistakesIsNotDeployedAndSaysAllOfThem) {
  const auto before = town_.get("/v1/workflows").body;
  const Answer answer = town_.post("/v1/workflows",
                                   {{"files",
                                     {{{"name", "w.yaml"},
                                       {"text",
                                        "vozex: 1\nworkflow: w\nversion: 1\nstatus: {}\ninitial: "
                                        "nowhere\nstates:\n  a: {on: {x: b}, colour: red}\n"}}}}});
  EXPECT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(answer.value()["code"], "invalid_workflow");
  EXPECT_GE(answer.value()["diagnostics"].size(), 2u) << answer.body;
  EXPECT_EQ(town_.get("/v1/workflows").body, before);
}

TEST_F(BadInput, ASmallWorkflowIsDeployedStartedAndDriven) {
  const std::string text =
      "vozex: 1\nworkflow: door\nversion: 1\nkey: input.name\ninput: {name: string}\n"
      "events:\n  knock: {match: event.data.name, data: {name: string}}\n"
      "initial: shut\nstates:\n  shut: {on: {knock: open}}\n  open: {type: final}\n";
  const Answer deployed =
      town_.post("/v1/workflows", {{"files", {{{"name", "door.yaml"}, {"text", text}}}}});
  ASSERT_EQ(deployed.status, 200) << deployed.body;
  const Answer started = town_.post("/v1/instances",
                                    {{"workflow", "door"}, {"input", {{"name", "front"}}}},
                                    {"idempotency-key: 1"});
  EXPECT_EQ(started.status, 201) << started.body;
  EXPECT_EQ(town_
                .post("/v1/instances",
                      {{"workflow", "door"}, {"input", {{"name", "front"}}}},
                      {"idempotency-key: 1"})
                .status,
            200);
  EXPECT_EQ(
      town_.post("/v1/instances", {{"workflow", "door"}, {"input", {{"name", "front"}}}}).status,
      409);
  EXPECT_EQ(
      town_
          .post("/v1/events",
                {{"id", "k1"}, {"source", "me"}, {"type", "knock"}, {"data", {{"name", "front"}}}})
          .value()["outcome"],
      "transitioned");
  EXPECT_EQ(town_.instance("door", "front")["life"], "completed");
}

TEST_F(BadInput, ASecondServerOnTheSameFileIsToldSo) {
  auto arguments = town_.serve_arguments();
  arguments[2] = "127.0.0.1:" + std::to_string(free_port());
  const Outcome second = run(arguments, town_.environment());
  EXPECT_EQ(second.code, 6) << second.err;
  EXPECT_THAT(second.err, HasSubstr("store_in_use"));
  EXPECT_EQ(ask("GET", town_.api("/readyz")).status, 200);
}

TEST_F(BadInput, AServerWithoutAKeyOrWithATakenPortDoesNotStart) {
  const Outcome keyless = run({"serve", "--state", town_.folder() / "other"});
  EXPECT_NE(keyless.code, 0);
  EXPECT_THAT(keyless.err, HasSubstr("no_api_key"));
  auto arguments = town_.serve_arguments();
  arguments[4] = "sqlite://" + (town_.folder() / "second.db");
  const Outcome taken = run(arguments, town_.environment());
  EXPECT_EQ(taken.code, 7) << taken.err;
  EXPECT_THAT(taken.err, HasSubstr("cannot_listen"));
}

TEST(BrokenDatabase, ConnectionsThatAreCutComeBackAndNothingIsLost) {
  if (!is_available(Kind::postgres)) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
  Town town(Kind::postgres);
  for (int i = 0; i < 10; ++i) {
    const std::string order = "o-" + std::to_string(i);
    if (i % 3 == 1) town.database().cut_connections();
    Answer answer;
    ASSERT_TRUE(eventually([&] {
      answer = town.checkout(order);
      return (answer.status == 201 || answer.status == 200) &&
             answer.value().contains("checkout_url");
    })) << answer.body
        << town.server_log();
    town.buyer(answer.value()["checkout_url"], "pay");
    if (i % 3 == 2) town.database().cut_connections();
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(town.reaches("order", "o-" + std::to_string(i), "fulfilled"))
        << i << town.server_log();
  }
  EXPECT_TRUE(town.wait_until_ready());
  EXPECT_EQ(town.database().count("SELECT count(*) FROM licenses"), 10);
}

}  // namespace
}  // namespace vozex::api_test
