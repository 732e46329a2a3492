// SPDX-License-Identifier: Apache-2.0
// People's inbox through the real program, on both databases: found, claimed by one of several,
// kept over a restart, done, escalated; and what people are told when something is not theirs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char* const k_expense = R"(
vozex: 1
workflow: expense
version: 1
key: input.claim
input: {claim: string, hurry: {type: bool, default: false}}
output: {}
states:
  checking:
    title: Check an expense
    task:
      queue: expenses
      title: "Expense ${input.claim}"
      roles: [accounting]
      supervisors: controller
      due: "${input.hurry ? duration('300ms') : duration('24h')}"
      overdue: {repeat: 1h, escalate: [{queue: controllers, roles: [controller]}]}
    actions:
      pay: {title: Pay it, roles: [accounting, controller], form: {amount: {type: int, min: 1}}, prefill: {amount: 5}, target: signing}
      refuse: {title: Refuse it, roles: [accounting], confirm: true, target: over}
  signing:
    task: {queue: signatures, roles: [board]}
    actions:
      sign: {title: Sign it, roles: [board], approvals: 2, target: over}
      stop: {title: Stop it, roles: [board], target: over}
  over: {type: final, output: {}}
)";

json person(const std::string& id, const std::string& role = "accounting") {
  return {{"id", id}, {"roles", {role}}};
}

