// SPDX-License-Identifier: Apache-2.0
//
// Where the published cases are: beside the source tree, not part of it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace vozex::conformance {

inline std::filesystem::path published(const std::string& name) {
  return std::filesystem::path(VOZEX_SOURCE_DIR) / "../shared/conformance" / name;
}

inline std::filesystem::path own(const std::string& name) {
  return std::filesystem::path(VOZEX_SOURCE_DIR) / "tests/conformance/own" / name;
}

}  // namespace vozex::conformance

// Skips the test where the data isn't.
#define VOZEX_NEEDS_PUBLISHED(path)   \
  if (!std::filesystem::exists(path)) \
  GTEST_SKIP() << "no conformance data at " << (path).string() << ": it is not part of the project"
