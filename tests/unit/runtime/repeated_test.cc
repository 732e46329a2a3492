// SPDX-License-Identifier: Apache-2.0
// What comes twice gets its first answer, even where the second time would be refused: the state
// has changed since, because of the first.
#include <map>

#include <gtest/gtest.h>

#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;

constexpr const char* k_desk = R"(
vozex: 1
workflow: desk
version: 1
key: input.number
input: {number: string}
events:
  desk.called: {data: {number: string}, match: event.data.number, unhandled: reject}
  desk.closed: {data: {number: string}, match: event.data.number, unhandled: reject}
initial: open
states:
  open:
    on: {desk.called: busy}
  busy:
    on: {desk.closed: closed}
    actions: {leave: {title: Leave, roles: [clerk], target: closed}}
  closed: {type: final}
)";

class Repeated : public testing::Test {
 protected:
  Repeated() {
    EXPECT_TRUE(rig_.ask(rig_.start("desk", object({{"number", text("d1")}}))));
    row_ = rig_.row("desk", "d1");
  }
  Result<EventAnswer> post(const std::string& name) {
    return rig_.ask(rig_.event(name, name, object({{"number", text("d1")}})));
  }
  Result<EventAnswer> order(const std::string& name, machine::Cause cause) {
    Item item = rig_.order(row_, name, std::move(cause));
    item.mark = mark_of("default", "ops", name);
    return rig_.ask(std::move(item));
  }
  static void is_first(const Result<EventAnswer>& again, const Result<EventAnswer>& first) {
    ASSERT_TRUE(first) << first.error().message;
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->disposition, Disposition::duplicate);
    ASSERT_EQ(again->deliveries.size(), first->deliveries.size());
    EXPECT_EQ(again->deliveries[0].disposition, first->deliveries[0].disposition);
    EXPECT_EQ(again->deliveries[0].seq, first->deliveries[0].seq);
  }

  Rig rig_{{k_desk}};
  ports::InstanceRow row_;
};

TEST_F(Repeated, AnEventThatWouldBeRejectedNow) {
  const auto first = post("desk.called");
  is_first(post("desk.called"), first);
  const auto other = rig_.ask(rig_.event("desk.called", "other", object({{"number", text("d1")}})));
  ASSERT_TRUE(other);
  EXPECT_EQ(other->disposition, Disposition::rejected) << "that one has not come before";
}

// Whether the first came before is asked of the store; what came behind it waits for that.
TEST_F(Repeated, NothingOvertakesWhatMayHaveComeBefore) {
  std::map<std::string, Disposition> said;
  for (const std::string name : {"desk.closed", "desk.called"}) {
    Item item = rig_.event(name, name, object({{"number", text("d1")}}));
    item.done = [&said, name](const Result<EventAnswer>& answer) {
      ASSERT_TRUE(answer) << answer.error().message;
      said[name] = answer->deliveries.at(0).disposition;
    };
    rig_.offer(std::move(item));
  }
  ASSERT_TRUE(rig_.run()) << "the lane loads for ever";
  EXPECT_EQ(said["desk.closed"], Disposition::rejected) << "it came while the desk was open";
  EXPECT_EQ(said["desk.called"], Disposition::transitioned);
}

TEST_F(Repeated, AnEventThatEndedItsInstance) {
  post("desk.called");
  const auto first = post("desk.closed");
  is_first(post("desk.closed"), first);
}

TEST_F(Repeated, AnOrderOfOps) {
  const machine::Suspended suspended{{"ann", {}}, "stocktaking"};
  const auto first = order("suspend", suspended);
  is_first(order("suspend", suspended), first);
}

TEST_F(Repeated, AnActionThatEndedItsInstance) {
  post("desk.called");
  const machine::ActionTaken leave{"leave", {"bob", {"clerk"}}, types::Value::map({})};
  const auto first = order("action.leave", leave);
  is_first(order("action.leave", leave), first);
  const auto other = rig_.ask(rig_.order(row_, "action.leave", leave));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "instance_ended");
}

}  // namespace
}  // namespace vozex::runtime
