// SPDX-License-Identifier: Apache-2.0
// What was done at another company is undone there: newest first, durably, whatever dies meanwhile;
// an undoing that fails for good is a dead letter and an incident; what succeeds after nobody waits
// for it is undone, too. A real server, and a travel agent on loopback that can be told to break.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <condition_variable>
#include <mutex>
#include <set>

#include "tests/api/town.h"
#include "tests/support/loopback_server.h"

namespace vozex::api_test {
namespace {

using test::LoopbackServer;
using test::WireReply;
using test::WireRequest;
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

// Books everything but cars; keeps each request by what it was about.
class Agent {
 public:
  Agent() : server_([this](const WireRequest& request) { return answer(request); }) {}
  ~Agent() { let("everything"); }

  std::string url() const { return server_.url(); }
  // Answers to requests about `what` are held back until let() is called.
  void hold(const std::string& what) {
    const std::lock_guard lock(mutex_);
    held_.insert(what);
  }
  void let(const std::string& what) {
    {
      const std::lock_guard lock(mutex_);
      if (what == "everything") {
        held_.clear();
      } else {
        held_.erase(what);
      }
    }
    changed_.notify_all();
  }
  // The next requests about `what` get this status; 0: they are done again.
  void refuse(const std::string& what, int status, int times = 1'000'000) {
    const std::lock_guard lock(mutex_);
    refused_[what] = {status, times};
  }
  // "POST flight", "DELETE hotel", ...: what was done, in order.
  std::vector<std::string> done() {
    const std::lock_guard lock(mutex_);
    return done_;
  }
  std::size_t asked(const std::string& what) {
    const std::lock_guard lock(mutex_);
    return keys_.count(what);
  }
  std::set<std::string> keys(const std::string& what) {
    const std::lock_guard lock(mutex_);
    std::set<std::string> keys;
    for (auto [at, end] = keys_.equal_range(what); at != end; ++at) keys.insert(at->second);
    return keys;
  }

 private:
  WireReply answer(const WireRequest& request) {
    std::unique_lock lock(mutex_);
    const std::string what = request.method + " " + request.target.substr(1);
    const std::string key = request.headers.at("idempotency-key");
    keys_.insert({what, key});
    changed_.wait(lock, [&] { return !held_.contains(what); });
    auto& [status, times] = refused_[what];
    if (times > 0 && status != 0) {
      --times;
      return WireReply::answer(status, "{}");
    }
    if (what == "POST car") return WireReply::answer(409, "{}");
    if (seen_.insert(key).second) done_.push_back(what);
    return WireReply::answer(200, json{{"ref", request.target.substr(1)}}.dump());
  }

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::set<std::string> held_;
  std::map<std::string, std::pair<int, int>> refused_;
  std::vector<std::string> done_;
  std::multimap<std::string, std::string> keys_;
  std::set<std::string> seen_;
  LoopbackServer server_;  // last: its threads use the others
};

class Undo : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam(),
                                   std::vector<std::string>{"--adapter",
                                                            "agent=" + agent_.url(),
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
  EXPECT_EQ(agent_.asked("DELETE hotel"), 3u);
  EXPECT_EQ(agent_.keys("DELETE hotel").size(), 1u) << "each try of one call has the same key";
  EXPECT_NE(agent_.keys("DELETE hotel"), agent_.keys("DELETE flight"));
}

TEST_P(Undo, GoesOnAfterAKillInTheMiddle) {
  agent_.hold("DELETE hotel");
  start();
  ASSERT_TRUE(eventually([&] { return agent_.asked("DELETE hotel") == 1; })) << town_->server_log();
  town_->server().kill(SIGKILL);
  town_->server().wait();
  agent_.let("DELETE hotel");
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready());
  ASSERT_TRUE(reaches("refused")) << town_->server_log();
  EXPECT_THAT(agent_.done(),
              ElementsAre("POST flight", "POST hotel", "DELETE hotel", "DELETE flight"));
  EXPECT_GE(agent_.asked("DELETE hotel"), 2u);
  EXPECT_EQ(agent_.keys("DELETE hotel").size(), 1u);
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
  const json dead = json::parse(vozex({"call", "ls", "--state", "dead", "-o", "json"}).out);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(agent_.asked("DELETE flight"), 0u) << "the older one waits for its turn";
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
  agent_.hold("POST flight");
  start();
  ASSERT_TRUE(eventually([&] { return agent_.asked("POST flight") == 1; }));
  ASSERT_EQ(town_
                ->post("/v1/events",
                       {{"id", "drop"},
                        {"source", "test"},
                        {"type", "trip.drop"},
                        {"data", {{"trip", "t-1"}}}})
                .status,
            200);
  EXPECT_EQ(town_->state_of("trip", "t-1"), "dropped");
  agent_.let("POST flight");
  EXPECT_TRUE(eventually([&] { return agent_.asked("DELETE flight") == 1; }))
      << town_->server_log();
  EXPECT_THAT(agent_.done(), ElementsAre("POST flight", "DELETE flight"));
  EXPECT_EQ(town_->state_of("trip", "t-1"), "dropped") << "nothing else follows from it";
}

}  // namespace
}  // namespace vozex::api_test
