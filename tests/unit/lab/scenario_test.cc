// SPDX-License-Identifier: Apache-2.0
// What authors can say in scenario tests, and what they are told when it doesn't hold. Reference:
// docs/testing.md.
#include "engine/lab/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/lab/junit.h"

namespace vozex::lab {
namespace {

using ::testing::HasSubstr;

constexpr const char* k_adapter = R"(vozex: 1
adapter: shop
types:
  charge_input: {order: string, amount: int}
  charge: {ref: string}
operations:
  charge: {input: charge_input, output: charge, repeat: never, ask: find}
  find: {input: charge_input, output: json, repeat: safe}
  refund: {input: charge, output: json, repeat: by_key}
)";

constexpr const char* k_order = R"(vozex: 1
workflow: shop_order
version: 1
key: input.order
input: {order: string, amount: int, seen: {type: optional<timestamp>}}
output: {ref: string}
status: {open: Open, paid: Paid, lost: Lost}
data:
  ref: optional<string>
  note: optional<string>
  noted_at: optional<timestamp>
aliases: {ref: data.ref}
events:
  order.noted: {match: event.data.order, data: {order: string, note: string}}
  order.closed: {match: {ref: event.data.ref}, data: {ref: string}}
  order.told: {data: {order: string}}
policies:
  thrice: {attempts: 3, backoff: 2s, factor: 2}
initial: charging
states:
  charging:
    status: open
    on:
      order.noted: {defer: true}
      order.closed: {}
    invoke:
      call: shop.charge
      with: {order: "${input.order}", amount: "${input.amount}"}
      retry: thrice
      on_done: {target: paid, set: {ref: "${result.ref}"}}
      on_error:
        - {when: error.code == 'declined', target: lost}
  paid:
    status: paid
    task: {queue: packers, roles: [ops], due: 1d}
    on:
      order.noted: {set: {note: "${event.data.note}", noted_at: "${event.time}"}}
      order.closed: closed
    actions:
      give_back: {title: Give back, roles: [ops], form: {why: string}, set: {note: "${event.form.why}"}, target: giving_back}
    after: {30d: closed}
  giving_back:
    invoke:
      call: shop.refund
      with: {ref: "${data.ref.value()}"}
      on_done: closed
  lost:
    status: lost
    on_entry: [{emit: {event: order.told, data: {order: "${input.order}"}}}]
    on: {order.closed: {}, order.noted: {}}
    always: {target: gone}
  gone: {type: final, outcome: failed, error: {code: not_paid}}
  closed: {type: final, output: {ref: "${data.ref.value()}"}}
)";

constexpr const char* k_basket = R"(vozex: 1
workflow: basket
version: 1
key: input.basket
input: {basket: string, orders: list<string>}
data: {failed: {type: int, default: 0}}
initial: ordering
states:
  ordering:
    invoke:
      id: orders
      for_each: {name: input.orders}
      workflow: shop_order
      input: {order: "${name}", amount: 5}
      on_done: done
      on_error: {target: partly, set: {failed: "${invoked.orders.filter(i, i.status == 'failed').size()}"}}
  partly: {type: final}
  done: {type: final}
)";

const language::Compilation& compiled() {
  static const language::Compilation k_compiled = [] {
    language::SourceSet sources{
        {{"shop.yaml", k_adapter}, {"order.yaml", k_order}, {"basket.yaml", k_basket}}};
    language::Compilation result = language::compile(sources);
    EXPECT_FALSE(has_errors(result.diagnostics)) << language::render(result.diagnostics, sources);
    return result;
  }();
  return k_compiled;
}

ScenarioReport run(const std::string& text) {
  return run_scenarios(compiled(), {"x.test.yaml", text});
}

std::string failures(const ScenarioReport& report) {
  language::SourceSet none;
  std::string text = language::render(report.diagnostics, none);
  for (const ScenarioResult& result : report.scenarios) {
    if (!result.passed()) text += render(result);
  }
  return text;
}

// One scenario of shop_order from its steps.
std::string order_scenario(const std::string& body) {
  return "workflow: shop_order\ndefaults:\n  start: {order: o1, amount: 5}\nscenarios:\n  - name: "
         "it\n" +
         body;
}

void expect_pass(const std::string& text) {
  const ScenarioReport report = run(text);
  EXPECT_TRUE(report.passed()) << failures(report);
  EXPECT_FALSE(report.scenarios.empty());
}

