// SPDX-License-Identifier: Apache-2.0
// An instance that can't go on: how ops see it, and each thing they can do about it, with who and
// why in its history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

constexpr const char* k_count = R"(
vozex: 1
workflow: count
version: 1
key: input.number
input: {number: string}
data: {base: {type: int, default: 12}, share: {type: int, default: 0}}
events:
  count.divided: {data: {number: string, by: int}, match: event.data.number}
initial: open
states:
  open:
    on:
      count.divided: {target: divided, set: {share: "${data.base / (event.data.by - data.base)}"}}
  divided: {after: {30d: closed}}
  closed: {type: final}
)";

class IncidentTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
    const Answer deployed =
        town_->post("/v1/workflows", {{"files", {{{"name", "count.yaml"}, {"text", k_count}}}}});
    ASSERT_EQ(deployed.status, 200) << deployed.body;
    // Divides by nothing: held.
    for (const std::string number : {"a", "b"}) {
      ASSERT_EQ(
          town_->post("/v1/instances", {{"workflow", "count"}, {"input", {{"number", number}}}})
              .status,
          201);
      const Outcome sent = vozex({"event",
                                  "send",
                                  "count.divided",
                                  "--data",
                                  R"({"number": ")" + number + R"(", "by": 12})"});
      ASSERT_EQ(life(number), "held") << sent.err;
    }
  }
  Outcome vozex(const std::vector<std::string>& words) {
    return run(words, {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  }
  std::string life(const std::string& key) { return town_->instance("count", key)["life"]; }
  // Of the newest entry.
  std::string history(const std::string& key) {
    const std::string id = town_->instance("count", key)["id"];
    return town_->get("/v1/instances/" + id + "/history").value()["items"].back()["entry"].dump();
  }

  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         IncidentTest,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(IncidentTest, AreGroupedByTheirFingerprint) {
  const json groups =
      json::parse(vozex({"incident", "ls", "--group-by", "error", "-o", "json"}).out);
  ASSERT_EQ(groups.size(), 1u) << groups;
  EXPECT_EQ(groups[0]["count"], 2);
  EXPECT_EQ(groups[0]["workflow"], "count");
  EXPECT_EQ(groups[0]["state"], "open");
  EXPECT_EQ(groups[0]["fingerprint"].get<std::string>().size(), 8u);
  EXPECT_EQ(groups[0]["instances"].size(), 2u);
  EXPECT_EQ(json::parse(vozex({"incident", "ls", "-o", "json"}).out).size(), 2u);
  EXPECT_EQ(json::parse(vozex({"incident", "ls", "--workflow", "other", "-o", "json"}).out).size(),
            0u);
  EXPECT_EQ(town_->get("/v1/incidents?group_by=colour").status, 422);
}

TEST_P(IncidentTest, ListsComeByPages) {
  for (const char* path : {"/v1/incidents", "/v1/workflows"}) {
    const std::vector<json> whole = town_->all(path);
    ASSERT_GE(whole.size(), 2u) << path;
    std::vector<json> paged;
    std::string after;
    for (std::size_t pages = 0; pages <= whole.size(); ++pages) {
      const json page =
          town_->get(path + ("?limit=1" + (after.empty() ? "" : "&after=" + after))).value();
      EXPECT_LE(page["items"].size(), 1u);
      for (const json& item : page["items"]) paged.push_back(item);
      after = page.value("next", "");
      if (after.empty()) break;
    }
    EXPECT_EQ(paged, whole) << path;
    EXPECT_EQ(town_->get(std::string(path) + "?after=nonsense").status, 422) << path;
    EXPECT_EQ(town_->get(std::string(path) + "?limit=none").status, 422) << path;
  }
}

TEST_P(IncidentTest, DataIsPatchedAndTheEventTriedAgain) {
  const Outcome why = vozex({"instance", "why", "count/a"});
  EXPECT_THAT(why.out, HasSubstr("\n  held by "));
  EXPECT_THAT(why.err, HasSubstr("next: vozex instance retry "));
  EXPECT_EQ(vozex({"instance", "retry", "count/a", "--reason", "try"}).code, 0);
  EXPECT_EQ(life("a"), "held") << "nothing was mended";
  const Outcome patched =
      vozex({"instance", "patch", "count/a", R"({"base": 6})", "--reason", "wrong base"});
  ASSERT_EQ(patched.code, 0) << patched.err;
  EXPECT_THAT(history("a"), HasSubstr("\"reason\":\"wrong base\""));
  EXPECT_THAT(history("a"), HasSubstr("\"actor\""));
  ASSERT_EQ(vozex({"instance", "retry", "count/a", "--reason", "base is right now"}).code, 0);
  EXPECT_EQ(life("a"), "running");
  EXPECT_EQ(town_->state_of("count", "a"), "divided");
  EXPECT_EQ(town_->instance("count", "a")["data"]["share"], 1);
  EXPECT_THAT(history("a"), HasSubstr("base is right now"));
}

TEST_P(IncidentTest, TheEventIsSkipped) {
  ASSERT_EQ(vozex({"instance", "skip", "count/a", "--reason", "sent by mistake"}).code, 0);
  EXPECT_THAT(history("a"), HasSubstr("sent by mistake"));
  ASSERT_EQ(vozex({"instance", "resume", "count/a", "--reason", "goes on"}).code, 0);
  EXPECT_EQ(life("a"), "running");
  EXPECT_EQ(town_->state_of("count", "a"), "open");
}

TEST_P(IncidentTest, ItIsMovedElsewhere) {
  ASSERT_EQ(vozex({"instance", "move", "count/a", "divided", "--reason", "by hand"}).code, 0);
  EXPECT_EQ(town_->state_of("count", "a"), "divided");
  EXPECT_THAT(history("a"), HasSubstr("by hand"));
  EXPECT_EQ(vozex({"instance", "move", "count/a", "nowhere", "--reason", "x"}).code, 6);
}

TEST_P(IncidentTest, ItIsCancelledWithoutBeingMended) {
  const Outcome cancelled = vozex({"instance", "cancel", "count/a", "--reason", "not worth it"});
  ASSERT_EQ(cancelled.code, 0) << cancelled.err;
  EXPECT_EQ(life("a"), "cancelled");
  EXPECT_THAT(history("a"), HasSubstr("not worth it"));
  EXPECT_THAT(history("a"), HasSubstr("\"actor\""));
  EXPECT_EQ(json::parse(vozex({"incident", "ls", "-o", "json"}).out).size(), 1u);
}

TEST_P(IncidentTest, WhateverOpsDoStandsInItsHistoryWithWhoAndWhy) {
  const auto did = [&](const std::vector<std::string>& words, const std::string& reason) {
    std::vector<std::string> all{"instance"};
    all.insert(all.end(), words.begin(), words.end());
    all.insert(all.end(), {"--reason", reason});
    vozex(all);
    EXPECT_THAT(history("b"), HasSubstr(reason)) << words[0];
    EXPECT_THAT(history("b"), HasSubstr("\"shop\"")) << words[0] << ": whose key it was";
  };
  did({"retry", "count/b"}, "perhaps it works now");
  did({"patch", "count/b", R"({"base": 6})"}, "the base was wrong");
  did({"skip", "count/b"}, "sent by mistake");
  did({"resume", "count/b"}, "mended");
  did({"suspend", "count/b"}, "stocktaking");
  did({"move", "count/b", "divided"}, "divided by hand");
  did({"cancel", "count/b"}, "no longer wanted");
}

TEST_P(IncidentTest, WhatCanNotBeDoneIsSaidInOneLine) {
  const Outcome no_call = vozex({"call", "retry", "abc", "--reason", "x"});
  EXPECT_EQ(no_call.code, 2);
  EXPECT_THAT(no_call.err, HasSubstr("\"abc\" names no call: expected <uuid>/<seq>/<index>"));
  const Outcome nobody = vozex({"batch", "plan", "cancel", "--workflow", "nosuch"});
  EXPECT_EQ(nobody.code, 0);
  EXPECT_THAT(nobody.err, HasSubstr("0 match"));
  EXPECT_THAT(nobody.err, ::testing::Not(HasSubstr("next:"))) << "there is nothing to run";
  ASSERT_EQ(vozex({"instance", "cancel", "count/a", "--reason", "x"}).code, 0);
  EXPECT_THAT(vozex({"instance", "why", "count/a"}).out, HasSubstr("nothing: it has ended\n"));
}

// $STATE was empty: that must not drop the event that waits.
TEST_P(IncidentTest, AMoveNowhereAndAReasonThatSaysNothingAreRefused) {
  const std::string before = history("a");
  const Outcome nowhere = vozex({"instance", "move", "count/a", "", "--reason", "by hand"});
  EXPECT_EQ(nowhere.code, 1);
  EXPECT_THAT(nowhere.err, HasSubstr("/target: expected a state"));
  for (const char* word : {"retry", "skip", "suspend", "resume", "cancel"}) {
    const Outcome silent = vozex({"instance", word, "count/a", "--reason", " "});
    EXPECT_EQ(silent.code, 1) << word;
    EXPECT_THAT(silent.err, HasSubstr("/reason: expected a sentence")) << word;
  }
  EXPECT_EQ(history("a"), before);
}

TEST_P(IncidentTest, SuspendedItWaitsAndResumedItGoesOn) {
  ASSERT_EQ(
      town_->post("/v1/instances", {{"workflow", "count"}, {"input", {{"number", "c"}}}}).status,
      201);
  ASSERT_EQ(vozex({"instance", "suspend", "count/c", "--reason", "stocktaking"}).code, 0);
  EXPECT_EQ(life("c"), "suspended");
  EXPECT_THAT(history("c"), HasSubstr("stocktaking"));
  vozex({"event", "send", "count.divided", "--data", R"({"number": "c", "by": 18})"});
  EXPECT_EQ(town_->state_of("count", "c"), "open");
  const Outcome retried = vozex({"instance", "retry", "count/c", "--reason", "is it done?"});
  EXPECT_EQ(retried.code, 6);
  EXPECT_THAT(retried.err, HasSubstr("`resume` it first"));
  EXPECT_EQ(life("c"), "suspended");
  ASSERT_EQ(vozex({"instance", "resume", "count/c", "--reason", "done counting"}).code, 0);
  EXPECT_EQ(town_->state_of("count", "c"), "divided");
}

}  // namespace
}  // namespace vozex::api_test
