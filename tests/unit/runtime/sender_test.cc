// SPDX-License-Identifier: Apache-2.0
// Who may send an event: a workflow says that it listens to gateways or instances only.
#include <gtest/gtest.h>

#include "engine/runtime/definitions/door.h"
#include "tests/unit/runtime/rig.h"
#include "tests/unit/runtime/sources.h"

namespace vozex::runtime {
namespace {

const char* const k_careful = R"(
vozex: 1
workflow: careful
version: 1
key: input.name
input: {name: string}
output: {}
events:
  money.came: {data: {name: string}, match: event.data.name, from: gateways}
  money.told: {data: {name: string}, match: event.data.name, from: instances}
  money.asked: {data: {name: string}, match: event.data.name, from: anybody}
warnings: {VZ0606: tests want silence here}
states:
  here: {on: {money.came: {}, money.told: {}, money.asked: {}}}
)";

// Listens to everybody: the word of the careful one counts all the same.
const char* const k_careless = R"(
vozex: 1
workflow: careless
version: 1
key: input.name
input: {name: string}
output: {}
events: {money.came: {data: {name: string}, match: event.data.name}}
warnings: {VZ0606: tests want silence here}
states:
  here: {on: {money.came: {}}}
)";

std::string admitted(const Definitions& definitions,
                     const std::string& name,
                     const std::string& source) {
  machine::Event event;
  event.name = name;
  event.source = source;
  event.data = object({{"name", text("ann")}});
  const auto done = admit(definitions, std::move(event));
  return done ? "taken" : done.error().code;
}

TEST(Sender, OfMoneyIsAGatewayAndOfWordsBetweenWorkflowsAnInstance) {
  const Definitions both(compiled({k_careless, k_careful}), types::Value());
  EXPECT_EQ(admitted(both, "money.came", "gateway:stripe"), "taken");
  EXPECT_EQ(admitted(both, "money.came", "shop"), "event_reserved");
  EXPECT_EQ(admitted(both, "money.came", "instance:1"), "event_reserved");
  EXPECT_EQ(admitted(both, "money.told", "instance:1"), "taken");
  EXPECT_EQ(admitted(both, "money.told", "shop"), "event_reserved");
  EXPECT_EQ(admitted(both, "money.told", "gateway:stripe"), "event_reserved");
  EXPECT_EQ(admitted(both, "money.asked", "shop"), "taken");
}

TEST(Sender, TheNewestVersionOfAWorkflowSaysIt) {
  const auto of_version = [](std::string text, const char* version, const char* from) {
    text.replace(text.find("version: 1"), 10, version);
    text.replace(text.find("from: gateways"), 14, from);
    return text;
  };
  const std::string first = of_version(k_careful, "version: 1", "from: anybody");
  const std::string second = of_version(k_careful, "version: 2", "from: gateways");
  const std::string third = of_version(k_careful, "version: 3", "from: anybody");
  const auto answered = [](const std::vector<std::string>& texts) {
    std::vector<machine::MachineRef> machines;
    for (const std::string& one : texts) machines.push_back(compiled({one}).front());
    return admitted(Definitions(machines, types::Value()), "money.came", "shop");
  };
  EXPECT_EQ(answered({first}), "taken");
  EXPECT_EQ(answered({first, second}), "event_reserved");
  EXPECT_EQ(answered({first, second, third}), "taken");
}

const char* const k_part = R"(
vozex: 1
workflow: part
version: 1
key: input.name
start: {from: instances}
input: {name: string}
output: {}
states:
  here: {after: {1d: over}}
  over: {type: final}
)";

std::string started(const std::string& text) {
  const auto allowed = may_be_started(*compiled({text}).front());
  return allowed ? "started" : allowed.error().code;
}

TEST(Sender, APartOfAWorkflowIsNotStartedFromOutside) {
  std::string open = k_part;
  open.replace(open.find("from: instances"), 15, "from: anybody");
  std::string silent = k_part;
  silent.replace(silent.find("start: {from: instances}\n"), 25, "");
  EXPECT_EQ(started(k_part), "start_reserved");
  EXPECT_EQ(started(open), "started");
  EXPECT_EQ(started(silent), "started");
}

}  // namespace
}  // namespace vozex::runtime
