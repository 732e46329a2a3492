// SPDX-License-Identifier: Apache-2.0
// What `validate` prints for machines; for people: program_test.cc.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* k_warned = R"(vozex: 1
workflow: door
version: 1
key: input.name
input: {name: string}
initial: shut
states:
  shut: {after: {1h: open}}
  open: {type: final}
  attic: {after: {1h: open}}
)";

class Validate : public ProgramRun {};

TEST_F(Validate, StrictCountsWarnings) {
  file("door.yaml", k_warned);
  EXPECT_EQ(run("validate door.yaml"), 0);
  EXPECT_THAT(err_, HasSubstr("1 file: no errors, 1 warning"));
  EXPECT_EQ(run("validate door.yaml --strict"), 1);
  EXPECT_THAT(err_, HasSubstr("next: vozex explain VZ0601"));
}

TEST_F(Validate, JsonHasCountsAndPlaces) {
  file("door.yaml", k_warned);
  EXPECT_EQ(run("validate door.yaml --format json --strict"), 1);
  const json all = json::parse(out_);
  EXPECT_EQ(all["errors"], 0);
  EXPECT_EQ(all["warnings"], 1);
  EXPECT_EQ(all["valid"], false);
  const json& one = all["diagnostics"][0];
  EXPECT_EQ(one["code"], "VZ0601");
  EXPECT_EQ(one["severity"], "warning");
  EXPECT_EQ(one["line"], 10);
  EXPECT_EQ(one["column"], 3);
  EXPECT_EQ(one["length"], 5);
}

TEST_F(Validate, SarifIsWhatCodeScanningReads) {
  file("flows/door.yaml", k_warned);
  EXPECT_EQ(run("validate flows --format sarif --docs-url https://docs.example.com/errors"), 0);
  const json log = json::parse(out_);
  EXPECT_EQ(log["version"], "2.1.0");
  const json& run_of = log["runs"][0];
  EXPECT_EQ(run_of["tool"]["driver"]["name"], "vozex");
  EXPECT_EQ(run_of["results"][0]["ruleId"], "VZ0601");
  EXPECT_EQ(run_of["tool"]["driver"]["rules"][0]["helpUri"],
            "https://docs.example.com/errors/VZ0601");
  EXPECT_EQ(run_of["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            "flows/door.yaml");
  EXPECT_THAT(err_, HasSubstr("1 file: no errors, 1 warning"));
}

}  // namespace
}  // namespace vozex::cli
