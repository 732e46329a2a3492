// SPDX-License-Identifier: Apache-2.0
//
// Marks: an event that comes again changes nothing and gets the first answer.
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

VOZEX_STORE_SUITE(Marks);

Group marked(const std::string& name, const std::string& answer) {
  Group group;
  group.marks.push_back(mark(name, answer));
  return group;
}

TEST_P(Marks, AreReadBackAsWritten) {
  Group group = marked("m", R"({"n":1})");
  group.marks[0].disposition = Disposition::deferred;
  group.marks[0].instance = instance_id(4);
  group.marks[0].seq = 12;
  ASSERT_EQ(commit_one(group), Verdict::committed);
  const auto marks = load({{}, {}, {mark_id("m"), mark_id("other")}, {}}).marks;
  ASSERT_THAT(marks, SizeIs(1));
  EXPECT_EQ(marks[0].mark, mark_id("m"));
  EXPECT_EQ(marks[0].disposition, Disposition::deferred);
  EXPECT_EQ(marks[0].answer, R"({"n":1})");
}

TEST_P(Marks, ARepeatedOneIsADuplicateWithTheFirstAnswer) {
  commit({marked("m", R"("first")")});
  Group again = marked("m", R"("second")");
  again.instances.push_back(insertion(1));
  const CommitReply reply = commit({again});
  ASSERT_THAT(verdicts(reply), ElementsAre(Verdict::duplicate));
  ASSERT_TRUE(reply.verdicts[0].first.has_value());
  EXPECT_EQ(reply.verdicts[0].first->mark, mark_id("m"));
  EXPECT_EQ(reply.verdicts[0].first->answer, R"("first")");
  EXPECT_EQ(reply.verdicts[0].first->disposition, Disposition::transitioned);
  EXPECT_THAT(load_instance(1), IsEmpty());
}

TEST_P(Marks, TwoAtOnceInOneBatchAreFirstAndDuplicate) {
  const CommitReply reply = commit({marked("m", R"("first")"), marked("m", R"("second")")});
  ASSERT_THAT(verdicts(reply), ElementsAre(Verdict::committed, Verdict::duplicate));
  ASSERT_TRUE(reply.verdicts[1].first.has_value());
  EXPECT_EQ(reply.verdicts[1].first->answer, R"("first")");
}

// The third follows the first, so they are written one after the other: what is new of the later
// ones is told from what the first has just written.
TEST_P(Marks, OneThatTheSameRequestHasWrittenBeforeIsADuplicateBesideANewOne) {
  CommitRequest asked = request({});
  Group first = marked("m", R"("first")");
  first.instances.push_back(insertion(7));
  Group third = marked("n", R"("third")");
  third.instances.push_back(change(7, asked.etag));
  asked.groups = {first, marked("m", R"("second")"), third};
  const auto reply = lane().commit(asked);
  ASSERT_TRUE(reply.has_value()) << reply.error().message;
  ASSERT_THAT(verdicts(*reply),
              ElementsAre(Verdict::committed, Verdict::duplicate, Verdict::committed));
  EXPECT_EQ(reply->verdicts[1].first->answer, R"("first")");
  EXPECT_EQ(load_instance(7).at(0).seq, 2u);
  EXPECT_THAT(load({{}, {}, {mark_id("m"), mark_id("n")}, {}}).marks, SizeIs(2));
}

// Its new mark goes, too, and nothing of the others.
TEST_P(Marks, AGroupWithARepeatedAndANewOneLeavesNothing) {
  commit({marked("old", R"("first")")});
  Group half = marked("old", R"("second")");
  half.marks.push_back(mark("new"));
  const CommitReply reply = commit({half, marked("other", R"("kept")")});
  ASSERT_THAT(verdicts(reply), ElementsAre(Verdict::duplicate, Verdict::committed));
  const auto marks = load({{}, {}, {mark_id("new"), mark_id("other")}, {}}).marks;
  ASSERT_THAT(marks, SizeIs(1));
  EXPECT_EQ(marks[0].mark, mark_id("other"));
}

TEST_P(Marks, OfAGroupThatIsLeftOutDoNotCount) {
  Group stale = marked("m", R"("lost")");
  stale.instances.push_back(change(1, 5));
  const CommitReply reply = commit({stale, marked("m", R"("kept")")});
  EXPECT_THAT(verdicts(reply), ElementsAre(Verdict::stale, Verdict::committed));
  EXPECT_EQ(load({{}, {}, {mark_id("m")}, {}}).marks.at(0).answer, R"("kept")");
}

TEST_P(Marks, ADuplicateGoesBeforeStaleAndStaleBeforeATakenKey) {
  commit({marked("m", R"("first")"), start(1, "k")});
  Group all = marked("m", "{}");
  all.instances.push_back(change(7, 5));
  all.bindings.push_back(take("k", 7));
  EXPECT_EQ(commit_one(all), Verdict::duplicate);
  all.marks.clear();
  EXPECT_EQ(commit_one(all), Verdict::stale);
  all.instances.clear();
  EXPECT_EQ(commit_one(all), Verdict::key_taken);
}

TEST_P(Marks, SeveralOfOneGroupNameTheOneThatWasSeen) {
  commit({marked("b", R"("b")")});
  Group folded;
  folded.marks = {mark("a"), mark("b"), mark("c")};
  const CommitReply reply = commit({folded});
  ASSERT_THAT(verdicts(reply), ElementsAre(Verdict::duplicate));
  EXPECT_EQ(reply.verdicts[0].first->mark, mark_id("b"));
  EXPECT_THAT(load({{}, {}, {mark_id("a"), mark_id("c")}, {}}).marks, IsEmpty());
}

TEST_P(Marks, OfParkedEventsAreResolvedNotDuplicated) {
  commit({parking("m", {order_key("k")})});
  Group delivered;
  delivered.marks.push_back(mark("m", R"("done")"));
  delivered.marks[0].resolve = true;
  delivered.unparks.push_back(mark_id("m"));
  ASSERT_EQ(commit_one(delivered), Verdict::committed);
  const auto marks = load({{}, {}, {mark_id("m")}, {}}).marks;
  ASSERT_THAT(marks, SizeIs(1));
  EXPECT_EQ(marks[0].answer, R"("done")");
  EXPECT_EQ(marks[0].disposition, Disposition::transitioned);
  const CommitReply reply = commit({marked("m", "{}")});
  ASSERT_THAT(verdicts(reply), ElementsAre(Verdict::duplicate));
  EXPECT_EQ(reply.verdicts[0].first->answer, R"("done")");
}

TEST_P(Marks, ResolvingAnUnknownOneWritesIt) {
  Group group = marked("m", R"("done")");
  group.marks[0].resolve = true;
  ASSERT_EQ(commit_one(group), Verdict::committed);
  EXPECT_EQ(load({{}, {}, {mark_id("m")}, {}}).marks.at(0).answer, R"("done")");
}

}  // namespace
}  // namespace vozex::store_test
