// SPDX-License-Identifier: Apache-2.0
#include "tests/api/clinic.h"

#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace vozex::api_test {
namespace {

constexpr const char* k_ticket = R"(
vozex: 1
workflow: ticket
version: 1
key: input.number
input: {number: string}
aliases: {desk: input.number}
events:
  ticket.closed: {data: {number: string}, match: event.data.number}
  ticket.late: {data: {desk: string}, match: {desk: event.data.desk}}
initial: open
states:
  open:
    on: {ticket.closed: closed, ticket.late: {}}
    after: {30d: closed}
  closed: {type: final}
)";

// One piece of advice may show the next.
constexpr int k_max_rounds = 4;

}  // namespace

void Clinic::SetUp() {
  if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
  town_ = std::make_unique<Town>(GetParam());
  deploy("ticket.yaml", k_ticket);
  for (int i = 0; i < 16; ++i) start("ticket", {{"number", "t" + std::to_string(i)}});
  ASSERT_EQ(town_->checkout("o-1").status, 201);
  std::filesystem::create_symlink(VOZEX_BINARY, town_->folder() / "vozex");
}

void Clinic::deploy(const std::string& name, const std::string& text) {
  write_text(town_->folder() / name, text);
  const Answer deployed =
      town_->post("/v1/workflows", {{"files", {{{"name", name}, {"text", text}}}}});
  ASSERT_EQ(deployed.status, 200) << deployed.body;
}

void Clinic::start(const std::string& workflow, const json& input) {
  const Answer started = town_->post("/v1/instances", {{"workflow", workflow}, {"input", input}});
  ASSERT_EQ(started.status, 201) << started.body;
}

void Clinic::stop_server() {
  town_->server().kill(SIGKILL);
  town_->server().wait();
}

void Clinic::resume_server() {
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready()) << town_->server_log();
}

void Clinic::plant(const std::string& sql) {
  EXPECT_EQ(town_->database().count(sql + " RETURNING 1"), 1) << sql;
}

Outcome Clinic::doctor(const std::string& settle, const std::vector<std::string>& more) const {
  std::vector<std::string> words{
      "doctor", "--store", town_->database().url(), "--settle", settle, "-o", "json"};
  words.insert(words.end(), more.begin(), more.end());
  return run(words);
}

json Clinic::findings() const {
  const Outcome outcome = doctor("4");
  EXPECT_LE(outcome.code, 1) << outcome.err;
  return json::parse(outcome.out)["findings"];
}

Outcome Clinic::follow(const json& finding) const {
  const std::string command = finding["command"];
  const std::string out = town_->folder() / "followed.out";
  const std::string err = town_->folder() / "followed.err";
  const std::string line = "cd '" + town_->folder().path() + "' && export PATH='" +
                           town_->folder().path() + "':\"$PATH\" VOZEX_STORE='" +
                           town_->database().url() + "' VOZEX_URL='" + town_->api("") +
                           "' VOZEX_SETTLE=0 VOZEX_API_KEY='" + town_->key() + "' && { " + command +
                           " ; } >'" + out + "' 2>'" + err + "'";
  const int status = std::system(line.c_str());
  return {WEXITSTATUS(status), read_text(out), read_text(err)};
}

bool Clinic::follow_all() {
  for (int round = 0; round < k_max_rounds; ++round) {
    const json found = findings();
    if (found.empty()) return true;
    for (const json& finding : found) {
      const Outcome followed = follow(finding);
      if (round + 1 < k_max_rounds) continue;
      ADD_FAILURE() << "still there: " << finding << "\n" << followed.out << followed.err;
    }
  }
  return findings().empty();
}

Outcome Clinic::vozex(const std::vector<std::string>& words) const {
  return run(words, {{"VOZEX_URL", town_->api("")}, {"VOZEX_API_KEY", town_->key()}});
}

}  // namespace vozex::api_test
