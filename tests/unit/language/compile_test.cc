// SPDX-License-Identifier: Apache-2.0
//
// What compiles, and what machine comes of it.
#include "engine/language/compile.h"

#include <gtest/gtest.h>

#include "tests/unit/language/files.h"

namespace vozex::language {
namespace {

using machine::Machine;
using machine::MachineRef;

std::string with_head(const std::string& body) {
  return "vozex: 1\nworkflow: test\nversion: 3\n" + body;
}

constexpr const char* k_end = "  closed: {type: final}\n";

TEST(Compile, KindsOfFiles) {
  EXPECT_EQ(kind_of("vozex: 1\nworkflow: a\n"), FileKind::workflow);
  EXPECT_EQ(kind_of("vozex: 1\ntypes_of: a\n"), FileKind::types_of);
  EXPECT_EQ(kind_of("vozex: 1\nadapter: a\n"), FileKind::adapter);
  EXPECT_EQ(kind_of("workflow: a\nscenarios: []\n"), FileKind::test);
  EXPECT_EQ(kind_of("hello"), FileKind::unknown);
  EXPECT_EQ(kind_of(""), FileKind::unknown);
}

TEST(Compile, ScenarioFilesAreLeftAlone) {
  EXPECT_EQ(diagnose_text("workflow: a\nscenarios:\n  - {name: x, steps: []}\n"), "");
}

TEST(Compile, TheSameTextGivesTheSameHash) {
  const std::string text =
      with_head("states:\n  open: {after: {1h: closed}}\n" + std::string(k_end));
  EXPECT_EQ(compile_text_alone(text)->content_hash, compile_text_alone(text)->content_hash);
  EXPECT_NE(compile_text_alone(text)->content_hash,
            compile_text_alone(text + "# more\n")->content_hash);
}

TEST(Compile, OneWrongFileDoesntStopTheOthers) {
  const SourceSet set{
      {{"good.yaml", "vozex: 1\nworkflow: good\nversion: 1\nstates:\n  open: {type: final}\n"},
       {"bad.yaml", "vozex: 1\nworkflow: bad\nversion: 1\nstates:\n  open: {typ: final}\n"}}};
  const Compilation result = compile(set);
  ASSERT_EQ(result.machines.size(), 1U);
  EXPECT_EQ(result.machines[0]->workflow, "good");
  EXPECT_TRUE(has_errors(result.diagnostics));
}

TEST(Compile, WarningsAreSilencedByCodeWithAReason) {
  const std::string states = "states:\n  open: {after: {1h: lost}}\n  lost: {}\n";
  EXPECT_NE(diagnose_text(with_head(states)).find("VZ0603"), std::string::npos);
  EXPECT_EQ(diagnose_text(with_head("warnings: {VZ0603: picked up by hand}\n" + states)), "");
}

TEST(Compile, DefaultsOfInputAndDataBecomePrograms) {
  const MachineRef machine =
      compile_text_alone(with_head("input: {id: string, note: {type: string, default: \"for "
                                   "${input.id}\"}, n: {type: int, default: 2}}\n"
                                   "data: {n: {type: int, default: 7}, copy: {type: string, "
                                   "default: \"${input.id}\"}, none: optional<int>}\n"
                                   "states:\n  open: {after: {1h: closed}}\n" +
                                   std::string(k_end)));
  ASSERT_NE(machine, nullptr);
  ASSERT_EQ(machine->input_defaults.size(), 1U);
  EXPECT_EQ(machine->input_defaults[0].name, "note");
  EXPECT_EQ(types::find_field(*machine->input, "n")->default_value->as_integer(), 2);
  ASSERT_EQ(machine->data_fields.size(), 3U);
  EXPECT_EQ(expr::constant_of(*machine->data_fields[0].default_value)->as_integer(), 7);
  EXPECT_NE(machine->data_fields[1].default_value, nullptr);
  EXPECT_EQ(machine->data_fields[2].default_value, nullptr);
}

TEST(Compile, EntryAndExitMayBeSeveralBlocks) {
  const MachineRef machine = compile_text_alone(
      with_head("states:\n  open:\n    on_entry: [{log: a}, {log: b}]\n"
                "    on_exit: [[{log: a}, {log: b}], [{log: c}]]\n    after: {1h: closed}\n" +
                std::string(k_end)));
  ASSERT_NE(machine, nullptr);
  const machine::State& open = machine->states[machine->find_state("open")];
  ASSERT_EQ(open.on_entry.size(), 1U);
  EXPECT_EQ(open.on_entry[0].size(), 2U);
  ASSERT_EQ(open.on_exit.size(), 2U);
  EXPECT_EQ(open.on_exit[0].size(), 2U);
  EXPECT_EQ(open.on_exit[1].size(), 1U);
  EXPECT_NE(diagnose_text(with_head("states:\n  open: {on_entry: [[{log: a}], {log: b}]}\n"))
                .find("each block of `on_entry`"),
            std::string::npos);
}

TEST(Compile, TheDefaultOfAHistoryMayLeadToSeveralRegions) {
  const auto text = [](const std::string& targets) {
    return with_head(
        "states:\n  both:\n    regions:\n      a: {states: {a1: {}, a2: {}}}\n"
        "      b: {states: {b1: {}, b2: {}}}\n"
        "      back: {type: history, deep: true, default: " +
        targets + "}\n    on_done: closed\n" + std::string(k_end));
  };
  const Compilation compiled = compile({{{"a.yaml", text("[a.a2, b.b2]")}}});
  ASSERT_FALSE(has_errors(compiled.diagnostics)) << diagnose_text(text("[a.a2, b.b2]"));
  const Machine& machine = *compiled.machines[0];
  EXPECT_EQ(machine.states[machine.find_state("both.back")].initial,
            (std::vector{machine.find_state("both.a.a2"), machine.find_state("both.b.b2")}));
  EXPECT_NE(diagnose_text(text("[a.a1, a.a2]")).find("can't be active together"),
            std::string::npos);
  EXPECT_NE(diagnose_text(text("[]")).find("`default` names no state"), std::string::npos);
}

TEST(Compile, PathsOfSetKeepTheirSteps) {
  const MachineRef machine =
      compile_text_alone(with_head("types: {line: {status: string}}\n"
                                   "data: {lines: {type: map<line>, default: {}}}\n"
                                   "states:\n  open:\n    on_entry: [{set: {\"lines['a' + "
                                   "'b'].status\": done, \"lines['c']\": null}}]\n"
                                   "    after: {1h: closed}\n" +
                                   std::string(k_end)));
  ASSERT_NE(machine, nullptr);
  const auto& set = machine->states[1].on_entry.at(0).at(0).set;
  ASSERT_EQ(set.size(), 2U);
  ASSERT_EQ(set[0].path.size(), 3U);
  EXPECT_EQ(set[0].path[0].field, "lines");
  EXPECT_NE(set[0].path[1].index, nullptr);
  EXPECT_EQ(set[0].path[2].field, "status");
  EXPECT_EQ(set[0].type->kind, types::TypeKind::string);
  EXPECT_TRUE(expr::constant_of(*set[1].value)->is_null());
}

TEST(Compile, TimersTakeDurationsPeriodsInstantsAndExpressions) {
  const MachineRef machine = compile_text_alone(
      with_head("data: {due: optional<timestamp>}\n"
                "states:\n  open:\n    after: {1h30m: closed, PT5M: closed, P1M: closed, "
                "\"2026-01-01T00:00:00Z\": closed, \"${data.due}\": closed}\n"
                "    every: {6h: {do: [{log: waiting}]}}\n" +
                std::string(k_end)));
  ASSERT_NE(machine, nullptr);
  ASSERT_EQ(machine->timers.size(), 6U);
  EXPECT_EQ(expr::constant_of(*machine->timers[0].when)->to_duration(), std::chrono::minutes(90));
  EXPECT_EQ(expr::constant_of(*machine->timers[1].when)->to_duration(), std::chrono::minutes(5));
  EXPECT_EQ(expr::type_of(*machine->timers[2].when)->kind, types::TypeKind::timestamp);
  EXPECT_EQ(expr::constant_of(*machine->timers[3].when)->kind(), types::Kind::timestamp);
  EXPECT_EQ(machine->transitions[machine->timers[0].transitions.at(0)].event, "after 1h30m");
  EXPECT_TRUE(machine->timers[5].recurring);
}

TEST(Compile, HistoryIsAChildOfItsOwnKind) {
  const MachineRef machine =
      compile_text_alone(with_head("states:\n  live:\n    on: {cancel: paused}\n    states:\n      "
                                   "a: {after: {1h: b}}\n      b: {after: {1h: a}}\n"
                                   "      back: {type: history, deep: true, default: b}\n"
                                   "  paused: {after: {1h: live.back}}\n"));
  ASSERT_NE(machine, nullptr);
  const auto& live = machine->states[machine->find_state("live")];
  EXPECT_EQ(live.children.size(), 2U);
  ASSERT_EQ(live.histories.size(), 1U);
  const auto& back = machine->states[live.histories[0]];
  EXPECT_EQ(back.kind, machine::StateKind::history_deep);
  EXPECT_EQ(machine->states[back.initial.at(0)].path, "live.b");
}

TEST(Compile, AGuardOfAManualActionStaysWithTheAction) {
  const MachineRef machine =
      compile_text_alone(with_head("states:\n  open:\n    actions:\n      go: {title: Go, roles: "
                                   "ops, when: actor.id != 'x', target: closed, approvals: 2}\n" +
                                   std::string(k_end)));
  ASSERT_NE(machine, nullptr);
  const auto& action = machine->actions.at(0);
  EXPECT_NE(action.when, nullptr);
  EXPECT_EQ(action.roles, std::vector<std::string>{"ops"});
  EXPECT_EQ(action.approvals, 2);
  EXPECT_EQ(machine->transitions[action.transitions.at(0)].when, nullptr);
}

TEST(Compile, InternalEventsAreDeclaredByRaisingThem) {
  EXPECT_EQ(diagnose_text(with_head(
                "states:\n  open:\n    on_entry: [{raise: ready}]\n    on: {ready: closed}\n" +
                std::string(k_end))),
            "");
}

TEST(Compile, AWorkflowMayInvokeItself) {
  EXPECT_EQ(
      diagnose_text(with_head(
          "input: {depth: int}\noutput: {n: int}\nstates:\n  open:\n    always: {when: input.depth "
          "> 3, target: closed}\n"
          "    invoke: {workflow: test, input: {depth: \"${input.depth + 1}\"}, on_done: closed}\n"
          "  closed: {type: final, output: {n: \"${input.depth}\"}}\n")),
      "");
}

// A later driver is an option and a file.
TEST(Compile, OneOfMayBeTheOptionsOfAnEnum) {
  const auto shop = [](const std::string& options, const std::string& one_of) {
    const std::string child =
        "version: 1\nkey: input.id\ninput: {id: string}\noutput: {}\n"
        "states:\n  over: {type: final, output: {}}\n";
    return compile(SourceSet{
        {{"shop.yaml",
          "vozex: 1\ntypes_of: shop\ntypes:\n  item: {id: string, driver: enum(" + options +
              ")}\n"},
         {"by_mail.yaml", "vozex: 1\nworkflow: by_mail\n" + child},
         {"by_ship.yaml", "vozex: 1\nworkflow: by_ship\n" + child},
         {"order.yaml",
          "vozex: 1\nworkflow: order\nversion: 1\nimport: [shop]\nkey: input.item.id\n"
          "input: {item: item}\noutput: {}\nstates:\n  sending:\n    invoke:\n"
          "      workflow: \"${'by_' + input.item.driver}\"\n      one_of: [" +
              one_of +
              "]\n"
              "      input: {id: \"${input.item.id}\"}\n      on_done: over\n      on_error: over\n"
              "  over: {type: final, output: {}}\n"}}});
  };
  const auto order_of = [](const Compilation& all) -> MachineRef {
    for (const MachineRef& one : all.machines) {
      if (one->workflow == "order") return one;
    }
    return nullptr;
  };
  const Compilation good = shop("mail|ship", "by_<item.driver>");
  ASSERT_NE(order_of(good), nullptr);
  EXPECT_FALSE(has_errors(good.diagnostics));
  const Machine& order = *order_of(good);
  ASSERT_EQ(order.invokes.size(), 1U);
  EXPECT_EQ(order.invokes[0].one_of, (std::vector<std::string>{"by_mail", "by_ship"}));
  const auto complaint = [&](const std::string& options, const std::string& one_of) {
    for (const Diagnostic& one : shop(options, one_of).diagnostics) {
      if (one.severity == Severity::error) return one.message;
    }
    return std::string("none");
  };
  EXPECT_NE(complaint("mail|air", "by_<item.driver>").find("by_air"), std::string::npos);
  EXPECT_NE(complaint("mail|ship", "by_<item.drivr>").find("by_<item.drivr>"), std::string::npos);
  EXPECT_NE(complaint("mail|ship", "by_<item.id>").find("by_<item.id>"), std::string::npos);
}

TEST(Compile, APrefixOfEventsOfOneTypeHasThatType) {
  const std::string head =
      "key: input.id\ninput: {id: string}\ndata: {n: {type: int, default: 0}}\n"
      "types:\n  fact: {id: string, n: int}\nevents:\n"
      "  a.one: {data: fact, match: event.data.id}\n";
  const std::string states =
      "states:\n  open: {on: {\"a.*\": {target: closed, set: {n: \"${event.data.m}\"}}}}\n" +
      std::string(k_end);
  const std::string same = "  a.two: {data: fact, match: event.data.id}\n";
  const std::string other = "  a.two: {data: {id: string}, match: event.data.id}\n";
  EXPECT_NE(diagnose_text(with_head(head + same + states)).find("VZ03"), std::string::npos);
  EXPECT_EQ(diagnose_text(with_head(head + other + states)), "");
}

TEST(Machine, DescriptorsMatchByToken) {
  EXPECT_TRUE(machine::event_matches("payment.*", "payment.failed"));
  EXPECT_TRUE(machine::event_matches("payment.*", "payment.card.failed"));
  EXPECT_FALSE(machine::event_matches("payment.*", "payments.failed"));
  EXPECT_FALSE(machine::event_matches("payment.*", "payment"));
  EXPECT_TRUE(machine::event_matches("*", "payment.failed"));
  EXPECT_FALSE(machine::event_matches("*", "error.execution"));
  EXPECT_FALSE(machine::event_matches("*", "done.state.a"));
  EXPECT_FALSE(machine::event_matches("*", "cancel"));
  EXPECT_TRUE(machine::event_matches("cancel", "cancel"));
  EXPECT_TRUE(machine::event_matches("error.*", "error.execution"));
}

}  // namespace
}  // namespace vozex::language
