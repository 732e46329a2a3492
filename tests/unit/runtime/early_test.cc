// SPDX-License-Identifier: Apache-2.0
// Events whose instance is not there yet, or whose name nobody declares yet; and what an event
// would do, told without doing it.
#include <gtest/gtest.h>

#include "engine/runtime/batch/preview.h"
#include "engine/runtime/batch/refusal.h"
#include "tests/unit/runtime/rig.h"

namespace vozex::runtime {
namespace {

using machine::Disposition;

const char* const k_news = R"(
vozex: 1
workflow: news
version: 1
key: input.name
input: {name: string}
output: {}
data: {total: {type: int, default: 0}, limit: {type: int, default: 3}}
events:
  news.add: {data: {name: string, amount: int}, match: event.data.name}
  news.stop: {data: {name: string}, match: event.data.name, unhandled: reject}
  news.heard: {data: {other: string}}
warnings: {VZ0606: tests want silence here}
initial: open
states:
  open:
    on:
      news.add: {set: {total: "${data.total + event.data.amount}"}}
      news.stop: {when: "data.total > data.limit", target: closed}
  closed: {type: final, output: {}}
)";

types::Value named(const std::string& name) { return object({{"name", text(name)}}); }
types::Value add(const std::string& name, std::int64_t amount) {
  return object({{"name", text(name)}, {"amount", number(amount)}});
}

TEST(Early, SoManyMayWaitAndNoMore) {
  Rig rig({k_news});
  rig.parking_room = 2;
  for (int i = 0; i < 2; ++i) {
    const auto kept = rig.ask(rig.event("news.add", std::to_string(i), add("a", 1)));
    EXPECT_EQ(kept->disposition, Disposition::waiting);
  }
  const auto refused = rig.ask(rig.event("news.add", "2", add("a", 1)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "too_many_waiting");
  EXPECT_EQ(refused.error().kind, ErrorClass::unavailable);
  ASSERT_TRUE(rig.ask(rig.start("news", named("a"))));
  EXPECT_EQ(rig.ask(rig.event("news.add", "2", add("a", 1)))->disposition,
            Disposition::transitioned)
      << "it left no mark: it may come again";
  EXPECT_EQ(rig.row("news", "a").data, R"({"limit":3,"total":3})");
}

// An event has come early; the process that started its instance has died before it delivered it.
struct NotDelivered {
  NotDelivered() {
    EXPECT_TRUE(rig.ask(rig.event("news.add", "early", add("a", 1))));
    Item start = rig.start("news", named("a"));
    start.done = [this](const Result<EventAnswer>& answer) {
      EXPECT_TRUE(answer);
      rig.crashed = true;  // the key is taken, and nobody delivers
    };
    rig.offer(std::move(start));
    EXPECT_TRUE(rig.run());
    std::swap(other.connections[0], rig.connections[0]);
    other.counter = 1'000'000;
  }

  Rig rig{{k_news}};
  Rig other{{k_news}};  // another process, on the same store
};

// Found by the simulation: what another process took after the start overtook it.
TEST(Early, OnesGoBeforeWhatComesAfterTheStartInAnyProcess) {
  NotDelivered late;
  const auto answer = late.other.ask(late.other.event("news.add", "later", add("a", 9)));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->disposition, Disposition::transitioned);
  const auto history =
      late.rig.store.queries().history(late.rig.row("news", "a").id, 1, 10).value();
  ASSERT_EQ(history.size(), 2u);
  EXPECT_NE(history[0].entry.find("\"id\":\"early\""), std::string::npos);
  EXPECT_NE(history[1].entry.find("\"id\":\"later\""), std::string::npos);
}

TEST(Early, OneWhoseHolderEndedBeforeItWasDeliveredIsToldSo) {
  NotDelivered late;
  Rig& rig = late.rig;
  Rig& other = late.other;
  const machine::Moved closed{"closed", {"ann", {}}, "x"};
  ASSERT_TRUE(other.ask(other.order(rig.row("news", "a"), "move", closed)));
  EXPECT_TRUE(rig.store.work().unclaimed(ports::Holding::live, 10)->empty());
  const auto keys = rig.store.work().unclaimed(ports::Holding::ended, 10);
  ASSERT_EQ(keys->size(), 1u);
  Item claim;
  claim.order = ClaimOrder{keys->front()};
  other.offer(std::move(claim));
  ASSERT_TRUE(other.run());
  EXPECT_EQ(*rig.store.queries().parked_count(), 0u);
  const auto again = other.ask(other.event("news.add", "early", add("a", 1)));
  EXPECT_EQ(again->disposition, Disposition::duplicate);
  EXPECT_EQ(again->deliveries.at(0).disposition, Disposition::ended);
}

class Undeclared : public testing::Test {
 protected:
  // Kept while nobody declares anything.
  void keep(const std::string& id, types::Value data) {
    declared_ = rig_.definitions;
    rig_.definitions =
        std::make_shared<Definitions>(std::vector<machine::MachineRef>{}, types::Value());
    Item item = rig_.event("news.add", id, std::move(data));
    item.keep_unknown = true;
    const auto kept = rig_.ask(std::move(item));
    ASSERT_TRUE(kept) << kept.error().message;
    EXPECT_EQ(kept->disposition, Disposition::waiting);
    rig_.definitions = declared_;
  }
  void deploy() {
    Item claim;
    claim.order = ClaimOrder{binding_of_unknown("default", "news.add")};
    rig_.offer(std::move(claim));
    ASSERT_TRUE(rig_.run());
  }

