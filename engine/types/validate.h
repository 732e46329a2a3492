// SPDX-License-Identifier: Apache-2.0
//
// A payload against a declared type: every fault at once, each with its JSON pointer. What fits
// comes back normalised: defaults filled in, fields that nobody declared dropped, strings turned
// into timestamps, durations and bytes where the type says so, absent optionals absent, whole
// doubles into ints.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "engine/types/type.h"

namespace vozex::types {

struct Fault {
  std::string pointer;  // RFC 6901; "" is the whole payload
  std::string message;  // "expected int, got string \"12\""
};

// What to do with fields that the type doesn't declare: from outside they are dropped, in an
// author's own file they are faults.
enum class Unknown : std::uint8_t { drop, refuse };

inline constexpr std::size_t k_max_faults = 50;

tl::expected<Value, std::vector<Fault>> validate(const Value& value,
                                                 const Type& type,
                                                 Unknown unknown = Unknown::drop);

// Faults as one line of text for messages: "/amount/minor: expected int, got string".
std::string describe(const std::vector<Fault>& faults);

}  // namespace vozex::types
