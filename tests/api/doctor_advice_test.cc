// SPDX-License-Identifier: Apache-2.0
// What the doctor advises where only a person can know, followed as it is printed, and what comes
// of it: the call is made again, the parent goes on, the version is there again. On both databases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/clinic.h"

namespace vozex::api_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DoctorAdvice : public Clinic {
 protected:
  void install(const std::string& name, const std::string& text) {
    write_text(town_->folder() / name, text);
    const Outcome deployed = vozex({"workflow",
                                    "deploy",
                                    town_->folder() / name,
                                    town_->folder() / "workflows/adapters/payments.yaml"});
    ASSERT_EQ(deployed.code, 0) << deployed.err;
  }
  // The one finding, which must have this code.
  json finding(const std::string& code) {
    const json found = findings();
    EXPECT_EQ(found.size(), 1u) << found.dump(1);
    for (const json& one : found) {
      if (one["code"] == code) return one;
    }
    ADD_FAILURE() << "no " << code << " in " << found.dump(1);
    return {{"command", "false"}};
  }
  void follow_to_the_end(json finding,
                         const std::string& word = "",
                         const std::string& value = "") {
    std::string command = finding["command"];
    if (const std::size_t at = command.find(word); !word.empty() && at != std::string::npos)
      command.replace(at, word.size(), value);
    finding["command"] = command;
    const Outcome followed = follow(finding);
    EXPECT_EQ(followed.code, 0) << command << "\n" << followed.out << followed.err;
    EXPECT_EQ(findings(), json::array());
  }
};
INSTANTIATE_TEST_SUITE_P(Stores,
                         DoctorAdvice,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

TEST_P(DoctorAdvice, OfALostCallMakesItAgain) {
  install("asker.yaml", R"(
vozex: 1
workflow: asker
version: 1
key: input.name
input: {name: string}
initial: asking
states:
  asking:
    invoke:
      call: payments.get
      with: {gateway: dodo, gateway_ref: "${input.name}"}
      retry: {attempts: 9, backoff: 1h}
      on_done: told
      on_error: told
  told: {type: final}
)");
  ask("POST", town_->sandbox("/sandbox/faults"), R"({"fault":"down"})");
  start("asker", {{"name", "a"}});
  ASSERT_TRUE(eventually([&] {
    return town_->database().count(
               "SELECT count(*) FROM calls WHERE adapter = 'payments' AND state = 2") > 0;
  })) << "it waits an hour for its second try";
  stop_server();
  plant("DELETE FROM calls WHERE adapter = 'payments' AND state = 2");
  ask("DELETE", town_->sandbox("/sandbox/faults"));
  resume_server();
  EXPECT_EQ(town_->state_of("asker", "a"), "asking");
  follow_to_the_end(finding("call_missing"));
  EXPECT_TRUE(town_->reaches("asker", "a", "told"));
}

// The child may answer before its end, so that nobody but a person knows what its parent was told.
TEST_P(DoctorAdvice, OfALostAnswerLetsThePersonSayWhatFollows) {
  write_text(town_->folder() / "office.yaml", R"(
vozex: 1
workflow: office
version: 1
key: input.name
input: {name: string}
initial: waiting
states:
  waiting: {invoke: {workflow: clerk, input: {name: "${input.name}"}, on_done: served, on_error: served}}
  served: {type: final}
)");
  write_text(town_->folder() / "clerk.yaml", R"(
vozex: 1
workflow: clerk
version: 1
key: "'clerk-' + input.name"
input: {name: string}
output: {}
initial: working
states:
  working: {after: {30d: resting}}
  resting: {on_entry: [{reply: {}}], after: {30d: gone}}
  gone: {type: final, output: {}}
)");
  const Outcome deployed = vozex(
      {"workflow", "deploy", town_->folder() / "office.yaml", town_->folder() / "clerk.yaml"});
  ASSERT_EQ(deployed.code, 0) << deployed.err;
  start("office", {{"name", "o"}});
  stop_server();
  const std::string row =
      "shard, id, root, parent, tenant, workflow, version, key, etag, seq, life, state, status, "
      "incident, at, started_at, finished_at, input, data, rt, output";
  plant("INSERT INTO finished(" + row +
        ") SELECT shard, id, root, parent, tenant, workflow, version, key, etag, seq, 10, 'gone', "
        "status, incident, at, started_at, at, input, data, rt, '{}' FROM instances WHERE "
        "workflow = 'clerk'");
  plant("DELETE FROM instances WHERE workflow = 'clerk'");
  resume_server();
  const json found = findings();
  json unheard;
  for (const json& one : found) {
    if (one["code"] == "child_unheard") {
      unheard = one;
    } else {
      follow(one);  // the child's key, which its end gives back
    }
  }
  ASSERT_FALSE(unheard.is_null()) << found.dump(1);
  EXPECT_FALSE(unheard.contains("repair")) << unheard;
  EXPECT_THAT(unheard["advice"].get<std::string>(), HasSubstr("read its history"));
  follow_to_the_end(unheard, "STATE", "served");
  EXPECT_EQ(town_->state_of("office", "o"), "served");
}

TEST_P(DoctorAdvice, OfALostDefinitionDeploysItAgain) {
  stop_server();
  plant("DELETE FROM definitions WHERE workflow = 'ticket'");
  const json found = findings();
  ASSERT_EQ(found.size(), 16u) << "each instance of it says so: " << found.dump(1);
  for (const json& one : found) EXPECT_EQ(one["code"], "definition_missing");
  resume_server();
  follow_to_the_end(found[0], "FILE", "ticket.yaml");
  vozex({"event", "send", "ticket.closed", "--data", R"({"number": "t3"})"});
  EXPECT_TRUE(town_->reaches("ticket", "t3", "closed"));
}

// Whoever is met while it is missing is held by an incident, and goes on where it was.
TEST_P(DoctorAdvice, AnInstanceOfALostDefinitionIsHeldUntilItIsResumed) {
  stop_server();
  plant("DELETE FROM definitions WHERE workflow = 'ticket'");
  resume_server();
  const std::string id = id_of("ticket", "t3");
  for (int tries = 0; tries < 2; ++tries) {
    const Outcome refused = vozex({"instance", "suspend", id, "--reason", "stocktaking"});
    EXPECT_NE(refused.code, 0);
    EXPECT_THAT(refused.err, HasSubstr("definition_missing"));
  }
  const auto incidents = [&] { return json::parse(vozex({"incident", "ls", "-o", "json"}).out); };
  ASSERT_EQ(incidents().size(), 1u) << incidents();
  EXPECT_EQ(incidents()[0]["code"], "definition_missing");
  EXPECT_EQ(incidents()[0]["instance"], id);

  ASSERT_EQ(vozex({"workflow", "deploy", town_->folder() / "ticket.yaml"}).code, 0);
  ASSERT_EQ(incidents().size(), 1u) << "as any other: " << incidents();
  EXPECT_EQ(incidents()[0]["code"], "definition_missing");
  EXPECT_EQ(incidents()[0]["state"], "open");
  EXPECT_EQ(town_->instance("ticket", "t3")["life"], "held");
  EXPECT_EQ(findings(), json::array());
  vozex({"event", "send", "ticket.closed", "--data", R"({"number": "t3"})"});
  ASSERT_EQ(vozex({"instance", "resume", id, "--reason", "deployed again"}).code, 0);
  EXPECT_TRUE(town_->reaches("ticket", "t3", "closed"));
  EXPECT_EQ(incidents(), json::array());
}

// The audit log never forgets: what a customer wrote must not stand there.
TEST_P(DoctorAdvice, WhatARepairTakesAwayIsTheRepairersToKeepAndToForget) {
  const std::string columns =
      "INSERT INTO calls(instance, seq, idx, shard, tenant, adapter, state, owner, attempt, "
      "next_at, decided_at, request, error) ";
  const std::string request = "'{\"email\":\"ann@example.com\"}', ''";
  plant(columns + "VALUES(randomblob(16), 1, 0, 0, 'default', 'bank', 3, NULL, 1, 0, 0, " +
            request + ")",
        columns +
            "VALUES(gen_random_uuid(), 1, 0, 0, 'default', 'bank', 3, NULL, 1, now(), now(), " +
            request + ")");
  const std::string file = town_->folder() / "taken.jsonl";
  const Outcome nowhere = doctor("0",
                                 {"--repair",
                                  "--actor",
                                  "ann",
                                  "--reason",
                                  "r",
                                  "--keep",
                                  town_->folder() / "none/taken.jsonl"});
  EXPECT_EQ(json::parse(nowhere.out)["repaired"][0]["outcome"], "refused") << nowhere.out;
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM calls WHERE state = 3"), 1)
      << "what can't be kept is not taken away";
  const Outcome mended =
      doctor("0", {"--repair", "--actor", "ann", "--reason", "r", "--keep", file});
  EXPECT_EQ(mended.code, 0) << mended.out << mended.err;
  EXPECT_THAT(mended.err, HasSubstr(file));
  const json line = json::parse(read_text(file));
  EXPECT_THAT(line.dump(), HasSubstr("ann@example.com"));
  const Outcome log = vozex({"audit", "ls", "--action", "doctor", "-o", "json"});
  const json entry = json::parse(log.out)[0];
  EXPECT_THAT(log.out, Not(HasSubstr("example.com")));
  EXPECT_EQ(line["audit"], entry["id"]) << entry;
  EXPECT_THAT(entry["detail"].dump(), HasSubstr("taken.jsonl")) << "where it went";
}

}  // namespace
}  // namespace vozex::api_test
