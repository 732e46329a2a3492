// SPDX-License-Identifier: Apache-2.0
// What was done at another company is undone there: newest first, durably, whatever dies meanwhile;
// an undoing that fails for good is a dead letter and an incident; what succeeds after nobody waits
// for it is undone, too. A real server, and a travel agent on loopback that can be told to break.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <mutex>
#include <set>

#include "tests/api/partner.h"
#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using test::WireReply;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* k_agent = R"(
vozex: 1
adapter: agent
http: {timeout: 20s}
operations:
  book:
    input: {trip: string, what: string}
    output: {ref: string}
    errors: [full]
    repeat: by_key
    idempotency_header: Idempotency-Key
    request: {method: POST, path: "/${input.what}", body: {trip: "${input.trip}"}}
    answers:
      200: {output: {ref: "${response.body.ref}"}}
      409: {error: full}
      503: {error: unavailable, retryable: true}
  cancel:
    input: {ref: string}
    errors: [too_late]
    repeat: by_key
    idempotency_header: Idempotency-Key
    request: {method: DELETE, path: "/${input.ref}"}
    answers:
      410: {error: too_late}
      503: {error: unavailable, retryable: true}
)";

constexpr const char* k_trip = R"(
vozex: 1
workflow: trip
version: 1
key: input.trip
input: {trip: string}
output: {}
policies: {quick: {attempts: 20, backoff: 50ms, factor: 1, max: 100ms}}
events:
  trip.drop: {data: {trip: string}, match: event.data.trip}
initial: flight
states:
  flight:
    on: {trip.drop: dropped}
    invoke:
      call: agent.book
      with: {trip: "${input.trip}", what: flight}
      retry: quick
      compensate: {call: agent.cancel, with: {ref: "${result.ref}"}}
      on_done: hotel
      on_error: undoing
  hotel:
    invoke:
      call: agent.book
      with: {trip: "${input.trip}", what: hotel}
      retry: quick
      compensate: {call: agent.cancel, with: {ref: "${result.ref}"}}
      on_done: car
      on_error: undoing
  car:
    invoke:
      call: agent.book
      with: {trip: "${input.trip}", what: car}
      retry: quick
      on_done: booked
      on_error: undoing
  undoing: {invoke: {compensate: all, on_done: refused}}
  dropped: {after: {30d: refused}}
  booked: {type: final, output: {}}
  refused: {type: final, outcome: failed, error: {code: not_booked}}
)";

// Books everything but cars.
class Agent {
 public:
  // The next requests about `what` get this status; 0: they are done again.
  void refuse(const std::string& what, int status, int times = 1'000'000) {
    const std::lock_guard lock(mutex_);
    refused_[what] = {status, times};
  }
  // "POST flight", "DELETE hotel", ...: what was done, in order; a key that is repeated does
  // nothing.
  std::vector<std::string> done() {
    const std::lock_guard lock(mutex_);
    return done_;
  }

 private:
  WireReply answer(const Partner::Request& request) {
    const std::lock_guard lock(mutex_);
    auto& [status, times] = refused_[request.what];
    if (times > 0 && status != 0) {
      --times;
      return WireReply::answer(status, "{}");
    }
    if (request.what == "POST car") return WireReply::answer(409, "{}");
    if (seen_.insert(request.key).second) done_.push_back(request.what);
    return WireReply::answer(200,
                             json{{"ref", request.what.substr(request.what.find(' ') + 1)}}.dump());
  }

  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::pair<int, int>> refused_;
  std::vector<std::string> done_;
  std::set<std::string> seen_;

 public:
  // Last: its threads use the others.
  Partner partner{[this](const Partner::Request& request) { return answer(request); }};
};

