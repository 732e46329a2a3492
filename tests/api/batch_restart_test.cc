// SPDX-License-Identifier: Apache-2.0
// What ops decide about a bulk operation outlives the process that runs it: paused it stays paused,
// resumed it goes on, cancelled it stays so. And a large one beside live traffic: VOZEX_TEST_BULK
// says how many instances (2,000 without it; 100,000 is what the engine is made for).
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

constexpr const char* k_seat = R"(
vozex: 1
workflow: seat
version: 1
key: input.number
input: {number: string}
events:
  seat.wanted: {data: {number: string}, match: event.data.number}
start:
  on: {seat.wanted: {input: {number: "${event.data.number}"}}}
initial: taken
states:
  taken: {after: {30d: free}}
  free: {type: final}
)";

// What goes on meanwhile: it begins, hears an event, and is over.
constexpr const char* k_guest = R"(
vozex: 1
workflow: guest
version: 1
key: input.name
input: {name: string}
events:
  guest.left: {data: {name: string}, match: event.data.name}
initial: here
states:
  here: {on: {guest.left: gone}}
  gone: {type: final}
)";

constexpr int k_request = 100;  // events at once

class BatchRestart : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(
        GetParam(),
        std::vector<std::string>{"--session-lease", "1500ms", "--session-beat", "300ms"});
    const Answer deployed = town_->post("/v1/workflows",
                                        {{"files",
                                          {{{"name", "seat.yaml"}, {"text", k_seat}},
                                           {{"name", "guest.yaml"}, {"text", k_guest}}}}});
    ASSERT_EQ(deployed.status, 200) << deployed.body;
  }
  json event(const std::string& type, const std::string& id, const json& data) {
    return {{"id", id}, {"source", "test"}, {"type", type}, {"data", data}};
  }
  void take_seats(int count) {
    for (int from = 0; from < count; from += k_request) {
      json batch = json::array();
      for (int i = from; i < std::min(from + k_request, count); ++i) {
        const std::string number = "s" + std::to_string(i);
        batch.push_back(event("seat.wanted", number, {{"number", number}}));
      }
      const Answer answer = town_->post("/v1/events", batch);
      ASSERT_EQ(answer.status, 200) << answer.body.substr(0, 500);
    }
  }
  std::string make(json body) {
    const Answer made = town_->post("/v1/batches", std::move(body));
    EXPECT_EQ(made.status / 100, 2) << made.body;
    return made.value().value("id", "");
  }
  json batch(const std::string& id) { return town_->get("/v1/batches/" + id).value(); }
  int applied(const std::string& id) { return batch(id).value("applied", -1); }
  bool becomes(const std::string& id, const std::string& state, std::chrono::seconds within) {
    return eventually([&] { return batch(id)["state"] == state; }, within);
  }
  void order(const std::string& id, const std::string& word) {
    const Answer answer = town_->post("/v1/batches/" + id + "/" + word, {{"reason", "x"}});
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  void kill_and_restart() {
    town_->server().kill(SIGKILL);
    town_->server().wait();
    town_->start_server();
    ASSERT_TRUE(town_->wait_until_ready()) << town_->server_log();
  }
  long finished() {
    return town_->database().count("SELECT count(*) FROM finished WHERE workflow = 'seat'");
  }

  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         BatchRestart,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(BatchRestart, PausedItStaysSoResumedItGoesOnAndCancelledItEnds) {
  constexpr int k_seats = 200;
  ASSERT_NO_FATAL_FAILURE(take_seats(k_seats));
  const std::string id = make({{"operation", "cancel"},
                               {"query", {{"workflow", "seat"}}},
                               {"reason", "the show is off"},
                               {"rate", 40}});
  ASSERT_TRUE(eventually([&] { return applied(id) >= 10; }));
  order(id, "pause");
  ASSERT_NO_FATAL_FAILURE(kill_and_restart());
  EXPECT_EQ(batch(id)["state"], "paused");
  // Another batch runs from its begin to its end, so this one had its turn, had it wanted one.
  const long stood = finished();
  EXPECT_LT(stood, k_seats);
  ASSERT_NO_FATAL_FAILURE(take_seats(1));
  const std::string other = make({{"operation", "suspend"},
                                  {"query", {{"workflow", "seat"}, {"key", "s199"}}},
                                  {"reason", "look at it"}});
  ASSERT_TRUE(becomes(other, "done", std::chrono::seconds(30))) << batch(other);
  EXPECT_EQ(finished(), stood) << "paused";

  order(id, "resume");
  ASSERT_TRUE(eventually([&] { return finished() > stood + 5; }));
  ASSERT_NO_FATAL_FAILURE(kill_and_restart());
  const long before = finished();
  ASSERT_TRUE(eventually([&] { return finished() > before + 5; })) << "it goes on by itself";
  order(id, "cancel");
  ASSERT_TRUE(becomes(id, "cancelled", std::chrono::seconds(30))) << batch(id);
  const long left = finished();
  ASSERT_NO_FATAL_FAILURE(kill_and_restart());
  EXPECT_EQ(batch(id)["state"], "cancelled");
  EXPECT_EQ(finished(), left);
  EXPECT_LT(left, k_seats);
  EXPECT_EQ(batch(id)["applied"], left) << "what was done is known one by one";
}

TEST_P(BatchRestart, AllOfThemAreCancelledByOneCommandWhileOthersAreServed) {
  const char* given = std::getenv("VOZEX_TEST_BULK");
  const int seats = given != nullptr ? std::atoi(given) : 2000;
  ASSERT_NO_FATAL_FAILURE(take_seats(seats));
  std::atomic<bool> ends{false};
  std::atomic<int> guests{0};
  std::vector<double> milliseconds;  // from an event to its answer
  std::thread traffic([&] {
    while (!ends) {
      const std::string name = "g" + std::to_string(guests++);
      EXPECT_EQ(
          town_->post("/v1/instances", {{"workflow", "guest"}, {"input", {{"name", name}}}}).status,
          201);
      const auto begin = std::chrono::steady_clock::now();
      const Answer left = town_->post("/v1/events", event("guest.left", name, {{"name", name}}));
      EXPECT_EQ(left.status, 200) << left.body;
      milliseconds.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
              .count());
    }
  });
  EXPECT_TRUE(eventually([&] { return guests > 100; }));
  const int alone = guests;
  const std::string id = make(
      {{"operation", "cancel"}, {"query", {{"workflow", "seat"}}}, {"reason", "the show is off"}});
  EXPECT_TRUE(becomes(id, "done", std::chrono::seconds(60 + seats / 50))) << batch(id);
  ends = true;
  traffic.join();
  EXPECT_EQ(applied(id), seats);
  EXPECT_EQ(finished(), seats);
  EXPECT_GT(guests, alone) << "others were served meanwhile";
  const auto p99 = [](std::vector<double> some) {
    std::sort(some.begin(), some.end());
    return some.empty() ? 0.0 : some[some.size() * 99 / 100];
  };
  std::cout << seats << " cancelled while " << guests - alone << " guests came and left; p99 "
            << p99({milliseconds.begin(), milliseconds.begin() + alone - 1}) << " ms before, "
            << p99({milliseconds.begin() + alone, milliseconds.end()}) << " ms meanwhile\n";
}

}  // namespace
}  // namespace vozex::api_test