TEST(Scenario, ACallIsMockedAndAnswersAfterItsTime) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}, after: 5s}]}
    steps:
      - expect: {state: charging, status: open, reply: null, calls: {shop.charge: [{order: o1, amount: 5}]}}
      - advance: 5s
      - expect: {state: paid, status: paid, data: {ref: r1, note: null}, tasks: [packers], timers: 2}
)"));
}

TEST(Scenario, RetriesFollowTheDeclaredPolicy) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{error: {code: unavailable}}, {error: {code: timeout}}, {return: {ref: r1}}]}
    steps:
      - expect: {calls: {shop.charge: 1}}
      - advance: 2s
      - expect: {calls: {shop.charge: 2}, state: charging}
      - advance: 4s
      - expect: {calls: {shop.charge: 3}, state: paid}
)"));
}

TEST(Scenario, AnErrorThatIsNotRetryableEndsTheCall) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{error: {code: declined}}]}
    steps:
      - expect: {state: gone, error: {code: not_paid}, life: failed, emitted: [order.told, {order.told: {order: o1}}], reply: {error: {code: not_paid}}}
)"));
}

TEST(Scenario, AnUnknownOutcomeIsAskedFor) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{unknown: true, asked: happened, return: {ref: r9}}]}
    steps:
      - expect: {state: paid, data: {ref: r9}, calls: {shop.charge: 1, shop.find: 1}}
)"));
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{unknown: true, asked: not_happened}, {return: {ref: r2}}]}
    steps:
      - advance: 2s
      - expect: {state: paid, calls: {shop.charge: 2}}
)"));
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{unknown: true, asked: unclear}]}
    steps:
      - expect: {state: charging, incident: outcome_unknown}
)"));
}

TEST(Scenario, EventsAreFoundByKeyAndByAliasAndDuplicatesAreKnown) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}}]}
    steps:
      - event: {order.noted: {order: o1, note: hello}, id: n1}
      - expect: {outcome: transitioned, data: {note: hello}}
      - event: {duplicate_of: n1}
      - expect: {outcome: duplicate}
      - event: {order.closed: {ref: other}}
      - expect: {outcome: waiting, state: paid}
      - event: {order.closed: {ref: r1}}
      - expect: {state: closed, output: {ref: r1}, reply: {ref: r1}}
      - event: {order.noted: {order: o1, note: late}}
      - expect: {outcome: ended}
)"));
}

TEST(Scenario, AnEventHappensWhenItsSenderSaysElseNow) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}}]}
    steps:
      - advance: 1h
      - event: {order.noted: {order: o1, note: old}, time: "2025-12-24T18:00:00Z"}
      - expect: {data: {noted_at: "2025-12-24T18:00:00Z"}}
      - event: {order.noted: {order: o1, note: new}}
      - expect: {data: {noted_at: "2026-01-01T01:00:00Z"}}
)"));
}

TEST(Scenario, DeferredEventsAreSeenAndComeBack) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}, after: 1m}]}
    steps:
      - event: {order.noted: {order: o1, note: early}}
      - expect: {outcome: deferred, deferred: [order.noted]}
      - advance: 1m
      - expect: {data: {note: early}, deferred: []}
)"));
}

TEST(Scenario, AnEventBeforeItsInstanceWaitsForIt) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}}]}
    steps:
      - event: {order.closed: {ref: r1}}
      - expect: {outcome: waiting}
      - start: {amount: 7}
      - expect: {state: closed, calls: {shop.charge: [{amount: 7}]}}
)"));
}

TEST(Scenario, PeopleActAndAreRefused) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}}], shop.refund: [{return: {}}]}
    steps:
      - action: {give_back: {why: broken}, as: {id: ann, roles: [customer]}}
      - expect: {outcome: rejected, rejection: not_allowed, state: paid}
      - action: {give_back: {}, as: {id: olga, roles: [ops]}}
      - expect: {rejection: invalid_form}
      - action: {give_back: {why: broken}, as: {id: olga, roles: [ops]}}
      - expect: {state: closed, data: {note: broken}, calls: {shop.refund: [{ref: r1}]}}
)"));
}

TEST(Scenario, TimersFireInVirtualTime) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}}]}
    steps:
      - advance: 29d
      - expect: {state: paid}
      - advance: 1d
      - expect: {state: closed}
)"));
}

