// SPDX-License-Identifier: Apache-2.0
// How events find their instances through the real program, on both stores: aliases that appear
// later, early events in their order, several matches, deferred and unhandled ones, what was
// emitted, start rules, ended instances, repetitions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/town.h"

namespace vozex::api_test {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

// A parcel is known by its order, and by its tracking numbers once it has them.
constexpr const char* k_parcel = R"(
vozex: 1
workflow: parcel
version: 1
key: input.order
input: {order: string}
data:
  tracking: optional<string>
  places: {type: list<string>, default: []}
aliases: {tracking: data.tracking, depot: "'north'"}
events:
  parcel.labelled: {data: {order: string, tracking: string}, match: event.data.order}
  parcel.scanned: {data: {tracking: string, place: string}, match: {tracking: event.data.tracking}}
  parcel.paid: {data: {order: string}, match: event.data.order, unhandled: defer}
  parcel.recalled: {data: {order: string}, match: event.data.order, unhandled: reject}
  parcel.oddity: {data: {order: string}, match: event.data.order, unhandled: incident}
  depot.closed: {data: {depot: string}, match: {depot: event.data.depot}}
initial: packing
states:
  packing:
    on:
      parcel.labelled: {target: travelling, set: {tracking: "${event.data.tracking}"}}
      depot.closed: {set: {places: "${data.places + ['closed']}"}}
  travelling:
    on:
      parcel.scanned: {set: {places: "${data.places + [event.data.place]}"}}
      parcel.paid: done
  done:
    type: final
)";

// Every paid note makes an invoice; an invoice tells its ledger, which may have to be made.
constexpr const char* k_books = R"(
vozex: 1
workflow: slip
version: 1
key: input.number
input: {number: string, ledger: string}
events:
  invoice.paid: {data: {number: string, ledger: string}, match: event.data.number}
start:
  on: {invoice.paid: {input: {number: "${event.data.number}", ledger: "${event.data.ledger}"}}}
initial: told
states:
  told:
    on_entry: [{emit: {event: ledger.entry, data: {ledger: "${input.ledger}", number: "${input.number}"}}}]
    after: {30d: over}
  over: {type: final}
)";

constexpr const char* k_ledger = R"(
vozex: 1
workflow: ledger
version: 1
key: input.name
input: {name: string}
data: {entries: {type: list<string>, default: []}}
events:
  ledger.entry: {data: {ledger: string, number: string}, match: event.data.ledger}
initial: open
states:
  open:
    on: {ledger.entry: {set: {entries: "${data.entries + [event.data.number]}"}}}
    after: {30d: over}
  over: {type: final}
)";

// Each word that is heard is said on, once more each time, to the same ear.
constexpr const char* k_echo = R"(
vozex: 1
workflow: echo
version: 1
key: input.name
input: {name: string}
data: {heard: {type: int, default: 0}}
events:
  echo.word: {data: {name: string, to: string}, match: event.data.name}
initial: listening
states:
  listening:
    on:
      echo.word:
        set: {heard: "${data.heard + 1}"}
        do: [{emit: {event: echo.word, data: {name: "${event.data.to}", to: "${event.data.name}"}}}]
    after: {30d: over}
  over: {type: final}
)";

class Correlation : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(GetParam());
    const Answer deployed = town_->post("/v1/workflows",
                                        {{"files",
                                          {{{"name", "parcel.yaml"}, {"text", k_parcel}},
                                           {{"name", "books.yaml"}, {"text", k_books}},
                                           {{"name", "echo.yaml"}, {"text", k_echo}},
                                           {{"name", "ledger.yaml"}, {"text", k_ledger}}}}});
    ASSERT_LT(deployed.status, 300) << deployed.body;
  }
  void start(const std::string& workflow, const json& input) {
    const Answer answer = town_->post("/v1/instances", {{"workflow", workflow}, {"input", input}});
    ASSERT_EQ(answer.status, 201) << answer.body;
  }
  Answer send(const std::string& type, const json& data, const std::string& id = "") {
    return town_->post("/v1/events",
                       {{"id", id.empty() ? "e" + std::to_string(++sent_) : id},
                        {"source", "test"},
                        {"type", type},
                        {"data", data}});
  }
  std::string outcome(const std::string& type, const json& data, const std::string& id = "") {
    const Answer answer = send(type, data, id);
    return answer.value().value("outcome", answer.value().value("code", answer.body));
  }
  std::string scan(const std::string& tracking, const std::string& place) {
    return outcome("parcel.scanned", {{"tracking", tracking}, {"place", place}});
  }
  std::vector<std::string> places(const std::string& order) {
    return town_->instance("parcel", order)["data"]["places"];
  }

  std::unique_ptr<Town> town_;
  int sent_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Correlation,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return name_of(kind.param); });

TEST_P(Correlation, AnAliasMayAppearLaterAndFindsWhatCameBeforeInItsOrder) {
  for (const char* place : {"one", "two", "three"}) EXPECT_EQ(scan("T-1", place), "waiting");
  start("parcel", {{"order", "o-1"}});
  EXPECT_EQ(scan("T-1", "four"), "waiting") << "the order is known, its tracking number is not";
  EXPECT_EQ(outcome("parcel.labelled", {{"order", "o-1"}, {"tracking", "T-1"}}), "transitioned");
  EXPECT_TRUE(eventually([&] { return places("o-1").size() == 4; }));
  EXPECT_EQ(scan("T-1", "five"), "transitioned");
  EXPECT_THAT(places("o-1"), ElementsAre("one", "two", "three", "four", "five"));
}

