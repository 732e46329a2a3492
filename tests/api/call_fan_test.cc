// SPDX-License-Identifier: Apache-2.0
// Fan-outs of calls: how many are under way at once, what is heard of each, and what becomes of the
// others when one is enough.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/errands.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* k_round = R"(
vozex: 1
workflow: round
version: 1
key: input.name
input: {name: string, to: list<string>}
data: {told: {type: list<string>, default: []}}
warnings: {VZ0615: nobody undoes a letter, VZ0623: nobody knows}
initial: sending
states:
  sending:
    invoke:
      id: letters
      for_each: {to: input.to}
      limit: 2
      call: partner.send
      with: {to: "${to}"}
      on_each: {set: {told: "${data.told + [to + ' ' + invoked.letters[index].status]}"}}
      on_done: over
      on_error: fell
  over: {type: final}
  fell: {type: final, outcome: failed, error: {code: fell}}
)";

// Any answer will do.
constexpr const char* k_search = R"(
vozex: 1
workflow: search
version: 1
key: input.name
input: {name: string, at: list<string>}
data: {ref: optional<string>, told: {type: list<string>, default: []}}
initial: looking
states:
  looking:
    invoke:
      id: looks
      for_each: {at: input.at}
      limit: 2
      join: any
      call: partner.look
      with: {to: "${at}"}
      on_each: {set: {told: "${data.told + [at]}"}}
      on_done: {target: found, set: {ref: "${invoked.looks.filter(l, l.status == 'done')[0].result.ref}"}}
      on_error: lost
  found: {after: {30d: lost}}
  lost: {type: final}
)";

class CallFans : public Errands {
 protected:
  void SetUp() override {
    Errands::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const Answer deployed = town_->post("/v1/workflows",
                                        {{"files",
                                          {{{"name", "round.yaml"}, {"text", k_round}},
                                           {{"name", "search.yaml"}, {"text", k_search}}}}});
    ASSERT_EQ(deployed.status, 200) << deployed.body;
  }
  void begin(const std::string& workflow, const json& input) {
    const Answer started = town_->post("/v1/instances", {{"workflow", workflow}, {"input", input}});
    ASSERT_EQ(started.status, 201) << started.body;
  }
  std::size_t open() const { return calls("leased") + calls("waiting"); }
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         CallFans,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(CallFans, NoMoreThanTheLimitGoOutAndEachEndIsSeen) {
  static_assert(k_at_once > 2, "or the adapter's own limit keeps them");
  for (const char* to : {"a", "b", "gone", "d", "e"}) partner_.hold(std::string("POST send/") + to);
  begin("round", {{"name", "r"}, {"to", {"a", "b", "gone", "d", "e"}}});
  const auto told = [&](const json& wanted) {
    return eventually([&] { return town_->instance("round", "r")["data"]["told"] == wanted; });
  };
  ASSERT_TRUE(is_asked("POST send/a") && is_asked("POST send/b"));
  EXPECT_EQ(open(), 2u) << "the others are not even decided";
  partner_.let("POST send/b");
  ASSERT_TRUE(told({"b done"}));
  ASSERT_TRUE(is_asked("POST send/gone")) << "the next one, in order";
  partner_.let("POST send/gone");
  ASSERT_TRUE(told({"b done", "gone failed"}));
  ASSERT_TRUE(is_asked("POST send/d")) << "a failure cancels no sibling";
  EXPECT_EQ(partner_.asked("POST send/e"), 0);
  partner_.let("POST send/d");
  ASSERT_TRUE(is_asked("POST send/e"));
  partner_.let("POST send/e");
  ASSERT_TRUE(told({"b done", "gone failed", "d done", "e done"}));
  EXPECT_EQ(town_->state_of("round", "r"), "sending") << "all of them have to settle";
  partner_.let("POST send/a");
  ASSERT_TRUE(town_->reaches("round", "r", "fell"));
  EXPECT_EQ(town_->instance("round", "r")["data"]["told"],
            json({"b done", "gone failed", "d done", "e done", "a done"}));
  EXPECT_EQ(partner_.most_at_once(), 2);
  EXPECT_EQ(partner_.asked(""), 5) << "each once";
}

TEST_P(CallFans, WhereOneIsEnoughTheOthersAreCalledOff) {
  for (const char* at : {"a", "b", "c", "d"}) partner_.hold(std::string("GET look/") + at);
  begin("search", {{"name", "s"}, {"at", {"a", "b", "c", "d"}}});
  ASSERT_TRUE(is_asked("GET look/a") && is_asked("GET look/b"));
  partner_.let("GET look/b");
  ASSERT_TRUE(town_->reaches("search", "s", "found"));
  const json found = town_->instance("search", "s");
  EXPECT_EQ(found["data"]["ref"], "b");
  EXPECT_EQ(found["data"]["told"], json({"b"}));
  EXPECT_EQ(open(), 1u) << "a is under way, and can't be taken back";
  const std::string path = "/v1/instances/" + found["id"].get<std::string>() + "/history";
  EXPECT_THAT(town_->get(path).body, Not(HasSubstr("stale"))) << "no other one was begun";
  partner_.let("GET look/a");
  EXPECT_TRUE(eventually([&] { return town_->get(path).body.find("stale") != std::string::npos; }));
  EXPECT_TRUE(eventually([&] { return open() == 0; }));
  const json after = town_->instance("search", "s");
  for (const char* part : {"state", "data", "incident"})
    EXPECT_EQ(after[part], found[part]) << part;
  EXPECT_EQ(partner_.asked("GET look/c") + partner_.asked("GET look/d"), 0);
}

}  // namespace
}  // namespace vozex::api_test
