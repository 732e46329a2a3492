// SPDX-License-Identifier: Apache-2.0
//
// VOZEX_ASSERT: what must be true for the program to be this program. Stays on in release builds,
// prints the condition and the place, and aborts; a supervisor restarts the process and recovery
// takes over.
#pragma once

namespace vozex {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace vozex

#define VOZEX_ASSERT(condition)                        \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::vozex::assertion_failed(#condition, __FILE__, __LINE__))
