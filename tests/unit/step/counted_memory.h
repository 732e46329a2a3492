// SPDX-License-Identifier: Apache-2.0
//
// Bytes that this thread of the test program has asked for with `new`, from its beginning. Counted
// by replacing the global operator new; sanitizers replace it themselves, so there nothing is.
#pragma once

#include <cstddef>

namespace vozex::testing {

bool counts_memory();
std::size_t allocated_bytes();

}  // namespace vozex::testing
