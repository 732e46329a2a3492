// SPDX-License-Identifier: Apache-2.0
// Rows that can't be read get texts that can, by ops, and go on.
#include "engine/runtime/batch/mending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/types/json.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;
using ::testing::HasSubstr;

constexpr const char* k_crate = R"(
vozex: 1
workflow: crate
version: 1
key: input.number
input: {number: string}
data: {weight: {type: int, default: 7}}
events:
  crate.sent: {data: {number: string}, match: event.data.number}
initial: packing
states:
  packing:
    on: {crate.sent: under_way}
    after: {1d: under_way}
  under_way: {after: {30d: there}}
  there: {type: final}
)";

class MendingTest : public testing::Test {
 protected:
  MendingTest() {
    EXPECT_TRUE(rig_.ask(rig_.start("crate", object({{"number", text("c1")}}))));
    good_ = crate();
  }
  ports::InstanceRow crate() { return rig_.row("crate", "c1"); }
  void spoil(const std::string& data, const std::string& rt) {
    rig_.cores[0]->forget();
    ports::CommitRequest request;
    request.etag = 4711;
    request.session = rig_.session;
    ports::InstanceWrite write;
    write.row = crate();
    write.old = write.row.etag;
    write.row.data = data;
    write.row.rt = rt;
    request.groups.emplace_back();
    request.groups[0].instances.push_back(std::move(write));
    EXPECT_TRUE(rig_.connections[0]->commit(request));
    // Whoever meets it says so, and leaves it alone.
    EXPECT_FALSE(rig_.ask(sent("e1")));
    EXPECT_EQ(crate().life, machine::Life::held);
  }
  Item sent(const std::string& id) {
    return rig_.event("crate.sent", id, object({{"number", text("c1")}}));
  }
  Result<EventAnswer> mend(Mending mending) {
    mending.actor = {"ann", {"ops"}};
    mending.reason = "the disk";
    machine::Event event = mend_event(mending);
    event.tenant = "default";
    event.time = rig_.now;
    Item item;
    item.order = DeliverOrder{crate().id, crate().shard, std::move(event), true};
    return rig_.ask(std::move(item));
  }
  Result<EventAnswer> operate(const std::string& name, machine::Cause cause) {
    return rig_.ask(rig_.order(crate(), name, std::move(cause)));
  }

  Rig rig_{{k_crate}};
  ports::InstanceRow good_;
};

TEST_F(MendingTest, WithTheTextsThatWereThereItGoesOnAsItWas) {
  spoil(good_.data, R"({"no":)");
  Mending mending;
  mending.rt = *types::parse_json(good_.rt);
  const auto answer = mend(mending);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(crate().life, machine::Life::held) << "nothing happens before somebody has looked";
  EXPECT_TRUE(crate().incident);
  const auto history = *rig_.store.queries().history(crate().id, crate().seq - 1, 1);
  EXPECT_THAT(history.at(0).entry, HasSubstr("mended by ann: the disk"));
  ASSERT_TRUE(operate("resume", machine::Resumed{{"ann", {}}, "looks right"}));
  EXPECT_EQ(crate().life, machine::Life::running);
  EXPECT_FALSE(crate().incident);
  EXPECT_EQ(crate().timer_at, good_.timer_at);
  EXPECT_EQ(crate().rt, good_.rt);
  ASSERT_TRUE(rig_.ask(sent("e1")));
  EXPECT_EQ(crate().state, "under_way");
}

TEST_F(MendingTest, WithoutThemItsRuntimePartIsForgottenAndItIsMovedOn) {
  spoil(good_.data, R"({"format":99})");
  Mending mending;
  mending.states = "";
  ASSERT_TRUE(mend(mending));
  EXPECT_EQ(crate().state, "packing") << "where its column says";
  EXPECT_FALSE(crate().timer_at);
  ASSERT_TRUE(operate("move", machine::Moved{"under_way", {"ann", {}}, "it was sent"}));
  ASSERT_TRUE(operate("resume", machine::Resumed{{"ann", {}}, ""}));
  EXPECT_EQ(crate().state, "under_way");
  EXPECT_TRUE(crate().timer_at) << "what the state waits for is armed anew";
}

TEST_F(MendingTest, DataThatDoesNotFitIsReplaced) {
  spoil(R"({"weight":)", good_.rt);
  Mending wrong;
  wrong.rt = *types::parse_json(good_.rt);
  const auto refused = mend(wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "still_unreadable");
  EXPECT_THAT(refused.error().message, HasSubstr("`data`"));
  EXPECT_EQ(crate().data, R"({"weight":)") << "a refusal changes nothing";
  Mending right;
  right.data = object({{"weight", number(9)}});
  ASSERT_TRUE(mend(right));
  EXPECT_EQ(crate().data, R"({"weight":9})");
  ASSERT_TRUE(operate("resume", machine::Resumed{{"ann", {}}, ""}));
  EXPECT_EQ(crate().life, machine::Life::running);
}

TEST_F(MendingTest, AStateThatIsNoneAndARowThatIsFineAreRefused) {
  Mending mending;
  mending.states = "nowhere";
  const auto fine = mend(mending);
  ASSERT_FALSE(fine);
  EXPECT_EQ(fine.error().code, "not_damaged");
  EXPECT_EQ(crate().seq, good_.seq);
  spoil(good_.data, "");
  const auto nowhere = mend(mending);
  ASSERT_FALSE(nowhere);
  EXPECT_THAT(nowhere.error().message, HasSubstr("nowhere"));
}

}  // namespace
}  // namespace vozex::runtime
