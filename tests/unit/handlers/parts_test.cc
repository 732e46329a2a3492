// SPDX-License-Identifier: Apache-2.0
// The small parts of the handlers: byte ranges, keys, checkouts, workers, who waits for changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "api/handlers/byte_range.h"
#include "api/handlers/changes.h"
#include "api/handlers/checkout_input.h"
#include "api/handlers/key_ring.h"
#include "api/handlers/library.h"
#include "api/handlers/metrics.h"
#include "api/handlers/workers.h"
#include "engine/types/json.h"

namespace vozex::handlers {
namespace {

using ::testing::HasSubstr;

struct RangeCase {
  const char* header;
  std::uint64_t size;
  RangeKind kind;
  std::uint64_t offset;
  std::uint64_t length;
};

TEST(ByteRange, AsTheRfcHasIt) {
  const RangeCase cases[] = {
      {"", 100, RangeKind::whole, 0, 100},
      {"bytes=0-9", 100, RangeKind::part, 0, 10},
      {"bytes=10-", 100, RangeKind::part, 10, 90},
      {"bytes=90-1000", 100, RangeKind::part, 90, 10},
      {"bytes=-5", 100, RangeKind::part, 95, 5},
      {"bytes=-500", 100, RangeKind::part, 0, 100},
      {"bytes=100-", 100, RangeKind::unsatisfiable, 0, 0},
      {"bytes=-0", 100, RangeKind::unsatisfiable, 0, 0},
      {"bytes=0-0", 0, RangeKind::unsatisfiable, 0, 0},
      {"bytes=99999999999999999999999-", 100, RangeKind::unsatisfiable, 0, 0},
      {"bytes=5-2", 100, RangeKind::whole, 0, 100},
      {"bytes=0-1,5-6", 100, RangeKind::whole, 0, 100},
      {"lines=0-1", 100, RangeKind::whole, 0, 100},
      {"bytes=a-b", 100, RangeKind::whole, 0, 100},
      {"bytes=-", 100, RangeKind::whole, 0, 100},
  };
  for (const RangeCase& one : cases) {
    const ByteRange range = byte_range(one.header, one.size);
    EXPECT_EQ(range.kind, one.kind) << one.header;
    EXPECT_EQ(range.offset, one.offset) << one.header;
    EXPECT_EQ(range.length, one.length) << one.header;
  }
}

TEST(KeyRing, KnowsWhoHasAKeyAndRefusesShortOnes) {
  KeyRing keys;
  EXPECT_TRUE(keys.add("shop", "a-key-that-is-long-enough"));
  EXPECT_TRUE(keys.add("ops", "another-key-of-good-length"));
  EXPECT_FALSE(keys.add("lazy", "1234"));
  EXPECT_EQ(keys.find("a-key-that-is-long-enough"), "shop");
  EXPECT_EQ(keys.find("another-key-of-good-length"), "ops");
  EXPECT_EQ(keys.find("a-key-that-is-long-enougH"), std::nullopt);
  EXPECT_EQ(keys.find(""), std::nullopt);
}

types::Value json(const char* text) { return *types::parse_json(text); }

TEST(CheckoutInput, MakesIdsAndTheTotalWhereTheyAreAbsent) {
  const auto made = checkout_input(json(R"({"gateway":"dodo","customer":{"email":"ann@example.com"},
      "items":[{"product_id":"editor","title":"Editor","driver":"license_download","price":{"minor":4900,"currency":"USD"}},
               {"product_id":"viewer","title":"Viewer","driver":"license_download","price":{"minor":100,"currency":"USD"}}]})"),
                                   "ord_7");
  ASSERT_TRUE(made) << made.error().body;
  EXPECT_EQ(made->order_id, "ord_7");
  EXPECT_EQ(types::to_json(*made->input.find("total")), R"({"currency":"USD","minor":5000})");
  EXPECT_EQ(made->input.find("items")->as_list()[1].text_at("order_item_id"), "ord_7-2");
  EXPECT_THAT(std::string(made->input.find("customer")->text_at("customer_id")), HasSubstr("cus_"));
}

TEST(CheckoutInput, OneAddressIsOneCustomerHoweverItsLettersAreWritten) {
  const auto customer = [](const std::string& email) {
    const auto made =
        checkout_input(json((R"({"customer":{"email":")" + email +
                             R"("},"items":[{"price":{"minor":1,"currency":"USD"}}]})")
                                .c_str()),
                       "o");
    EXPECT_TRUE(made) << made.error().body;
    return made ? std::string(made->input.find("customer")->text_at("customer_id")) : "";
  };
  EXPECT_EQ(customer("Ann@Example.COM"), customer("ann@example.com"));
  EXPECT_NE(customer("ann@example.com"), customer("anna@example.com"));
}

