// SPDX-License-Identifier: Apache-2.0
// Every kind of step and of expectation: each holds where it is right, and fails where it is wrong.
#include <gtest/gtest.h>

#include "engine/lab/scenario.h"

namespace vozex::lab {
namespace {

constexpr const char* k_scale = R"(vozex: 1
adapter: scale
operations:
  check: {input: {id: string}, output: {weight: int}, repeat: safe}
)";

constexpr const char* k_parcel = R"(vozex: 1
workflow: parcel
version: 1
key: input.id
input: {id: string}
output: {weight: int}
config: {limit: {type: int, default: 5}}
status: {open: Open, heavy: Heavy, shut: Shut}
data: {weight: {type: int, default: 1}}
events:
  weighed: {match: event.data.id, data: {id: string, weight: int}}
  later: {match: event.data.id, data: {id: string}}
  parcel.seen: {data: {weight: int}}
states:
  open:
    status: open
    task: {queue: desk, roles: [ops]}
    after: {1d: shut}
    actions: {close: {title: Close, roles: [ops], target: shut}}
    on:
      later: {defer: true}
      weighed:
        - {when: event.data.weight > config.limit, target: heavy}
        - set: {weight: "${event.data.weight}"}
          do: [{emit: {event: parcel.seen, data: {weight: "${event.data.weight}"}}}]
  heavy:
    status: heavy
    on_entry: [{reply: {weight: "${data.weight}"}}]
    on: {later: shut, weighed: {}}
    invoke: {call: scale.check, with: {id: "${input.id}"}, on_done: {set: {weight: "${result.weight}"}}}
  shut: {type: final, status: shut, output: {weight: "${data.weight}"}}
)";

const language::Compilation& compiled() {
  static const language::SourceSet set{{{"scale.yaml", k_scale}, {"parcel.yaml", k_parcel}}};
  static const language::Compilation all = language::compile(set);
  EXPECT_FALSE(has_errors(all.diagnostics)) << language::render(all.diagnostics, set);
  return all;
}

// Runs one scenario with these steps; what it says when it fails, "" when it passes.
std::string failure_of(const std::string& steps, const std::string& mocks = "{}") {
  const machine::SourceFile file{"parcel.test.yaml",
                                 "workflow: parcel\nscenarios:\n  - name: it\n    start: {id: p1}\n"
                                 "    mocks: " +
                                     mocks + "\n    steps:\n" + steps};
  const ScenarioReport report = run_scenarios(compiled(), file);
  EXPECT_EQ(language::render(report.diagnostics, {{file}}), "") << steps;
  if (report.scenarios.size() != 1u) return "no scenario";
  const ScenarioResult& result = report.scenarios.front();
  return result.passed() ? "" : result.failures.front().what;
}

constexpr const char* k_weighed_and_later =
    "      - event: {weighed: {id: p1, weight: 3}, id: e1}\n"
    "      - event: {later: {id: p1}, id: e2}\n";

struct Kind {
  const char* right;
  const char* wrong;
};

TEST(ScenarioKinds, EachExpectationHoldsAndCanFail) {
  const Kind kinds[] = {
      {"state: open", "state: heavy"},
      {"status: open", "status: shut"},
      {"data: {weight: 3}", "data: {weight: 4}"},
      {"calls: {scale.check: 0}", "calls: {scale.check: 1}"},
      {"emitted: [parcel.seen]", "emitted: []"},
      {"emitted: [{parcel.seen: {weight: 3}}]", "emitted: [{parcel.seen: {weight: 4}}]"},
      {"reply: null", "reply: {weight: 3}"},
      {"timers: 1", "timers: 0"},
      {"timers: [open]", "timers: []"},
      {"tasks: [desk]", "tasks: []"},
      {"deferred: [later]", "deferred: []"},
      {"incident: null", "incident: invariant_broken"},
      {"output: null", "output: {weight: 3}"},
      {"error: null", "error: {code: x}"},
      {"life: running", "life: completed"},
      {"outcome: deferred", "outcome: transitioned"},
      {"rejection: null", "rejection: not_allowed"},
      {"of: {workflow: parcel, key: p1}, state: open",
       "of: {workflow: parcel, key: p2}, state: open"}};
  for (const Kind& kind : kinds) {
    const std::string before = k_weighed_and_later;
    EXPECT_EQ(failure_of(before + "      - expect: {" + kind.right + "}\n"), "") << kind.right;
    EXPECT_NE(failure_of(before + "      - expect: {" + kind.wrong + "}\n"), "") << kind.wrong;
  }
}

