// SPDX-License-Identifier: Apache-2.0
#include "engine/machine/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/runtime/sources.h"

namespace vozex::runtime {
namespace {

using ::testing::ElementsAre;

constexpr const char* k_post = R"(
vozex: 1
adapter: post
operations:
  send: {input: {order: string}, output: {}, repeat: safe}
)";

constexpr const char* k_sale = R"(
vozex: 1
workflow: sale
version: 1
key: input.order
input: {order: string}
warnings: {VZ0611: an incident is wanted, VZ0615: so it is, VZ0623: nobody knows}
states:
  looking:
    invoke:
      call: bank.look
      with: {order: "${input.order}"}
      compensate: {call: undoer.undo, with: {order: "${input.order}"}}
      on_done: done
    on_exit: [{call: post.send, with: {order: "${input.order}"}}]
  done: {type: final}
)";

constexpr const char* k_undoer = R"(
vozex: 1
adapter: undoer
operations:
  undo: {input: {order: string}, output: {}, repeat: safe}
)";

constexpr const char* k_quiet = R"(
vozex: 1
workflow: quiet
version: 1
key: input.order
input: {order: string}
states:
  waiting: {after: {1h: done}}
  done: {type: final}
)";

TEST(Operations, AdaptersAreThoseOfInvokesOfActionsAndOfWhatUndoesThem) {
  const auto machines = compiled({k_bank, k_post, k_undoer, k_sale, k_quiet});
  ASSERT_EQ(machines.size(), 2u);
  for (const auto& machine : machines) {
    const auto adapters = machine::adapters_of(*machine);
    if (machine->workflow == "quiet") {
      EXPECT_THAT(adapters, ElementsAre());
    } else {
      EXPECT_THAT(adapters, ElementsAre("bank", "post", "undoer"));
    }
  }
}

}  // namespace
}  // namespace vozex::runtime
