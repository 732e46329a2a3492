// SPDX-License-Identifier: Apache-2.0
// The shape of SARIF 2.1.0 (OASIS, sarif-schema-2.1.0.json): the members that the schema requires
// and the rules that code scanning services check.
#include "engine/lab/sarif.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/types/json.h"

namespace vozex::lab {
namespace {

using ::testing::HasSubstr;
using types::Value;

Diagnostic diagnostic(Severity severity, std::string code, std::string file, Span span) {
  return {severity, std::move(code), "said", std::move(file), span, "do this"};
}

const Value& at(const Value& list, std::size_t index) { return list.as_list().at(index); }

Value sample() {
  return to_sarif({diagnostic(Severity::error, "VZ0201", "flows/ö b.yaml", {3, 5, 4}),
                   diagnostic(Severity::warning, "VZ0601", "/abs/c.yaml", {1, 1, 0}),
                   diagnostic(Severity::error, "VZ0201", "/abs/c.yaml", {0, 0, 0})},
                  {"/abs/c.yaml", "clean.yaml", "flows/ö b.yaml"},
                  {"1.2.3", ""});
}

TEST(Sarif, HasTheMembersThatTheSchemaRequires) {
  const Value log = sample();
  EXPECT_EQ(log.text_at("version"), "2.1.0");
  const Value& run = at(*log.find("runs"), 0);
  const Value& driver = *run.find("tool")->find("driver");
  EXPECT_EQ(driver.text_at("name"), "vozex");
  EXPECT_EQ(driver.text_at("version"), "1.2.3");
  EXPECT_EQ(run.text_at("columnKind"), "unicodeCodePoints");
  for (const Value& result : run.find("results")->as_list()) {
    EXPECT_NE(result.find("message")->text_at("text"), "");
    EXPECT_EQ(result.find("locations")->as_list().size(), 1u);
  }
  for (const Value& rule : driver.find("rules")->as_list()) EXPECT_NE(rule.text_at("id"), "");
}

TEST(Sarif, ResultsPointToTheirRuleAndItsPage) {
  const Value log = sample();
  const Value& run = at(*log.find("runs"), 0);
  const Value& rules = *run.find("tool")->find("driver")->find("rules");
  ASSERT_EQ(rules.as_list().size(), 2u);
  for (const Value& result : run.find("results")->as_list()) {
    const auto index = static_cast<std::size_t>(result.find("ruleIndex")->as_integer());
    EXPECT_EQ(at(rules, index).text_at("id"), result.text_at("ruleId"));
  }
  EXPECT_EQ(at(rules, 0).find("shortDescription")->text_at("text"), "a target that names no state");
  EXPECT_THAT(std::string(at(rules, 0).find("help")->text_at("markdown")),
              HasSubstr("## How to fix it"));
  EXPECT_EQ(at(rules, 1).find("defaultConfiguration")->text_at("level"), "warning");
  EXPECT_EQ(at(rules, 0).find("helpUri"), nullptr);
}

TEST(Sarif, RegionsCountCodePointsFromOneAndUrisAreEncoded) {
  const Value log = sample();
  const Value& results = *at(*log.find("runs"), 0).find("results");
  const Value& place = *at(*at(results, 0).find("locations"), 0).find("physicalLocation");
  EXPECT_EQ(types::to_json(*place.find("region")),
            "{\"endColumn\":9,\"startColumn\":5,\"startLine\":3}");
  EXPECT_EQ(types::to_json(*place.find("artifactLocation")),
            "{\"index\":2,\"uri\":\"flows/%C3%B6%20b.yaml\"}");
  const Value& whole = *at(*at(results, 2).find("locations"), 0).find("physicalLocation");
  EXPECT_EQ(whole.find("region"), nullptr);
  EXPECT_EQ(whole.find("artifactLocation")->text_at("uri"), "file:///abs/c.yaml");
  EXPECT_EQ(at(results, 0).find("message")->text_at("text"), "said\nHint: do this");
}

}  // namespace
}  // namespace vozex::lab
