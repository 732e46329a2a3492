// SPDX-License-Identifier: Apache-2.0
// What the durable runtime promises its users, through the door: refusals that explain themselves,
// predictions, keys that stand for one request, bounds, dead letters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <thread>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

const char* const k_nowhere = R"(
vozex: 1
adapter: nowhere
operations:
  knock: {input: {name: string}, output: {}, repeat: safe}
)";

const char* const k_visit = R"(
vozex: 1
workflow: visit
version: 1
key: input.name
input: {name: string}
output: {}
data: {bells: {type: int, default: 0}, wanted: {type: int, default: 2}}
events:
  visit.ring: {data: {name: string}, match: event.data.name}
  visit.leave: {data: {name: string}, match: event.data.name, unhandled: reject}
warnings: {VZ0606: this is about refusals}
initial: outside
states:
  outside:
    on:
      visit.ring: {set: {bells: "${data.bells + 1}"}}
      visit.leave: {when: "data.bells >= data.wanted", target: knocking}
  knocking: {invoke: {call: nowhere.knock, with: {name: "${input.name}"}, on_done: gone}}
  gone: {type: final, output: {}}
)";

json event(const std::string& type, const std::string& id, const std::string& name) {
  return {{"id", id}, {"source", "test"}, {"type", type}, {"data", {{"name", name}}}};
}

class Runtime : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    write_text(config_ / "vozex.yaml",
               "max_queued_events: 4\nmax_parked_events: 3\n"
               "adapters: {nowhere: {concurrency: 1}}\n");
    town_ = std::make_unique<Town>(GetParam(),
                                   std::vector<std::string>{"--config", config_ / "vozex.yaml"});
    const Answer deployed = town_->post("/v1/workflows",
                                        {{"files",
                                          {{{"name", "nowhere.yaml"}, {"text", k_nowhere}},
                                           {{"name", "visit.yaml"}, {"text", k_visit}}}}});
    ASSERT_LT(deployed.status, 300) << deployed.body;
  }
  void TearDown() override {
    if (HasFailure() && town_ != nullptr) std::cout << town_->server_log();
  }

  Answer start(const std::string& name, const Headers& more = {}) {
    return town_->post("/v1/instances", {{"workflow", "visit"}, {"input", {{"name", name}}}}, more);
  }
  Answer post(const std::string& type, const std::string& id, const std::string& name) {
    return town_->post("/v1/events", event(type, id, name));
  }
  void knock(const std::string& name) {
    ASSERT_EQ(start(name).status, 201);
    for (int i = 0; i < 2; ++i) {
      ASSERT_EQ(post("visit.ring", name + std::to_string(i), name).status, 200);
    }
    ASSERT_EQ(post("visit.leave", name, name).status, 200);
  }

  TemporaryFolder config_;
  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Runtime,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(Runtime, ARefusalSaysWhereItIsWhatItTakesAndWhichGuardFailedOnWhat) {
  ASSERT_EQ(start("ann").status, 201);
  const Answer answer = post("visit.leave", "e1", "ann");
  EXPECT_EQ(answer.status, 409) << answer.body;
  const json problem = answer.value();
  EXPECT_EQ(problem["code"], "event_not_accepted");
  EXPECT_EQ(problem["state"], "outside");
  EXPECT_EQ(problem["accepted_events"], json({"visit.leave", "visit.ring"}));
  const json guards = problem["guards"];
  EXPECT_EQ(guards["considered"][0]["when"], "data.bells >= data.wanted");
  EXPECT_EQ(guards["considered"][0]["result"], "false");
  EXPECT_EQ(guards["values"], json({{"data.bells", 0}, {"data.wanted", 2}}));
}

