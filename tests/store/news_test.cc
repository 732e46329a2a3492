// SPDX-License-Identifier: Apache-2.0
//
// What a heartbeat tells of the store: everything that another look would find, and nothing else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/postgres/connection.h"
#include "adapters/postgres/postgres_store.h"
#include "tests/store/postgres_database.h"
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using ports::News;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Duration k_lease = std::chrono::seconds(15);

class StoreNews : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    join(1);
  }
  void join(std::uint32_t number) {
    ASSERT_TRUE(store().sessions().join(session_id(number), "process").has_value());
  }
  News news() {
    const auto beat = store().sessions().beat(session_id(1), k_lease);
    EXPECT_TRUE(beat.has_value() && beat->news.has_value());
    return beat && beat->news ? *beat->news : News{};
  }
  Group with_call(std::uint32_t number, const std::string& adapter, CallState state) {
    Group group;
    CallRow row = call_row(call_id(number));
    row.adapter = adapter;
    row.state = state;
    row.owner = state == CallState::leased ? session_id(1) : SessionId{};
    row.next_at = at(number);
    group.calls.push_back(call(CallOp::insert, row));
    return group;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, StoreNews, testing::ValuesIn(all_kinds()), [](const auto& kind) {
  return to_string(kind.param);
});

TEST_P(StoreNews, OfAnEmptyStoreAreThatThereIsNothing) {
  const News empty = news();
  EXPECT_THAT(empty.living, ElementsAre(session_id(1)));
  EXPECT_FALSE(empty.orphans);
  EXPECT_FALSE(empty.unclaimed);
  EXPECT_THAT(empty.waiting_calls, IsEmpty());
  EXPECT_FALSE(empty.first_timer);
  EXPECT_FALSE(empty.first_expiry);
}

TEST_P(StoreNews, TellOfTheEarliestTimer) {
  for (const std::uint32_t number : {7u, 5u, 9u}) {
    Group timed = start(number);
    timed.instances[0].row.timer_at = at(number);
    commit({timed});
  }
  EXPECT_EQ(news().first_timer, at(5));
}

TEST_P(StoreNews, TellWhichCallsWaitAndNotOfThoseUnderWay) {
  commit({with_call(8, "mail", CallState::waiting),
          with_call(4, "mail", CallState::waiting),
          with_call(6, "bank", CallState::waiting),
          with_call(2, "ship", CallState::leased)});
  EXPECT_THAT(news().waiting_calls,
              ElementsAre(ports::WaitingCalls{"bank", at(6)}, ports::WaitingCalls{"mail", at(4)}));
  EXPECT_FALSE(news().orphans) << "ours";
}

TEST_P(StoreNews, TellOfWhatADeadSessionLeft) {
  Group group = with_call(2, "ship", CallState::leased);
  group.calls[0].row.owner = session_id(9);
  commit({group});
  EXPECT_TRUE(news().orphans) << "nobody by that name lives";
  ASSERT_TRUE(store().sessions().inherit(session_id(1), k_lease, 10).has_value());
  EXPECT_FALSE(news().orphans);
}

TEST_P(StoreNews, TellOfMessagesThatADeadSessionLeft) {
  Group group;
  group.outbox.push_back(
      {shard_of(instance_id(1)), instance_id(1), 5, 0, session_id(9), R"({"index":0})"});
  commit({group});
  EXPECT_TRUE(news().orphans);
}

TEST_P(StoreNews, TellOfASessionThatIsOverdueUntilItIsBuried) {
  join(2);
  EXPECT_FALSE(news().orphans);
  backend().age_sessions(k_lease + Duration(std::chrono::seconds(1)));
  EXPECT_TRUE(news().orphans);
  EXPECT_THAT(news().living, ElementsAre(session_id(1), session_id(2)));
  ASSERT_TRUE(store().sessions().inherit(session_id(1), k_lease, 10).has_value());
  EXPECT_FALSE(news().orphans);
  EXPECT_THAT(news().living, ElementsAre(session_id(1)));
}

TEST_P(StoreNews, TellOfEventsThatWaitAndOfKeysTheyWaitOn) {
  commit({parking("e", {order_key("later")})});
  EXPECT_TRUE(news().first_expiry);
  EXPECT_FALSE(news().unclaimed);
  commit({start(4, "later")});
  EXPECT_TRUE(news().unclaimed) << "taken, and nobody has delivered it";
}

TEST_P(StoreNews, TellThatDefinitionsChanged) {
  const std::string before = news().definitions;
  ports::DefinitionRow row{"order", 1, "hash", "{}", at(1)};
  ASSERT_TRUE(store().definitions().put({row}).has_value());
  const std::string first = news().definitions;
  EXPECT_NE(first, before);
  EXPECT_EQ(news().definitions, first);
  row.version = 2;
  ASSERT_TRUE(store().definitions().put({row}).has_value());
  EXPECT_NE(news().definitions, first);
}

// A lock on one of the tables must not make a session late: others would take its work.
TEST(PostgresNews, ThatCannotBeHadDoNotCostTheSession) {
  std::string why;
  if (!has_postgres(why)) GTEST_SKIP() << why;
  const PostgresDatabase database;
  const auto store = std::move(*postgres::open_store(database.url()));
  auto& sessions = store->sessions();
  ASSERT_TRUE(sessions.join(session_id(1), "process").has_value());
  const auto other =
      std::move(*postgres::Connection::open(database.url(), postgres::Profile::setup));
  ASSERT_TRUE(other->execute("BEGIN; LOCK TABLE parked IN ACCESS EXCLUSIVE MODE").has_value());
  const auto beat = sessions.beat(session_id(1), k_lease);
  ASSERT_TRUE(beat.has_value()) << beat.error().message;
  EXPECT_FALSE(beat->news);
  ASSERT_TRUE(other->execute("ROLLBACK").has_value());
  EXPECT_TRUE(sessions.beat(session_id(1), k_lease).value().news);
}

}  // namespace
}  // namespace vozex::store_test