TEST(ScenarioKinds, CallsAreExpectedByCountOrInputAndRepliesByValue) {
  const std::string steps = "      - event: {weighed: {id: p1, weight: 9}, id: e1}\n";
  const std::string mocks = "{scale.check: [{return: {weight: 8}}]}";
  EXPECT_EQ(failure_of(steps + "      - expect: {state: heavy, calls: {scale.check: [{id: p1}]}, "
                               "reply: {weight: 1}, data: {weight: 8}}\n",
                       mocks),
            "");
  EXPECT_EQ(failure_of(steps + "      - expect: {calls: {scale.check: [{id: p2}]}}\n", mocks),
            "calls.scale.check[0].id");
  EXPECT_EQ(failure_of(steps + "      - expect: {state: heavy}\n"), "step")
      << "a call without a mock fails the scenario";
}

TEST(ScenarioKinds, EachStepDoesWhatItSays) {
  const char* cases[] = {
      "      - config: {limit: 2}\n"
      "      - event: {weighed: {id: p1, weight: 3}, id: e1}\n"
      "      - expect: {state: heavy}\n",
      "      - patch: {weight: 7}\n"
      "      - expect: {data: {weight: 7}}\n",
      "      - move: shut\n"
      "      - expect: {state: shut, life: completed, output: {weight: 1}}\n",
      "      - suspend: {}\n"
      "      - event: {weighed: {id: p1, weight: 3}, id: e1}\n"
      "      - expect: {life: suspended, outcome: queued, data: {weight: 1}}\n"
      "      - resume: {}\n"
      "      - expect: {life: running, data: {weight: 3}}\n",
      "      - action: {close: {}, as: {id: eve, roles: [guest]}}\n"
      "      - expect: {rejection: not_allowed, state: open}\n"
      "      - action: {close: {}, as: {id: ann, roles: [ops]}}\n"
      "      - expect: {state: shut}\n",
      "      - advance: 1d\n"
      "      - expect: {state: shut}\n"};
  for (const char* steps : cases) {
    EXPECT_EQ(failure_of(steps, "{scale.check: [{never: true}]}"), "") << steps;
  }
}

TEST(ScenarioKinds, EventsMayComeBeforeTheStart) {
  const machine::SourceFile file{"parcel.test.yaml",
                                 "workflow: parcel\nscenarios:\n  - name: it\n    steps:\n"
                                 "      - event: {weighed: {id: p1, weight: 3}, id: e1}\n"
                                 "      - expect: {outcome: waiting}\n"
                                 "      - start: {id: p1}\n"
                                 "      - expect: {state: open, data: {weight: 3}}\n"};
  const ScenarioReport report = run_scenarios(compiled(), file);
  ASSERT_EQ(report.scenarios.size(), 1u) << language::render(report.diagnostics, {{file}});
  EXPECT_TRUE(report.scenarios[0].passed()) << render(report.scenarios[0]);
}

TEST(ScenarioKinds, PreparedScenariosRunInPartsAndSayTheSame) {
  std::string text = "workflow: parcel\ndefaults: {start: {id: p1}}\nscenarios:\n";
  for (int i = 0; i < 5; ++i) {
    text += "  - name: n" + std::to_string(i) + "\n    steps:\n      - advance: 1d\n" +
            "      - expect: {state: " + (i % 2 == 0 ? "shut" : "open") + "}\n";
  }
  const machine::SourceFile file{"parcel.test.yaml", text};
  const ScenarioReport whole = run_scenarios(compiled(), file);
  const PreparedScenarios prepared(compiled(), file);
  ASSERT_EQ(prepared.size(), 5u);
  ScenarioReport parts;
  for (std::size_t first = 0; first < prepared.size(); first += 2)
    merge(parts, prepared.run(first, 2));
  ASSERT_EQ(parts.scenarios.size(), whole.scenarios.size());
  for (std::size_t i = 0; i < parts.scenarios.size(); ++i)
    EXPECT_EQ(render(parts.scenarios[i]), render(whole.scenarios[i]));
  ASSERT_EQ(parts.coverage.size(), 1u);
  EXPECT_EQ(parts.coverage[0].percent(), whole.coverage[0].percent());
  EXPECT_EQ(prepared.run(7, 3).scenarios.size(), 0u);
}

}  // namespace
}  // namespace vozex::lab