TEST(Scenario, OpsSuspendAndResume) {
  expect_pass(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}}]}
    steps:
      - suspend: {}
      - event: {order.noted: {order: o1, note: hello}}
      - expect: {outcome: queued, life: suspended, data: {note: null}}
      - resume: {}
      - expect: {life: running, data: {note: hello}}
)"));
}

constexpr const char* k_loan = R"(vozex: 1
workflow: loan
version: 1
key: input.loan
input: {loan: string}
data: {months: {type: int, default: 12}}
config: {limit: {type: int, default: 3}}
states:
  open: {after: {365d: late}}
  late: {after: {30d: closed}}
  closed: {type: final}
)";

constexpr const char* k_new_loan = R"(vozex: 1
workflow: loan
version: 2
key: input.loan
input: {loan: string, country: {type: string, default: de}}
data: {days: {type: int, default: 365}}
config: {limit: {type: int, default: 3}}
migrate: {from: 1, states: {open: running}, data: {set: {days: "${data.months * 30}"}}}
invariants: [{name: enough, holds: data.days > config.limit}]
states:
  running: {after: {365d: late}}
  late: {after: {30d: closed}}
  closed: {type: final}
)";

ScenarioReport run_loan(const std::string& test) {
  language::SourceSet sources;
  sources.files = {{"loan.v1.yaml", k_loan}, {"loan.yaml", k_new_loan}};
  const language::Compilation compiled = language::compile(sources);
  EXPECT_EQ(language::render(compiled.diagnostics, sources), "");
  return run_scenarios(compiled, {"loan.test.yaml", "workflow: loan\nscenarios:\n" + test}, {});
}

std::string told(const ScenarioReport& report) {
  std::string text;
  for (const Diagnostic& one : report.diagnostics) text += one.code + ": " + one.message + "\n";
  for (const ScenarioResult& one : report.scenarios) text += one.passed() ? "" : render(one);
  return text;
}

