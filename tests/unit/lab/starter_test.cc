// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/starter.h"

#include <gtest/gtest.h>

#include "engine/lab/scenario.h"
#include "engine/language/compile.h"

namespace vozex::lab {
namespace {

void expect_good(const StarterAnswers& answers) {
  const std::string what = answers.kind + " deadline=" + answers.deadline + " role=" + answers.role;
  const auto starter = make_starter(answers);
  ASSERT_TRUE(starter) << what << ": " << starter.error().message;
  const language::SourceSet set{{{answers.name + ".yaml", starter->workflow}}};
  const auto compiled = language::compile(set);
  ASSERT_EQ(language::render(compiled.diagnostics, set), "") << what << "\n" << starter->workflow;
  const machine::SourceFile tests{answers.name + ".test.yaml", starter->tests};
  const ScenarioReport report = run_scenarios(compiled, tests);
  EXPECT_EQ(language::render(report.diagnostics, {{tests}}), "") << what;
  EXPECT_GE(report.scenarios.size(), 1u) << what;
  for (const ScenarioResult& one : report.scenarios) EXPECT_TRUE(one.passed()) << render(one);
  ASSERT_EQ(report.coverage.size(), 1u);
  EXPECT_TRUE(report.coverage[0].missed_states.empty()) << what;
  EXPECT_EQ(starter->workflow.find("{{"), std::string::npos) << what;
}

TEST(Starter, EveryCombinationValidatesWithoutAWarningAndPasses) {
  for (const StarterKind& kind : starter_kinds()) {
    for (const std::string deadline : {"", "90m", "30d"}) {
      for (const std::string role : {"", "team_7"}) {
        expect_good({"expense_report", std::string(kind.name), deadline, role});
      }
    }
    expect_good({"x", std::string(kind.name), std::string(kind.deadline), std::string(kind.role)});
  }
}

TEST(Starter, RefusesWhatWouldNotCompile) {
  const auto code = [](const StarterAnswers& answers) {
    const auto made = make_starter(answers);
    return made ? std::string() : made.error().code;
  };
  EXPECT_EQ(code({"", "blank", "", ""}), "bad_name");
  EXPECT_EQ(code({"Big", "blank", "", ""}), "bad_name");
  EXPECT_EQ(code({"a\n b", "blank", "", ""}), "bad_name");
  EXPECT_EQ(code({"a", "novel", "", ""}), "unknown_kind");
  EXPECT_EQ(code({"a", "blank", "soon", ""}), "bad_deadline");
  EXPECT_EQ(code({"a", "blank", "0s", ""}), "bad_deadline");
  EXPECT_EQ(code({"a", "blank", "", "a, b"}), "bad_role");
}

}  // namespace
}  // namespace vozex::lab
