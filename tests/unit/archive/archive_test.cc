// SPDX-License-Identifier: Apache-2.0
#include "adapters/archive/archive.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

namespace vozex::archive {
namespace {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "vozex-archive-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string path;
};

ports::EndedInstance ended(std::uint8_t number, const std::string& tenant = "default") {
  ports::EndedInstance one;
  one.row.id.bytes[0] = number;
  one.row.root = one.row.id;
  one.row.tenant = tenant;
  one.row.seq = 2;
  one.row.life = machine::Life::completed;
  one.row.input = R"({"a":1.0,"b":"\u0000"})";
  one.ended_at = *parse_timestamp("2026-11-20T23:59:59.5Z");
  return one;
}

TEST(Archive, TextsStandInTheLineAsTheyAre) {
  ports::EndedInstance one = ended(1);
  one.row.data = "not JSON";
  const std::string line = line_of(one);
  EXPECT_NE(line.find(R"("input":{"a":1.0,"b":"\u0000"})"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("data":"not JSON")"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("output":null)"), std::string::npos) << line;
  EXPECT_TRUE(nlohmann::json::accept(line));
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST(Archive, AFolderPerTenantAndDay) {
  const Folder folder;
  const Archive archive(folder.path);
  ports::EndedInstance next_day = ended(3);
  next_day.ended_at += std::chrono::seconds{1};
  EXPECT_EQ(archive.write({ended(1), next_day, ended(2), ended(4, "../acme corp")}).value(), 3u);
  for (const char* path : {"default/2026-11-20", "default/2026-11-21", "%2E.%2Facme%20corp"}) {
    EXPECT_TRUE(std::filesystem::is_directory(folder.path + "/" + path)) << path;
  }
  for (std::uint8_t number = 1; number <= 4; ++number) {
    EXPECT_TRUE(archive.find(ended(number).row.id)->has_value()) << int{number};
  }
  EXPECT_EQ(archive.find(ended(9).row.id).value(), std::nullopt);
}

TEST(Archive, AFileThatWasNotFinishedIsNotRead) {
  const Folder folder;
  std::ofstream(folder.path + "/x.jsonl.gz.tmp") << "half";
  EXPECT_EQ(Archive(folder.path).find(ended(1).row.id).value(), std::nullopt);
}

TEST(Archive, WhatIsNoGzipIsSaid) {
  const Folder folder;
  const Archive archive(folder.path);
  ASSERT_TRUE(archive.write({ended(1)}).has_value());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path)) {
    if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), 30);
  }
  const auto found = archive.find(ended(1).row.id);
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, "archive_io");
}

TEST(Archive, AFolderThatIsNotThereIsSaid) {
  EXPECT_EQ(Archive("/does/not/exist").find(ended(1).row.id).error().code, "archive_io");
}

}  // namespace
}  // namespace vozex::archive
