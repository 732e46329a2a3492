// SPDX-License-Identifier: Apache-2.0
//
// What only SQLite has: the lock file, the full disk, group commit, the log, and the file itself
// after a crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <barrier>
#include <filesystem>
#include <latch>
#include <thread>

#include "adapters/sqlite/sqlite_store.h"
#include "tests/store/store_test.h"
#include "tests/store/temp_folder.h"

namespace vozex::store_test {
namespace {

using testing::Each;
using testing::HasSubstr;

class Sqlite : public testing::Test {
 protected:
  std::string url() const { return "sqlite://" + folder_.file("s.db"); }
  std::unique_ptr<sqlite::SqliteStore> open() {
    auto store = sqlite::open_store(url());
    EXPECT_TRUE(store.has_value()) << (store ? "" : store.error().message);
    return store ? std::move(*store) : nullptr;
  }
  TempFolder folder_;
};

TEST_F(Sqlite, ASecondServerOnTheSameFileIsRefused) {
  auto first = open();
  const auto second = sqlite::open_store(url());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, ErrorClass::refused);
  EXPECT_EQ(second.error().code, "store_in_use");
  EXPECT_THAT(second.error().message, HasSubstr("s.db is in use by process "));
  first.reset();
  EXPECT_NE(open(), nullptr) << "the lock goes with its server";
}

TEST_F(Sqlite, TwoProgramsThatMakeTheFileAtOnceBothOpenIt) {
  constexpr int k_files = 100;
  std::barrier together(2);
  const auto open_all = [&] {
    for (int file = 0; file < k_files; ++file) {
      together.arrive_and_wait();
      const auto opened = sqlite::Connection::open(folder_.file(std::to_string(file) + ".db"),
                                                   sqlite::Access::read_write);
      EXPECT_TRUE(opened.has_value()) << opened.error().message;
    }
  };
  std::thread other(open_all);
  open_all();
  other.join();
}

TEST_F(Sqlite, WhatWasCommittedIsThereAfterReopening) {
  {
    auto store = open();
    auto lane = std::move(*store->open_lane());
    ASSERT_TRUE(lane->commit(request_of(1, {start(1, "k")})).has_value());
  }
  auto store = open();
  EXPECT_TRUE(store->queries().instance(instance_id(1)).value().has_value());
}

TEST_F(Sqlite, AFullDiskIsUnavailableWithNothingHalfWritten) {
  auto store = open();
  auto lane = std::move(*store->open_lane());
  ASSERT_TRUE(lane->commit(request_of(1, {start(1)})).has_value());
  const auto limit_pages = [&](const std::string& pages) {
    return store->write([&](sqlite::Connection& connection) {
      return connection.execute("PRAGMA max_page_count = " + pages);
    });
  };
  ASSERT_TRUE(limit_pages("1").has_value());  // no more than there are
  Group big = start(2, "k");
  big.history[0].entry = "\"" + std::string(1u << 20, 'x') + "\"";
  Group small = start(3);
  const auto full = lane->commit(request_of(2, {small, big}));
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().kind, ErrorClass::unavailable);
  EXPECT_EQ(full.error().code, "store_full");
  for (const std::uint32_t number : {2u, 3u}) {
    EXPECT_EQ(store->queries().instance(instance_id(number)).value(), std::nullopt);
  }
  EXPECT_TRUE(store->queries().instance(instance_id(1)).value().has_value()) << "reads go on";

  ASSERT_TRUE(limit_pages("1000000").has_value());
  const auto again = lane->commit(request_of(2, {small, big}));
  ASSERT_TRUE(again.has_value());
  EXPECT_THAT(verdicts(*again), Each(Verdict::committed));
}

// Else a server would go on acknowledging into a file that is gone with it.
TEST_F(Sqlite, AFileThatWasTakenAwayTakesNoCommitsUntilItIsBack) {
  const std::filesystem::path file = folder_.file("s.db");
  const std::string aside = folder_.file("aside.db");
  auto store = open();
  auto lane = std::move(*store->open_lane());
  ASSERT_TRUE(lane->commit(request_of(1, {start(1)})).has_value());
  const auto refused = [&](Etag etag, std::uint32_t number) {
    const auto reply = lane->commit(request_of(etag, {start(number)}));
    ASSERT_FALSE(reply.has_value());
    EXPECT_EQ(reply.error().kind, ErrorClass::unavailable);
    EXPECT_EQ(reply.error().code, "store_moved");
    EXPECT_THAT(reply.error().message, HasSubstr("nothing was written"));
  };
  std::filesystem::rename(file, aside);
  refused(2, 2);
  std::filesystem::copy_file(aside, file);  // a backup in its place
  refused(3, 3);
  std::filesystem::remove(file);
  std::filesystem::rename(aside, file);
  ASSERT_TRUE(lane->commit(request_of(4, {start(4)})).has_value());
  EXPECT_EQ(store->queries().instance(instance_id(2)).value(), std::nullopt);
  EXPECT_TRUE(store->queries().instance(instance_id(4)).value().has_value());
}