TEST(CheckoutInput, FaultsCarryTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {R"([])", "expected an object"},
      {R"({"customer":{"email":"a@b.example"}})", R"("pointer":"/items")"},
      {R"({"customer":{"email":"a@b.example"},"items":[]})", R"("pointer":"/items")"},
      {R"({"items":[{"price":{"minor":1,"currency":"USD"}}]})", R"("pointer":"/customer")"},
      {R"({"customer":{"email":"x"},"items":[{"price":{"minor":1,"currency":"USD"}},{"price":{"minor":1,"currency":"EUR"}}]})",
       R"("pointer":"/items/1/price/currency")"},
      {R"({"customer":{"email":"x"},"items":[{"price":{"minor":-1,"currency":"USD"}}]})",
       R"("pointer":"/items/0/price/minor")"},
      {R"({"customer":{"email":"x"},"items":[{"price":"1 USD"}]})",
       R"("pointer":"/items/0/price")"},
      {R"({"customer":{"email":"x"},"items":[{"price":{"minor":1,"currency":"USD"}}],"total":{"minor":2,"currency":"USD"}})",
       "expected the sum of the items, 1 USD"},
      {R"({"customer":{"email":"x"},"items":[{"price":{"minor":9223372036854775807,"currency":"USD"}},{"price":{"minor":1,"currency":"USD"}}]})",
       "the sum is too large"},
      {R"({"customer":{"email":"x"},"items":[{"price":{"minor":0,"currency":"USD"}}]})",
       "no gateway takes nothing"},
  };
  for (const auto& [body, says] : cases) {
    const auto made = checkout_input(json(body), "o");
    ASSERT_FALSE(made) << body;
    EXPECT_EQ(made.error().status, 422u) << body;
    EXPECT_THAT(made.error().body, HasSubstr(says)) << body;
  }
}

TEST(Workers, RunJobsAndRefuseWhatDoesNotFit) {
  Workers workers(1, 1);
  std::promise<void> started;
  std::promise<void> go_on;
  ASSERT_TRUE(workers.run([&] {
    started.set_value();
    go_on.get_future().wait();
  }));
  started.get_future().wait();
  std::promise<void> second;
  EXPECT_TRUE(workers.run([&] { second.set_value(); }));
  EXPECT_FALSE(workers.run([] {}));
  go_on.set_value();
  second.get_future().wait();
}

runtime::Engine::Change change_of(const InstanceId& root) {
  runtime::Engine::Change change;
  change.instance = root;
  change.root = root;
  return change;
}

TEST(Changes, WakeFollowersOfTheirTreeOnly) {
  Changes changes;
  const InstanceId mine{{1}};
  const InstanceId other{{2}};
  int woken = 0;
  auto follower = changes.follow(
      Changes::tree(mine), std::chrono::hours(1), [&](const auto&) { ++woken; }, [] {});
  changes.notify(change_of(other));
  changes.notify(change_of(mine));
  EXPECT_EQ(woken, 1);
  follower.reset();
  changes.notify(change_of(mine));
  EXPECT_EQ(woken, 1);
}

TEST(Changes, SayWhenTimeIsUp) {
  Changes changes;
  std::promise<void> expired;
  const auto topic = Changes::tree(InstanceId{{1}});
  auto late = changes.follow(topic, std::chrono::hours(1), [](const auto&) {}, [] {});
  auto soon = changes.follow(
      topic, std::chrono::milliseconds(1), [](const auto&) {}, [&] { expired.set_value(); });
  expired.get_future().wait();
}

TEST(Changes, WakeWhoFollowsAnInstanceOrAKey) {
  Changes changes;
  std::string woken;
  const auto follow = [&](const Changes::Topic& topic, char mark) {
    return changes.follow(
        topic, std::chrono::hours(1), [&, mark](const auto&) { woken += mark; }, [] {});
  };
  const InstanceId child{{2}};
  const auto instance = follow(Changes::instance(child), 'i');
  const auto key = follow(Changes::key("order", "o-1"), 'k');
  EXPECT_EQ(changes.followers(), 2u);
  runtime::Engine::Change change = change_of(InstanceId{{1}});
  changes.notify(change);
  EXPECT_EQ(woken, "");
  EXPECT_FALSE(changes.is_wanted(change));
  change.instance = child;
  EXPECT_TRUE(changes.is_wanted(change));
  changes.notify(change);
  change.instance = InstanceId{{3}};
  change.workflow = "order";
  change.key = "o-1";
  EXPECT_TRUE(changes.is_wanted(change));
  changes.notify(change);
  EXPECT_EQ(woken, "ik");
}

