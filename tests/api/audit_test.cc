// SPDX-License-Identifier: Apache-2.0
// The audit log over the real server: who did what by hand, and why, also of what was refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
initial: open
states:
  open:
    actions:
      close: {title: Close it, roles: [clerk], form: {note: string}, target: closed}
    after: {30d: closed}
  closed: {type: final}
)";

class AuditTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
    ASSERT_EQ(deploy(json::object()).status, 200);
    for (const std::string number : {"a", "b"}) {
      ASSERT_EQ(
          town_->post("/v1/instances", {{"workflow", "ticket"}, {"input", {{"number", number}}}})
              .status,
          201);
    }
  }
  Answer deploy(const json& more) {
    json body = {{"files", {{{"name", "ticket.yaml"}, {"text", k_ticket}}}}};
    body.update(more);
    return town_->post("/v1/workflows", body);
  }
  std::string id(const std::string& number) { return town_->instance("ticket", number)["id"]; }
  Outcome vozex(const std::vector<std::string>& words) {
    return run(words, {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  }
  json audit(const std::string& query) {
    return town_->get("/v1/audit" + query).value().at("items");
  }

  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         AuditTest,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(AuditTest, TellsWhoDidWhatAndWhy) {
  ASSERT_EQ(town_
                ->post("/v1/instances/" + id("a") + "/cancel",
                       {{"reason", "ordered twice"}, {"actor", {{"id", "ann"}}}})
                .status,
            200);
  const json entry = audit("?target=" + id("a")).at(0);
  EXPECT_EQ(entry["action"], "instances.cancel");
  EXPECT_EQ(entry["actor"], "ann");
  EXPECT_EQ(entry["caller"], "shop") << "whose key it was";
  EXPECT_EQ(entry["reason"], "ordered twice");
  EXPECT_EQ(entry["outcome"], "done");
  EXPECT_EQ(entry["status"], 200);
  EXPECT_THAT(entry["remote"].get<std::string>(), HasSubstr("127.0.0.1"));
  EXPECT_LE(entry["at"].get<std::string>(), entry["ended_at"].get<std::string>());
}

TEST_P(AuditTest, AlsoOfWhatWasRefused) {
  ASSERT_EQ(town_
                ->post("/v1/instances/" + id("a") + "/actions/close",
                       {{"form", {{"note", "secret note"}}},
                        {"actor", {{"id", "bob"}, {"roles", {"visitor"}}}}})
                .status,
            403);
  const json entry = audit("?actor=bob").at(0);
  EXPECT_EQ(entry["action"], "instances.actions");
  EXPECT_EQ(entry["target"], id("a") + "/close");
  EXPECT_EQ(entry["outcome"], "refused");
  EXPECT_EQ(entry["status"], 403);
  EXPECT_FALSE(entry["code"].get<std::string>().empty());
  EXPECT_THAT(entry.dump(), ::testing::Not(HasSubstr("secret note")));
}

TEST_P(AuditTest, OfDeploymentsBatchesAndWhatIsOnlyPlannedNot) {
  const json deployed = audit("?action=workflows");
  ASSERT_EQ(deployed.size(), 1u);
  EXPECT_EQ(deployed[0]["target"], "ticket 1");
  ASSERT_EQ(deploy({{"dry_run", true}}).status, 200);
  EXPECT_EQ(audit("?action=workflows").size(), 1u);

  ASSERT_EQ(vozex({"batch", "plan", "cancel", "--workflow", "ticket"}).code, 0);
  EXPECT_EQ(audit("?action=batches").size(), 0u);
  const Outcome ran = vozex(
      {"batch", "run", "cancel", "--workflow", "ticket", "--reason", "the end of it", "--wait"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const json batch = audit("?action=batches.create").at(0);
  EXPECT_EQ(batch["reason"], "the end of it");
  EXPECT_EQ(batch["detail"]["operation"], "cancel");
  EXPECT_EQ(town_->get("/v1/batches/" + batch["target"].get<std::string>()).status, 200);
}

TEST_P(AuditTest, IsReadFromTheCommandLineAndPageByPage) {
  for (const std::string word : {"suspend", "resume", "cancel"})
    ASSERT_EQ(vozex({"instance", word, "ticket/b", "--reason", "why " + word}).code, 0);
  const Outcome listed = vozex({"audit", "ls", "--action", "instances"});
  ASSERT_EQ(listed.code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("instances.suspend"));
  EXPECT_THAT(listed.out, HasSubstr("why cancel"));
  EXPECT_LT(listed.out.find("why cancel"), listed.out.find("why resume")) << "newest first";

  const json first = town_->get("/v1/audit?action=instances&limit=2").value();
  ASSERT_EQ(first["items"].size(), 2u);
  const json second = audit("?action=instances&limit=2&after=" + first["next"].get<std::string>());
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0]["action"], "instances.suspend");
  EXPECT_EQ(audit("?since=2999-01-01T00:00:00Z").size(), 0u);
  EXPECT_EQ(town_->get("/v1/audit?since=yesterday").status, 422);
  EXPECT_EQ(town_->get("/v1/audit?after=x").status, 422);
  EXPECT_EQ(town_->get("/v1/audit?limit=many").status, 422);
}

}  // namespace
}  // namespace vozex::api_test
