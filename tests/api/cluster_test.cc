// SPDX-License-Identifier: Apache-2.0
// Several processes on one PostgreSQL: they are replaced one after the other, killed, or stopped
// and woken after others took over, while orders are placed and paid. Each test ends with the
// accounts: every order exactly once.
#include <gtest/gtest.h>
#include <signal.h>

#include <iostream>

#include "tests/api/shoppers.h"

namespace vozex::api_test {
namespace {

constexpr std::size_t k_servers = 3;
constexpr int k_orders = 45;
constexpr std::chrono::seconds k_takeover{60};

class Cluster : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!is_available(Kind::postgres)) GTEST_SKIP() << "no VOZEX_TEST_POSTGRES";
    town_ = std::make_unique<Town>(
        Kind::postgres,
        std::vector<std::string>{"--session-lease", "1500ms", "--session-beat", "300ms"},
        k_servers);
  }
  void TearDown() override {
    if (HasFailure() && town_ != nullptr) std::cout << town_->server_log();
  }

  long living_sessions() const {
    return town_->database().count("SELECT count(*) FROM sessions WHERE live");
  }
  // Those that this process has joined so far. A session is named host:process.
  long sessions_of(std::size_t server) {
    return town_->database().count("SELECT count(*) FROM sessions WHERE name LIKE '%:" +
                                   std::to_string(town_->server(server).id()) + "'");
  }
  bool finish(Shoppers& shoppers) {
    shoppers.join();
    EXPECT_EQ(shoppers.failures(), 0);
    std::cout << shoppers.retries() << " checkouts were sent again\n";
    account_for(*town_, k_orders);
    return !HasFailure();
  }

  std::unique_ptr<Town> town_;
};

TEST_F(Cluster, IsReplacedOneByOneUnderLoad) {
  Shoppers shoppers(*town_, k_orders, 6);
  for (std::size_t server = 0; server < k_servers; ++server) {
    ASSERT_TRUE(shoppers.reach(0.25 * static_cast<double>(server) + 0.15));
    town_->server(server).kill(SIGTERM);
    EXPECT_EQ(town_->server(server).wait(), 0) << "it ends in order";
    town_->start_server(server);
    ASSERT_TRUE(town_->wait_until_ready(server));
  }
  EXPECT_TRUE(finish(shoppers));
  EXPECT_EQ(living_sessions(), static_cast<long>(k_servers)) << "who left said so";
  EXPECT_EQ(town_->database().count("SELECT count(*) FROM sessions"), 2l * k_servers);
}

TEST_F(Cluster, AnyOfThreeIsKilledUnderLoad) {
  Shoppers shoppers(*town_, k_orders, 6);
  for (std::size_t server = 0; server < k_servers; ++server) {
    ASSERT_TRUE(shoppers.reach(0.25 * static_cast<double>(server) + 0.15));
    town_->server(server).kill(SIGKILL);
    EXPECT_EQ(town_->server(server).wait(), 128 + SIGKILL);
    // Its work is taken over by the other two before it comes back.
    ASSERT_TRUE(eventually([&] { return living_sessions() == k_servers - 1; }, k_takeover));
    town_->start_server(server);
    ASSERT_TRUE(town_->wait_until_ready(server));
  }
  EXPECT_TRUE(finish(shoppers));
}

TEST_F(Cluster, AStoppedOneThatWakesAfterATakeoverIsFencedAndGoesOn) {
  Shoppers shoppers(*town_, k_orders, 6);
  for (std::size_t server = 0; server < k_servers; ++server) {
    ASSERT_TRUE(shoppers.reach(0.25 * static_cast<double>(server) + 0.15));
    town_->server(server).kill(SIGSTOP);
    ASSERT_TRUE(eventually([&] { return living_sessions() == k_servers - 1; }, k_takeover));
    town_->server(server).kill(SIGCONT);
    ASSERT_TRUE(eventually([&] { return sessions_of(server) == 2; }, k_takeover))
        << "it registers anew";
  }
  EXPECT_TRUE(finish(shoppers));
  EXPECT_EQ(living_sessions(), static_cast<long>(k_servers));
}

// The call is at the gateway, which doesn't answer, when its process is stopped. Another takes the
// call over, asks the gateway and sends it again; when the first wakes, it doesn't, and whatever
// its own request comes to counts no more.
TEST_F(Cluster, ACallThatWasTakenOverIsNotSentAgainByWhoWakes) {
  constexpr std::size_t k_sleeper = 1;
  ask("POST",
      town_->sandbox("/sandbox/faults"),
      json{{"fault", "timeout"}, {"method", "POST"}, {"path", "/checkouts"}}.dump());
  const auto pages_asked = [&] {
    return ask("GET", town_->sandbox("/sandbox/requests?method=POST&path=/checkouts"))
        .value()["requests"]
        .size();
  };
  std::thread shopper([&] { town_->checkout("o-0", 2, k_sleeper); });
  EXPECT_TRUE(eventually([&] { return pages_asked() == 1; }));
  town_->server(k_sleeper).kill(SIGSTOP);
  EXPECT_TRUE(eventually([&] { return living_sessions() == k_servers - 1; }, k_takeover));
  Answer placed;
  EXPECT_TRUE(eventually([&] {
    placed = town_->checkout("o-0", 2, 0);
    return placed.value().contains("checkout_url");
  })) << placed.body;
  EXPECT_EQ(pages_asked(), 2u);
  town_->server(k_sleeper).kill(SIGCONT);
  shopper.join();
  ASSERT_TRUE(eventually([&] { return sessions_of(k_sleeper) == 2; }, k_takeover));
  EXPECT_EQ(town_->buyer(placed.value()["checkout_url"], "pay").status, 200);
  EXPECT_TRUE(town_->reaches("order", "o-0", "fulfilled"));
  EXPECT_EQ(pages_asked(), 2u);
  account_for(*town_, 1);
  // And it goes on: the next order is its own.
  const Answer next = town_->checkout("o-1", 1, k_sleeper);
  EXPECT_EQ(next.status, 201) << next.body;
}

}  // namespace
}  // namespace vozex::api_test