  Rig rig_{{k_news}};
  DefinitionsRef declared_;
};

TEST_F(Undeclared, EventsWaitForTheirWorkflowAndItsInstances) {
  keep("e1", add("a", 1));
  keep("e2", add("b", 2));
  ASSERT_TRUE(rig_.ask(rig_.start("news", named("a"))));
  EXPECT_EQ(*rig_.store.queries().parked_count(), 2u);
  deploy();
  EXPECT_EQ(rig_.row("news", "a").data, R"({"limit":3,"total":1})");
  EXPECT_EQ(*rig_.store.queries().parked_count(), 1u) << "b waits on its own key by now";
  ASSERT_TRUE(rig_.ask(rig_.start("news", named("b"))));
  EXPECT_EQ(rig_.row("news", "b").data, R"({"limit":3,"total":2})");
  EXPECT_EQ(*rig_.store.queries().parked_count(), 0u);
  for (const char* id : {"e1", "e2"}) {
    EXPECT_EQ(rig_.ask(rig_.event("news.add", id, add("a", 1)))->disposition,
              Disposition::duplicate);
  }
}

TEST_F(Undeclared, EventsBeyondTheBoundAreAcknowledgedAndNotKept) {
  rig_.parking_room = 0;
  rig_.definitions =
      std::make_shared<Definitions>(std::vector<machine::MachineRef>{}, types::Value());
  Item item = rig_.event("news.add", "e1", add("a", 1));
  item.keep_unknown = true;
  const auto answer = rig_.ask(std::move(item));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->disposition, Disposition::ignored);
  EXPECT_EQ(*rig_.store.queries().parked_count(), 0u);
}

TEST_F(Undeclared, EventsThatDoNotFitTheTypeAreRefusedThen) {
  keep("e1", object({{"name", number(7)}}));
  deploy();
  EXPECT_EQ(*rig_.store.queries().parked_count(), 0u);
  const MarkId mark = mark_of("default", "test", "e1");
  rig_.store.inspect([&](const auto& tables) {
    EXPECT_EQ(tables.marks.at(mark).disposition, Disposition::rejected);
    return 0;
  });
}

// ---- without doing it ----

class Foretold : public testing::Test {
 protected:
  Foretold() {
    EXPECT_TRUE(rig_.ask(rig_.start("news", named("a"))));
    before_ = fingerprint();
  }
  ~Foretold() override { EXPECT_EQ(fingerprint(), before_) << "something was written"; }

  Result<Batch::Foreseen> ask(Item item) {
    return preview({rig_.connections[0].get(), &rig_.store.queries(), &rig_, rig_.definitions},
                   std::move(item),
                   rig_.now);
  }
  std::string fingerprint() {
    return rig_.row("news", "a").data + std::to_string(rig_.row("news", "a").seq) +
           std::to_string(rig_.store.inspect([](const auto& tables) {
             return tables.history.size() + tables.marks.size() + tables.parked.size();
           }));
  }

