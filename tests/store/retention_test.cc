// SPDX-License-Identifier: Apache-2.0
//
// Retention on both databases: what has ended goes to the archive and comes back whole, what lives
// stays, and a crash between writing and removing loses nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include <nlohmann/json.hpp>

#include "adapters/archive/archiver.h"
#include "adapters/postgres/batch_store.h"
#include "adapters/postgres/layout.h"
#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/batch_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "tests/store/postgres_database.h"
#include "tests/store/store_test.h"
#include "tests/store/temp_folder.h"

namespace vozex::store_test {
namespace {

using archive::Archive;
using archive::Archiver;
using archive::Plan;

std::vector<Kind> kinds_on_disk() {
  std::vector<Kind> kinds = all_kinds();
  std::erase(kinds, Kind::simulated);
  return kinds;
}

constexpr Duration k_keep{std::chrono::hours{24 * 90}};

Timestamp now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }
// Far enough ahead that everything that ended in this test is old.
Timestamp later() { return now() + k_keep + std::chrono::hours{1}; }

// Removing fails: like a process that dies after the file was written.
class DiesBeforeRemoving final : public ports::RetentionStore {
 public:
  explicit DiesBeforeRemoving(ports::RetentionStore& inner) : inner_(inner) {}
  Result<std::vector<ports::EndedInstance>> ended_before(Timestamp before,
                                                         std::size_t limit) override {
    return inner_.ended_before(before, limit);
  }
  Result<std::size_t> remove(const std::vector<ports::EndedInstance>&) override {
    return fail(ErrorClass::unavailable, "store_lost", "died");
  }
  Result<std::size_t> forget_marks(Timestamp, std::size_t) override { return std::size_t{0}; }
  Result<std::size_t> forget_batches(Timestamp, std::size_t) override { return std::size_t{0}; }
  Result<std::size_t> release_months() override { return std::size_t{0}; }
  Result<bool> alone(const std::function<Result<void>()>& work) override {
    return inner_.alone(work);
  }

 private:
  ports::RetentionStore& inner_;
};

class Retention : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::sqlite) {
      auto store = std::move(*sqlite::open_store("sqlite://" + folder_.file("r.db")));
      retention_ = &store->retention();
      batches_ = std::make_unique<sqlite::SqliteBatchStore>(*store);
      store_ = std::move(store);
    } else {
      std::string why;
      if (!has_postgres(why)) GTEST_SKIP() << why;
      auto store = std::move(*postgres::open_store(make_database(), layout()));
      retention_ = &store->retention();
      batches_ = std::make_unique<postgres::PostgresBatchStore>(*store);
      store_ = std::move(store);
    }
    lane_ = std::move(*store_->open_lane());
  }

  // Its URL.
  std::string make_database() {
    if (GetParam() == Kind::citus) {
      cluster_ = std::make_unique<CitusDatabase>();
      cluster_->spread();
      return cluster_->url();
    }
    database_ = std::make_unique<PostgresDatabase>();
    return database_->url();
  }
  std::optional<postgres::Layout> layout() const {
    if (GetParam() == Kind::by_bucket) return postgres::Layout::by_bucket;
    return std::nullopt;
  }

  void commit(std::vector<Group> groups) {
    CommitRequest request;
    request.etag = ++etag_;
    request.now = now();
    request.groups = std::move(groups);
    const auto reply = lane_->commit(request);
    ASSERT_TRUE(reply.has_value()) << reply.error().message;
    for (const auto& verdict : reply->verdicts) ASSERT_EQ(verdict.verdict, Verdict::committed);
  }
  // Instances `first` to `last`, started and, unless they shall live, ended in a second commit.
  void make(std::uint32_t first, std::uint32_t last, bool end) {
    for (std::uint32_t from = first; from <= last; from += 200) {
      const std::uint32_t to = std::min(last, from + 199);
      std::vector<Group> starts;
      std::vector<Group> ends;
      for (std::uint32_t number = from; number <= to; ++number) {
        starts.push_back(start(number, "k" + std::to_string(number)));
        Group group;
        group.instances.push_back(ending(number, etag_ + 1));
        group.instances.back().row.output = R"({"n":)" + std::to_string(number) + "}";
        group.history.push_back(history_row(number, 2));
        group.bindings.push_back(
            binding(BindingOp::end, order_key("k" + std::to_string(number)), number));
        ends.push_back(std::move(group));
      }
      commit(std::move(starts));
      if (end) commit(std::move(ends));
    }
  }
  std::size_t count(bool live_only) {
    ports::InstanceFilter filter;
    filter.tenant = instance_row(1).tenant;
    filter.live_only = live_only;
    return store_->queries().instances(filter, 100'000)->size();
  }
  std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(archive_folder())) {
      if (entry.is_regular_file()) ++count;
    }
    return count;
  }
  std::string archive_folder() const { return folder_.file("archive"); }
  Archiver archiver() {
    return {*retention_, Archive(archive_folder()), Plan{k_keep, std::nullopt}};
  }

  TempFolder folder_;
  std::unique_ptr<PostgresDatabase> database_;
  std::unique_ptr<CitusDatabase> cluster_;
  std::unique_ptr<ports::Store> store_;
  std::unique_ptr<ports::BatchStore> batches_;
  std::unique_ptr<ports::LaneStore> lane_;
  ports::RetentionStore* retention_ = nullptr;
  Etag etag_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         Retention,
                         testing::ValuesIn(kinds_on_disk()),
                         [](const auto& kind) { return to_string(kind.param); });

