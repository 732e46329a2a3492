// SPDX-License-Identifier: Apache-2.0
// Bulk operations through the real server and the command line: planned, run, killed in the middle,
// taken over, each instance once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/api/town.h"

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
  EXPECT_EQ(town_->get("/v1/batches/none").status, 404);
  EXPECT_EQ(vozex({"batch", "show", "0199aaaa-0000-7000-8000-000000000000"}).code, 3);
}

}  // namespace
}  // namespace vozex::api_test