class Tasks : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no PostgreSQL to test with";
    open(1);
  }
  void open(std::size_t servers) {
    town_ = std::make_unique<Town>(GetParam(), std::vector<std::string>{}, servers);
    const Answer deployed = town_->post(
        "/v1/workflows", {{"files", {{{"name", "expense.yaml"}, {"text", k_expense}}}}});
    ASSERT_LT(deployed.status, 300) << deployed.body;
  }
  // The id of its task.
  std::string start(const std::string& claim, bool hurry = false) {
    const Answer started =
        town_->post("/v1/instances",
                    {{"workflow", "expense"}, {"input", {{"claim", claim}, {"hurry", hurry}}}});
    EXPECT_EQ(started.status, 201) << started.body;
    return task_of(claim)["id"];
  }
  json list(const std::string& query = "", std::size_t server = 0) {
    const Answer answer = town_->get("/v1/tasks" + query, server);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.value()["items"];
  }
  json task_of(const std::string& claim) {
    const std::string id = town_->instance("expense", claim)["id"];
    const json items = list("?instance=" + id);
    EXPECT_EQ(items.size(), 1u);
    return items.empty() ? json::object() : items[0];
  }
  Answer order(const std::string& task,
               const std::string& verb,
               json body,
               const Headers& more = {},
               std::size_t server = 0) {
    return town_->post("/v1/tasks/" + task + "/" + verb, std::move(body), more, server);
  }
  Outcome vozex(std::vector<std::string> arguments) {
    return run(std::move(arguments),
               {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  }

  std::unique_ptr<Town> town_;
};

TEST_P(Tasks, AreListedClaimedAndCompletedFromTheCommandLine) {
  const std::string id = start("c1");
  const Outcome listed = vozex({"task", "ls", "--role", "accounting", "--unassigned"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr(id));
  EXPECT_THAT(listed.out, HasSubstr("Expense c1"));
  const Outcome claimed = vozex({"task", "claim", id, "--as", "ann", "--role", "accounting"});
  EXPECT_EQ(claimed.code, 0) << claimed.err;
  EXPECT_THAT(claimed.out, HasSubstr("ann has it"));
  EXPECT_THAT(vozex({"task", "ls", "--mine", "--as", "ann"}).out, HasSubstr(id));
  EXPECT_THAT(vozex({"task", "ls", "--mine", "--as", "bob"}).out, Not(HasSubstr(id)));
  const Outcome why = vozex({"instance", "why", "expense/c1"});
  EXPECT_THAT(why.out, HasSubstr("\"Expense c1\" in the queue expenses, ann has it, due 20"));
  const Outcome bad = vozex({"task", "claim", id, "--as", "bob", "--role", "accounting"});
  EXPECT_NE(bad.code, 0);
  EXPECT_THAT(bad.err, HasSubstr("ann has the task"));
  const Outcome done = vozex({"task",
                              "complete",
                              id,
                              "pay",
                              "--form",
                              R"({"amount": 7})",
                              "--as",
                              "ann",
                              "--role",
                              "accounting"});
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(town_->state_of("expense", "c1"), "signing");
  EXPECT_EQ(vozex({"task", "show", id}).code, 3) << "it is closed";
}

TEST_P(Tasks, SayWhatCanBeDoneAndWithWhichForm) {
  const std::string id = start("c1");
  const json task = town_->get("/v1/tasks/" + id + "?as=ann&role=accounting").value();
  EXPECT_EQ(task["title"], "Expense c1");
  EXPECT_EQ(task["workflow"], "expense");
  EXPECT_EQ(task["overdue"], false);
  ASSERT_EQ(task["actions"].size(), 2u) << task;
  const json pay = task["actions"][0];
  EXPECT_EQ(pay["name"], "pay");
  EXPECT_EQ(pay["enabled"], true);
  EXPECT_EQ(pay["prefill"], json({{"amount", 5}}));
  EXPECT_EQ(pay["form"]["properties"]["amount"]["minimum"], 1) << pay;
  EXPECT_EQ(task["actions"][1]["confirm"], true);
  const json others = town_->get("/v1/tasks/" + id + "?as=eve&role=clerk").value();
  EXPECT_EQ(others["actions"][0]["enabled"], false);
  EXPECT_EQ(town_->get("/v1/tasks/nonsense").status, 404);
  EXPECT_EQ(town_->get("/v1/tasks?overdue=maybe").status, 422);
  EXPECT_EQ(town_->get("/v1/tasks?after=maybe").status, 422);
}

TEST_P(Tasks, OfManyWhoClaimAtOnceOneWinsAndTheOthersAreToldWho) {
  const std::string id = start("c1");
  constexpr int k_people = 8;
  std::vector<Answer> answers(k_people);
  std::vector<std::thread> threads;
  for (int i = 0; i < k_people; ++i) {
    threads.emplace_back([&, i] {
      answers[static_cast<std::size_t>(i)] =
          order(id, "claim", {{"actor", person("p" + std::to_string(i))}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string winner = task_of("c1")["assignee"];
  int won = 0;
  for (const Answer& answer : answers) {
    if (answer.status == 200) {
      ++won;
      continue;
    }
    EXPECT_EQ(answer.status, 409) << answer.body;
    EXPECT_EQ(answer.value()["code"], "task_claimed");
    EXPECT_THAT(answer.value()["detail"], HasSubstr(winner + " has the task"));
    EXPECT_EQ(answer.value()["tasks"][0]["assignee"], winner);
  }
  EXPECT_EQ(won, 1);
}

TEST_P(Tasks, AClaimOutlivesARestart) {
  const std::string id = start("c1");
  ASSERT_EQ(order(id, "claim", {{"actor", person("ann")}}).status, 200);
  const json before = task_of("c1");
  town_->server().kill(SIGKILL);
  town_->server().wait();
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready());
  EXPECT_EQ(task_of("c1"), before);
  EXPECT_EQ(order(id, "claim", {{"actor", person("bob")}}).status, 409);
  EXPECT_EQ(
      order(
          id, "complete", {{"action", "pay"}, {"form", {{"amount", 1}}}, {"actor", person("ann")}})
          .status,
      200);
  EXPECT_EQ(town_->state_of("expense", "c1"), "signing");
}

TEST_P(Tasks, OnlyWhoHasItCompletesItButForSupervisorsWithAReason) {
  const std::string id = start("c1");
  ASSERT_EQ(order(id, "claim", {{"actor", person("ann")}}).status, 200);
  const auto pay = [&](const json& actor, const std::string& reason) {
    json body = {{"action", "pay"}, {"form", {{"amount", 1}}}, {"actor", actor}};
    if (!reason.empty()) body["reason"] = reason;
    return order(id, "complete", body);
  };
  EXPECT_EQ(pay(person("bob"), "").value()["code"], "task_claimed");
  EXPECT_EQ(town_
                ->post("/v1/instances/" + id.substr(0, 36) + "/actions/pay",
                       {{"form", {{"amount", 1}}}, {"actor", person("bob")}})
                .value()["code"],
            "task_claimed")
      << "there is no way round";
  EXPECT_EQ(pay(person("lee", "controller"), "").value()["code"], "reason_needed");
  EXPECT_EQ(pay(person("lee", "controller"), "ann is away").status, 200);
  const json history =
      town_->get("/v1/instances/" + id.substr(0, 36) + "/history").value()["items"];
  EXPECT_EQ(history.back()["entry"]["reason"], "ann is away");
  EXPECT_EQ(history.back()["entry"]["actor"]["id"], "lee");
  EXPECT_EQ(pay(person("ann"), "").value()["code"], "task_closed");
}

TEST_P(Tasks, AreReleasedAndAssigned) {
  const std::string id = start("c1");
  EXPECT_EQ(order(id, "claim", {{"actor", person("eve", "clerk")}}).status, 403);
  ASSERT_EQ(order(id, "assign", {{"to", "bob"}, {"actor", person("lee", "controller")}}).status,
            200);
  EXPECT_EQ(task_of("c1")["assignee"], "bob");
  EXPECT_FALSE(task_of("c1").contains("claimed_at"));
  EXPECT_EQ(order(id, "release", {{"actor", person("ann")}}).status, 409);
  ASSERT_EQ(order(id, "release", {{"actor", person("bob")}}).status, 200);
  EXPECT_FALSE(task_of("c1").contains("assignee"));
  EXPECT_EQ(order(id, "assign", {{"to", ""}, {"actor", person("ann")}}).status, 422);
  EXPECT_EQ(order(id, "assign", {{"actor", person("ann")}}).status, 422);
}

TEST_P(Tasks, AWrongFormIsRefusedFieldByField) {
  const std::string id = start("c1");
  const Answer answer = order(
      id, "complete", {{"action", "pay"}, {"form", {{"amount", 0}}}, {"actor", person("ann")}});
  EXPECT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(answer.value()["code"], "invalid_form");
  EXPECT_EQ(answer.value()["errors"][0]["pointer"], "/amount");
  EXPECT_EQ(town_->state_of("expense", "c1"), "checking");
}

TEST_P(Tasks, AnOrderIsGivenOnceByItsIdempotencyKey) {
  const std::string id = start("c1");
  const Headers key = {"idempotency-key: k-1"};
  const json body = {{"actor", person("ann")}};
  const Answer first = order(id, "claim", body, key);
  EXPECT_EQ(first.status, 200) << first.body;
  ASSERT_EQ(order(id, "release", body).status, 200);
  const Answer again = order(id, "claim", body, key);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.headers.at("idempotency-replayed"), "true");
  EXPECT_FALSE(task_of("c1").contains("assignee")) << "the first answer, and nothing done";
  EXPECT_EQ(order(id, "release", body, key).status, 422) << "the key stands for another request";
}

TEST_P(Tasks, ApprovalsWantTwoDifferentPeople) {
  std::string id = start("c1");
  ASSERT_EQ(
      order(
          id, "complete", {{"action", "pay"}, {"form", {{"amount", 1}}}, {"actor", person("ann")}})
          .status,
      200);
  id = task_of("c1")["id"];
  ASSERT_EQ(order(id, "claim", {{"actor", person("bo", "board")}}).status, 200);
  const auto sign = [&](const json& actor) {
    return order(id, "complete", {{"action", "sign"}, {"actor", actor}});
  };
  EXPECT_EQ(sign(person("cy")).status, 403);
  const Answer first = sign(person("bo", "board"));
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.value()["outcome"], "waiting");
  EXPECT_EQ(sign(person("bo", "board")).value()["code"], "already_approved");
  const json task = town_->get("/v1/tasks/" + id).value();
  EXPECT_EQ(task["actions"][0]["approvals"], json({{"wanted", 2}, {"given_by", {"bo"}}}));
  EXPECT_FALSE(task.contains("assignee"));
  EXPECT_EQ(sign(person("cy", "board")).status, 200);
  EXPECT_EQ(town_->state_of("expense", "c1"), "over");
  EXPECT_EQ(list(), json::array());
}

TEST_P(Tasks, EscalateWhenTheyAreLate) {
  const std::string id = start("c1", true);
  EXPECT_TRUE(eventually([&] { return task_of("c1")["queue"] == "controllers"; }));
  const json task = task_of("c1");
  EXPECT_EQ(task["id"], id) << "the same task";
  EXPECT_EQ(task["level"], 1);
  EXPECT_EQ(task["roles"], json({"controller"}));
  EXPECT_EQ(task["overdue"], true);
  EXPECT_EQ(list("?overdue=true").size(), 1u);
  EXPECT_EQ(list("?queue=expenses"), json::array());
  EXPECT_EQ(town_->metric("vozex_tasks_overdue{queue=\"controllers\"}"), 1);
  start("c2");
  EXPECT_EQ(list("?overdue=true").size(), 1u);
  EXPECT_EQ(list()[0]["key"], "c1") << "what is late comes first";
  EXPECT_EQ(town_->metric("vozex_tasks_open{queue=\"expenses\"}"), 1);
}

TEST_P(Tasks, ComeInPages) {
  for (int i = 0; i < 7; ++i) start("c" + std::to_string(i));
  std::vector<std::string> keys;
  std::string after;
  for (int page = 0; page < 9; ++page) {
    const json body = town_->get("/v1/tasks?limit=3" + after).value();
    for (const json& item : body["items"]) keys.push_back(item["key"]);
    if (!body.contains("next")) break;
    after = "&after=" + body["next"].get<std::string>();
  }
  EXPECT_THAT(keys, ElementsAre("c0", "c1", "c2", "c3", "c4", "c5", "c6"));
}

TEST_P(Tasks, OfTwoProcessesThatClaimOneWins) {
  if (GetParam() == Kind::sqlite) GTEST_SKIP() << "SQLite is for one process";
  town_.reset();
  open(2);
  for (int round = 0; round < 10; ++round) {
    const std::string id = start("c" + std::to_string(round));
    std::vector<Answer> answers(4);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      threads.emplace_back([&, i] {
        answers[i] = order(id, "claim", {{"actor", person("p" + std::to_string(i))}}, {}, i % 2);
      });
    }
    for (std::thread& thread : threads) thread.join();
    const auto won = std::count_if(
        answers.begin(), answers.end(), [](const Answer& answer) { return answer.status == 200; });
    EXPECT_EQ(won, 1);
    for (const Answer& answer : answers) {
      if (answer.status == 200) continue;
      EXPECT_EQ(answer.value()["code"], "task_claimed") << answer.body;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Databases,
                         Tasks,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

}  // namespace
}  // namespace vozex::api_test