TEST_P(Retention, WhatHasEndedGoesAndIsReadBackWholeAndWhatLivesStays) {
  constexpr std::uint32_t k_ended = 3000;
  constexpr std::uint32_t k_live = 20;
  make(1, k_ended, true);
  make(k_ended + 1, k_ended + k_live, false);
  const auto before = store_->queries().instance(instance_id(7)).value().value();
  const auto turn = archiver().run_once(later());
  ASSERT_TRUE(turn.has_value()) << turn.error().message;
  EXPECT_EQ(turn->instances, k_ended);
  EXPECT_GE(turn->files, k_ended / archive::k_portion);
  EXPECT_EQ(count(true), k_live);
  EXPECT_EQ(count(false), k_live) << "nothing else is left";
  EXPECT_TRUE(store_->queries().history(instance_id(7), 0, 10).value().empty());
  EXPECT_EQ(store_->queries().history(instance_id(k_ended + 1), 0, 10).value().size(), 1u);

  const Archive archive(archive_folder());
  for (std::uint32_t number = 1; number <= k_ended; number += 499) {
    const auto line = archive.find(instance_id(number));
    ASSERT_TRUE(line.has_value() && line->has_value()) << number;
    const auto value = nlohmann::json::parse(**line);
    EXPECT_EQ(value["output"]["n"], number);
    EXPECT_EQ(value["key"], instance_row(number).key);
    EXPECT_EQ(value["history"].size(), 2u);
    EXPECT_EQ(value["history"][1]["seq"], 2);
  }
  const auto value = nlohmann::json::parse(archive.find(instance_id(7))->value());
  EXPECT_EQ(value["format"], 1);
  EXPECT_EQ(value["id"], before.id.text());
  EXPECT_EQ(value["tenant"], before.tenant);
  EXPECT_EQ(value["workflow"], before.workflow);
  EXPECT_EQ(value["version"], before.version);
  EXPECT_EQ(value["seq"], before.seq);
  EXPECT_EQ(value["life"], machine::to_string(before.life));
  EXPECT_EQ(value["state"], before.state);
  EXPECT_EQ(value["started_at"], format_timestamp(before.started_at));
  EXPECT_EQ(value["at"], format_timestamp(before.at));
  EXPECT_EQ(value["input"], nlohmann::json::parse(before.input));
  EXPECT_EQ(value["data"], nlohmann::json::parse(before.data));
  EXPECT_EQ(value["rt"], nlohmann::json::parse(before.rt));
  EXPECT_EQ(archive.find(instance_id(k_ended + 1)).value(), std::nullopt) << "it lives";

  // Its key is still its key.
  const auto bound = lane_->load({{}, {order_key("k7")}, {}, {}})->bindings;
  ASSERT_EQ(bound.size(), 1u);
  EXPECT_TRUE(bound[0].ended);
}

