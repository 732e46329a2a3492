// SPDX-License-Identifier: Apache-2.0
//
// Mock: what a scenario says that a call or a child answers. A list of them answers one attempt
// after the other; the last one repeats. Plain values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/time.h"
#include "engine/machine/event.h"
#include "engine/types/value.h"

namespace vozex::lab {

enum class MockKind : std::uint8_t {
  returns,
  error,
  unknown,  // it may have been done; `asked` is what the operation named by `ask` finds out
  never,    // no answer at all; withdrawn without a word when its state is left
};

enum class Asked : std::uint8_t { happened, not_happened, unclear };

struct Mock {
  MockKind kind = MockKind::returns;
  types::Value result;            // returns; unknown that happened
  machine::ErrorInfo error;       // error
  std::optional<bool> retryable;  // as the file says; else it follows from the code
  Asked asked = Asked::unclear;
  Duration after{0};
  Span span;
};

// By "adapter.operation" or workflow.
using Mocks = std::map<std::string, std::vector<Mock>, std::less<>>;

// Whether an error of this code may go away by itself: timeout, unavailable, rate_limited.
bool is_retryable(const Mock& mock);

}  // namespace vozex::lab
