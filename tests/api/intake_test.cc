// SPDX-License-Identifier: Apache-2.0
// What PostgreSQL is asked for by a server at work, and what callers hear when it can't keep up.
// The database server is the test's own.
#include <gtest/gtest.h>

#include <atomic>
#include <iostream>
#include <pqxx/pqxx>
#include <thread>

#include "tests/api/partner.h"
#include "tests/api/private_server.h"
#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

constexpr const char* k_printer = R"(
vozex: 1
adapter: printer
http: {timeout: 20s}
operations:
  print: {input: {name: string}, output: {}, repeat: safe, request: {method: POST, path: "/${input.name}"}, answers: {200: {output: {}}}}
)";

// Starts, prints, hears one event, and is over.
constexpr const char* k_badge = R"(
vozex: 1
workflow: badge
version: 1
key: input.name
input: {name: string}
data: {bells: {type: int, default: 0}}
events:
  badge.rung: {data: {name: string, note: optional<string>}, match: event.data.name}
  badge.taken: {data: {name: string}, match: event.data.name}
initial: printing
states:
  printing: {invoke: {call: printer.print, with: {name: "${input.name}"}, on_done: ready, on_error: over}}
  ready:
    on:
      badge.rung: {set: {bells: "${data.bells + 1}"}}
      badge.taken: over
  over: {type: final}
)";

constexpr const char* k_grandmother = R"(
vozex: 1
workflow: grandmother
version: 1
key: input.name
input: {name: string}
data: {heard: optional<string>}
initial: asking
states:
  asking:
    invoke:
      workflow: mother
      input: {name: "${input.name + '/m'}"}
      on_done: {target: over, set: {heard: "${result.word}"}}
  over: {type: final}
)";

// Hands on what she hears before she has ended herself.
constexpr const char* k_mother = R"(
vozex: 1
workflow: mother
version: 1
key: input.name
input: {name: string}
output: {word: string}
data: {heard: {type: string, default: ""}}
initial: asking
states:
  asking:
    invoke:
      workflow: daughter
      input: {name: "${input.name + '/d'}"}
      on_done: {target: telling, set: {heard: "${result.word}"}}
  telling:
    on_entry: [{reply: {word: "${data.heard}"}}]
    always: over
  over: {type: final, output: {word: "${data.heard}"}}
)";

constexpr const char* k_daughter = R"(
vozex: 1
workflow: daughter
version: 1
key: input.name
input: {name: string}
output: {word: string}
data: {word: {type: string, default: ""}}
events:
  daughter.says: {data: {name: string, word: string}, match: event.data.name}
initial: silent
states:
  silent: {on: {daughter.says: {target: said, set: {word: "${event.data.word}"}}}}
  said: {type: final, output: {word: "${data.word}"}}
)";

