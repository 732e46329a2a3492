// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/diff/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/language/compile.h"
#include "engine/types/json.h"

namespace vozex::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* k_loan = R"(vozex: 1
workflow: loan
version: 1
key: input.loan_id
input: {loan_id: string, amount: int}
output: {paid: int, note: string}
data: {months: {type: int, default: 12}, reminded: {type: bool, default: false}}
events:
  loan.paid: {data: {loan_id: string, amount: int}, match: event.data.loan_id}
  loan.asked: {data: {loan_id: string}, match: event.data.loan_id}
initial: waiting
states:
  waiting:
    on:
      loan.paid: {when: event.data.amount > 10, target: closed, set: {months: "${data.months - 1}"}}
      loan.asked: {set: {reminded: "${true}"}}
    after: {30d: late}
  late: {on: {loan.paid: closed, loan.asked: {}}, after: {60d: lost}}
  closed: {type: final, output: {paid: "${data.months}", note: ok}}
  lost: {type: final, outcome: failed, error: {code: lost}}
)";

machine::MachineRef compiled(const std::string& text) {
  const language::SourceSet set{{{"loan.yaml", text}}};
  const auto all = language::compile(set);
  EXPECT_FALSE(has_errors(all.diagnostics)) << language::render(all.diagnostics, set);
  return all.machines.empty() ? std::make_shared<machine::Machine>() : all.machines.front();
}

