// SPDX-License-Identifier: Apache-2.0
// Every way an instance can fail to go on ends in an incident that ops see, at the real program on
// both stores: workflows that get stuck, one for each way. The others are tested where they belong:
// rows that can't be read (doctor_test), undoings that fail (undo_test), loops (flood_test),
// unknown outcomes and late successes (calls_test).
#include <gtest/gtest.h>

#include <map>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

struct Way {
  const char* name;  // of the workflow, too
  const char* text;  // from `data` on; `go` stands for its event
  const char* code;  // of its incident
  bool is_held;
};

// After `go` none of them goes on by itself.
const Way k_ways[] = {
    {"action",
     R"(
data: {n: {type: int, default: 1}}
states:
  here: {on: {go: {target: there, set: {n: "${data.n / (data.n - 1)}"}}}}
)",
     "divide_by_zero",
     true},
    {"guard",
     R"(
data: {n: {type: int, default: 1}}
states:
  here: {on: {go: {when: "data.n / (data.n - 1) == 1", target: there}}}
)",
     "divide_by_zero",
     true},
    {"timer",
     R"(
data: {n: {type: int, default: 1}}
states:
  here: {on: {go: pausing}}
  pausing: {after: {10ms: {target: there, set: {n: "${data.n / (data.n - 1)}"}}}}
)",
     "divide_by_zero",
     true},
    {"promise",
     R"(
data: {n: {type: int, default: 1}}
invariants: [{name: never two, holds: "data.n < 2"}]
states:
  here: {on: {go: {target: there, set: {n: "${data.n + 1}"}}}}
)",
     "invariant_broken",
     true},
    {"circle",
     R"(
data: {n: {type: int, default: 0}}
states:
  here: {on: {go: left}}
  left: {always: [{when: "data.n >= 0", target: right}]}
  right: {always: [{when: "data.n >= 0", target: left}]}
)",
     "too_many_microsteps",
     true},
    {"glutton",
     R"(
data: {s: {type: string, default: "0123456789abcdef"}, n: {type: int, default: 0}}
states:
  here: {on: {go: eating}}
  eating: {always: [{when: "data.n < 20", do: [{set: {n: "${data.n + 1}"}}, {set: {s: "${data.s + data.s}"}}]}, {target: there}]}
)",
     "cost_exceeded",
     true},
    {"spender",
     R"(
data: {s: {type: string, default: "0123456789abcdef"}, n: {type: int, default: 0}}
states:
  here: {on: {go: growing}}
  growing: {always: [{when: "data.n < 15", do: [{set: {n: "${data.n + 1}"}}, {set: {s: "${data.s + data.s}"}}]}, {target: round}]}
  round: {always: [{when: "(data.s + string(data.n)).size() > 0", do: [{set: {n: "${data.n + 1}"}}]}, {target: there}]}
)",
     "step_too_costly",
     true},
    {"herald",
     R"(
data: {s: {type: string, default: "0123456789abcdef"}, n: {type: int, default: 0}}
states:
  here: {on: {go: growing}}
  growing: {always: [{when: "data.n < 15", do: [{set: {n: "${data.n + 1}"}}, {set: {s: "${data.s + data.s}"}}]}, {target: telling}]}
  telling: {always: [{when: "data.n < 100", do: [{set: {n: "${data.n + 1}"}}, {emit: {event: news, data: {text: "${data.s}"}}}]}, {target: there}]}
)",
     "effects_too_large",
     true},
    {"orphan",
     R"(
states:
  here: {on: {go: {target: there, do: [{send: {event: parent.word, to: parent}}]}}}
)",
     "no_such_receiver",
     true},
    {"stranger",
     R"(
states:
  here: {after: {30d: there}}
)",
     "event_not_accepted",
     false},
    {"caller",
     R"(
states:
  here: {on: {go: calling}}
  calling: {invoke: {call: nowhere.knock, with: {name: "${input.name}"}, on_done: there}}
)",
     "not_configured",
     false},
    {"asker",
     R"(
data: {n: {type: int, default: 1}}
states:
  here: {on: {go: calling}}
  calling: {invoke: {call: nowhere.knock, with: {name: "${string(data.n / (data.n - 1))}"}, on_done: there}}
)",
     "divide_by_zero",
     true},
    {"parent",
     R"(
states:
  here: {on: {go: waiting}}
  waiting: {invoke: {workflow: failing, input: {name: "${input.name + '/1'}"}, on_done: there}}
)",
     "too_bad",
     false},
    {"starter",
     R"(
states:
  here: {on: {go: {do: [{start: {workflow: starter, input: {name: "${input.name}"}}}]}}}
)",
     "key_taken",
     false},
};