class Intake : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (!has_private_servers(why)) GTEST_SKIP() << why;
    database_ = std::make_unique<PrivateServer>(
        std::vector<std::string>{"shared_preload_libraries = 'pg_stat_statements'"});
    write_text(folder_ / "vozex.yaml",
               "max_queued_events: " + std::to_string(k_most) + "\nadapters: {printer: {base: \"" +
                   printer_.url() + "\"}}\n");
    town_ = std::make_unique<Town>(database_->url() + "?options=-c%20statement_timeout%3D300ms",
                                   std::vector<std::string>{"--config", folder_ / "vozex.yaml"},
                                   1);
    database_->execute("CREATE EXTENSION pg_stat_statements");
    const Answer deployed = town_->post("/v1/workflows",
                                        {{"files",
                                          {{{"name", "printer.yaml"}, {"text", k_printer}},
                                           {{"name", "badge.yaml"}, {"text", k_badge}},
                                           {{"name", "grandmother.yaml"}, {"text", k_grandmother}},
                                           {{"name", "mother.yaml"}, {"text", k_mother}},
                                           {{"name", "daughter.yaml"}, {"text", k_daughter}}}}});
    ASSERT_EQ(deployed.status, 200) << deployed.body;
  }
  void TearDown() override {
    if (HasFailure() && town_ != nullptr) std::cout << town_->server_log();
  }
  Answer start(const std::string& workflow, const json& input) {
    return town_->post("/v1/instances", {{"workflow", workflow}, {"input", input}});
  }
  Answer start(const std::string& name) { return start("badge", {{"name", name}}); }
  json event(const std::string& type, const std::string& id, const std::string& name) {
    return {{"id", id}, {"source", "test"}, {"type", type}, {"data", {{"name", name}}}};
  }
  // Callers that never stop, until so many of their events were refused.
  void flood(const std::string& prefix, int refusals) {
    constexpr int k_callers = 64;
    std::atomic<int> number{0};
    std::atomic<int> refused{0};
    std::atomic<int> taken{0};
    std::atomic<int> others{0};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < k_callers; ++caller) {
      callers.emplace_back([&] {
        while (refused < refusals && taken < refusals && others == 0) {
          json ring = event("badge.rung", prefix + std::to_string(++number), "b");
          ring["data"]["note"] = std::string(k_note, 'x');
          const Answer answer = town_->post("/v1/events", ring);
          const bool told = answer.status == 429 && answer.headers.contains("retry-after");
          ++(told ? refused : answer.status == 200 ? taken : others);
        }
      });
    }
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(others, 0) << "neither taken nor told when to come again";
    EXPECT_GE(refused, refusals) << taken << " were taken";
  }
  long commits() {
    return database_->number("SELECT coalesce(sum(calls), 0)::int8" + of_ours() +
                             "AND query LIKE '%commit_v%'");
  }
  std::string others() {
    return database_->text("SELECT string_agg(calls || ' x ' || query, E'\\n')" + of_ours() +
                           "AND query NOT LIKE '%commit_v%' AND query NOT LIKE "
                           "'WITH RECURSIVE c(owner)%UPDATE sessions SET beat_at%'");
  }
  static std::string of_ours() {
    return " FROM pg_stat_statements WHERE userid = 'vozex'::regrole AND toplevel ";
  }

  static constexpr int k_most = 4;
  static constexpr std::size_t k_note = 16 << 10;
  TemporaryFolder folder_;
  Partner printer_{[](const Partner::Request&) { return test::WireReply::answer(200, "{}"); }};
  std::unique_ptr<PrivateServer> database_;
  std::unique_ptr<Town> town_;
};

// A start, the end of its call, an event: three calls to the database, in which everything is
// written, and nothing is read or claimed: a call starts from the commit that decides it.
TEST_F(Intake, ALifecycleIsThreeCallsToTheDatabaseAndNothingElse) {
  constexpr int k_lifecycles = 20;
  int made = 0;
  const auto live = [&] {
    const std::string name = "b" + std::to_string(made++);
    const long before = commits();
    EXPECT_EQ(start(name).status, 201);
    ASSERT_TRUE(eventually([&] { return commits() == before + 2; })) << "its call has ended";
    EXPECT_EQ(town_->post("/v1/events", event("badge.taken", name, name)).status, 200);
  };
  ASSERT_NO_FATAL_FAILURE(live());  // what is read once
  // A chore that has its turn may come in between; it doesn't each time.
  std::string also;
  for (int tries = 0; tries < 5; ++tries) {
    database_->execute("SELECT pg_stat_statements_reset()");
    for (int i = 0; i < k_lifecycles; ++i) ASSERT_NO_FATAL_FAILURE(live());
    EXPECT_EQ(commits(), 3 * k_lifecycles);
    also = others();
    if (also.empty()) break;
  }
  EXPECT_EQ(also, "");
  EXPECT_EQ(database_->number("SELECT count(*) FROM finished WHERE workflow = 'badge'", "shop"),
            made);
}

