// SPDX-License-Identifier: Apache-2.0
//
// TempFolder: a folder of the test's own, removed with it.
#pragma once

#include <filesystem>
#include <string>

namespace vozex::store_test {

class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace vozex::store_test
