// SPDX-License-Identifier: Apache-2.0
// `vozex doctor` on a live database: nothing to say of a healthy one, and each kind of damage that
// is planted with SQL is found, on both databases. What needs an open call or child is planted in
// tests/unit/runtime/doctor_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/api/clinic.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;

class DoctorTest : public Clinic {};
INSTANTIATE_TEST_SUITE_P(Stores,
                         DoctorTest,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(DoctorTest, HasNothingToSayOfAHealthyDatabaseInUse) {
  const Outcome healthy = doctor("5");
  EXPECT_EQ(healthy.code, 0) << healthy.out << healthy.err;
  EXPECT_GE(json::parse(healthy.out)["instances"].get<int>(), 18);
  EXPECT_EQ(town_->state_of("ticket", "t1"), "open") << "the server went on meanwhile";
}

// A row that can't be read: named, left alone, mended by ops, and on it goes.
TEST_P(DoctorTest, WhatCanNotBeReadIsMendedAndGoesOn) {
  stop_server();
  plant("UPDATE instances SET rt = 'nonsense' WHERE key = 't3'");
  const json sick = json::parse(doctor("0").out)["findings"];
  ASSERT_EQ(sick.size(), 1u) << sick;
  EXPECT_THAT(sick[0]["command"].get<std::string>(), HasSubstr("vozex instance mend"));
  const std::string instance = sick[0]["instance"];
  resume_server();

  vozex({"event", "send", "ticket.closed", "--data", R"({"number": "t3"})"});
  const json incidents = json::parse(vozex({"incident", "ls", "-o", "json"}).out);
  ASSERT_EQ(incidents.size(), 1u) << incidents;
  EXPECT_EQ(incidents[0]["code"], "unreadable");
  EXPECT_EQ(incidents[0]["instance"], instance);
  const json raw = json::parse(vozex({"instance", "raw", instance, "-o", "json"}).out);
  EXPECT_EQ(raw["rt_text"], "nonsense");
  EXPECT_EQ(raw["fault"]["code"], "corrupt_snapshot") << raw;

  const Outcome wrong =
      vozex({"instance", "mend", instance, "--data", "{}", "--reason", "not enough"});
  EXPECT_EQ(wrong.code, 5) << wrong.err;
  EXPECT_THAT(wrong.err, HasSubstr("still_unreadable"));
  const Outcome mended =
      vozex({"instance", "mend", instance, "--states", "", "--reason", "after the crash"});
  ASSERT_EQ(mended.code, 0) << mended.err;
  EXPECT_THAT(town_->get("/v1/instances/" + instance + "/history").body,
              HasSubstr("after the crash"));
  ASSERT_EQ(vozex({"instance", "move", instance, "open", "--reason", "timers anew"}).code, 0);
  ASSERT_EQ(vozex({"instance", "resume", instance, "--reason", "fine now"}).code, 0);
  EXPECT_EQ(town_->state_of("ticket", "t3"), "open");
  const Outcome healthy = doctor("5");
  EXPECT_EQ(healthy.code, 0) << healthy.out;
  EXPECT_EQ(vozex({"instance", "mend", instance, "--states", "", "--reason", "x"}).code, 5)
      << "it can be read";
}

TEST_P(DoctorTest, FindsEachKindOfDamage) {
  const auto one = [](int number) { return " WHERE key = 't" + std::to_string(number) + "'"; };
  std::map<std::string, std::string> expected;  // code -> key, "" any
  const auto expect = [&](const std::string& code, int number) {
    expected[code] = number < 0 ? "" : "t" + std::to_string(number);
  };
  stop_server();
  plant("UPDATE instances SET rt = 'nonsense'" + one(0));
  expect("snapshot_unreadable", 0);
  plant("UPDATE instances SET rt = replace(rt, '\"open\"', '\"gone\"')" + one(1));
  expect("unknown_state", 1);
  plant("UPDATE instances SET version = 9" + one(2));
  expect("definition_missing", 2);
  plant("UPDATE instances SET state = 'closed'" + one(3));
  expect("state_differs", 3);
  plant("UPDATE instances SET timer_at = NULL" + one(4));
  expect("timer_differs", 4);
  plant("UPDATE instances SET incident = 1" + one(5),
        "UPDATE instances SET incident = true" + one(5));
  expect("incident_differs", 5);
  plant("DELETE FROM holders WHERE slot = 'ticket' AND key = 't6'",
        "DELETE FROM bindings WHERE slot = 'ticket' AND key = 't6'");
  expect("binding_missing", 6);
  plant("DELETE FROM instances" + one(7));
  expect("binding_orphan", -1);
  // A call whose instance is gone, and one whose owner is.
  const std::string sqlite_call =
      "INSERT INTO calls(instance, seq, idx, shard, tenant, adapter, state, owner, attempt, "
      "next_at, decided_at, request, error) ";
  plant(
      sqlite_call + "VALUES(randomblob(16), 1, 0, 0, 'default', 'bank', 2, NULL, 1, 0, 0, '', '')",
      sqlite_call +
          "VALUES(gen_random_uuid(), 1, 0, 0, 'default', 'bank', 2, NULL, 1, now(), "
          "now(), '', '')");
  expect("call_orphan", -1);
  plant(sqlite_call +
            "SELECT id, 9, 0, shard, tenant, 'bank', 1, randomblob(16), 1, 0, 0, '', '' "
            "FROM instances" +
            one(8),
        sqlite_call +
            "SELECT id, 9, 0, shard, tenant, 'bank', 1, gen_random_uuid(), 1, now(), "
            "now(), '', '' FROM instances" +
            one(8));
  expect("call_unowned", -1);
  plant(sqlite_call +
            "SELECT id, 9, 0, shard, tenant, 'bank', 3, NULL, 1, 0, 0, '', '' FROM "
            "instances" +
            one(9),
        sqlite_call +
            "SELECT id, 9, 0, shard, tenant, 'bank', 3, NULL, 1, now(), now(), '', '' "
            "FROM instances" +
            one(9));
  expect("dead_without_incident", 9);
  plant("UPDATE instances SET key = 't11'" + one(10));
  expect("key_duplicate", -1);
  const std::string columns =
      "shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status, "
      "incident, at, started_at, finished_at, input, data, rt, output";
  plant("INSERT INTO finished(" + columns +
        ") SELECT shard, id, root, parent, tenant, workflow, version, key, etag, seq, 10, state, "
        "status, incident, at, started_at, at, input, data, rt, output FROM instances" +
        one(12));
  expect("live_and_finished", -1);
  plant(
      "INSERT INTO marks(mark, seq, disposition, stored_at, answer) VALUES(randomblob(16), 0, 4, "
      "0, '{}')",
      "INSERT INTO marks(shard, mark, seq, disposition, answer) VALUES(1, gen_random_uuid(), 0, "
      "4, '{}')");
  expect("parked_lost", -1);
  plant(
      "INSERT INTO parked(mark, expires_at, event) VALUES(randomblob(16), 4102444800000000, '{}')",
      "INSERT INTO parked(shard, mark, expires_at, event) VALUES(1, gen_random_uuid(), "
      "'2100-01-01', '{}')");
  expect("parked_unreachable", -1);
  plant("INSERT INTO waits(tenant, slot, key, arrival) VALUES('default', 'ticket', 't13', 99)",
        "UPDATE bindings SET parked = 1 WHERE slot = 'ticket' AND key = 't13'");
  expect("parked_unclaimed", -1);
  if (!is_sqlite()) expect("binding_miscounted", -1);
  plant(
      "INSERT INTO outbox(from_instance, seq, idx, shard, owner, event) SELECT id, 1, 1, shard, "
      "randomblob(16), '{}' FROM instances" +
          one(14),
      "INSERT INTO outbox(from_instance, seq, idx, shard, owner, event) SELECT id, 1, 1, shard, "
      "gen_random_uuid(), '{}' FROM instances" +
          one(14));
  expect("outbox_stuck", -1);
  plant("UPDATE instances SET timer_at = 1" + one(15),
        "UPDATE instances SET timer_at = '2000-01-01'" + one(15));
  expect("timer_overdue", -1);
  if (!is_sqlite()) expect("timer_hidden", -1);
  plant(sqlite_call +
            "SELECT id, 9, 0, shard, tenant, 'bank', 2, NULL, 1, 0, 0, '', '' FROM "
            "instances" +
            one(13),
        sqlite_call +
            "SELECT id, 9, 0, shard, tenant, 'bank', 2, NULL, 1, '2000-01-01', now(), '', '' "
            "FROM instances" +
            one(13));
  expect("call_overdue", -1);
  const std::string task =
      "INSERT INTO tasks(shard, instance, seq, idx, tenant, workflow, key, state, title, queue, "
      "roles, assignee, opened_at, due, level) ";
  plant(task +
            "SELECT shard, id, 1, 0, tenant, workflow, key, state, 't', 'q', '', '', at, at, 0 "
            "FROM instances" +
            one(15),
        task +
            "SELECT shard, id, 1, 0, tenant, workflow, key, state, 't', 'q', '{}', '', at, at, 0 "
            "FROM instances" +
            one(15));
  expect("task_differs", 15);
  plant(task + "VALUES(1, randomblob(16), 1, 0, 'default', 'w', '', '', '', 'q', '', '', 0, 0, 0)",
        task +
            "VALUES(1, gen_random_uuid(), 1, 0, 'default', 'w', '', '', '', 'q', '{}', '', now(), "
            "now(), 0)");
  expect("task_orphan", -1);
  plant("UPDATE definitions SET bundle = '{}' WHERE workflow = 'order'");
  expect("definition_unreadable", -1);
  // A payment whose order is gone.
  plant("DELETE FROM instances WHERE workflow = 'order'");
  expect("parent_missing", -1);

  const Outcome ill = doctor("0");
  EXPECT_EQ(ill.code, 1) << ill.err;
  std::multimap<std::string, std::string> found;
  const json diagnosis = json::parse(ill.out);
  for (const json& finding : diagnosis["findings"]) {
    found.emplace(finding["code"], finding.value("key", ""));
    EXPECT_FALSE(finding["what"].get<std::string>().empty()) << finding;
    EXPECT_FALSE(finding["advice"].get<std::string>().empty()) << finding;
    EXPECT_FALSE(finding.value("command", "").empty()) << finding;
  }
  for (const auto& [code, key] : expected) {
    const auto [first, last] = found.equal_range(code);
    EXPECT_NE(first, last) << "not found: " << code << "\n" << ill.out;
    if (key.empty() || first == last) continue;
    EXPECT_TRUE(std::any_of(first, last, [&](const auto& entry) { return entry.second == key; }))
        << code << " of " << key << "\n"
        << ill.out;
  }
  EXPECT_EQ(run({"doctor", "--store", "nonsense"}).code, 2);
}

}  // namespace
}  // namespace vozex::api_test
