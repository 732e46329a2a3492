// SPDX-License-Identifier: Apache-2.0
//
// Bulk operations: one owner at a time, items once, results once.
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using ports::BatchItemState;
using ports::BatchRound;
using ports::BatchRow;
using ports::BatchState;
using testing::IsEmpty;
using testing::SizeIs;

class Batches : public StoreTest {
 protected:
  ports::BatchStore& batches() { return backend().batches(); }
  static ports::BatchId batch_id(std::uint8_t number) {
    ports::BatchId id;
    id.bytes[0] = 7;
    id.bytes[15] = number;
    return id;
  }
  BatchRow made(std::uint8_t number) {
    BatchRow row;
    row.id = batch_id(number);
    row.tenant = "acme";
    row.order = R"({"operation":"cancel"})";
    row.rate = 50;
    row.created_at = at(number);
    row.changed_at = at(number);
    return batches().create(row).value();
  }
  std::vector<BatchRow> claim(std::uint32_t session, std::size_t limit = 10) {
    return batches().claim(session_id(session), std::chrono::seconds(10), limit).value();
  }
  static BatchRound round(std::uint8_t number, std::uint32_t session) {
    BatchRound round;
    round.batch = batch_id(number);
    round.owner = session_id(session);
    round.now = at(100);
    return round;
  }
  static ports::BatchItem item(std::uint32_t number,
                               BatchItemState state = BatchItemState::waiting) {
    return {instance_id(number), state, "{\"n\":1}", "", "", at(50)};
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Batches, testing::ValuesIn(all_kinds()), [](const auto& kind) {
  return to_string(kind.param);
});

TEST_P(Batches, AreCreatedOnceAndListedNewestFirst) {
  made(1);
  made(2);
  BatchRow again;
  again.id = batch_id(1);
  again.order = "{}";
  EXPECT_EQ(batches().create(again).value().order, R"({"operation":"cancel"})");
  const auto all = batches().batches({}, 10).value();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].id, batch_id(2));
  EXPECT_EQ(all[0].rate, 50u);
  EXPECT_EQ(all[0].created_at, at(2));
  EXPECT_TRUE(all[0].owner.is_nil());
  EXPECT_THAT(batches().batches({}, 1).value(), SizeIs(1));
  // Page by page it is the same list.
  std::vector<ports::BatchId> paged;
  ports::BatchId after;
  for (;;) {
    const auto page = batches().batches(after, 1).value();
    if (page.empty()) break;
    paged.push_back(page.front().id);
    after = page.front().id;
  }
  std::vector<ports::BatchId> whole;
  for (const ports::BatchRow& row : all) whole.push_back(row.id);
  EXPECT_EQ(paged, whole);
  EXPECT_THAT(batches().batches(ports::BatchId{Bytes16{0xEE}}, 10).value(), SizeIs(0));
  EXPECT_EQ(batches().batch(batch_id(9)).value(), std::nullopt);
}

TEST_P(Batches, HaveOneOwnerUntilItsLeaseRunsOut) {
  made(1);
  made(2);
  EXPECT_THAT(claim(1, 1), SizeIs(1));
  ASSERT_THAT(claim(1), SizeIs(2)) << "its own again, and the free one";
  EXPECT_EQ(claim(1)[0].id, batch_id(1)) << "oldest first";
  EXPECT_EQ(claim(1)[0].owner, session_id(1));
  EXPECT_THAT(claim(2), IsEmpty());
  backend().age_sessions(std::chrono::seconds(11));
  EXPECT_THAT(claim(2), SizeIs(2));
  EXPECT_EQ(batches().save(round(1, 1)).value(), std::nullopt) << "whoever lost it writes nothing";
  ASSERT_TRUE(batches().release(session_id(2)).has_value());
  EXPECT_THAT(claim(1), SizeIs(2));
}

TEST_P(Batches, ItemsAndResultsCountOnce) {
  made(1);
  claim(1);
  BatchRound listing = round(1, 1);
  listing.add = {item(1), item(2), item(3)};
  listing.cursor = instance_id(3);
  ASSERT_TRUE(batches().save(listing).value().has_value());
  listing.add.push_back(item(4));
  listing.cursor = instance_id(4);
  listing.listed = true;
  const auto listed = batches().save(listing).value();
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ(listed->total, 4u);
  EXPECT_EQ(listed->cursor, instance_id(4));
  EXPECT_TRUE(listed->listed);

  BatchRound work = round(1, 1);
  work.results = {item(1, BatchItemState::applied), item(2, BatchItemState::refused)};
  work.results[1].code = "instance_ended";
  work.results[1].note = "it has ended";
  work.results[1].basis = "";
  ASSERT_TRUE(batches().save(work).value().has_value());
  work.results = {item(1, BatchItemState::failed), item(3, BatchItemState::failed)};
  const auto after = batches().save(work).value();
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->applied, 1u) << "the first result stays";
  EXPECT_EQ(after->refused, 1u);
  EXPECT_EQ(after->failed, 1u);
  EXPECT_EQ(after->cursor, instance_id(4));
  EXPECT_EQ(batches().batch(batch_id(1)).value(), after);

  const auto waiting = batches().items(batch_id(1), BatchItemState::waiting, {}, 10).value();
  ASSERT_THAT(waiting, SizeIs(1));
  EXPECT_EQ(waiting[0].instance, instance_id(4));
  EXPECT_EQ(waiting[0].basis, "{\"n\":1}");
  const auto all = batches().items(batch_id(1), std::nullopt, instance_id(1), 2).value();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].code, "instance_ended");
  EXPECT_EQ(all[0].note, "it has ended");
  EXPECT_EQ(all[0].basis, "{\"n\":1}");
  EXPECT_EQ(all[0].at, at(50));
}

TEST_P(Batches, PauseCancelAndEnd) {
  made(1);
  claim(1);
  EXPECT_EQ(batches().change(batch_id(1), BatchState::paused, at(3)).value().state,
            BatchState::paused);
  EXPECT_THAT(claim(1), IsEmpty());
  BatchRound work = round(1, 1);
  work.done = true;
  EXPECT_EQ(batches().save(work).value()->state, BatchState::paused)
      << "what was under way is recorded, and a paused batch doesn't end";
  batches().change(batch_id(1), BatchState::running, at(4)).value();
  EXPECT_THAT(claim(1), SizeIs(1));
  EXPECT_EQ(batches().save(work).value()->state, BatchState::done);
  const auto late = batches().change(batch_id(1), BatchState::paused, at(5));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, "batch_ended");
  const auto unknown = batches().change(batch_id(9), BatchState::paused, at(5));
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, "batch_not_found");
  made(2);
  EXPECT_EQ(batches().change(batch_id(2), BatchState::cancelled, at(5)).value().state,
            BatchState::cancelled);
  EXPECT_THAT(claim(1), IsEmpty());
}

}  // namespace
}  // namespace vozex::store_test