class Undo : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam(),
                                   std::vector<std::string>{"--adapter",
                                                            "agent=" + agent_.partner.url(),
                                                            "--session-lease",
                                                            "1500ms",
                                                            "--session-beat",
                                                            "300ms"});
    const Answer deployed = town_->post("/v1/workflows",
                                        {{"files",
                                          {{{"name", "agent.yaml"}, {"text", k_agent}},
                                           {{"name", "trip.yaml"}, {"text", k_trip}}}}});
    ASSERT_LT(deployed.status, 300) << deployed.body;
  }
  void start() {
    const Answer answer =
        town_->post("/v1/instances", {{"workflow", "trip"}, {"input", {{"trip", "t-1"}}}});
    ASSERT_EQ(answer.status, 201) << answer.body;
  }
  bool reaches(const std::string& state) { return town_->reaches("trip", "t-1", state); }
  Outcome vozex(const std::vector<std::string>& words) {
    return run(words, {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  }

  Agent agent_;
  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Undo,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(Undo, TheNewestIsUndoneFirstAndWithRetriesOfItsOwn) {
  agent_.refuse("DELETE hotel", 503, 2);
  start();
  ASSERT_TRUE(reaches("refused")) << town_->server_log();
  EXPECT_THAT(agent_.done(),
              ElementsAre("POST flight", "POST hotel", "DELETE hotel", "DELETE flight"));
  EXPECT_EQ(agent_.partner.asked("DELETE hotel"), 3);
  EXPECT_EQ(agent_.partner.keys("DELETE hotel").size(), 1u)
      << "each try of one call has the same key";
  EXPECT_NE(agent_.partner.keys("DELETE hotel"), agent_.partner.keys("DELETE flight"));
}

TEST_P(Undo, GoesOnAfterAKillInTheMiddle) {
  agent_.partner.hold("DELETE hotel");
  start();
  ASSERT_TRUE(eventually([&] { return agent_.partner.asked("DELETE hotel") == 1; }))
      << town_->server_log();
  town_->server().kill(SIGKILL);
  town_->server().wait();
  agent_.partner.let("DELETE hotel");
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready());
  ASSERT_TRUE(reaches("refused")) << town_->server_log();
  EXPECT_THAT(agent_.done(),
              ElementsAre("POST flight", "POST hotel", "DELETE hotel", "DELETE flight"));
  EXPECT_GE(agent_.partner.asked("DELETE hotel"), 2);
  EXPECT_EQ(agent_.partner.keys("DELETE hotel").size(), 1u);
}

TEST_P(Undo, WhatCanNotBeUndoneIsADeadLetterAndAnIncidentUntilItIsMended) {
  agent_.refuse("DELETE hotel", 410);
  start();
  ASSERT_TRUE(eventually([&] { return town_->get("/v1/incidents").value()["items"].size() == 1; }))
      << town_->server_log();
  const json incident = town_->get("/v1/incidents").value()["items"][0];
  EXPECT_EQ(incident["code"], "too_late") << incident;
  EXPECT_EQ(incident["workflow"], "trip");
  EXPECT_EQ(town_->state_of("trip", "t-1"), "undoing");
  town_->server().kill(SIGKILL);
  town_->server().wait();
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready());
  EXPECT_EQ(town_->get("/v1/incidents").value()["items"][0], incident);
  const json dead = json::parse(vozex({"call", "ls", "--state", "dead", "-o", "json"}).out);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(agent_.partner.asked("DELETE flight"), 0) << "the older one waits for its turn";
  agent_.refuse("DELETE hotel", 0);
  const Outcome retried =
      vozex({"call", "retry", dead[0]["id"].get<std::string>(), "--reason", "they opened again"});
  ASSERT_EQ(retried.code, 0) << retried.err;
  ASSERT_TRUE(reaches("refused")) << town_->server_log();
  EXPECT_THAT(agent_.done(),
              ElementsAre("POST flight", "POST hotel", "DELETE hotel", "DELETE flight"));
  EXPECT_EQ(town_->get("/v1/incidents").value()["items"].size(), 0u);
  const std::string id = town_->instance("trip", "t-1")["id"];
  EXPECT_THAT(town_->get("/v1/instances/" + id + "/history").body, HasSubstr("they opened again"));
}

TEST_P(Undo, ASuccessThatNobodyWaitsForAnyMoreIsUndone) {
  agent_.partner.hold("POST flight");
  start();
  ASSERT_TRUE(eventually([&] { return agent_.partner.asked("POST flight") == 1; }));
  ASSERT_EQ(town_
                ->post("/v1/events",
                       {{"id", "drop"},
                        {"source", "test"},
                        {"type", "trip.drop"},
                        {"data", {{"trip", "t-1"}}}})
                .status,
            200);
  EXPECT_EQ(town_->state_of("trip", "t-1"), "dropped");
  agent_.partner.let("POST flight");
  EXPECT_TRUE(eventually([&] { return agent_.partner.asked("DELETE flight") == 1; }))
      << town_->server_log();
  EXPECT_THAT(agent_.done(), ElementsAre("POST flight", "DELETE flight"));
  EXPECT_EQ(town_->state_of("trip", "t-1"), "dropped") << "nothing else follows from it";
}

}  // namespace
}  // namespace vozex::api_test