TEST(Changes, LooksAreTakenWhileOtherProcessesLiveAndFewAtATime) {
  Changes changes;
  EXPECT_FALSE(changes.take_look()) << "alone, every commit is heard of";
  ports::News news;
  news.living = {SessionId{{1}}, SessionId{{2}}};
  changes.heard(news);
  for (std::size_t i = 0; i < k_max_looks; ++i) ASSERT_TRUE(changes.take_look()) << i;
  EXPECT_FALSE(changes.take_look());
  changes.give_look();
  EXPECT_TRUE(changes.take_look());
  news.living.pop_back();
  changes.heard(news);
  changes.give_look();
  EXPECT_FALSE(changes.take_look());
}

TEST(Changes, AtTheEndEverybodysTimeIsUpAlsoOfThoseWhoComeThen) {
  Changes changes;
  std::promise<void> waiting;
  std::promise<void> late;
  const auto follow = [&](std::promise<void>& expired) {
    return changes.follow(
        Changes::tree(InstanceId{{1}}),
        std::chrono::hours(1),
        [](const auto&) {},
        [&expired] { expired.set_value(); });
  };
  const auto before = follow(waiting);
  changes.close();
  waiting.get_future().wait();
  const auto after = follow(late);
  late.get_future().wait();
}

TEST(Library, ANewFileTakesThePlaceOfTheOneThatDeclaresTheSame) {
  EXPECT_EQ(declares("vozex: 1\n# no\nworkflow: order # the order\n"), "workflow order");
  EXPECT_EQ(declares("types_of: \"commerce\"\n"), "types_of commerce");
  EXPECT_EQ(declares("  workflow: nested\n"), "");
  Library library;
  library.add({{"a.yaml", "workflow: order\nversion: 1"}, {"t.yaml", "types_of: commerce"}});
  const auto attempt = library.compile_with({{"b.yaml", "workflow: order\nversion: 2"}});
  ASSERT_EQ(attempt.sources.files.size(), 2u);
  EXPECT_EQ(attempt.sources.files[0].name, "b.yaml");
  EXPECT_EQ(attempt.sources.files[1].name, "t.yaml");
}

TEST(Metrics, RequestsByRouteAndTheEngineCounts) {
  Metrics metrics;
  metrics.observe("GET", "/v1/instances/{id}", 200, std::chrono::microseconds(1500));
  metrics.observe("BREW", "", 404, std::chrono::microseconds(10));
  runtime::Engine::Stats stats;
  stats.events = 7;
  const std::string text = metrics.text(stats, 3);
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(vozex_http_requests_total{method="GET",route="/v1/instances/{id}",status="200"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(route="none",status="404")"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("BREW")));
  EXPECT_THAT(text, HasSubstr("vozex_events_total 7"));
  EXPECT_THAT(text, HasSubstr("vozex_events_parked 3"));
  EXPECT_THAT(text, HasSubstr("vozex_store_ok 1"));
}

TEST(Metrics, TasksAreASeriesForEachQueueUpToABound) {
  Metrics metrics;
  const std::string few = metrics.text({}, 0, {{"payments", 5, 3, 2}});
  EXPECT_THAT(few, HasSubstr(R"(vozex_tasks_open{queue="payments"} 5)"));
  EXPECT_THAT(few, HasSubstr(R"(vozex_tasks_unassigned{queue="payments"} 3)"));
  EXPECT_THAT(few, HasSubstr(R"(vozex_tasks_overdue{queue="payments"} 2)"));
  std::vector<ports::TaskCount> many;
  for (std::size_t i = 0; i < k_max_task_queues + 4; ++i)
    many.push_back({"q" + std::to_string(i), 1, 1, 1});
  const std::string text = metrics.text({}, 0, many);
  EXPECT_THAT(text, HasSubstr(R"x(vozex_tasks_open{queue="(others)"} 5)x"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("q" + std::to_string(k_max_task_queues))));
}

}  // namespace
}  // namespace vozex::handlers
