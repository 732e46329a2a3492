// SPDX-License-Identifier: Apache-2.0
// Two processes at work on a Citus of two workers, of which one dies and comes back; and shards
// that are moved under them. Ends with the accounts: every order exactly once. Skipped where there
// is no Citus.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/api/citus_cluster.h"
#include "tests/api/shoppers.h"

namespace vozex::api_test {
namespace {

constexpr int k_orders = 40;

class OnCitus : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string why;
    if (!has_citus_programs(why)) GTEST_SKIP() << why;
    cluster_ = std::make_unique<CitusCluster>();
    town_ = std::make_unique<Town>(
        cluster_->url(),
        std::vector<std::string>{"--session-lease", "3s", "--session-beat", "500ms"},
        2);
  }
  void TearDown() override {
    if (HasFailure() && town_ != nullptr) std::cout << town_->server_log();
  }
  void finish(Shoppers& shoppers) {
    shoppers.join();
    EXPECT_EQ(shoppers.failures(), 0);
    std::cout << shoppers.retries() << " checkouts were sent again\n";
    account_for(*town_, k_orders);
  }
  // Which of the cluster's transactions nobody has settled.
  long in_doubt() {
    long all = 0;
    for (const std::size_t number : {0u, 1u}) {
      all += cluster_->worker(number).number("SELECT count(*) FROM pg_prepared_xacts");
    }
    return all;
  }

  std::unique_ptr<CitusCluster> cluster_;
  std::unique_ptr<Town> town_;
};

TEST_F(OnCitus, AWorkerThatIsKilledUnderLoadLosesNothingAndNothingIsDoneTwice) {
  Shoppers shoppers(*town_, k_orders, 6);
  for (const double share : {0.2, 0.5, 0.8}) {
    ASSERT_TRUE(shoppers.reach(share));
    PrivateServer& worker = cluster_->worker(share < 0.4 ? 0 : 1);
    worker.kill();
    const Answer answer = ask("GET", town_->api("/healthz"));
    EXPECT_EQ(answer.status, 200) << "the processes go on";
    ASSERT_TRUE(worker.start_again()) << worker.log();
  }
  finish(shoppers);
  EXPECT_TRUE(eventually([&] { return in_doubt() == 0; }));
}

TEST_F(OnCitus, AKilledCoordinatorLosesNothingAndNothingIsDoneTwice) {
  Shoppers shoppers(*town_, k_orders, 6);
  for (const double share : {0.3, 0.6}) {
    ASSERT_TRUE(shoppers.reach(share));
    cluster_->coordinator().kill();
    ASSERT_TRUE(cluster_->coordinator().start_again()) << cluster_->coordinator().log();
  }
  finish(shoppers);
  EXPECT_TRUE(eventually([&] { return in_doubt() == 0; }));
}

TEST_F(OnCitus, ShardsAreMovedUnderLoad) {
  Shoppers shoppers(*town_, k_orders, 6);
  ASSERT_TRUE(shoppers.reach(0.3));
  const std::string from = std::to_string(cluster_->worker(0).port());
  const std::string to = std::to_string(cluster_->worker(1).port());
  cluster_->coordinator().execute(
      "SELECT citus_move_shard_placement(shardid, '127.0.0.1', " + from + ", '127.0.0.1', " + to +
          ", 'block_writes') FROM citus_shards WHERE table_name = 'instances'::regclass AND "
          "nodeport = " +
          from,
      "shop");
  EXPECT_EQ(cluster_->coordinator().number("SELECT count(*) FROM citus_shards WHERE table_name = "
                                           "'instances'::regclass AND nodeport = " +
                                               from,
                                           "shop"),
            0);
  finish(shoppers);
}

}  // namespace
}  // namespace vozex::api_test
