// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "adapters/system/clock.h"
#include "adapters/system/random.h"
#include "adapters/system/secrets.h"

namespace vozex::system {
namespace {

TEST(SystemClock, WallTimeIsThisCenturyAndBootTimeNeverGoesBack) {
  const SystemClock clock;
  EXPECT_GT(clock.now(), *parse_timestamp("2020-01-01T00:00:00Z"));
  Duration last = clock.boot();
  for (int i = 0; i < 1000; ++i) {
    const Duration next = clock.boot();
    EXPECT_GE(next, last);
    last = next;
  }
}

TEST(SystemRandom, NumbersDontRepeatAcrossThreads) {
  SystemRandom random;
  std::vector<std::vector<std::uint64_t>> drawn(4);
  std::vector<std::thread> threads;
  for (auto& mine : drawn) {
    threads.emplace_back([&random, &mine] {
      for (int i = 0; i < 2000; ++i) mine.push_back(random.next());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::uint64_t> all;
  for (const auto& mine : drawn) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 8000u);
}

TEST(SystemRandom, InstanceIdsAreVersion7AndSortByTime) {
  SystemRandom random;
  const Timestamp start = *parse_timestamp("2026-11-20T10:00:00.000250Z");
  std::string last;
  std::set<std::string> all;
  for (int i = 0; i < 1000; ++i) {
    const auto id = random.new_instance_id(start + Duration(i));
    const std::string text = id.text();
    EXPECT_EQ(text[14], '7');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
    EXPECT_LT(last.substr(0, 18), text.substr(0, 18));
    all.insert(text);
    last = text;
  }
  EXPECT_EQ(all.size(), 1000u);
  EXPECT_EQ(random.new_instance_id(start).text().substr(0, 13), "01a1f866-0d00");
}

TEST(SystemSecrets, FromTheEnvironmentAndFromFiles) {
  const SystemSecrets secrets;
  ASSERT_EQ(::setenv("VOZEX_TEST_SECRET", "s3cret", 1), 0);
  EXPECT_EQ(secrets.get("env:VOZEX_TEST_SECRET"), "s3cret");
  ASSERT_EQ(::setenv("VOZEX_TEST_SECRET", "", 1), 0);
  EXPECT_FALSE(secrets.get("env:VOZEX_TEST_SECRET"));
  ASSERT_EQ(::unsetenv("VOZEX_TEST_SECRET"), 0);
  EXPECT_FALSE(secrets.get("env:VOZEX_TEST_SECRET"));

  const auto path =
      std::filesystem::temp_directory_path() / ("vozex_secret_" + std::to_string(::getpid()));
  std::ofstream(path) << "line one\n";
  EXPECT_EQ(secrets.get("file:" + path.string()), "line one");
  std::ofstream(path) << "rotated";
  EXPECT_EQ(secrets.get("file:" + path.string()), "rotated");
  std::ofstream(path) << std::string(70'000, 'x');
  EXPECT_FALSE(secrets.get("file:" + path.string()));
  std::filesystem::remove(path);
  EXPECT_FALSE(secrets.get("file:" + path.string()));
  EXPECT_FALSE(secrets.get("file:/"));
}

TEST(SystemSecrets, OtherNamesAreNoSecrets) {
  const SystemSecrets secrets;
  for (const char* name : {"", "HOME", "env:", "file:", "vault:x"})
    EXPECT_FALSE(secrets.get(name)) << name;
}

}  // namespace
}  // namespace vozex::system
