// SPDX-License-Identifier: Apache-2.0
//
// The audit log: written once, given one outcome, never changed or removed, not even by SQL.
#include "tests/store/store_test.h"

namespace vozex::store_test {
namespace {

using ports::AuditEntry;
using ports::AuditFilter;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Audit : public StoreTest {
 protected:
  ports::AuditLog& log() { return *backend().audit(); }
  static ports::AuditId id(std::uint8_t number) {
    ports::AuditId id;
    id.bytes[0] = 1;
    id.bytes[15] = number;
    return id;
  }
  static AuditEntry entry(std::uint8_t number,
                          const std::string& action,
                          const std::string& target) {
    AuditEntry entry;
    entry.id = id(number);
    entry.tenant = "acme";
    entry.at = at(number);
    entry.caller = "console";
    entry.actor = number % 2 == 0 ? "ann" : "bob";
    entry.action = action;
    entry.target = target;
    entry.reason = "it's \"why\"";
    entry.remote = "10.0.0.1";
    entry.detail = R"({"rate":5})";
    return entry;
  }
  std::vector<int> numbers(const AuditFilter& filter, std::size_t limit = 10) {
    std::vector<int> numbers;
    const auto entries = log().entries(filter, limit);
    for (const AuditEntry& one : entries.value()) numbers.push_back(one.id.bytes[15]);
    return numbers;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         Audit,
                         testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& kind) { return to_string(kind.param); });

TEST_P(Audit, KeepsWhatWasAskedAndWhatCameOfIt) {
  AuditEntry one = entry(1, "instances.cancel", "i1");
  ASSERT_TRUE(log().begin(one));
  AuditFilter all;
  all.tenant = "acme";
  EXPECT_THAT(log().entries(all, 10).value(), ElementsAre(one));
  AuditEntry other = one;
  other.reason = "another";
  ASSERT_TRUE(log().begin(other)) << "a repetition after a lost connection";
  EXPECT_THAT(log().entries(all, 10).value(), ElementsAre(one));

  ASSERT_TRUE(log().finish(one.id, {409, "conflict", at(5)}, "another target", "{}"));
  one.outcome = {409, "conflict", at(5)};
  EXPECT_THAT(log().entries(all, 10).value(), ElementsAre(one));
  ASSERT_TRUE(log().finish(one.id, {200, "", at(6)}, "", "")) << "the first outcome stays";
  EXPECT_THAT(log().entries(all, 10).value(), ElementsAre(one));
}

TEST_P(Audit, WhatWasNotKnownBeforeIsFilledInAfterwards) {
  AuditEntry one = entry(1, "workflows.create", "");
  one.detail = "";
  ASSERT_TRUE(log().begin(one));
  ASSERT_TRUE(log().finish(one.id, {200, "", at(5)}, "order 3", R"({"n":1})"));
  one.target = "order 3";
  one.detail = R"({"n":1})";
  one.outcome = {200, "", at(5)};
  AuditFilter all;
  all.tenant = "acme";
  EXPECT_THAT(log().entries(all, 10).value(), ElementsAre(one));
}

TEST_P(Audit, IsFoundNewestFirstByWhatWhoAndWhen) {
  ASSERT_TRUE(log().begin(entry(1, "instances.cancel", "i1")));
  ASSERT_TRUE(log().begin(entry(2, "instances.actions", "i1/pay_again")));
  ASSERT_TRUE(log().begin(entry(3, "instances_of.more", "i10")));
  AuditEntry foreign = entry(4, "instances.cancel", "i1");
  foreign.tenant = "other";
  ASSERT_TRUE(log().begin(foreign));

  EXPECT_THAT(numbers({"acme", "", "", "", {}, {}}), ElementsAre(3, 2, 1));
  EXPECT_THAT(numbers({"acme", "instances", "", "", {}, {}}), ElementsAre(2, 1));
  EXPECT_THAT(numbers({"acme", "instances.cancel", "", "", {}, {}}), ElementsAre(1));
  EXPECT_THAT(numbers({"acme", "", "i1", "", {}, {}}), ElementsAre(2, 1));
  EXPECT_THAT(numbers({"acme", "", "i1/pay_again", "", {}, {}}), ElementsAre(2));
  EXPECT_THAT(numbers({"acme", "", "", "bob", {}, {}}), ElementsAre(3, 1));
  EXPECT_THAT(numbers({"acme", "", "", "console", {}, {}}), ElementsAre(3, 2, 1))
      << "whose key it was";
  EXPECT_THAT(numbers({"acme", "", "", "", at(2), {}}), ElementsAre(3, 2));
  EXPECT_THAT(numbers({"acme", "", "", "", {}, {}}, 2), ElementsAre(3, 2));
  EXPECT_THAT(numbers({"acme", "", "", "", {}, id(2)}), ElementsAre(1));
  EXPECT_THAT(numbers({"acme", "%", "", "", {}, {}}), IsEmpty());
}

TEST_P(Audit, TheDatabaseItselfRefusesToChangeOrRemoveAnEntry) {
  const AuditEntry one = entry(1, "instances.cancel", "i1");
  ASSERT_TRUE(log().begin(one));
  const char* refusal = "the audit log is append-only";
  EXPECT_THAT(backend().refused("DELETE FROM audit"), HasSubstr(refusal));
  EXPECT_THAT(backend().refused("UPDATE audit SET reason = 'x'"), HasSubstr(refusal));
  EXPECT_THAT(backend().refused("UPDATE audit SET actor = 'x', status = 200"), HasSubstr(refusal));
  EXPECT_THAT(backend().refused("UPDATE audit SET target = 'x', status = 200"), HasSubstr(refusal));
  if (GetParam() == Kind::postgres) {
    EXPECT_THAT(backend().refused("TRUNCATE audit"), HasSubstr(refusal));
  }
  ASSERT_TRUE(log().finish(one.id, {200, "", at(5)}, "", ""));
  EXPECT_THAT(backend().refused("UPDATE audit SET status = 500"), HasSubstr(refusal));
  EXPECT_THAT(backend().refused("UPDATE audit SET status = NULL"), HasSubstr(refusal));
}

}  // namespace
}  // namespace vozex::store_test
