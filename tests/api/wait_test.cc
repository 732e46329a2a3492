// SPDX-License-Identifier: Apache-2.0
// Who asks for an instance may wait for it: until it is over, until it has gone on, or until the
// time is up.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <future>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

const char* const k_visit = R"(
vozex: 1
workflow: visit
version: 1
key: input.name
input: {name: string}
output: {}
data: {bells: {type: int, default: 0}}
events:
  visit.ring: {data: {name: string}, match: event.data.name}
  visit.leave: {data: {name: string}, match: event.data.name}
initial: outside
states:
  outside:
    on:
      visit.ring: {set: {bells: "${data.bells + 1}"}}
      visit.leave: gone
  gone: {type: final, output: {}}
)";

class Wait : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "there is no PostgreSQL here";
    town_ = std::make_unique<Town>(GetParam());
    deploy();
  }
  void deploy() {
    const Answer deployed =
        town_->post("/v1/workflows", {{"files", {{{"name", "visit.yaml"}, {"text", k_visit}}}}});
    ASSERT_LT(deployed.status, 300) << deployed.body;
    const Answer started =
        town_->post("/v1/instances", {{"workflow", "visit"}, {"input", {{"name", "ann"}}}});
    ASSERT_EQ(started.status, 201) << started.body;
    id_ = started.headers.at("location");
  }

  // Asks on a thread of its own; is back when the server has it among those who wait.
  std::future<Answer> begin(const std::string& path, std::size_t server = 0) {
    const double before = town_->metric("vozex_requests_waiting", server);
    auto answer = std::async(std::launch::async, [=, this] { return town_->get(path, server); });
    EXPECT_TRUE(
        eventually([&] { return town_->metric("vozex_requests_waiting", server) > before; }));
    return answer;
  }
  void post(const std::string& type, const std::string& id) {
    const Answer answer =
        town_->post("/v1/events",
                    {{"id", id}, {"source", "test"}, {"type", type}, {"data", {{"name", "ann"}}}});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  std::unique_ptr<Town> town_;
  std::string id_;
};

TEST_P(Wait, IsAnsweredWhenTheInstanceIsOver) {
  auto by_key = begin("/v1/instances/visit/ann?wait=50s");
  auto by_id = begin(id_ + "?wait=50s");
  post("visit.ring", "e1");  // not the end
  EXPECT_EQ(town_->metric("vozex_requests_waiting"), 2);
  post("visit.leave", "e2");
  for (auto* answer : {&by_key, &by_id}) {
    const Answer got = answer->get();
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.value()["life"], "completed") << got.body;
    EXPECT_EQ(got.value()["data"]["bells"], 1);
    EXPECT_EQ(got.value(), town_->get(id_).value()) << "what was committed is what the store has";
  }
  EXPECT_TRUE(eventually([&] { return town_->metric("vozex_requests_waiting") == 0; }));
  // Over already: at once.
  EXPECT_EQ(town_->get(id_ + "?wait=50s").value()["life"], "completed");
}

TEST_P(Wait, IsAnsweredWhenItHasGoneOn) {
  const auto seq = town_->get(id_).value()["seq"].get<int>();
  auto answer = begin(id_ + "?wait=50s&after=" + std::to_string(seq));
  post("visit.ring", "e1");
  const json got = answer.get().value();
  EXPECT_EQ(got["seq"], seq + 1) << got;
  EXPECT_EQ(got["life"], "running");
  EXPECT_EQ(got, town_->get(id_).value()) << "what was committed is what the store has";
  // Whoever knows less is told at once.
  EXPECT_EQ(town_->get(id_ + "?wait=50s&after=" + std::to_string(seq)).value()["seq"], seq + 1);
}

TEST_P(Wait, ShowsItAsItIsWhenTheTimeIsUp) {
  const Answer got = town_->get(id_ + "?wait=50ms");
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.value()["life"], "running");
  EXPECT_TRUE(eventually([&] { return town_->metric("vozex_requests_waiting") == 0; }));
}

TEST_P(Wait, RefusesWhatItCannotWaitFor) {
  EXPECT_EQ(town_->get("/v1/instances/visit/nobody?wait=50s").status, 404);
  for (const char* query : {"?wait=51s",
                            "?wait=soon",
                            "?wait=0s",
                            "?wait=-5s",
                            "?wait=",
                            "?after=1",
                            "?wait=1s&after=x",
                            "?wait=1s&after=-1",
                            "?wait=1s&after=4294967296"}) {
    const Answer got = town_->get(id_ + query);
    EXPECT_EQ(got.status, 422) << query << got.body;
    EXPECT_EQ(got.value()["code"], "invalid_query") << query;
  }
  EXPECT_THAT(town_->get(id_ + "?wait=51s").body, HasSubstr("at most 50s"));
}

TEST_P(Wait, IsAnsweredWhenTheServerEnds) {
  auto answer = begin(id_ + "?wait=50s");
  town_->server().kill(SIGTERM);
  const Answer got = answer.get();
  EXPECT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(got.value()["life"], "running");
  EXPECT_EQ(town_->server().wait(), 0);
}

INSTANTIATE_TEST_SUITE_P(Stores,
                         Wait,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& store) { return name_of(store.param); });

// The event comes to another process than the one who waits.
TEST(WaitInACluster, FindsWhatAnotherProcessDid) {
  if (!is_available(Kind::postgres)) GTEST_SKIP() << "there is no PostgreSQL here";
  const Town town(Kind::postgres, {}, 2);
  const Answer deployed =
      town.post("/v1/workflows", {{"files", {{{"name", "visit.yaml"}, {"text", k_visit}}}}});
  ASSERT_LT(deployed.status, 300) << deployed.body;
  const Answer started =
      town.post("/v1/instances", {{"workflow", "visit"}, {"input", {{"name", "ann"}}}});
  ASSERT_EQ(started.status, 201) << started.body;
  ASSERT_TRUE(eventually([&] { return town.get("/v1/instances/visit/ann", 1).status == 200; }));
  auto answer = std::async(std::launch::async,
                           [&] { return town.get("/v1/instances/visit/ann?wait=50s", 1); });
  EXPECT_TRUE(eventually([&] { return town.metric("vozex_requests_waiting", 1) == 1; }));
  EXPECT_EQ(town.post("/v1/events",
                      {{"id", "e1"},
                       {"source", "test"},
                       {"type", "visit.leave"},
                       {"data", {{"name", "ann"}}}})
                .status,
            200);
  EXPECT_EQ(answer.get().value()["life"], "completed");
}

}  // namespace
}  // namespace vozex::api_test
