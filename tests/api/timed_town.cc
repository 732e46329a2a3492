// SPDX-License-Identifier: Apache-2.0
#include "tests/api/timed_town.h"

#include <iostream>

namespace vozex::api_test {

void TimedTown::SetUp() {
  std::string why;
  if (!ShiftedTime::is_possible(why)) GTEST_SKIP() << why;
  if (GetParam() == Kind::postgres && !has_private_servers(why)) GTEST_SKIP() << why;
}

void TimedTown::TearDown() {
  if (HasFailure() && town_ != nullptr) std::cout << town_->server_log();
}

void TimedTown::open(const World& world) {
  time_ = std::make_unique<ShiftedTime>();
  time_->set(world.begins);
  write_text(folder_ / "vozex.yaml",
             "session_lease: " + world.lease + "\nsession_beat: 300ms\n" + world.config);
  const std::vector<std::string> arguments = {"--config", folder_ / "vozex.yaml"};
  if (GetParam() == Kind::postgres) {
    database_ = std::make_unique<PrivateServer>();
    town_ = std::make_unique<Town>(database_->url(), arguments, world.servers);
  } else {
    town_ = std::make_unique<Town>(Kind::sqlite, arguments, world.servers);
  }
  json files = json::array();
  for (const auto& [name, text] : world.files) files.push_back({{"name", name}, {"text", text}});
  const Answer deployed = town_->post("/v1/workflows", {{"files", files}});
  ASSERT_EQ(deployed.status, 200) << deployed.body;
}

void TimedTown::pass_to(const std::string& moment, int signal) {
  town_->server().kill(signal);
  town_->server().wait();
  time_->set(moment);
  town_->start_server();
  ASSERT_TRUE(town_->wait_until_ready()) << town_->server_log();
}

void TimedTown::start(const std::string& workflow, const json& input) {
  const Answer answer = town_->post("/v1/instances", {{"workflow", workflow}, {"input", input}});
  ASSERT_EQ(answer.status, 201) << answer.body;
}

}  // namespace vozex::api_test