TEST_P(Runtime, ExplainForetellsAndWritesNothing) {
  ASSERT_EQ(start("ann").status, 201);
  const json before = town_->instance("visit", "ann");
  const auto explain = [&](const std::string& type, const std::string& name) {
    return town_->post("/v1/events:explain", event(type, "e1", name));
  };
  const Answer taken = explain("visit.ring", "ann");
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(taken.value()["outcome"], "transitioned");
  EXPECT_EQ(taken.value()["steps"][0]["workflow"], "visit");
  const json refused = explain("visit.leave", "ann").value();
  EXPECT_EQ(refused["outcome"], "rejected");
  EXPECT_EQ(refused["refused"][0]["guards"]["values"]["data.wanted"], 2);
  EXPECT_EQ(explain("visit.ring", "nobody").value()["outcome"], "waiting");
  EXPECT_EQ(explain("no.such", "ann").status, 422);
  EXPECT_EQ(town_->instance("visit", "ann"), before);
  EXPECT_EQ(town_->metric("vozex_events_parked"), 0);
  const Outcome said = run({"event", "explain", "visit.ring", "--data", R"({"name": "ann"})"},
                           {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("would be: transitioned"));
  EXPECT_EQ(town_->instance("visit", "ann"), before);
}

TEST_P(Runtime, AnIdempotencyKeyStandsForOneRequest) {
  const Headers key = {"idempotency-key: k-1"};
  const Answer first = start("ann", key);
  EXPECT_EQ(first.status, 201) << first.body;
  const Answer again = start("ann", key);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
  EXPECT_EQ(again.value()["deliveries"], first.value()["deliveries"]);
  const Answer other = start("bob", key);
  EXPECT_EQ(other.status, 422) << other.body;
  EXPECT_EQ(other.value()["code"], "idempotency_key_reused");
  EXPECT_EQ(town_->get("/v1/instances/visit/bob").status, 404);
}

TEST_P(Runtime, OneKeyIsUnderWayOnceAtATime) {
  // Many at once: each is the first, a replay of it, or told to wait; nothing else, and one order.
  std::atomic<int> created{0};
  std::atomic<int> others{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      const Answer answer = start("ann", {"idempotency-key: k-1"});
      if (answer.status == 201) ++created;
      const bool known =
          answer.status == 201 || answer.status == 200 ||
          (answer.status == 409 && answer.value()["code"] == "idempotency_in_flight") ||
          answer.status == 429;
      if (!known) ++others;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, 1);
  EXPECT_EQ(others, 0);
}

TEST_P(Runtime, NoMoreEarlyEventsWaitThanMay) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(post("visit.ring", std::to_string(i), "late").status, 202);
  }
  const Answer refused = post("visit.ring", "3", "late");
  EXPECT_EQ(refused.status, 429) << refused.body;
  EXPECT_EQ(refused.value()["code"], "too_many_waiting");
  EXPECT_TRUE(refused.headers.contains("retry-after"));
  ASSERT_EQ(start("late").status, 201);
  EXPECT_TRUE(eventually([&] { return town_->instance("visit", "late")["data"]["bells"] == 3; }));
}

TEST_P(Runtime, BeyondTheQueueOthersHearToComeAgainAndNothingIsHalfTaken) {
  ASSERT_EQ(start("ann").status, 201);
  json batch = json::array();
  for (int i = 0; i < 100; ++i)
    batch.push_back(event("visit.ring", "b" + std::to_string(i), "ann"));
  int taken = 0;
  int refused = 0;
  for (const json& answer : town_->post("/v1/events", batch).value()) {
    if (answer["outcome"] == "transitioned") ++taken;
    if (answer["outcome"] != "refused") continue;
    ++refused;
    EXPECT_EQ(answer["problem"]["code"], "overloaded");
    EXPECT_EQ(answer["problem"]["status"], 429);
  }
  EXPECT_EQ(taken + refused, 100);
  EXPECT_GT(taken, 0);
  EXPECT_GT(refused, 0) << "a hundred at once are more than four";
  EXPECT_EQ(town_->instance("visit", "ann")["data"]["bells"], taken);
  // What was refused left no trace: it comes again, a few at a time.
  EXPECT_EQ(post("visit.ring", "b99", "ann").status, 200);
}

TEST_P(Runtime, DeadCallsAreRetriedInBulk) {
  for (const char* name : {"ann", "bob", "eve"}) knock(name);
  const auto dead = [&] { return town_->all("/v1/calls?state=dead&adapter=nowhere"); };
  ASSERT_TRUE(eventually([&] { return dead().size() == 3; })) << town_->server_log();
  EXPECT_EQ(dead()[0]["error"]["code"], "not_configured");
  const json all = {{"adapter", "nowhere"}, {"code", "not_configured"}, {"reason", "test"}};
  json dry = all;
  dry["dry_run"] = true;
  EXPECT_EQ(town_->post("/v1/calls:retry", dry).value()["count"], 3);
  EXPECT_EQ(town_->post("/v1/calls:retry", {{"reason", "x"}, {"code", "timeout"}}).value()["count"],
            0);
  EXPECT_EQ(town_->post("/v1/calls:retry", {{"adapter", "nowhere"}}).status, 422) << "no reason";
  const Answer sent = town_->post("/v1/calls:retry", all);
  EXPECT_EQ(sent.status, 200) << sent.body;
  const json items = sent.value()["items"];
  ASSERT_EQ(items.size(), 3u);
  for (const json& item : items) EXPECT_EQ(item["outcome"], "leased");
  ASSERT_TRUE(eventually([&] {
    const auto calls = dead();
    return calls.size() == 3 && calls[0]["attempt"] == 2 && calls[2]["attempt"] == 2;
  }));
  const std::string id = dead()[0]["id"];
  EXPECT_EQ(town_->post("/v1/calls/" + id + "/retry", json::object()).status, 202);
  const Outcome cli = run({"call", "retry", "--all", "--adapter", "nowhere", "--dry-run"},
                          {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  EXPECT_EQ(cli.code, 0) << cli.err;
}

TEST_P(Runtime, AdaptersAreShownWithTheirBreakers) {
  knock("ann");
  const json ready = town_->get("/readyz").value();
  EXPECT_EQ(ready["adapters"]["payments"], "closed") << ready;
  EXPECT_EQ(town_->metric("vozex_adapter_breaker{adapter=\"payments\"}"), 0);
  EXPECT_TRUE(eventually(
      [&] { return town_->metric("vozex_adapter_concurrency{adapter=\"nowhere\"}") == 1; }));
}

}  // namespace
}  // namespace vozex::api_test