// Children and theirs start in the commit of the first, and what the last one says has been heard
// by all of them in the commit of the event that made it speak.
TEST_F(Intake, AFamilyStartsInOneCommitAndHearsOfAnEndInOne) {
  constexpr int k_families = 10;
  for (int i = 0; i < k_families; ++i) {
    const std::string name = "f" + std::to_string(i);
    const long before = commits();
    ASSERT_EQ(start("grandmother", {{"name", name}}).status, 201);
    EXPECT_EQ(commits(), before + 1);
    EXPECT_EQ(town_->state_of("daughter", name + "/m/d"), "silent");
    json says = event("daughter.says", name, name + "/m/d");
    says["data"]["word"] = "hello";
    ASSERT_EQ(town_->post("/v1/events", says).status, 200);
    EXPECT_EQ(commits(), before + 2);
    EXPECT_EQ(town_->instance("grandmother", name)["data"]["heard"], "hello");
  }
  EXPECT_EQ(database_->number("SELECT count(*) FROM instances", "shop"), 0);
  EXPECT_EQ(database_->number("SELECT count(*) FROM finished", "shop"), 3 * k_families);
}

TEST_F(Intake, EventsOfOneInstanceThatComeTogetherAreOneCommit) {
  ASSERT_EQ(start("b").status, 201);
  ASSERT_TRUE(town_->reaches("badge", "b", "ready"));
  json batch = json::array();
  for (int i = 0; i < k_most; ++i)
    batch.push_back(event("badge.rung", "r" + std::to_string(i), "b"));
  database_->execute("SELECT pg_stat_statements_reset()");
  for (const json& answer : town_->post("/v1/events", batch).value())
    EXPECT_EQ(answer["outcome"], "transitioned");
  EXPECT_EQ(commits(), 1);
  EXPECT_EQ(town_->instance("badge", "b")["data"]["bells"], k_most);
}

TEST_F(Intake, BeyondTheQueueCallersHearWhenToComeAgainAndNothingOfItIsDone) {
  constexpr int k_callers = 16;
  std::vector<Answer> answers(k_callers);
  {
    pqxx::connection other(database_->url());
    pqxx::work work(other);
    work.exec("LOCK TABLE history IN ACCESS EXCLUSIVE MODE");
    std::vector<std::thread> callers;
    for (int i = 0; i < k_callers; ++i) {
      callers.emplace_back(
          [&, i] { answers[static_cast<std::size_t>(i)] = start("b" + std::to_string(i)); });
    }
    for (std::thread& caller : callers) caller.join();
  }
  int full = 0;
  for (int i = 0; i < k_callers; ++i) {
    const Answer& answer = answers[static_cast<std::size_t>(i)];
    ASSERT_TRUE(answer.status == 429 || answer.status == 503) << answer.status << answer.body;
    EXPECT_TRUE(answer.headers.contains("retry-after")) << answer.body;
    if (answer.status == 429) {
      EXPECT_EQ(answer.value()["code"], "overloaded");
      ++full;
    }
  }
  EXPECT_GT(full, 0) << "more than " << k_most << " at once";
  EXPECT_EQ(database_->number("SELECT count(*) FROM instances WHERE workflow = 'badge'", "shop"),
            0);
  EXPECT_TRUE(eventually([&] { return start("b0").status == 201; }));
}

// Sixty-four callers without pause at a queue of four. What is refused is not kept: it would be
// four times what the process may grow by.
TEST_F(Intake, AFloodThatIsRefusedLeavesNothingInMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer keeps what is freed";
#endif
  constexpr int k_refusals = 10'000;
  constexpr std::size_t k_growth = 32u << 20;
  static_assert(k_refusals * k_note > 4 * k_growth);
  ASSERT_EQ(start("b").status, 201);
  ASSERT_TRUE(town_->reaches("badge", "b", "ready"));
  flood("before", k_refusals / 10);  // what each connection has once
  const std::size_t before = town_->server().resident();
  flood("after", k_refusals);
  const std::size_t after = town_->server().resident();
  std::cout << (before >> 20) << " MiB before, " << (after >> 20) << " MiB after\n";
  ASSERT_GT(before, 0u);
  EXPECT_LT(after, before + k_growth);
}

}  // namespace
}  // namespace vozex::api_test