TEST(Scenario, AnInstanceMigratesToTheNewestVersion) {
  EXPECT_EQ(told(run_loan(R"(
  - name: in the middle
    version: 1
    start: {loan: l1}
    steps:
      - advance: 100d
      - expect: {state: open, data: {months: 12}}
      - migrate: {}
      - expect: {state: running, data: {days: 360}, timers: [running], outcome: transitioned}
      - advance: 265d
      - expect: {state: late}
  - name: the new version alone
    start: {loan: l2, country: fr}
    steps:
      - expect: {state: running}
)")),
            "");
}

TEST(Scenario, AMigrationThatIsRefusedFails) {
  EXPECT_THAT(told(run_loan(R"(
  - name: broken
    version: 1
    start: {loan: l1}
    steps:
      - config: {limit: 1000}
      - migrate: {to: 2}
)")),
              HasSubstr("invariant \"enough\" doesn't hold"));
  EXPECT_THAT(told(run_loan(R"(
  - name: from the newest
    start: {loan: l1}
    steps:
      - migrate: {}
)")),
              HasSubstr("version 2 of loan says nothing about instances of version 2"));
  EXPECT_THAT(told(run_loan(R"(
  - name: of another
    version: 3
    steps: []
  - name: typed by its version
    version: 1
    start: {loan: l1, country: de}
    steps:
      - expect: {state: running}
)")),
              HasSubstr("`country`"));
}

TEST(Scenario, TheInstallationChangesItsConfig) {
  EXPECT_EQ(told(run_loan(R"(
  - name: a limit
    start: {loan: l1}
    steps:
      - config: {limit: 300}
      - advance: 365d
      - expect: {state: late, incident: null}
      - config: {limit: 1000}
      - advance: 30d
      - expect: {state: late, life: held, incident: invariant_broken}
)")),
            "");
}

TEST(Scenario, ChildrenAreMockedOrReal) {
  const std::string head =
      "workflow: basket\nscenarios:\n  - name: it\n    start: {basket: b1, orders: [o1, o2]}\n";
  expect_pass(head + R"(
    mocks: {shop_order: [{return: {ref: r1}, after: 1h}, {error: {code: not_paid}}]}
    steps:
      - expect: {state: ordering, calls: {shop_order: [{order: o1}, {order: o2}]}}
      - advance: 1h
      - expect: {state: partly, data: {failed: 1}}
)");
  expect_pass(head + R"(
    with_real: [shop_order]
    mocks: {shop.charge: [{return: {ref: r1}}, {return: {ref: r2}}]}
    steps:
      - expect: {of: {workflow: shop_order, key: o1}, state: paid, data: {ref: r1}}
      - event: {order.closed: {ref: r1}}
      - expect: {state: ordering}
      - event: {order.closed: {ref: r2}}
      - expect: {state: done}
)");
}

TEST(Scenario, AFailureShowsPlaceExpectedActualAndWhy) {
  const ScenarioReport report = run(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}}]}
    steps:
      - event: {order.noted: {order: o1, note: hello}}
      - expect: {state: closed, data: {note: bye}}
)"));
  ASSERT_EQ(report.scenarios.size(), 1u);
  const ScenarioResult& result = report.scenarios[0];
  ASSERT_EQ(result.failures.size(), 2u);
  EXPECT_EQ(result.failures[0].what, "state");
  EXPECT_EQ(result.failures[0].expected, "closed");
  EXPECT_EQ(result.failures[0].actual, "paid");
  EXPECT_EQ(result.failures[0].span.line, 10u);
  EXPECT_EQ(result.failures[1].what, "data.note");
  EXPECT_EQ(result.failures[1].actual, "\"hello\"");
  EXPECT_THAT(render(result), HasSubstr("x.test.yaml:10:18: state"));
  EXPECT_THAT(render(result),
              HasSubstr("last step of shop_order: order.noted in paid -> paid, transitioned"));
  EXPECT_THAT(to_junit(report), HasSubstr("failures=\"1\""));
}

TEST(Scenario, AMissingMockIsAnErrorOnlyWhenItIsCalled) {
  const ScenarioReport report = run(order_scenario("    steps:\n      - expect: {state: paid}\n"));
  EXPECT_FALSE(report.passed());
  EXPECT_THAT(failures(report), HasSubstr("call shop.charge has no mock"));
}

struct Mistake {
  const char* body;
  const char* says;
};

TEST(Scenario, MistakesInTheFileHavePlaces) {
  const Mistake k_mistakes[] = {
      {"    steps:\n      - expect: {stat: paid}\n", "`expect` has no key `stat`"},
      {"    steps:\n      - expect: {state: payed}\n", "shop_order has no state `payed`"},
      {"    steps:\n      - expect: {data: {nota: x}}\n", "has no field `nota`"},
      {"    steps:\n      - event: {order.notd: {}}\n",
       "none of these files declares the event `order.notd`"},
      {"    steps:\n      - event: {order.noted: {order: o1}}\n", "note"},
      {"    steps:\n      - advance: soon\n", "`advance` wants a duration"},
      {"    steps:\n      - wait: 5s\n", "there is no step `wait`"},
      {"    steps:\n      - action: {giveback: {}}\n", "has no action `giveback`"},
      {"    mocks: {shop.chrge: [{return: {}}]}\n",
       "`shop.chrge` is neither an operation nor a workflow"},
      {"    mocks: {shop.charge: [{retrun: {}}]}\n", "has no key `retrun`"},
      {"    mocks: {shop.charge: [{return: {reff: x}}]}\n", "reff"},
      {"    start: {order: o1}\n    steps: []\n    stepps: []\n", "a scenario has no key `stepps`"},
  };
  for (const Mistake& mistake : k_mistakes) {
    const ScenarioReport report = run(order_scenario(mistake.body));
    EXPECT_FALSE(report.passed()) << mistake.body;
    const std::string text = failures(report);
    EXPECT_THAT(text, HasSubstr(mistake.says)) << mistake.body;
    ASSERT_FALSE(report.diagnostics.empty()) << mistake.body;
    EXPECT_GT(report.diagnostics[0].span.line, 5u) << text;
  }
}

TEST(Coverage, TellsWhatNoScenarioReached) {
  ScenarioReport report = run(order_scenario(R"(
    mocks: {shop.charge: [{return: {ref: r1}}]}
    steps:
      - event: {order.closed: {ref: r1}}
)"));
  ASSERT_EQ(report.coverage.size(), 1u);
  const std::uint32_t reached = report.coverage[0].states_reached;
  EXPECT_EQ(reached, 3u);
  EXPECT_EQ(report.coverage[0].states, 6u);
  EXPECT_EQ(report.coverage[0].missed_states.size(), 3u);
  ScenarioReport other =
      run(order_scenario("    mocks: {shop.charge: [{error: {code: declined}}]}\n"));
  merge(report, std::move(other));
  EXPECT_EQ(report.coverage[0].states_reached, 5u);
  EXPECT_EQ(report.coverage[0].missed_states.at(0).text, "giving_back");
}

}  // namespace
}  // namespace vozex::lab