TEST_P(Retention, WhatEndedLatelyStays) {
  make(1, 3, true);
  const auto turn = archiver().run_once(later() - std::chrono::hours{2});
  EXPECT_EQ(turn->instances, 0u);
  EXPECT_EQ(count(false), 3u);
}

TEST_P(Retention, ATreeInWhichSomethingLivesStays) {
  Group tree = start(1);
  Group child = start(2);
  child.instances[0].row.root = instance_id(1);
  child.instances[0].row.parent = instance_id(1);
  child.instances[0].row.shard = shard_of(instance_id(1));
  child.history[0].shard = shard_of(instance_id(1));
  commit({tree, child});
  Group end;
  end.instances.push_back(ending(2, etag_));
  end.instances[0].row.root = instance_id(1);
  end.instances[0].row.shard = shard_of(instance_id(1));
  commit({end});
  EXPECT_EQ(archiver().run_once(later())->instances, 0u) << "its parent may still read it";
  Group root;
  root.instances.push_back(ending(1, etag_ - 1));
  commit({root});
  EXPECT_EQ(archiver().run_once(later())->instances, 2u);
}

TEST_P(Retention, AnOpenCallKeepsItsInstance) {
  Group group = start(1);
  CallRow row = call_row(call_id(1));
  row.shard = shard_of(instance_id(1));
  group.calls.push_back(call(CallOp::insert, row));
  commit({group});
  Group end;
  end.instances.push_back(ending(1, etag_));
  commit({end});
  EXPECT_EQ(archiver().run_once(later())->instances, 0u);
}

TEST_P(Retention, ACrashBetweenWritingAndRemovingLosesNothingAndWritesNothingTwice) {
  make(1, 40, true);
  DiesBeforeRemoving dying(*retention_);
  Archiver dies(dying, Archive(archive_folder()), Plan{k_keep, std::nullopt});
  EXPECT_FALSE(dies.run_once(later()).has_value());
  EXPECT_EQ(count(false), 40u) << "nothing was removed";
  const std::size_t written = files();
  const auto turn = archiver().run_once(later());
  EXPECT_EQ(turn->instances, 40u);
  EXPECT_EQ(files(), written) << "the same portion is the same file";
  EXPECT_TRUE(Archive(archive_folder()).find(instance_id(40))->has_value());
}

// A late result is recorded on an ended instance: what was read is no longer the whole.
TEST_P(Retention, WhatChangedSinceItWasReadIsNotRemoved) {
  make(1, 2, true);
  const auto ended = retention_->ended_before(later(), 10).value();
  ASSERT_EQ(ended.size(), 2u);
  Group late;
  late.instances.push_back(ending(1, etag_, 3));
  late.instances[0].was_ended = true;
  late.history.push_back(history_row(1, 3));
  commit({late});
  EXPECT_EQ(retention_->remove(ended).value(), 1u);
  EXPECT_TRUE(store_->queries().instance(instance_id(1)).value().has_value());
  EXPECT_EQ(store_->queries().history(instance_id(1), 0, 10).value().size(), 3u);
  EXPECT_EQ(archiver().run_once(later())->instances, 1u);
  const auto line = Archive(archive_folder()).find(instance_id(1))->value();
  EXPECT_EQ(nlohmann::json::parse(line)["seq"], 3) << "the newest line counts";
}

TEST_P(Retention, AnArchiveThatCanNotBeWrittenRemovesNothing) {
  make(1, 3, true);
  {
    std::ofstream(archive_folder()) << "a file stands where the folder shall be";
  }
  const auto turn = archiver().run_once(later());
  ASSERT_FALSE(turn.has_value());
  EXPECT_EQ(turn.error().kind, ErrorClass::unavailable);
  EXPECT_EQ(turn.error().code, "archive_io");
  EXPECT_EQ(count(false), 3u);
}

