// SPDX-License-Identifier: Apache-2.0
// A full disk under SQLite: intake stops with 503 and says why, reads go on, nothing is lost or
// half there, and work goes on when there is room again. Once with a limit on the size of files,
// once with a small file system where the test may mount one.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/api/shoppers.h"

namespace vozex::api_test {
namespace {

constexpr int k_orders = 40;

// A place for a database that a test can make full.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual std::string folder() const = 0;
  virtual void fill(pid_t server) = 0;
  virtual void empty(pid_t server) = 0;
};

// Files of the server may not grow beyond a few bytes: EFBIG.
class LimitedFiles final : public Disk {
 public:
  std::string folder() const override { return folder_ / "data"; }
  void fill(pid_t server) override { limit(server, 16); }
  void empty(pid_t server) override { limit(server, RLIM_INFINITY); }

 private:
  static void limit(pid_t server, rlim_t bytes) {
    rlimit limit{bytes, RLIM_INFINITY};
    ASSERT_EQ(::prlimit(server, RLIMIT_FSIZE, &limit, nullptr), 0) << std::strerror(errno);
  }
  TemporaryFolder folder_;
};

// A file system of 24 MB: ENOSPC.
class SmallFileSystem final : public Disk {
 public:
  SmallFileSystem() : path_(folder_ / "data") {
    std::filesystem::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=24m") == 0;
  }
  ~SmallFileSystem() override {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool is_mounted() const { return mounted_; }
  std::string folder() const override { return path_; }
  void fill(pid_t) override {
    std::ofstream filler(path_ + "/filler", std::ios::binary);
    const std::string block(4096, 'x');
    while (filler.write(block.data(), 4096) && filler.flush()) {
    }
  }
  void empty(pid_t) override { std::filesystem::remove(path_ + "/filler"); }

 private:
  TemporaryFolder folder_;
  std::string path_;
  bool mounted_ = false;
};

void expect_full_and_recovered(Disk& disk, const std::string& code) {
  std::filesystem::create_directories(disk.folder());
  Town town("sqlite://" + disk.folder() + "/vozex.db", {}, 1);
  Shoppers shoppers(town, k_orders, 6);
  ASSERT_TRUE(shoppers.reach(0.3));
  disk.fill(town.server().id());
  Answer refused;
  EXPECT_TRUE(eventually([&] {
    refused = town.checkout("o-full");
    return refused.status == 503;
  })) << refused.status;
  EXPECT_TRUE(refused.headers.contains("retry-after"));
  EXPECT_EQ(refused.value().value("code", ""), code) << refused.body;
  EXPECT_NE(refused.body.find("nothing was done, send it again"), std::string::npos)
      << refused.body;
  EXPECT_EQ(town.get("/v1/instances").status, 200) << "what is there can be read";
  EXPECT_TRUE(town.server().alive());
  EXPECT_TRUE(eventually([&] { return town.get("/readyz").status == 503; }))
      << "no heartbeat can be written";
  disk.empty(town.server().id());
  shoppers.join();
  EXPECT_TRUE(eventually([&] { return town.get("/readyz").status == 200; }));
  EXPECT_EQ(shoppers.failures(), 0);
  std::cout << shoppers.retries() << " checkouts were sent again\n";
  account_for(town, k_orders);
  EXPECT_EQ(town.get("/v1/instances/order/o-full").status, 404) << "nothing was done";
  if (::testing::Test::HasFailure()) std::cout << town.server_log();
}

TEST(FullDisk, FilesThatMayNotGrowStopIntakeUntilTheyMay) {
  LimitedFiles disk;
  expect_full_and_recovered(disk, "store_io");
}

TEST(FullDisk, AFullFileSystemStopsIntakeUntilThereIsRoom) {
  SmallFileSystem disk;
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting needs root: " << std::strerror(errno);
  expect_full_and_recovered(disk, "store_full");
}

}  // namespace
}  // namespace vozex::api_test
