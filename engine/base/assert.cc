// SPDX-License-Identifier: Apache-2.0
#include "engine/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace vozex {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: this must be true and is not: %s\n", file, line, condition);
  std::abort();
}

}  // namespace vozex