TEST_P(Retention, OldMarksAreForgottenAndNewOnesKept) {
  Group group;
  group.marks.push_back(mark("m"));
  commit({group});
  Archiver archiver(*retention_, Archive(archive_folder()), Plan{std::nullopt, k_keep});
  EXPECT_EQ(archiver.run_once(later() - std::chrono::hours{2})->marks, 0u);
  EXPECT_EQ(lane_->load({{}, {}, {mark_id("m")}, {}})->marks.size(), 1u);
  // PostgreSQL forgets whole months: this one is over in forty days at the latest.
  EXPECT_GE(archiver.run_once(later() + std::chrono::hours{24 * 40})->marks, 1u);
  EXPECT_TRUE(lane_->load({{}, {}, {mark_id("m")}, {}})->marks.empty());
}

// A batch that has ended goes with its items, portion by portion; one that has not stays whole.
TEST_P(Retention, BatchesThatEndedAreForgottenWithTheirItemsAndOthersStay) {
  constexpr std::uint32_t k_items = 25;
  const auto make_batch = [&](std::uint8_t number) {
    ports::BatchRow row;
    row.id.bytes[15] = number;
    row.tenant = "acme";
    row.order = "{}";
    row.created_at = row.changed_at = now();
    batches_->create(row).value();
    batches_->claim(session_id(1), std::chrono::seconds(60), 10).value();
    ports::BatchRound round;
    round.batch = row.id;
    round.owner = session_id(1);
    round.now = now();
    for (std::uint32_t i = 1; i <= k_items; ++i) {
      ports::BatchItem item;
      item.instance = instance_id(i);
      item.at = now();
      round.add.push_back(std::move(item));
    }
    EXPECT_TRUE(batches_->save(round).value());
    return row.id;
  };
  const auto cancelled = make_batch(1);
  const auto running = make_batch(2);
  const auto paused = make_batch(3);
  batches_->change(cancelled, ports::BatchState::cancelled, now()).value();
  batches_->change(paused, ports::BatchState::paused, now()).value();
  Archiver archiver(
      *retention_, Archive(archive_folder()), Plan{std::nullopt, std::nullopt, k_keep});
  EXPECT_EQ(archiver.run_once(later() - std::chrono::hours{2}).value().batches, 0u) << "it is new";
  EXPECT_EQ(retention_->forget_batches(later(), 10).value(), 10u) << "no more than a portion";
  EXPECT_TRUE(batches_->batch(cancelled).value()) << "while it has items";
  EXPECT_EQ(archiver.run_once(later()).value().batches, k_items - 10 + 1);
  EXPECT_EQ(batches_->batch(cancelled).value(), std::nullopt);
  EXPECT_TRUE(batches_->items(cancelled, std::nullopt, {}, 100).value().empty());
  for (const auto& id : {running, paused}) {
    EXPECT_TRUE(batches_->batch(id).value());
    EXPECT_EQ(batches_->items(id, std::nullopt, {}, 100).value().size(), k_items);
  }
}

using PostgresRetention = Retention;
INSTANTIATE_TEST_SUITE_P(Server,
                         PostgresRetention,
                         testing::Values(Kind::postgres),
                         [](const auto&) { return "Postgres"; });

TEST_P(PostgresRetention, EmptyMonthsAreGivenBackAndFullOnesStay) {
  database_->execute(
      "SELECT maintain_v1(now() - interval '5 months');"
      "INSERT INTO history(shard, id, seq, at, step_at, etag, disposition, entry) VALUES(1, "
      "gen_random_uuid(), 1, now() - interval '4 months', now(), 1, 1, '{}')");
  // Five months back to two back; the one with the row and those of `marks` stay.
  EXPECT_EQ(retention_->release_months().value(), 7u);
  EXPECT_EQ(retention_->release_months().value(), 0u);
  make(1, 3, true);
}

TEST_P(PostgresRetention, OnlyOneProcessHasItsTurn) {
  auto other = std::move(*postgres::open_store(database_->url()));
  const auto turn = retention_->alone([&]() -> Result<void> {
    EXPECT_FALSE(other->retention().alone([]() -> Result<void> { return {}; }).value());
    return {};
  });
  EXPECT_TRUE(turn.value());
  EXPECT_TRUE(other->retention().alone([]() -> Result<void> { return {}; }).value());
}

}  // namespace
}  // namespace vozex::store_test
