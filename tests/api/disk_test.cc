// SPDX-License-Identifier: Apache-2.0
// A full disk: intake stops with 503 and says why, reads go on, nothing is lost or half there, and
// work goes on when there is room again. With a limit on the size of SQLite's files, and with a
// small file system under each store where the test may mount one.
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tests/api/private_server.h"
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

// A file system of a few MB: ENOSPC.
class SmallFileSystem final : public Disk {
 public:
  explicit SmallFileSystem(const char* size = "size=24m") : path_(folder_ / "data") {
    std::filesystem::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, size) == 0;
  }
  ~SmallFileSystem() override {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool is_mounted() const { return mounted_; }
  // For a program that runs as somebody else.
  bool give_to(const char* user) const {
    const passwd* of = ::getpwnam(user);
    std::filesystem::permissions(
        folder_.path(), std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
    return of != nullptr && ::chown(path_.c_str(), of->pw_uid, of->pw_gid) == 0;
  }
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

void expect_told(const Answer& refused, const std::string& code) {
  EXPECT_TRUE(refused.headers.contains("retry-after"));
  EXPECT_EQ(refused.value().value("code", ""), code) << refused.body;
  EXPECT_NE(refused.body.find("nothing was done, send it again"), std::string::npos)
      << refused.body;
}

void expect_reads_go_on(Town& town) {
  EXPECT_EQ(town.get("/v1/instances").status, 200) << "what is there can be read";
  EXPECT_TRUE(town.server().alive());
  EXPECT_TRUE(eventually([&] { return town.get("/readyz").status == 503; }))
      << "events are refused, or no heartbeat can be written";
}

void expect_recovered(Town& town, Shoppers& shoppers) {
  shoppers.join();
  EXPECT_TRUE(eventually([&] { return town.get("/readyz").status == 200; }));
  EXPECT_EQ(shoppers.failures(), 0);
  std::cout << shoppers.retries() << " checkouts were sent again\n";
  account_for(town, k_orders);
}

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
  expect_told(refused, code);
  expect_reads_go_on(town);
  disk.empty(town.server().id());
  expect_recovered(town, shoppers);
  EXPECT_EQ(town.get("/v1/instances/order/o-full").status, 404) << "nothing was done";
  if (::testing::Test::HasFailure()) std::cout << town.server_log();
}

// Larger than what is free in pages that PostgreSQL has already, and than what compression saves.
std::string incompressible() {
  std::string text;
  std::uint64_t state = 7;
  for (int i = 0; i < 400'000; ++i) {
    state = state * 6364136223846793005 + 1442695040888963407;
    text += static_cast<char>('0' + (state >> 58));
  }
  return text;
}

constexpr const char* k_parcel = R"(
vozex: 1
workflow: parcel
version: 1
key: input.name
input: {name: string, content: string}
initial: here
states:
  here: {after: {30d: gone}}
  gone: {type: final}
)";

// The log of transactions and the catalogues of the server stand elsewhere: it lives on, and says
// 53100.
TEST(FullDisk, AFullTablespaceStopsIntakeUntilThereIsRoom) {
  std::string why;
  if (!has_private_servers(why)) GTEST_SKIP() << why;
  SmallFileSystem disk("size=64m");
  if (!disk.is_mounted()) GTEST_SKIP() << "mounting needs root: " << std::strerror(errno);
  ASSERT_TRUE(disk.give_to("postgres"));
  PrivateServer database;
  const std::string url = database.url();
  database.execute("CREATE TABLESPACE small LOCATION '" + disk.folder() + "'");
  database.execute("ALTER DATABASE shop SET TABLESPACE small");
  Town town(url, {}, 1);
  ASSERT_EQ(town.post("/v1/workflows", {{"files", {{{"name", "parcel.yaml"}, {"text", k_parcel}}}}})
                .status,
            200);
  Shoppers shoppers(town, k_orders, 6);
  ASSERT_TRUE(shoppers.reach(0.3));
  disk.fill(town.server().id());
  const json parcel = {{"workflow", "parcel"},
                       {"input", {{"name", "p"}, {"content", incompressible()}}}};
  const Answer refused = town.post("/v1/instances", parcel);
  EXPECT_EQ(refused.status, 503) << refused.body;
  expect_told(refused, "store_full");
  EXPECT_NE(database.log().find("could not extend file"), std::string::npos) << database.log();
  expect_reads_go_on(town);
  disk.empty(town.server().id());
  expect_recovered(town, shoppers);
  EXPECT_EQ(town.get("/v1/instances/parcel/p").status, 404) << "nothing was done";
  EXPECT_EQ(town.post("/v1/instances", parcel).status, 201);
  if (::testing::Test::HasFailure()) std::cout << town.server_log() << database.log();
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
