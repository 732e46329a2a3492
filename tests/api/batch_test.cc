// SPDX-License-Identifier: Apache-2.0
// Bulk operations through the real server and the command line: planned, run, killed in the middle,
// taken over, each instance once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "tests/api/town.h"
#include "tests/support/loopback_server.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

constexpr const char* k_ticket = R"(
vozex: 1
workflow: ticket
version: 1
key: input.number
input: {number: string}
events:
  ticket.closed: {data: {number: string}, match: event.data.number}
initial: open
states:
  open:
    on: {ticket.closed: closed}
    after: {30d: closed}
  closed: {type: final}
)";

constexpr const char* k_post = R"(
vozex: 1
adapter: post
http: {}
operations:
  send: {input: {to: string}, output: {id: string}, repeat: safe, request: {method: POST, path: /letters, body: {to: "${input.to}"}}}
)";
constexpr const char* k_letter = R"(
vozex: 1
workflow: letter
version: 1
key: input.to
input: {to: string}
initial: sending
states:
  sending: {invoke: {call: post.send, with: {to: "${input.to}"}, on_done: sent}}
  sent: {type: final}
)";

class BatchTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(
        GetParam(),
        std::vector<std::string>{"--session-lease", "1500ms", "--session-beat", "300ms"});
    const Answer deployed =
        town_->post("/v1/workflows", {{"files", {{{"name", "ticket.yaml"}, {"text", k_ticket}}}}});
    ASSERT_EQ(deployed.status, 200) << deployed.body;
  }

  void open_tickets(int count) {
    for (int i = 0; i < count; ++i) {
      const Answer started =
          town_->post("/v1/instances",
                      {{"workflow", "ticket"}, {"input", {{"number", "t" + std::to_string(i)}}}});
      ASSERT_EQ(started.status, 201) << started.body;
    }
  }
  Outcome vozex(const std::vector<std::string>& words) {
    return run(words, {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  }
  json batch(const std::string& id) { return town_->get("/v1/batches/" + id).value(); }

  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         BatchTest,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(BatchTest, ThreeHundredAreCancelledOnceThoughTheServerIsKilled) {
  open_tickets(300);
  const Outcome plan = vozex({"batch", "plan", "cancel", "--workflow", "ticket"});
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_THAT(plan.err, HasSubstr("300 match, 300 would be done"));

  const Outcome made = vozex({"batch",
                              "run",
                              "cancel",
                              "--workflow",
                              "ticket",
                              "--rate",
                              "150",
                              "--reason",
                              "shop closed",
                              "--idempotency-key",
                              "b1",
                              "-o",
                              "json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const std::string id = json::parse(made.out)["id"];
  ASSERT_TRUE(eventually([&] { return batch(id)["applied"].get<int>() >= 60; }));
  town_->server().kill(SIGKILL);
  EXPECT_EQ(town_->server().wait(), 128 + SIGKILL);
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready()) << town_->server_log();
  EXPECT_LT(batch(id)["applied"].get<int>(), 300);
  ASSERT_TRUE(eventually([&] { return batch(id)["state"] == "done"; })) << batch(id);
  const json done = batch(id);
  EXPECT_EQ(done["total"], 300);
  EXPECT_EQ(done["applied"], 300);
  EXPECT_EQ(done["reason"], "shop closed");
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM finished WHERE workflow = 'ticket'"),
            300);
  // One start and one cancellation each.
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM history h WHERE EXISTS (SELECT 1 FROM "
                                    "finished f WHERE f.id = h.id AND f.workflow = 'ticket')"),
            600);
  const json items =
      json::parse(vozex({"batch", "show", id, "--items", "applied", "-o", "json"}).out);
  ASSERT_EQ(items.size(), 300u);
  const json history =
      town_->get("/v1/instances/" + items[0]["instance"].get<std::string>() + "/history").value();
  EXPECT_THAT(history["items"][1]["entry"].dump(), HasSubstr("shop closed"));
  const Outcome again = vozex({"batch",
                               "run",
                               "cancel",
                               "--workflow",
                               "ticket",
                               "--rate",
                               "150",
                               "--reason",
                               "shop closed",
                               "--idempotency-key",
                               "b1",
                               "-o",
                               "json"});
  EXPECT_EQ(json::parse(again.out)["id"], id) << "the same key is the same batch";
  EXPECT_EQ(vozex({"batch", "pause", id}).code, 5) << "it has ended";
}

TEST_P(BatchTest, PausesResumesAndTellsWhatWasRefused) {
  open_tickets(40);
  const Outcome made = vozex({"batch",
                              "run",
                              "suspend",
                              "--workflow",
                              "ticket",
                              "--rate",
                              "10",
                              "--reason",
                              "stocktaking",
                              "-o",
                              "json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const std::string id = json::parse(made.out)["id"];
  ASSERT_TRUE(eventually([&] { return batch(id)["applied"].get<int>() > 0; }));
  EXPECT_EQ(vozex({"batch", "pause", id}).code, 0);
  EXPECT_EQ(batch(id)["state"], "paused");
  // Another batch passes it, and takes what it had left.
  const Outcome other = vozex({"batch",
                               "run",
                               "suspend",
                               "--workflow",
                               "ticket",
                               "--reason",
                               "now",
                               "--wait",
                               "-o",
                               "json"});
  EXPECT_EQ(other.code, 9) << "partly: some were suspended before\n" << other.err;
  EXPECT_GT(json::parse(other.out)["refused"].get<int>(), 0);
  EXPECT_EQ(vozex({"batch", "resume", id}).code, 0);
  ASSERT_TRUE(eventually([&] { return batch(id)["state"] == "done"; })) << batch(id);
  const json done = batch(id);
  EXPECT_EQ(done["applied"].get<int>() + done["refused"].get<int>(), 40);
  EXPECT_THAT(vozex({"batch", "show", id, "--items", "refused"}).out, HasSubstr("not_running"));
  EXPECT_THAT(vozex({"batch", "ls"}).out, HasSubstr("stocktaking"));
}

// Two thousand calls are given up, ops send them again with one command, and live traffic goes on.
TEST_P(BatchTest, TwoThousandDeadCallsGoOutAgainBesideLiveTraffic) {
  constexpr int k_letters = 2000;
  std::atomic<bool> works{false};
  std::atomic<int> sent{0};
  const test::LoopbackServer post_office([&](const test::WireRequest&) {
    if (!works) return test::WireReply::answer(422, R"({"message":"closed"})");
    ++sent;
    return test::WireReply::answer(200, R"({"id":"p"})");
  });
  Town town(GetParam(),
            {"--adapter",
             "post=" + post_office.url(),
             "--session-lease",
             "1500ms",
             "--session-beat",
             "300ms"});
  const auto ask = [&](const std::vector<std::string>& words) {
    return run(words, {{"VOZEX_URL", town.api("")}, {"VOZEX_API_KEY", town.key()}});
  };
  const Answer deployed = town.post("/v1/workflows",
                                    {{"files",
                                      {{{"name", "post.yaml"}, {"text", k_post}},
                                       {{"name", "letter.yaml"}, {"text", k_letter}},
                                       {{"name", "ticket.yaml"}, {"text", k_ticket}}}}});
  ASSERT_EQ(deployed.status, 200) << deployed.body;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&, writer] {
      for (int i = writer; i < k_letters; i += 8) {
        EXPECT_EQ(town.post("/v1/instances",
                            {{"workflow", "letter"}, {"input", {{"to", "n" + std::to_string(i)}}}})
                      .status,
                  201);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  const auto count = [&](const std::string& sql) { return town.database().count(sql); };
  ASSERT_TRUE(
      eventually([&] { return count("SELECT count(*) FROM calls WHERE state = 3") == k_letters; }));

  works = true;
  const Outcome plan = ask({"batch", "plan", "retry", "--workflow", "letter", "--dead-calls"});
  EXPECT_THAT(plan.err, HasSubstr("2000 match, 2000 would be done"));
  const Outcome made = ask({"batch",
                            "run",
                            "retry",
                            "--workflow",
                            "letter",
                            "--dead-calls",
                            "--reason",
                            "the post office is open",
                            "-o",
                            "json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const std::string path = "/v1/batches/" + json::parse(made.out)["id"].get<std::string>();
  int served = 0;
  while (town.get(path).value()["state"] != "done" && served < 10'000) {
    const std::string number = "live" + std::to_string(served++);
    const Answer started =
        town.post("/v1/instances", {{"workflow", "ticket"}, {"input", {{"number", number}}}});
    EXPECT_EQ(started.status, 201) << started.body;
  }
  const json done = town.get(path).value();
  EXPECT_EQ(done["applied"], k_letters) << done;
  EXPECT_GT(served, 0);
  ASSERT_TRUE(eventually([&] {
    return count("SELECT count(*) FROM finished WHERE workflow = 'letter' AND life = 10") ==
           k_letters;
  }));
  EXPECT_EQ(sent, k_letters) << "each once";
  EXPECT_EQ(count("SELECT count(*) FROM calls"), 0);
  const std::string instance =
      town.get(path + "/items?limit=1").value()["items"][0]["instance"].get<std::string>();
  EXPECT_THAT(town.get("/v1/instances/" + instance + "/history").body,
              HasSubstr("the post office is open"));
}

TEST_P(BatchTest, SaysWhatIsWrongWithAnOrder) {
  const auto refused = [&](const json& body) {
    const Answer answer = town_->post("/v1/batches", body);
    EXPECT_EQ(answer.status, 422) << answer.body;
    return answer.body;
  };
  EXPECT_THAT(refused({{"operation", "explode"}, {"query", {{"workflow", "x"}}}, {"reason", "r"}}),
              HasSubstr("expected cancel, retry"));
  EXPECT_THAT(refused({{"operation", "cancel"}, {"query", json::object()}, {"reason", "r"}}),
              HasSubstr("every instance"));
  EXPECT_THAT(refused({{"operation", "cancel"}, {"query", {{"workflow", "x"}}}}),
              HasSubstr("/reason"));
  EXPECT_THAT(refused({{"operation", "cancel"},
                       {"query", {{"workflow", "x"}, {"life", "done"}}},
                       {"reason", "r"}}),
              HasSubstr("/query/life"));
  EXPECT_THAT(refused({{"operation", "migrate"}, {"query", {{"version", 1}}}, {"reason", "r"}}),
              HasSubstr("/to_version"));
  EXPECT_THAT(
      refused(
          {{"operation", "cancel"}, {"query", {{"workflow", "x"}}}, {"reason", "r"}, {"rate", 0}}),
      HasSubstr("/rate"));
  EXPECT_THAT(refused({{"operation", "move"}, {"query", {{"workflow", "x"}}}, {"reason", "r"}}),
              HasSubstr("/target"));
  EXPECT_THAT(refused({{"operation", "patch"}, {"query", {{"workflow", "x"}}}, {"reason", "r"}}),
              HasSubstr("/data"));
  EXPECT_THAT(refused({{"operation", "move"},
                       {"query", {{"all", true}}},
                       {"target", "nirvana"},
                       {"reason", "r"}}),
              HasSubstr("has the state \\\"nirvana\\\""));
  EXPECT_EQ(town_->get("/v1/batches/none").status, 404);
  EXPECT_EQ(vozex({"batch", "show", "0199aaaa-0000-7000-8000-000000000000"}).code, 3);
}

}  // namespace
}  // namespace vozex::api_test