  Rig rig_{{k_news}};
  std::string before_;
};

TEST_F(Foretold, ATransitionAsItsHistoryWouldTellIt) {
  const auto foreseen = ask(rig_.event("news.add", "e1", add("a", 5)));
  ASSERT_TRUE(foreseen) << foreseen.error().message;
  EXPECT_EQ(foreseen->answer->disposition, Disposition::transitioned);
  ASSERT_EQ(foreseen->steps.size(), 1u);
  EXPECT_NE(foreseen->steps[0].entry.find("\"total\""), std::string::npos);
}

TEST_F(Foretold, AnEventThatWouldWait) {
  EXPECT_EQ(ask(rig_.event("news.add", "e1", add("nobody", 5)))->answer->disposition,
            Disposition::waiting);
}

TEST_F(Foretold, ARefusalWithTheGuardAndWhatItSaw) {
  const auto foreseen = ask(rig_.event("news.stop", "e1", named("a")));
  ASSERT_TRUE(foreseen);
  EXPECT_EQ(foreseen->answer->disposition, Disposition::rejected);
  const Delivery& delivery = foreseen->answer->deliveries.at(0);
  ASSERT_FALSE(delivery.considered.empty());
  EXPECT_EQ(delivery.considered[0].result, "false");
  EXPECT_EQ(delivery.seen, object({{"data.total", number(0)}, {"data.limit", number(3)}}));
}

TEST(Foretelling, KnowsADuplicate) {
  Rig rig({k_news});
  ASSERT_TRUE(rig.ask(rig.start("news", named("a"))));
  ASSERT_TRUE(rig.ask(rig.event("news.add", "e1", add("a", 5))));
  const auto foreseen =
      preview({rig.connections[0].get(), &rig.store.queries(), &rig, rig.definitions},
              rig.event("news.add", "e1", add("a", 5)),
              rig.now);
  ASSERT_TRUE(foreseen);
  EXPECT_EQ(foreseen->answer->disposition, Disposition::duplicate);
}

TEST(GuardValues, AreThoseOfThePathsInTheSource) {
  machine::Snapshot snapshot;
  snapshot.data = object({{"a", object({{"b", number(1)}})}, {"list", number(2)}});
  snapshot.input = object({{"name", text("x")}});
  machine::Event event;
  event.id = "e1";
  event.data = object({{"n", number(5)}});
  const auto seen = [&](const char* when) {
    return guard_values({{"s", "e", when, "false", 1}}, snapshot, event);
  };
  EXPECT_EQ(seen("data.a.b > 1 && input.name == 'data.not_this'"),
            object({{"data.a.b", number(1)}, {"input.name", text("x")}}));
  EXPECT_EQ(seen("event.data.n in [1] || has(data.gone)"),
            object({{"event.data.n", number(5)}, {"data.gone", types::Value()}}));
  EXPECT_EQ(seen("data.list.exists(x, x.y > 1)"), object({{"data.list", number(2)}}));
  EXPECT_EQ(seen("true"), types::Value::map({}));
  EXPECT_EQ(seen("'unterminated data.a"), types::Value::map({}));
}

// ---- one request under one key ----

TEST(Fingerprints, AnotherRequestMayNotReuseAKey) {
  Rig rig({k_news});
  const auto start = [&](const std::string& name, const std::string& fingerprint) {
    Item item = rig.start("news", named(name), "key-1");
    item.fingerprint = fingerprint;
    return rig.ask(std::move(item));
  };
  ASSERT_TRUE(start("a", "f1"));
  const auto same = start("a", "f1");
  ASSERT_TRUE(same);
  EXPECT_EQ(same->disposition, Disposition::duplicate);
  const auto other = start("b", "f2");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, "idempotency_key_reused");
  EXPECT_EQ(start("a", "")->disposition, Disposition::duplicate) << "without one: any";
}

}  // namespace
}  // namespace vozex::runtime
