// SPDX-License-Identifier: Apache-2.0
// What the doctor says is done to the letter: every kind of damage is planted beside a server that
// runs, each printed command is run in a shell, the doctor has nothing more to say, and the
// instances go on. On both databases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/api/clinic.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DoctorRepair : public Clinic {
 protected:
  static std::string one(int number) { return " WHERE key = 't" + std::to_string(number) + "'"; }
  bool closes(int number) {
    const std::string key = "t" + std::to_string(number);
    vozex({"event", "send", "ticket.closed", "--data", R"({"number": ")" + key + R"("})"});
    return town_->reaches("ticket", key, "closed");
  }
  // The codes that are found, each with whether a repair mends it.
  static std::map<std::string, bool> codes_of(const json& findings) {
    std::map<std::string, bool> codes;
    for (const json& finding : findings)
      codes[finding["code"].get<std::string>()] = finding.contains("repair");
    return codes;
  }
  void plant_call(const std::string& of, int state) {
    const std::string columns =
        "INSERT INTO calls(instance, seq, idx, shard, tenant, adapter, state, owner, attempt, "
        "next_at, decided_at, request, error) ";
    const std::string values = ", 99, 0, 1, 'default', 'bank', " + std::to_string(state);
    plant(columns + "SELECT " + (of.empty() ? "randomblob(16)" : "id") + values +
              ", NULL, 1, 0, 0, '{\"card\":\"lost\"}', ''" +
              (of.empty() ? " WHERE true" : " FROM instances WHERE key = '" + of + "'"),
          columns + "SELECT " + (of.empty() ? "gen_random_uuid()" : "id") + ", 99, 0, " +
              (of.empty() ? "1" : "shard") + ", 'default', 'bank', " + std::to_string(state) +
              ", NULL::uuid, 1, now(), now(), '{\"card\":\"lost\"}', ''" +
              (of.empty() ? "" : " FROM instances WHERE key = '" + of + "'"));
  }
  void plant_task(int number) {
    const std::string columns =
        "INSERT INTO tasks(shard, instance, seq, idx, tenant, workflow, key, state, title, queue, "
        "roles, assignee, opened_at, due, level) ";
    const std::string from = number < 0 ? "" : " FROM instances" + one(number);
    plant(columns + "SELECT 1, " + (number < 0 ? "randomblob(16)" : "id") +
              ", 1, 0, 'default', 'ticket', '', '', 'call back', 'q', '', '', 0, 0, 0" +
              (number < 0 ? " WHERE true" : from),
          columns + "SELECT " + (number < 0 ? "1, gen_random_uuid()" : "shard, id") +
              ", 1, 0, 'default', 'ticket', '', '', 'call back', 'q', '{}', '', now(), now(), 0" +
              from);
  }
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         DoctorRepair,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

const std::string k_row =
    "shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status, "
    "incident, at, started_at, input, data, rt, output";

