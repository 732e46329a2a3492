// SPDX-License-Identifier: Apache-2.0
//
// What every CatalogStore must do: one suite, run on each implementation by
// INSTANTIATE_TYPED_TEST_SUITE_P. A type under test has `CatalogStore& store()`, fresh and empty
// for each test, and may have `std::string missing()`: what is missing to run at all.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "adapters/catalog/catalog_store.h"

namespace vozex::catalog {

template <class Fixture>
class CatalogStoreSuite : public ::testing::Test {
 protected:
  void SetUp() override {
    if constexpr (requires { fixture_.missing(); }) {
      if (const std::string what = fixture_.missing(); !what.empty()) GTEST_SKIP() << what;
    }
  }

  CatalogStore& store() { return fixture_.store(); }

  static Entry entry(const std::string& id,
                     std::uint64_t revision = 1,
                     EntryKind kind = EntryKind::product) {
    return {{kind, id},
            revision,
            "active",
            "{\"title\":\"\xc3\xa4 '" + id + "'\"}",
            *parse_timestamp("2026-11-20T10:00:00Z") + Duration(250),
            "ann"};
  }

  std::string ids(const std::string& after = "", std::size_t limit = 100) {
    std::string text;
    const auto page = store().list("t1", EntryKind::product, after, limit);
    EXPECT_TRUE(page.has_value());
    for (const Entry& one : *page) text += one.id.id + std::to_string(one.revision) + " ";
    return text;
  }

 private:
  Fixture fixture_;
};

TYPED_TEST_SUITE_P(CatalogStoreSuite);

TYPED_TEST_P(CatalogStoreSuite, KeepsEveryMemberOfAnEntry) {
  const Entry kept = this->entry("pos");
  ASSERT_TRUE(this->store().put("t1", {kept}));
  const auto found = this->store().get("t1", kept.id);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(**found, kept);
  EXPECT_FALSE(*this->store().get("t1", {EntryKind::coupon, "pos"}));
  EXPECT_FALSE(*this->store().get("t2", kept.id));
}

TYPED_TEST_P(CatalogStoreSuite, ListsByIdInPages) {
  ASSERT_TRUE(this->store().put("t1",
                                {this->entry("a"),
                                 this->entry("a_b"),
                                 this->entry("B"),
                                 this->entry("c"),
                                 this->entry("b", 1, EntryKind::coupon)}));
  ASSERT_TRUE(this->store().put("t2", {this->entry("d")}));
  EXPECT_EQ(this->ids(), "B1 a1 a_b1 c1 ");
  EXPECT_EQ(this->ids("", 2), "B1 a1 ");
  EXPECT_EQ(this->ids("a", 2), "a_b1 c1 ");
  EXPECT_EQ(this->ids("c"), "");
}

TYPED_TEST_P(CatalogStoreSuite, AChangeOfAnOldRevisionIsRefusedWhole) {
  ASSERT_TRUE(this->store().put("t1", {this->entry("a"), this->entry("b")}));
  const auto stale = this->store().put("t1", {this->entry("a", 2), this->entry("b", 1)});
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, "catalog_changed");
  EXPECT_EQ(stale.error().kind, ErrorClass::conflict);
  EXPECT_NE(stale.error().message.find("product b"), std::string::npos);
  EXPECT_EQ(this->ids(), "a1 b1 ");
  EXPECT_FALSE(this->store().put("t1", {this->entry("a", 3)}));
  EXPECT_FALSE(this->store().put("t1", {this->entry("new", 2)}));
  ASSERT_TRUE(this->store().put("t1", {this->entry("a", 2), this->entry("b", 2)}));
  EXPECT_EQ(this->ids(), "a2 b2 ");
}

TYPED_TEST_P(CatalogStoreSuite, OfSeveralAtOnceOneWins) {
  ASSERT_TRUE(this->store().put("t1", {this->entry("a"), this->entry("b")}));
  std::atomic<int> won{0};
  std::vector<std::thread> rivals;
  for (int i = 0; i < 6; ++i) {
    rivals.emplace_back([&] {
      if (this->store().put("t1", {this->entry("a", 2), this->entry("b", 2)})) ++won;
    });
  }
  for (std::thread& rival : rivals) rival.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(this->ids(), "a2 b2 ");
}

REGISTER_TYPED_TEST_SUITE_P(CatalogStoreSuite,
                            KeepsEveryMemberOfAnEntry,
                            ListsByIdInPages,
                            AChangeOfAnOldRevisionIsRefusedWhole,
                            OfSeveralAtOnceOneWins);

}  // namespace vozex::catalog
