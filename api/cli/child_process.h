// SPDX-License-Identifier: Apache-2.0
//
// One other program, run to its end: text in, text out, no shell between. Bounded in time and in
// what it may say. Thread rule: any thread; blocks. Tests: tests/unit/cli.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace vozex::cli {

struct ChildLimits {
  std::chrono::milliseconds timeout{30'000};
  std::size_t max_output_bytes = 64u << 20;
};

struct ChildOutput {
  int exit_code = 0;
  std::string out;
  std::string err;  // its first k_max_child_error_bytes
};
inline constexpr std::size_t k_max_child_error_bytes = 64u << 10;

// `arguments[0]` is looked up in PATH. Errors: program_missing (class not_found),
// program_timeout, program_output_too_large, program_failed (it could not be run, or was killed).
Result<ChildOutput> run_child(const std::vector<std::string>& arguments,
                              const std::string& input,
                              const ChildLimits& limits = {});

}  // namespace vozex::cli