// The loan with some words replaced, as version 2.
std::string changed(std::vector<std::pair<std::string, std::string>> replacements) {
  std::string text = k_loan;
  replacements.emplace_back("version: 1", "version: 2");
  for (const auto& [from, to] : replacements) {
    std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    for (; at != std::string::npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }
  return text;
}

Diff diff_with(const std::string& after) {
  return diff_machines(*compiled(k_loan), *compiled(after));
}

const Change* find(const Diff& diff, const std::string& kind) {
  for (const Change& one : diff.changes) {
    if (one.kind == kind) return &one;
  }
  return nullptr;
}

// The change of this kind, which must be there.
Change must(const Diff& diff, const std::string& kind) {
  const Change* found = find(diff, kind);
  EXPECT_NE(found, nullptr) << kind << " is missing in\n" << render(diff);
  return found != nullptr ? *found : Change{};
}

TEST(WorkflowDiff, OfTheSameIsEmpty) {
  const Diff diff = diff_with(k_loan);
  EXPECT_TRUE(diff.changes.empty()) << render(diff);
  EXPECT_FALSE(diff.is_breaking());
  EXPECT_EQ(diff.migrate, "");
}

TEST(WorkflowDiff, ADeployedVersionCantChange) {
  const Diff diff = diff_with(std::string(k_loan) + "# a remark\n");
  EXPECT_EQ(must(diff, "version_not_raised").impact, Impact::breaking);
}

TEST(WorkflowDiff, ARenamedStateIsGuessedAndTheBlockIsReadyToPaste) {
  const Diff diff = diff_with(changed({{"waiting", "awaiting_money"}}));
  ASSERT_EQ(diff.renames.size(), 1u) << render(diff);
  EXPECT_EQ(diff.renames[0].from, "waiting");
  EXPECT_EQ(diff.renames[0].to, "awaiting_money");
  EXPECT_EQ(must(diff, "state_renamed").impact, Impact::breaking);
  EXPECT_EQ(diff.migrate, "migrate:\n  from: 1\n  states:\n    waiting: awaiting_money\n");
  EXPECT_EQ(find(diff, "transition_changed"), nullptr) << "the rest of it is the same";
}

TEST(WorkflowDiff, ARenameIsSeenByBehaviourThoughNameAndTimerDiffer) {
  const Diff diff = diff_with(changed({{"waiting", "x"}, {"30d: late", "45d: late"}}));
  ASSERT_EQ(diff.renames.size(), 1u) << render(diff);
  EXPECT_EQ(diff.renames[0].to, "x");
}

TEST(WorkflowDiff, ARemovedStateLeavesItsInstancesNowhereToGo) {
  const Diff diff = diff_with(
      changed({{"  late: {on: {loan.paid: closed, loan.asked: {}}, after: {60d: lost}}\n", ""},
               {"30d: late", "30d: lost"}}));
  const Change change = must(diff, "state_removed");
  EXPECT_EQ(change.subject, "state late");
  EXPECT_EQ(change.impact, Impact::breaking);
  EXPECT_THAT(change.meaning, HasSubstr("migrate: {states: {late: ...}}"));
  EXPECT_THAT(diff.migrate, HasSubstr("# late: ...  # where do its instances go?"));
}

TEST(WorkflowDiff, TheBlockThatItOffersCompilesAndSatisfiesIt) {
  const std::string after =
      changed({{"waiting", "awaiting_money"},
               {"months: {type: int, default: 12}", "months: {type: string, default: a}"},
               {"\"${data.months - 1}\"", "b"},
               {"paid: \"${data.months}\"", "paid: 1"}});
  const Diff before_pasting = diff_with(after);
  EXPECT_TRUE(before_pasting.is_breaking());
  const Diff diff = diff_with(after + before_pasting.migrate);
  EXPECT_FALSE(diff.is_breaking()) << render(diff);
  EXPECT_TRUE(must(diff, "state_renamed").handled);
  EXPECT_TRUE(must(diff, "data_changed").handled);
  EXPECT_EQ(diff.migrate, "");
}

TEST(WorkflowDiff, DataWithoutAValueThatFitsNeedsMigrate) {
  const Diff diff =
      diff_with(changed({{"months: {type: int, default: 12}", "months: {type: string, default: a}"},
                         {"\"${data.months - 1}\"", "b"},
                         {"paid: \"${data.months}\"", "paid: 1"}}));
  const Change change = must(diff, "data_changed");
  EXPECT_EQ(change.impact, Impact::breaking);
  EXPECT_EQ(change.text, "int -> string");
  EXPECT_EQ(diff.migrate,
            "migrate:\n  from: 1\n  data:\n    set:\n      months: \"${string(data.months)}\"\n");
}

TEST(WorkflowDiff, DataWithADefaultAndDroppedDataNeedNothing) {
  const Diff diff = diff_with(
      changed({{"reminded: {type: bool, default: false}", "asked: {type: bool, default: false}"},
               {"set: {reminded:", "set: {asked:"}}));
  EXPECT_FALSE(diff.is_breaking()) << render(diff);
  EXPECT_EQ(must(diff, "data_added").impact, Impact::none);
  EXPECT_EQ(must(diff, "data_removed").impact, Impact::live);
}

TEST(WorkflowDiff, ATimerThatChangedSaysWhatHappensToArmedOnes) {
  const Diff diff = diff_with(changed({{"30d: late", "45d: late"}}));
  EXPECT_FALSE(diff.is_breaking());
  const Change change = must(diff, "timer_changed");
  EXPECT_EQ(change.subject, "waiting: after 30d");
  EXPECT_EQ(change.text, "now after 45d");
  EXPECT_THAT(change.meaning, HasSubstr("keeps its due moment"));
  EXPECT_EQ(diff.changes.size(), 1u) << render(diff);
}

TEST(WorkflowDiff, TransitionsSayGuardTargetAndActions) {
  const Diff diff = diff_with(
      changed({{"event.data.amount > 10, target: closed", "event.data.amount > 20, target: lost"},
               {"data.months - 1", "data.months - 2"}}));
  const Change change = must(diff, "transition_changed");
  EXPECT_EQ(change.subject, "waiting: on loan.paid");
  EXPECT_THAT(change.text, HasSubstr("guard event.data.amount > 10 -> event.data.amount > 20"));
  EXPECT_THAT(change.text, HasSubstr("target closed -> lost"));
  EXPECT_THAT(change.text, HasSubstr("data.months - 2"));
  EXPECT_FALSE(diff.is_breaking());
}

TEST(WorkflowDiff, AnOutputThatNoLongerFitsBreaksLiveParents) {
  const Diff diff =
      diff_with(changed({{"output: {paid: int, note: string}", "output: {paid: string}"},
                         {"paid: \"${data.months}\", note: ok", "paid: x"}}));
  EXPECT_EQ(must(diff, "output_removed").subject, "output note");
  const Change change = must(diff, "output_changed");
  EXPECT_EQ(change.text, "int -> string");
  EXPECT_THAT(change.meaning, HasSubstr("live parents"));
  EXPECT_TRUE(diff.is_breaking());
}

TEST(WorkflowDiff, WhatSendersAndStartersMustBringBreaks) {
  const Diff diff = diff_with(changed({{"input: {loan_id: string, amount: int}",
                                        "input: {loan_id: string, amount: int, who: string}"},
                                       {"loan.asked: {data: {loan_id: string}",
                                        "loan.asked: {data: {loan_id: string, why: string}"}}));
  EXPECT_EQ(must(diff, "input_added").impact, Impact::breaking);
  EXPECT_EQ(must(diff, "event_data_added").impact, Impact::breaking);
}

TEST(WorkflowDiff, WhoMayStartItIsAskedAtTheDoor) {
  const std::string closed =
      changed({{"initial: waiting", "start: {from: instances}\ninitial: waiting"}});
  const Change change = must(diff_with(closed), "start_from_changed");
  EXPECT_EQ(change.impact, Impact::breaking);
  EXPECT_EQ(change.text, "anybody -> instances");
  EXPECT_THAT(change.meaning, HasSubstr("start_reserved"));
  const Change opened =
      must(diff_machines(*compiled(closed), *compiled(k_loan)), "start_from_changed");
  EXPECT_EQ(opened.impact, Impact::none);
  EXPECT_EQ(opened.text, "instances -> anybody");
}

TEST(WorkflowDiff, WhoMaySendAnEventIsAskedAtTheDoor) {
  const std::string closed = changed({{"loan.asked: {data", "loan.asked: {from: gateways, data"}});
  const Change change = must(diff_with(closed), "event_from_changed");
  EXPECT_EQ(change.subject, "event loan.asked: from");
  EXPECT_EQ(change.impact, Impact::breaking);
  EXPECT_EQ(change.text, "anybody -> gateways");
  EXPECT_THAT(change.meaning, HasSubstr("event_reserved"));
  const std::string other = changed({{"loan.asked: {data", "loan.asked: {from: instances, data"}});
  EXPECT_EQ(must(diff_machines(*compiled(closed), *compiled(other)), "event_from_changed").impact,
            Impact::breaking);
  EXPECT_EQ(must(diff_machines(*compiled(closed), *compiled(k_loan)), "event_from_changed").impact,
            Impact::none);
}

TEST(WorkflowDiff, WhatBecomesOfAnEventThatNobodyTakes) {
  const Diff diff = diff_with(
      changed({{"loan.asked: {data", "loan.asked: {early: drop, unhandled: reject, data"}}));
  EXPECT_EQ(must(diff, "event_early_changed").text, "keep -> drop");
  EXPECT_EQ(must(diff, "event_unhandled_changed").text, "ignore -> reject");
  EXPECT_FALSE(diff.is_breaking());
  EXPECT_EQ(diff.changes.size(), 2u) << render(diff);
}

// A constant beside an expression is as much a part of what it starts with.
TEST(WorkflowDiff, AConstantInTheInputOfAStartIsSeen) {
  const auto started_with = [](const std::string& amount) {
    return changed(
        {{"initial: waiting",
          "start: {on: {loan.asked: {input: {loan_id: \"${event.data.loan_id}\", amount: " +
              amount + "}}}}\ninitial: waiting"}});
  };
  const Diff diff = diff_machines(*compiled(started_with("1")), *compiled(started_with("2")));
  EXPECT_EQ(must(diff, "start_changed").text,
            "{amount: 1, loan_id: ${event.data.loan_id}} -> "
            "{amount: 2, loan_id: ${event.data.loan_id}}");
}

TEST(WorkflowDiff, WhetherAKeyIsFreeAgainAfterTheEnd) {
  const std::string reused =
      changed({{"key: input.loan_id", "key: {value: input.loan_id, reuse: after_end}"}});
  EXPECT_EQ(must(diff_with(reused), "reuse_changed").impact, Impact::none);
  const Change& back = must(diff_machines(*compiled(reused), *compiled(k_loan)), "reuse_changed");
  EXPECT_EQ(back.impact, Impact::breaking);
  EXPECT_EQ(back.text, "after_end -> never");
  EXPECT_THAT(back.meaning, HasSubstr("key_taken"));
}

TEST(WorkflowDiff, WhatAnErrorThatNobodyTakesDoes) {
  const Change& change =
      must(diff_with(changed({{"initial: waiting", "errors: event\ninitial: waiting"}})),
           "errors_changed");
  EXPECT_EQ(change.impact, Impact::live);
  EXPECT_EQ(change.text, "incident -> event");
}

TEST(WorkflowDiff, PropertiesAreForWhoVerifies) {
  const auto with = [](const std::string& most) {
    return changed({{"initial: waiting",
                     "properties: [{name: few months, always: data.months <= " + most +
                         "}]\ninitial: waiting"}});
  };
  EXPECT_EQ(must(diff_with(with("12")), "property_added").impact, Impact::none);
  EXPECT_EQ(
      must(diff_machines(*compiled(with("12")), *compiled(with("24"))), "property_changed").text,
      "always: data.months <= 12 -> always: data.months <= 24");
}

// By its moments: another hour is another schedule.
TEST(WorkflowDiff, SchedulesThatComeAndGo) {
  const auto scheduled = [](const std::string& cron, const std::string& amount) {
    return changed({{"initial: waiting",
                     "config: {least: {type: int, default: 1}}\nstart: {schedule: {cron: \"" +
                         cron + "\", input: {loan_id: \"${string(now)}\", amount: " + amount +
                         "}}}\ninitial: waiting"}});
  };
  const std::string nine = scheduled("0 9 * * *", "1");
  EXPECT_EQ(must(diff_with(nine), "schedule_added").subject, "schedule 0 9 * * * UTC");
  const auto since_nine = [&](const std::string& after) {
    return diff_machines(*compiled(nine), *compiled(after));
  };
  EXPECT_NE(find(since_nine(scheduled("0 9 * * *", "\"${config.least}\"")), "schedule_changed"),
            nullptr);
  const Diff later = since_nine(scheduled("0 10 * * *", "1"));
  EXPECT_EQ(must(later, "schedule_removed").subject, "schedule 0 9 * * * UTC");
  EXPECT_EQ(must(later, "schedule_added").subject, "schedule 0 10 * * * UTC");
}

TEST(WorkflowDiff, AStartRuleIsShownWhereItStands) {
  const Diff diff = diff_with(
      changed({{"initial: waiting",
                "start: {on: {loan.asked: {input: {loan_id: \"${event.data.loan_id}\", amount: "
                "1}}}}\ninitial: waiting"}}));
  EXPECT_EQ(must(diff, "start_added").line, 11u);
}

TEST(WorkflowDiff, AnAtomicStateThatGetsSubstatesAndAFurtherRegionBreak) {
  const std::string divided =
      changed({{"  late: {on: {loan.paid: closed, loan.asked: {}}, after: {60d: lost}}",
                "  late:\n    on: {loan.paid: closed, loan.asked: {}}\n"
                "    after: {60d: lost}\n"
                "    regions:\n"
                "      one: {states: {a: {after: {1d: b}}, b: {type: final}}}\n"
                "      two: {states: {c: {after: {1d: d}}, d: {type: final}}}"}});
  EXPECT_EQ(must(diff_with(divided), "state_kind_changed").impact, Impact::breaking);
  std::string more = divided;
  more.replace(more.find("version: 2"), 10, "version: 3");
  more += "";
  const std::size_t at = more.find("      two:");
  more.insert(at, "      three: {states: {e: {after: {1d: f}}, f: {type: final}}}\n");
  const Diff diff = diff_machines(*compiled(divided), *compiled(more));
  EXPECT_EQ(must(diff, "region_added").subject, "state late.three");
}

TEST(WorkflowDiff, IsReadByPeopleAndPrograms) {
  const Diff diff = diff_with(changed({{"waiting", "awaiting_money"}, {"60d: lost", "90d: lost"}}));
  const std::string text = render(diff);
  EXPECT_THAT(text,
              HasSubstr("loan, version 1 -> 2\n  breaking:\n    state waiting: seems to be now "
                        "awaiting_money\n"));
  EXPECT_THAT(text, HasSubstr("what would bring live instances over"));
  EXPECT_THAT(text, Not(HasSubstr("  \n")));
  const types::Value value = to_value(diff);
  EXPECT_TRUE(value.find("breaking")->as_boolean());
  EXPECT_EQ(value.find("changes")->as_list().size(), diff.changes.size());
  EXPECT_THAT(types::to_json(value), HasSubstr("\"kind\":\"state_renamed\""));
}

}  // namespace
}  // namespace vozex::lab
