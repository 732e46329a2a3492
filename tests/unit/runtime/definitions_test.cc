// SPDX-License-Identifier: Apache-2.0
// What an installation sets under `config:`, and what a workflow reads of it.
#include <gtest/gtest.h>

#include "engine/language/compile.h"
#include "engine/runtime/batch/migration.h"
#include "engine/runtime/definitions/definitions.h"
#include "engine/types/json.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

constexpr const char* k_page = R"(
vozex: 1
workflow: page
version: 1
key: input.id
input: {id: string}
config: {within: {type: duration, default: 30m}, tries: {type: int, default: 3}, shop: optional<string>}
states:
  open: {after: {"${config.within}": closed}}
  closed: {type: final}
)";

std::string config_of(const std::string& given) {
  const auto compiled = language::compile(language::SourceSet{{{"page.yaml", k_page}}});
  const Definitions definitions(compiled.machines, *types::parse_json(given), {});
  return types::to_json(definitions.config_of(*compiled.machines.at(0)));
}

TEST(ConfigOfAWorkflow, HasItsDefaultsUnlessTheInstallationSaysOtherwise) {
  EXPECT_EQ(config_of("{}"), R"({"tries":3,"within":"1800s"})");
  EXPECT_EQ(config_of(R"({"page": {"tries": 5}})"), R"({"tries":5,"within":"1800s"})");
  EXPECT_EQ(config_of(R"({"*": {"tries": 4, "shop": "s", "other": 1}, "page": {"tries": 5}})"),
            R"({"shop":"s","tries":5,"within":"1800s"})");
  EXPECT_EQ(config_of(R"({"page": {"within": "5m"}})"), R"({"tries":3,"within":"300s"})");
}

constexpr const char* k_first_ward = R"(
vozex: 1
workflow: ward
version: 1
key: input.id
input: {id: string}
config: {tries: {type: int, default: 3}, note: {type: string, default: first}}
data: {seen: {type: string, default: ''}}
events: {ward.asked: {data: {id: string}, match: event.data.id}}
initial: open
states:
  open:
    on: {ward.asked: {set: {seen: "${string(config.tries) + config.note}"}}}
    actions: {leave: {title: Leave, target: closed}}
  closed: {type: final}
)";

// A version never changes: neither do the defaults that it declares.
TEST(ConfigOfAWorkflow, EachVersionKeepsItsOwnDefaults) {
  std::string second = k_first_ward;
  second.replace(second.find("version: 1"), 10, "version: 2\nmigrate: {from: 1}");
  second.replace(second.find("default: 3"), 10, "default: 5");
  Rig rig({k_first_ward});
  ASSERT_TRUE(rig.ask(rig.start("ward", object({{"id", text("w")}}))));
  const auto older = rig.definitions->newest("ward");
  rig.definitions = std::make_shared<Definitions>(std::vector{older, compiled({second}).at(0)},
                                                  *types::parse_json(R"({"ward": {"note": "x"}})"));
  ASSERT_TRUE(rig.ask(rig.event("ward.asked", "e1", object({{"id", text("w")}}))));
  EXPECT_EQ(rig.row("ward", "w").data, R"({"seen":"3x"})");
  Item migration = rig.order(rig.row("ward", "w"), "", machine::External{});
  std::get<DeliverOrder>(migration.order).event = migration_event(2, {"ann", {}}, "because");
  ASSERT_TRUE(rig.ask(std::move(migration)));
  ASSERT_TRUE(rig.ask(rig.event("ward.asked", "e2", object({{"id", text("w")}}))));
  EXPECT_EQ(rig.row("ward", "w").data, R"({"seen":"5x"})");
}

TEST(ConfigOfAWorkflow, AValueThatDoesNotFitTakesNoOtherAway) {
  EXPECT_EQ(config_of(R"({"page": {"tries": "many"}})"), R"({"tries":"many","within":"1800s"})");
}

std::string refusal_of(const std::string& given) {
  const auto compiled = language::compile(language::SourceSet{{{"page.yaml", k_page}}});
  const auto fine = check_config(*compiled.machines.at(0), *types::parse_json(given));
  return fine ? "" : fine.error().message;
}

TEST(ConfigOfAWorkflow, WhatIsNotWhatTheFileDeclaresIsNotDeployed) {
  EXPECT_EQ(refusal_of("{}"), "");
  EXPECT_EQ(refusal_of(R"({"*": {"other": 1}, "another": {"more": 1}, "page": {"tries": 5}})"), "");
  EXPECT_EQ(refusal_of(R"({"page": {"tries": "many", "wihtin": "5m"}})"),
            "What `config` sets for page version 1 doesn't fit: /page/tries: expected int, got "
            "string \"many\"; /page/wihtin: its file declares no such value under `config:`");
  EXPECT_EQ(refusal_of(R"({"*": {"tries": true}})"),
            "What `config` sets for page version 1 doesn't fit: /page/tries: expected int, got "
            "bool true");
}

}  // namespace
}  // namespace vozex::runtime