TEST_P(DoctorRepair, MendsWhatNeedsNoDecisionBesideALiveServer) {
  vozex({"event", "send", "ticket.closed", "--data", R"({"number": "early"})"});
  ASSERT_TRUE(closes(13));
  plant("UPDATE instances SET state = 'closed'" + one(3));
  plant("UPDATE instances SET timer_at = NULL" + one(4));
  plant("UPDATE instances SET incident = 1" + one(5),
        "UPDATE instances SET incident = true" + one(5));
  plant("DELETE FROM holders WHERE slot = 'ticket' AND key = 't6'",
        "DELETE FROM bindings WHERE slot = 'ticket' AND key = 't6'");
  plant("DELETE FROM instances" + one(7));
  plant_call("", 3);
  plant_call("t8", 3);
  plant_task(-1);
  plant_task(9);
  // One that never ended, and one that came back from the dead.
  plant("INSERT INTO finished(" + k_row +
        ", finished_at) SELECT shard, id, root, parent, tenant, workflow, version, key, etag, seq, "
        "10, state, status, incident, at, started_at, input, data, rt, output, at FROM instances" +
        one(12));
  plant("INSERT INTO instances(" + k_row +
        ") SELECT shard, id, root, parent, tenant, workflow, version, key, etag, seq - 1, 1, "
        "'open', status, incident, at, started_at, input, data, '{\"format\":1,\"states\":[\"open"
        "\"]}', output FROM finished" +
        one(13));
  plant(
      "INSERT INTO marks(mark, seq, disposition, stored_at, answer) VALUES(randomblob(16), 0, 4, "
      "0, '{}')",
      "INSERT INTO marks(shard, mark, seq, disposition, answer) VALUES(1, "
      "'00000000-0000-4000-8000-000000000001', 0, 4, '{}')");
  plant("DELETE FROM waits");
  if (!is_sqlite()) plant("UPDATE instances SET due_by = NULL" + one(10));

  const json found = findings();
  const std::map<std::string, bool> codes = codes_of(found);
  for (const char* code : {"state_differs",
                           "timer_differs",
                           "incident_differs",
                           "binding_missing",
                           "binding_orphan",
                           "call_orphan",
                           "dead_without_incident",
                           "task_orphan",
                           "task_differs",
                           "live_and_finished",
                           "parked_lost",
                           "parked_unreachable"}) {
    ASSERT_TRUE(codes.contains(code)) << code << "\n" << found.dump(1);
    EXPECT_TRUE(codes.at(code)) << code << " has no repair\n" << found.dump(1);
  }
  for (const char* code : {"binding_miscounted", "timer_hidden"})
    EXPECT_EQ(codes.contains(code), !is_sqlite()) << code << "\n" << found.dump(1);
  const json planned = json::parse(doctor("0", {"--repair", "--dry-run"}).out);
  EXPECT_GE(planned["repaired"].size(), codes.size());
  EXPECT_EQ(planned["findings"].size(), found.size()) << "nothing was written";

  EXPECT_TRUE(follow_all());
  for (const int number : {3, 4, 5, 6, 8, 9, 12}) EXPECT_TRUE(closes(number)) << number;
  EXPECT_EQ(town_->state_of("ticket", "t13"), "closed");
  start("ticket", {{"number", "early"}});
  EXPECT_TRUE(town_->reaches("ticket", "early", "closed")) << "the event that came before it";
  EXPECT_EQ(findings(), json::array());
  const json kept =
      json::parse(vozex({"audit", "ls", "--action", "doctor.call_orphan", "-o", "json"}).out);
  ASSERT_EQ(kept.size(), 1u) << kept;
  EXPECT_EQ(kept[0]["actor"], "WHO");
  EXPECT_EQ(kept[0]["reason"], "WHY");
  EXPECT_EQ(kept[0]["outcome"], "done");
  EXPECT_THAT(kept[0].dump(), Not(HasSubstr("card"))) << "the log never forgets";
  EXPECT_THAT(read_text(town_->folder() / "vozex-doctor.jsonl"), HasSubstr("card"))
      << "the row that went";
}

TEST_P(DoctorRepair, AllAtOnceAndSaysWhatItDid) {
  plant("UPDATE instances SET state = 'closed'" + one(3));
  plant("DELETE FROM instances" + one(7));
  EXPECT_EQ(doctor("0", {"--repair"}).code, 2) << "nobody says who and why";
  EXPECT_EQ(doctor("0", {"--code", "state_differs"}).code, 2) << "that repairs nothing";
  EXPECT_EQ(doctor("0", {"--repair", "--code", "all", "--actor", "ann", "--reason", "r"}).code, 2);
  const Outcome mended = doctor("8", {"--repair", "--actor", "ann", "--reason", "disk 4"});
  EXPECT_EQ(mended.code, 0) << mended.out << mended.err;
  const json said = json::parse(mended.out);
  EXPECT_TRUE(said["findings"].empty()) << said;
  ASSERT_GE(said["repaired"].size(), 2u) << said;
  for (const json& one : said["repaired"]) EXPECT_EQ(one["outcome"], "done") << one;
  EXPECT_EQ(findings(), json::array());
  start("ticket", {{"number", "t7"}});
}