TEST_P(Correlation, OneEventMayMeanSeveralAndTellsWhatBecameOfItAtEach) {
  for (const char* order : {"a", "b", "c"}) start("parcel", {{"order", order}});
  outcome("parcel.labelled", {{"order", "c"}, {"tracking", "T-c"}});
  const json answer = send("depot.closed", {{"depot", "north"}}).value();
  ASSERT_EQ(answer["deliveries"].size(), 3u) << answer;
  std::vector<std::string> outcomes;
  for (const json& delivery : answer["deliveries"]) outcomes.push_back(delivery["outcome"]);
  EXPECT_THAT(outcomes, UnorderedElementsAre("transitioned", "transitioned", "ignored"));
  EXPECT_THAT(places("a"), ElementsAre("closed"));
  EXPECT_THAT(places("c"), ElementsAre());
}

TEST_P(Correlation, WhatAStateDoesNotTakeIsDeferredRefusedOrAnIncidentAsDeclared) {
  start("parcel", {{"order", "o-1"}});
  EXPECT_EQ(outcome("parcel.paid", {{"order", "o-1"}}), "deferred");
  const Answer refused = send("parcel.recalled", {{"order", "o-1"}});
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.value()["code"], "event_not_accepted");
  EXPECT_EQ(outcome("parcel.labelled", {{"order", "o-1"}, {"tracking", "T-1"}}), "transitioned");
  EXPECT_EQ(town_->state_of("parcel", "o-1"), "done") << "the deferred one came right after";

  start("parcel", {{"order", "o-2"}});
  send("parcel.oddity", {{"order", "o-2"}});
  EXPECT_EQ(town_->get("/v1/incidents").value()["items"].size(), 1u);
  EXPECT_EQ(outcome("parcel.labelled", {{"order", "o-2"}, {"tracking", "T-2"}}), "transitioned")
      << "somebody shall look at it, and it goes on meanwhile";
}

TEST_P(Correlation, AfterTheEndAnEventIsToldSoAndARepetitionGetsItsFirstAnswer) {
  start("parcel", {{"order", "o-1"}});
  outcome("parcel.labelled", {{"order", "o-1"}, {"tracking", "T-1"}}, "label");
  const json first = send("parcel.paid", {{"order", "o-1"}}, "paid").value();
  EXPECT_EQ(first["outcome"], "transitioned");
  EXPECT_EQ(town_->instance("parcel", "o-1")["life"], "completed");
  const json again = send("parcel.paid", {{"order", "o-1"}}, "paid").value();
  EXPECT_EQ(again["outcome"], "duplicate");
  EXPECT_EQ(again["deliveries"], first["deliveries"]) << again;
  EXPECT_EQ(outcome("parcel.labelled", {{"order", "o-1"}, {"tracking", "T-1"}}), "ended");
}

TEST_P(Correlation, AnEventStartsWhatItMeansAndWhatIsEmittedFindsItsWayOrWaits) {
  EXPECT_EQ(outcome("invoice.paid", {{"number", "n-1"}, {"ledger", "2026"}}), "created");
  EXPECT_EQ(town_->state_of("slip", "n-1"), "told");
  EXPECT_EQ(outcome("invoice.paid", {{"number", "n-1"}, {"ledger", "2026"}}), "ignored");
  EXPECT_TRUE(eventually([&] { return town_->metric("vozex_events_parked") == 1; }))
      << "its ledger isn't there yet";
  start("ledger", {{"name", "2026"}});
  const auto entries = [&] {
    return town_->instance("ledger", "2026")["data"]["entries"].get<std::vector<std::string>>();
  };
  EXPECT_TRUE(eventually([&] { return entries().size() == 1; }));
  EXPECT_EQ(outcome("invoice.paid", {{"number", "n-2"}, {"ledger", "2026"}}), "created");
  EXPECT_TRUE(eventually([&] { return entries().size() == 2; }));
  EXPECT_THAT(entries(), ElementsAre("n-1", "n-2"));
}

TEST_P(Correlation, ALoopOfEventsBetweenInstancesEndsAtItsDepth) {
  for (const char* name : {"here", "there"}) start("echo", {{"name", name}});
  EXPECT_EQ(outcome("echo.word", {{"name", "here"}, {"to", "there"}}), "transitioned");
  const auto heard = [&](const char* name) {
    return town_->instance("echo", name)["data"]["heard"].get<int>();
  };
  std::vector<json> incidents;
  ASSERT_TRUE(eventually([&] { return !(incidents = town_->all("/v1/incidents")).empty(); }));
  EXPECT_EQ(incidents[0]["code"], "causation_too_deep");
  EXPECT_EQ(incidents.size(), 1u);
  EXPECT_EQ(heard("here") + heard("there"), 16) << "docs/limits.md";
  EXPECT_EQ(town_->state_of("echo", "here"), "listening");
}

TEST_P(Correlation, EventsOfOneInstanceAreAppliedInTheOrderInWhichTheyArrive) {
  start("ledger", {{"name", "2026"}});
  const auto entry = [](int number) {
    return json{{"id", "n" + std::to_string(number)},
                {"source", "test"},
                {"type", "ledger.entry"},
                {"data", {{"ledger", "2026"}, {"number", std::to_string(number)}}}};
  };
  constexpr int k_entries = 300;
  std::vector<std::string> numbers;
  json batch = json::array();
  for (int number = 0; number < k_entries; ++number) {
    numbers.push_back(std::to_string(number));
    batch.push_back(entry(number));
    if (batch.size() < 100) continue;
    EXPECT_EQ(town_->post("/v1/events", batch).status, 200);
    batch.clear();
  }
  const auto entries = town_->instance("ledger", "2026")["data"]["entries"];
  EXPECT_EQ(entries.get<std::vector<std::string>>(), numbers);
}

}  // namespace
}  // namespace vozex::api_test