TEST_F(Sqlite, ANewFileIsItsOwnersAlone) {
  auto store = open();
  auto lane = std::move(*store->open_lane());
  ASSERT_TRUE(lane->commit(request_of(1, {start(1)})).has_value());
  using std::filesystem::perms;
  for (const char* name : {"s.db", "s.db-wal", "s.db-shm"}) {
    EXPECT_EQ(std::filesystem::status(folder_.file(name)).permissions() & perms::all,
              perms::owner_read | perms::owner_write)
        << name;
  }
}

TEST_F(Sqlite, RequestsThatArriveTogetherShareATransaction) {
  auto store = open();
  constexpr std::uint32_t k_lanes = 8;
  // While this write has its turn, all lanes queue up behind it.
  std::latch holding(1);
  std::latch let_go(1);
  std::thread holder([&] {
    auto held = store->write([&](sqlite::Connection&) -> Result<void> {
      holding.count_down();
      let_go.wait();
      return {};
    });
    EXPECT_TRUE(held.has_value());
  });
  holding.wait();
  std::atomic<std::uint32_t> committed = 0;
  std::vector<std::thread> lanes;
  std::latch started(k_lanes);
  for (std::uint32_t number = 1; number <= k_lanes; ++number) {
    lanes.emplace_back([&, number] {
      auto lane = std::move(*store->open_lane());
      started.count_down();
      // The last one can't be committed; it must not harm the others.
      Group group = start(number);
      if (number == k_lanes) group.history.push_back(history_row(number, 1));
      const auto reply = lane->commit(request_of(number, {group}));
      if (reply) ++committed;
      EXPECT_EQ(reply.has_value(), number != k_lanes);
      if (!reply) {
        EXPECT_EQ(reply.error().kind, ErrorClass::constraint);
      }
    });
  }
  started.wait();
  while (store->stats().waiting < k_lanes) std::this_thread::yield();
  let_go.count_down();
  holder.join();
  for (auto& lane : lanes) lane.join();
  EXPECT_EQ(committed, k_lanes - 1);
  EXPECT_EQ(store->stats().requests, k_lanes);
  EXPECT_EQ(store->stats().transactions, 1u);
}

TEST_F(Sqlite, TheLogIsMovedIntoTheFileWhileCommitsGoOn) {
  auto store = open();
  auto lane = std::move(*store->open_lane());
  const auto file_size = [&] { return std::filesystem::file_size(folder_.file("s.db")); };
  const auto before = file_size();
  Etag etag = 0;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (file_size() < before + (4u << 20) && std::chrono::steady_clock::now() < deadline) {
    Group group = start(static_cast<std::uint32_t>(++etag));
    group.history[0].entry = "\"" + std::string(200'000, 'x') + "\"";
    ASSERT_TRUE(lane->commit(request_of(etag, {group})).has_value());
  }
  EXPECT_GE(file_size(), before + (4u << 20)) << "nobody checkpoints";
}

TEST_F(Sqlite, ForeignReadersDoNotStopCommits) {
  auto store = open();
  auto lane = std::move(*store->open_lane());
  sqlite3* reader = nullptr;
  ASSERT_EQ(sqlite3_open(folder_.file("s.db").c_str(), &reader), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(reader, "BEGIN; SELECT * FROM instances", nullptr, nullptr, nullptr),
            SQLITE_OK);
  EXPECT_TRUE(lane->commit(request_of(1, {start(1)})).has_value());
  sqlite3_close(reader);
}

TEST_F(Sqlite, OddUrlsAndPlacesAreToldApart) {
  EXPECT_EQ(sqlite::open_store("postgresql://x").error().code, "store_url");
  EXPECT_EQ(sqlite::open_store("sqlite://").error().code, "store_url");
  const auto nowhere = sqlite::open_store("sqlite:///does/not/exist/x.db");
  EXPECT_EQ(nowhere.error().kind, ErrorClass::unavailable);
  EXPECT_EQ(nowhere.error().code, "store_io");
}

}  // namespace
}  // namespace vozex::store_test
