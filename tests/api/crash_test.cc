// SPDX-License-Identifier: Apache-2.0
// A killed process loses nothing and applies nothing twice: 200 orders are driven through a server
// that is killed with SIGKILL 20 times at random moments; then every order, licence, history entry
// and outgoing request is accounted for. VOZEX_CRASH_SEED repeats a run's moments.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <thread>

#include "tests/api/shoppers.h"

namespace vozex::api_test {
namespace {

constexpr int k_orders = 200;
constexpr int k_kills = 20;

// When to kill: spread over the work, then a random while later, in microseconds.
std::vector<std::pair<int, int>> moments(unsigned seed) {
  std::mt19937 dice(seed);
  std::vector<std::pair<int, int>> all;
  for (int i = 0; i < k_kills; ++i) {
    const int share = 2 * k_orders / (k_kills + 1);
    all.emplace_back(share * i + static_cast<int>(dice() % static_cast<unsigned>(share)) + 1,
                     static_cast<int>(dice() % 40'000));
  }
  return all;
}

class Crash : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(
        GetParam(),
        std::vector<std::string>{"--session-lease", "1500ms", "--session-beat", "300ms"});
  }

  void drive_and_kill(unsigned seed);

  std::unique_ptr<Town> town_;
};

INSTANTIATE_TEST_SUITE_P(Stores,
                         Crash,
                         ::testing::Values(Kind::sqlite, Kind::postgres),
                         [](const auto& one) { return name_of(one.param); });

void Crash::drive_and_kill(unsigned seed) {
  Shoppers shoppers(*town_, k_orders);
  int kills = 0;
  for (const auto& [progress, microseconds] : moments(seed)) {
    ASSERT_TRUE(
        eventually([&, wanted = progress] { return shoppers.progress() >= wanted; }, k_patience))
        << town_->server_log();
    const auto moment = std::chrono::steady_clock::now() + std::chrono::microseconds(microseconds);
    while (std::chrono::steady_clock::now() < moment) std::this_thread::yield();
    ASSERT_TRUE(town_->server().alive()) << "it ended by itself\n" << town_->server_log();
    town_->server().kill(SIGKILL);
    EXPECT_EQ(town_->server().wait(), 128 + SIGKILL);
    ++kills;
    town_->start_server();
    ASSERT_TRUE(town_->wait_until_ready()) << town_->server_log();
  }
  shoppers.join();
  EXPECT_EQ(shoppers.failures(), 0);
  std::cout << "killed " << kills << " times, " << shoppers.retries()
            << " checkouts were sent again\n";
}

TEST_P(Crash, TwoHundredOrdersAndTwentyKills) {
  const char* given = std::getenv("VOZEX_CRASH_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                         : std::random_device()();
  std::cout << "VOZEX_CRASH_SEED=" << seed << "\n";
  ASSERT_NO_FATAL_FAILURE(drive_and_kill(seed));
  account_for(*town_, k_orders);
  if (HasFailure()) std::cout << town_->server_log();
}

}  // namespace
}  // namespace vozex::api_test
