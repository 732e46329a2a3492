// SPDX-License-Identifier: Apache-2.0
//
// A commit whose answer was lost: settle() gives the answer, whether it happened or not, and never
// applies twice.
#include "adapters/simulated/faulty_store.h"
#include "adapters/simulated/simulated_store.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using simulated::Fault;
using simulated::Operation;
using testing::ElementsAre;
using testing::SizeIs;

class SettleTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    faulty_ = std::make_unique<simulated::FaultyStore>(store(), nullptr);
    faulty_lane_ = std::move(*faulty_->open_lane());
  }
  void break_next(Operation operation, Fault fault) {
    faulty_->set_plan([=, done = false](Operation asked) mutable {
      if (done || asked != operation) return Fault::none;
      done = true;
      return fault;
    });
  }
  ports::LaneStore& faulty() { return *faulty_lane_; }
  ports::Store& faulty_store() { return *faulty_; }

  // One group of each verdict, and a key on which an event waits.
  CommitRequest mixed() {
    commit({start(1), parking("early", {order_key("new")}), start(2, "taken")});
    Group marked;
    marked.marks.push_back(mark("seen", R"("first")"));
    commit({marked});
    Group stale;
    stale.instances.push_back(change(1, 5));
    Group good = start(4, "new");
    good.marks.push_back(mark("fresh"));
    return request({stale, marked, start(3, "taken"), good});
  }
  static void expect_mixed(const CommitReply& reply) {
    EXPECT_THAT(
        verdicts(reply),
        ElementsAre(Verdict::stale, Verdict::duplicate, Verdict::key_taken, Verdict::committed));
    EXPECT_EQ(reply.verdicts[1].first->answer, R"("first")");
    EXPECT_EQ(reply.verdicts[2].taken, order_key("taken"));
    EXPECT_THAT(reply.claims, ElementsAre(order_key("new")));
  }

 private:
  std::unique_ptr<simulated::FaultyStore> faulty_;
  std::unique_ptr<ports::LaneStore> faulty_lane_;
};

class Settle : public SettleTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Settle, testing::ValuesIn(all_kinds()), [](const auto& kind) {
  return to_string(kind.param);
});

TEST_P(Settle, ACommitThatHappenedIsAnsweredAsItWas) {
  const CommitRequest lost = mixed();
  break_next(Operation::commit, Fault::lost_after);
  const auto unknown = faulty().commit(lost);
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().kind, ErrorClass::outcome_unknown);
  const auto reply = faulty().settle(lost);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  expect_mixed(*reply);
  EXPECT_EQ(history_size(4), 1u);
}

TEST_P(Settle, ACommitThatDidNotHappenIsDoneNow) {
  const CommitRequest lost = mixed();
  break_next(Operation::commit, Fault::lost_before);
  EXPECT_EQ(faulty().commit(lost).error().kind, ErrorClass::outcome_unknown);
  EXPECT_THAT(load_instance(4), testing::IsEmpty());
  const auto reply = faulty().settle(lost);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  expect_mixed(*reply);
  EXPECT_EQ(history_size(4), 1u);
}

TEST_P(Settle, MayItselfBeLostAndRepeated) {
  const CommitRequest lost = request({start(1, "k")});
  break_next(Operation::commit, Fault::lost_before);
  EXPECT_FALSE(faulty().commit(lost).has_value());
  break_next(Operation::settle, Fault::lost_after);
  EXPECT_EQ(faulty().settle(lost).error().kind, ErrorClass::outcome_unknown);
  break_next(Operation::settle, Fault::unavailable);
  EXPECT_EQ(faulty().settle(lost).error().kind, ErrorClass::unavailable);
  EXPECT_THAT(verdicts(*faulty().settle(lost)), ElementsAre(Verdict::committed));
  EXPECT_THAT(verdicts(*faulty().settle(lost)), ElementsAre(Verdict::committed));
  EXPECT_EQ(history_size(1), 1u);
}

TEST_P(Settle, OfOneThatNeverLeftCommits) {
  EXPECT_THAT(verdicts(*lane().settle(request({start(1)}))), ElementsAre(Verdict::committed));
  EXPECT_EQ(history_size(1), 1u);
}

TEST_P(Settle, KnowsRequestsWhoseGroupsLeaveNoTraceInInstances) {
  const CallRow row = call_row(call_id(1));
  Group insert;
  insert.calls.push_back(call(CallOp::insert, row));
  commit({insert});
  Group end;
  end.calls.push_back(call(CallOp::end, row));
  const CommitRequest lost = request({end});
  break_next(Operation::commit, Fault::lost_after);
  EXPECT_FALSE(faulty().commit(lost).has_value());
  EXPECT_THAT(verdicts(*faulty().settle(lost)), ElementsAre(Verdict::committed));
}

TEST_P(Settle, KnowsRequestsInWhichGroupsFollowEachOther) {
  // The second start waits for the first one's verdict; the second park for nobody.
  const CommitRequest lost = request({start(1, "k"), start(2, "k"), start(3), start(3)});
  break_next(Operation::commit, Fault::lost_after);
  EXPECT_FALSE(faulty().commit(lost).has_value());
  const auto reply = faulty().settle(lost);
  EXPECT_THAT(
      verdicts(*reply),
      ElementsAre(Verdict::committed, Verdict::key_taken, Verdict::committed, Verdict::stale));
  EXPECT_EQ(reply->verdicts[1].taken, order_key("k"));
}

TEST_P(Settle, TheLaneGoesOnAfterwards) {
  const CommitRequest lost = request({start(1)});
  break_next(Operation::commit, Fault::lost_after);
  EXPECT_FALSE(faulty().commit(lost).has_value());
  ASSERT_TRUE(faulty().settle(lost).has_value());
  EXPECT_THAT(verdicts(*faulty().commit(request({start(2)}))), ElementsAre(Verdict::committed));
  EXPECT_THAT(faulty().load({{key_of(1), key_of(2)}, {}, {}, {}})->instances, SizeIs(2));
}

TEST_P(Settle, AnUnavailableStoreDidNothing) {
  faulty_store();
  for (const Operation operation : {Operation::load, Operation::commit, Operation::open_lane}) {
    break_next(operation, Fault::unavailable);
    if (operation == Operation::load) {
      EXPECT_EQ(faulty().load({}).error().kind, ErrorClass::unavailable);
    } else if (operation == Operation::commit) {
      EXPECT_EQ(faulty().commit(request({start(1)})).error().kind, ErrorClass::unavailable);
    } else {
      EXPECT_EQ(faulty_store().open_lane().error().kind, ErrorClass::unavailable);
    }
  }
  break_next(Operation::other, Fault::unavailable);
  EXPECT_EQ(faulty_store().queries().ping().error().kind, ErrorClass::unavailable);
  EXPECT_TRUE(faulty_store().queries().ping().has_value());
  EXPECT_EQ(history_size(1), 0u);
}

}  // namespace
}  // namespace vozex::store_test
