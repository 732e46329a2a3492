// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/pattern.h"

#include <re2/re2.h>

namespace vozex::expr {

std::shared_ptr<const re2::RE2> compile_pattern(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  // Too long a pattern becomes one that isn't ok.
  return std::make_shared<const re2::RE2>(text.size() > k_max_pattern_bytes ? "(" : text, options);
}

}  // namespace vozex::expr