constexpr const char* k_nowhere = R"(
vozex: 1
adapter: nowhere
operations:
  knock: {input: {name: string}, output: {}, repeat: safe}
)";

constexpr const char* k_failing = R"(
vozex: 1
workflow: failing
version: 1
key: input.name
input: {name: string}
output: {}
states:
  over: {type: final, outcome: failed, error: {code: too_bad}}
)";

std::string text_of(const Way& way) {
  std::string text = std::string("vozex: 1\nworkflow: ") + way.name + R"(
version: 1
key: input.name
input: {name: string}
events:
  go: {data: {name: string}, match: event.data.name, unhandled: incident}
initial: here)" + way.text +
                     "  there: {after: {30d: over}}\n  over: {type: final}\n";
  const std::string event = std::string(way.name) + ".go";
  for (const std::string mention : {"  go:", "{go:"}) {
    for (std::size_t at = 0; (at = text.find(mention, at)) != std::string::npos; ++at)
      text.replace(at + mention.size() - 3, 2, event);
  }
  return text;
}

class Stuck : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
    json files = {{{"name", "nowhere.yaml"}, {"text", k_nowhere}},
                  {{"name", "failing.yaml"}, {"text", k_failing}}};
    for (const Way& way : k_ways)
      files.push_back({{"name", std::string(way.name) + ".yaml"}, {"text", text_of(way)}});
    const Answer deployed = town_->post("/v1/workflows", {{"files", files}});
    ASSERT_EQ(deployed.status, 200) << deployed.body;
    for (const Way& way : k_ways) {
      const Answer started =
          town_->post("/v1/instances", {{"workflow", way.name}, {"input", {{"name", way.name}}}});
      ASSERT_EQ(started.status, 201) << started.body;
      const Answer sent = town_->post("/v1/events",
                                      {{"id", way.name},
                                       {"source", "test"},
                                       {"type", std::string(way.name) + ".go"},
                                       {"data", {{"name", way.name}}}});
      ASSERT_EQ(sent.status, 200) << sent.body;
    }
  }
  std::vector<json> incidents() { return town_->all("/v1/incidents"); }
  void expect_healthy() {
    const Outcome doctor = run({"doctor", "--store", town_->database().url(), "--settle", "3"});
    EXPECT_EQ(doctor.code, 0) << doctor.out << doctor.err;
  }

  std::unique_ptr<Town> town_;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Stuck,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(Stuck, EachHasItsIncidentAndCanBeCancelled) {
  ASSERT_TRUE(eventually([&] { return incidents().size() >= std::size(k_ways); }));
  std::map<std::string, std::string> codes;
  for (const json& one : incidents()) codes[one["workflow"]] = one["code"];
  for (const Way& way : k_ways) {
    EXPECT_EQ(codes[way.name], way.code) << way.name;
    EXPECT_EQ(town_->instance(way.name, way.name)["life"], way.is_held ? "held" : "running")
        << way.name;
  }
  EXPECT_EQ(incidents().size(), std::size(k_ways)) << "one each, and nobody else";
  // For the doctor they wait for people, which can still happen.
  expect_healthy();
  const Outcome cancelled = run({"batch", "run", "cancel", "--incident", "--reason", "x", "--wait"},
                                {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
  EXPECT_EQ(cancelled.code, 0) << cancelled.out << cancelled.err;
  EXPECT_TRUE(town_->all("/v1/instances?live=true&incident=true").empty());
  for (const Way& way : k_ways)
    EXPECT_EQ(town_->instance(way.name, way.name)["life"], "cancelled") << way.name;
  expect_healthy();
}

}  // namespace
}  // namespace vozex::api_test
