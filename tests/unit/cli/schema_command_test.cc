// SPDX-License-Identifier: Apache-2.0
// `vozex schema`: of the language, and of what one workflow takes and gives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/types/json.h"
#include "tests/unit/cli/program.h"

namespace vozex::cli {
namespace {

using ::testing::HasSubstr;

class SchemaCommand : public ProgramRun {};

types::Value parsed(const std::string& text) {
  auto value = types::parse_json(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(types::Value());
}

constexpr const char* k_desk = R"(vozex: 1
workflow: desk
version: 1
key: input.id
input: {id: string, amount: {type: int, min: 1}}
output: {paid: bool}
data: {note: optional<string>}
events:
  paid: {match: event.data.id, data: {id: string, sum: money}}
states:
  open:
    on: {paid: done}
    actions:
      accept: {title: Accept, form: {note: string}, target: done}
  done: {type: final, output: {paid: true}}
)";

TEST_F(SchemaCommand, OfTheLanguageKnowsAllKindsOfFiles) {
  ASSERT_EQ(run("schema"), 0) << err_;
  const auto schema = parsed(out_);
  EXPECT_EQ(schema.text_at("$schema"), "https://json-schema.org/draft/2020-12/schema");
  for (const char* kind : {"workflow", "shared_types", "adapter", "test_file"})
    EXPECT_NE(schema.find("$defs")->find(kind), nullptr) << kind;
  ASSERT_EQ(run("schema --kind adapter"), 0) << err_;
  EXPECT_EQ(parsed(out_).find("$defs")->find("workflow"), nullptr);
}

TEST_F(SchemaCommand, OfAWorkflowIsThatOfItsInput) {
  file("desk.yaml", k_desk);
  ASSERT_EQ(run("schema desk.yaml"), 0) << err_;
  const auto schema = parsed(out_);
  EXPECT_EQ(types::to_json(*schema.find("required")), R"(["id","amount"])");
  EXPECT_EQ(schema.find("properties")->find("amount")->text_at("type"), "integer");
}

TEST_F(SchemaCommand, OfEventsFormsAndOutputs) {
  file("desk.yaml", k_desk);
  ASSERT_EQ(run("schema desk.yaml --of event paid"), 0) << err_;
  EXPECT_NE(parsed(out_).find("properties")->find("sum"), nullptr);
  ASSERT_EQ(run("schema desk.yaml --of form accept"), 0) << err_;
  EXPECT_NE(parsed(out_).find("properties")->find("note"), nullptr);
  ASSERT_EQ(run("schema desk.yaml --of output"), 0) << err_;
  EXPECT_NE(parsed(out_).find("properties")->find("paid"), nullptr);
  ASSERT_EQ(run("schema desk.yaml --of data"), 0) << err_;
  EXPECT_NE(parsed(out_).find("properties")->find("note"), nullptr);
}

TEST_F(SchemaCommand, OfWhatIsNotThereSaysWhatIs) {
  file("desk.yaml", k_desk);
  EXPECT_EQ(run("schema desk.yaml --of event payed"), 3);
  EXPECT_THAT(err_, HasSubstr("no event `payed`; it has: paid"));
  EXPECT_EQ(run("schema desk.yaml --of form reject"), 3);
  EXPECT_THAT(err_, HasSubstr("it has: open.accept"));
  file("door.yaml", "vozex: 1\nworkflow: door\nversion: 1\nstates: {a: {}}\n");
  EXPECT_EQ(run("schema door.yaml --of output"), 3);
  EXPECT_THAT(err_, HasSubstr("declares no `output`"));
  EXPECT_EQ(run("schema nowhere.yaml"), 3);
  file("bad.yaml", "vozex: 1\nworkflow: bad\nversion: 1\nstates: {a: {on: {x: b}}}\n");
  EXPECT_EQ(run("schema bad.yaml"), 1);
  EXPECT_THAT(err_, HasSubstr("bad.yaml:4:"));
}

}  // namespace
}  // namespace vozex::cli
