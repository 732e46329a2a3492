// SPDX-License-Identifier: Apache-2.0
#include "tests/api/shifted_time.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/base/time.h"

namespace vozex::api_test {

bool ShiftedTime::is_possible(std::string& why) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  why = "a sanitizer must be the first library of a program";
  return false;
#else
  why = std::string(VOZEX_SHIFTED_CLOCK) + " is not built";
  return std::filesystem::exists(VOZEX_SHIFTED_CLOCK);
#endif
}

ShiftedTime::ShiftedTime() {
  // PostgreSQL runs as another user.
  std::filesystem::permissions(
      folder_.path(),
      std::filesystem::perms::others_read | std::filesystem::perms::others_exec,
      std::filesystem::perm_options::add);
  set_ahead(std::chrono::seconds(0));
  ::setenv("TEST_CLOCK_FILE", (folder_ / "clock").c_str(), 1);
  ::setenv("LD_PRELOAD", VOZEX_SHIFTED_CLOCK, 1);
}

ShiftedTime::~ShiftedTime() {
  ::unsetenv("LD_PRELOAD");
  ::unsetenv("TEST_CLOCK_FILE");
}

void ShiftedTime::set(const std::string& moment) {
  const auto now = std::chrono::system_clock::now();
  set_ahead(std::chrono::ceil<std::chrono::seconds>(parse_timestamp(moment).value() - now));
}

// In place: programs have it mapped.
void ShiftedTime::set_ahead(std::chrono::seconds by) {
  const std::string path = folder_ / "clock";
  const std::int64_t seconds = by.count();
  const auto in_place = std::filesystem::exists(path) ? std::ios::in : std::ios::openmode();
  std::ofstream file(path, std::ios::binary | std::ios::out | in_place);
  file.write(reinterpret_cast<const char*>(&seconds), sizeof seconds);
}

}  // namespace vozex::api_test
