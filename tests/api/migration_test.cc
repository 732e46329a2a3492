// SPDX-License-Identifier: Apache-2.0
// A workflow changes while hundreds of its instances live: deployed under a new version, planned
// over all of them, migrated at a rate though the server is killed in the middle, and back again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

constexpr int k_loans = 240;

// `rest` is what differs.
std::string loan(int version, const std::string& rest) {
  return "vozex: 1\nworkflow: loan\nversion: " + std::to_string(version) + R"(
key: input.loan
input: {loan: string, big: {type: bool, default: false}}
events:
  loan.paid: {data: {loan: string}, match: event.data.loan}
  loan.checked: {data: {loan: string}, match: event.data.loan}
)" + rest;
}

const std::string k_first = R"(
data: {months: {type: int, default: 12}}
initial: deciding
states:
  deciding:
    always: [{when: input.big, target: checking}, {target: open}]
  checking: {on: {loan.checked: open}, after: {10d: open}}
  open: {on: {loan.paid: closed}, after: {365d: closed}}
  closed: {type: final}
)";
// No `checking` any more: who is there can't come along.
const std::string k_second = R"(
data: {days: {type: int, default: 1}}
migrate: {from: 1, states: {open: running}, data: {set: {days: "${data.months * 30}"}}}
initial: running
states:
  running: {on: {loan.paid: closed}, after: {365d: closed}}
  closed: {type: final}
)";
const std::string k_third = R"(
data: {months: {type: int, default: 1}}
migrate: {from: 2, states: {running: open}, data: {set: {months: "${data.days / 30}"}}, timers: restart}
initial: open
states:
  open: {on: {loan.paid: closed}, after: {400d: closed}}
  closed: {type: final}
)";

class MigrationApiTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(
        GetParam(),
        std::vector<std::string>{"--session-lease", "1500ms", "--session-beat", "300ms"});
    ASSERT_EQ(deploy(loan(1, k_first)).code, 0);
    for (int i = 0; i < k_loans; ++i) {
      json input{{"loan", "l" + std::to_string(i)}};
      if (i >= k_loans - 10) input["big"] = true;
      ASSERT_EQ(town_->post("/v1/instances", {{"workflow", "loan"}, {"input", input}}).status, 201);
    }
  }
  Outcome vozex(const std::vector<std::string>& words) {
    return run(words, {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  }
  Outcome deploy(const std::string& text, const std::vector<std::string>& more = {}) {
    const std::string path = town_->folder() / "loan.yaml";
    write_text(path, text);
    std::vector<std::string> words{"workflow", "deploy", path};
    words.insert(words.end(), more.begin(), more.end());
    return vozex(words);
  }
  Outcome migrate(int from, int to, const std::vector<std::string>& more) {
    std::vector<std::string> words{"migrate-instances",
                                   "run",
                                   "loan",
                                   "--from",
                                   std::to_string(from),
                                   "--to",
                                   std::to_string(to),
                                   "--reason",
                                   "new rules"};
    words.insert(words.end(), more.begin(), more.end());
    return vozex(words);
  }
  long rows(const std::string& where) {
    return town_->database().count("SELECT count(*) FROM instances WHERE workflow = 'loan' AND " +
                                   where);
  }
  json batch(const std::string& id) { return town_->get("/v1/batches/" + id).value(); }
  std::string timer_of(const std::string& key) {
    return town_->instance("loan", key)["timers"][0]["due"];
  }

  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         MigrationApiTest,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(MigrationApiTest, AChangedFileUnderAnOldVersionIsRefusedWithWhoLivesOnIt) {
  std::string changed = loan(1, k_first);
  changed.replace(changed.find("365d"), 4, "300d");
  for (const bool dry_run : {true, false}) {
    const Outcome refused = deploy(
        changed, dry_run ? std::vector<std::string>{"--dry-run"} : std::vector<std::string>{});
    EXPECT_EQ(refused.code, 5);
    EXPECT_THAT(refused.err, HasSubstr("version_changed"));
    EXPECT_THAT(refused.err, HasSubstr("240 live instances"));
    EXPECT_THAT(refused.err, HasSubstr("migrate: {from: 1}"));
  }
  const Outcome same = deploy(loan(1, k_first));
  EXPECT_EQ(same.code, 0) << "the same again is fine\n" << same.err;
  const Outcome show = deploy(loan(2, k_second), {"--dry-run"});
  EXPECT_EQ(show.code, 0) << show.err;
  EXPECT_THAT(show.out, HasSubstr("240 of version 1"));
  EXPECT_EQ(town_->get("/v1/workflows/loan/2").status, 404) << "it was only for show";
  const Outcome done = deploy(loan(2, k_second));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("vozex migrate-instances plan loan --to 2"));
}

TEST_P(MigrationApiTest, AllThatCanAreMigratedThoughTheServerIsKilledAndBackAgain) {
  ASSERT_EQ(deploy(loan(2, k_second)).code, 0);
  const std::string due = timer_of("l7");
  const Outcome plan = vozex({"migrate-instances", "plan", "loan", "--to", "2", "-o", "json"});
  ASSERT_EQ(plan.code, 0) << plan.err;
  const json foreseen = json::parse(plan.out);
  EXPECT_EQ(foreseen["matched"], k_loans);
  EXPECT_EQ(foreseen["would"], k_loans - 10);
  EXPECT_THAT(plan.out, HasSubstr("timers kept 1"));
  EXPECT_EQ(rows("version = 1"), k_loans) << "a plan writes nothing";

  const Outcome made = migrate(1, 2, {"--rate", "120", "-o", "json"});
  ASSERT_EQ(made.code, 0) << made.err;
  const std::string id = json::parse(made.out)["id"];
  ASSERT_TRUE(eventually([&] { return batch(id)["applied"].get<int>() >= 40; }));
  town_->server().kill(SIGKILL);
  town_->server().wait();
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready()) << town_->server_log();
  ASSERT_TRUE(eventually([&] { return batch(id)["state"] == "done"; })) << batch(id);
  EXPECT_EQ(batch(id)["applied"], k_loans - 10);
  EXPECT_EQ(batch(id)["refused"], 10);
  EXPECT_EQ(rows("version = 2"), k_loans - 10);
  EXPECT_EQ(rows("version = 1 AND state = 'checking'"), 10) << "they stay as they are";
  const Outcome refused = vozex({"batch", "show", id, "--items", "refused"});
  EXPECT_THAT(refused.out, HasSubstr("migration_refused"));
  EXPECT_THAT(refused.out, HasSubstr("checking"));
  EXPECT_EQ(town_->state_of("loan", "l7"), "running");
  EXPECT_EQ(town_->instance("loan", "l7")["data"]["days"], 360);
  EXPECT_EQ(timer_of("l7"), due) << "kept";
  // One start and one migration each.
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM history h WHERE EXISTS (SELECT 1 FROM "
                                    "instances i WHERE i.id = h.id AND i.version = 2)"),
            2 * (k_loans - 10));

  ASSERT_EQ(deploy(loan(3, k_third)).code, 0);
  const Outcome back = migrate(2, 3, {"--wait", "-o", "json"});
  EXPECT_EQ(back.code, 0) << back.out << back.err;
  EXPECT_EQ(town_->state_of("loan", "l7"), "open");
  EXPECT_EQ(town_->instance("loan", "l7")["data"]["months"], 12);
  EXPECT_NE(timer_of("l7"), due) << "restarted";
  const Outcome paid = vozex({"event", "send", "loan.paid", "--data", R"({"loan": "l7"})"});
  EXPECT_EQ(paid.code, 0) << paid.err;
  EXPECT_EQ(town_->instance("loan", "l7")["life"], "completed");
  const Outcome healthy = run({"doctor", "--store", town_->database().url(), "-o", "json"});
  EXPECT_EQ(healthy.code, 0) << healthy.out;
}

}  // namespace
}  // namespace vozex::api_test