TEST_P(DoctorRepair, APersonFollowsTheCommandsForTheRest) {
  write_text(town_->folder() / "ward.yaml", R"(
vozex: 1
workflow: ward
version: 1
key: input.name
input: {name: string}
data: {beds: {type: int, default: 4}}
events:
  ward.closed: {data: {name: string}, match: event.data.name}
initial: caring
states:
  caring:
    invoke: {workflow: nurse, input: {name: "${input.name}"}, on_done: closed, on_error: closed}
    on: {ward.closed: closed}
  closed: {type: final}
)");
  write_text(town_->folder() / "nurse.yaml", R"(
vozex: 1
workflow: nurse
version: 1
key: "'nurse-' + input.name"
input: {name: string}
initial: working
states:
  working: {after: {30d: resting}}
  resting: {type: final}
)");
  const Outcome deployed =
      vozex({"workflow", "deploy", town_->folder() / "ward.yaml", town_->folder() / "nurse.yaml"});
  ASSERT_EQ(deployed.code, 0) << deployed.err;
  for (const char* name : {"a", "b", "c", "d"}) start("ward", {{"name", name}});
  stop_server();
  plant("UPDATE instances SET rt = 'nonsense'" + one(0));
  plant("UPDATE instances SET rt = replace(rt, '\"open\"', '\"gone\"')" + one(1));
  plant("UPDATE instances SET version = 9" + one(2));
  plant("UPDATE instances SET key = 't11'" + one(10));
  plant("UPDATE instances SET life = 2, timer_at = NULL" + one(14));
  plant(R"(UPDATE instances SET rt = '{"format":1,"states":["working"]}', timer_at = NULL)"
        " WHERE key = 'nurse-a'");
  plant("DELETE FROM instances WHERE key = 'nurse-b'");
  plant("DELETE FROM instances WHERE workflow = 'ward' AND key = 'c'");
  plant("UPDATE instances SET data = '{\"beds\":\"many\"}' WHERE workflow = 'ward' AND key = 'd'");
  plant("UPDATE definitions SET bundle = '{}' WHERE workflow = 'ward'");
  json found = findings();
  resume_server();
  // Each names a file or a value that only a person knows.
  const std::map<std::string, std::pair<std::string, std::string>> known = {
      {"definition_unreadable", {"FILE", "ward.yaml nurse.yaml"}},
      {"data_invalid", {"{\"MEMBER\": VALUE}", "{\"beds\": 7}"}}};
  std::set<std::string> seen;
  for (int round = 0; round < 4 && !found.empty(); ++round) {
    for (json& finding : found) {
      const std::string code = finding["code"];
      seen.insert(code);
      if (const auto fill = known.find(code); fill != known.end()) {
        std::string command = finding["command"];
        const auto& [word, value] = fill->second;
        ASSERT_NE(command.find(word), std::string::npos) << command;
        finding["command"] = command.replace(command.find(word), word.size(), value);
      }
      if (code == "definition_missing") {
        write_text(town_->folder() / "FILE.yaml", "");
        continue;  // below
      }
      const Outcome followed = follow(finding);
      EXPECT_LE(followed.code, 1) << finding.dump(1) << followed.out << followed.err;
    }
    if (round == 0) plant("UPDATE instances SET version = 1" + one(2));
    found = findings();
  }
  EXPECT_TRUE(found.empty()) << found.dump(1);
  for (const char* code : {"snapshot_unreadable",
                           "unknown_state",
                           "definition_missing",
                           "key_duplicate",
                           "held_without_incident",
                           "nothing_to_wait_for",
                           "child_missing",
                           "parent_missing",
                           "data_invalid",
                           "definition_unreadable"}) {
    EXPECT_TRUE(seen.contains(code)) << code;
  }
  for (const int number : {0, 1, 2, 11, 14}) EXPECT_TRUE(closes(number)) << number;
  EXPECT_EQ(town_->instance("ward", "d")["data"]["beds"], 7);
  for (const char* name : {"a", "b", "d"}) {
    vozex(
        {"event", "send", "ward.closed", "--data", R"({"name": ")" + std::string(name) + R"("})"});
    EXPECT_TRUE(town_->reaches("ward", name, "closed")) << name;
  }
  EXPECT_EQ(findings(), json::array());
}

}  // namespace
}  // namespace vozex::api_test
