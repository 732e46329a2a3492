// SPDX-License-Identifier: Apache-2.0
//
// Texts as every store can keep them: PostgreSQL has no place for U+0000. What people send is
// refused where it has one (api/handlers/body.h). What is told by others who can't be asked to say
// it otherwise (signed webhooks, answers to calls) is taken, with U+FFFD in the place of each.
// Pure. Tests: tests/unit/types/storable_test.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/types/value.h"

namespace vozex::types {

bool is_storable(std::string_view text);  // has no U+0000
std::string storable(std::string_view text);

// Whether all texts in it are, those that name members of maps included. Not deeper than
// k_max_value_depth (depth.h), like every value.
bool is_storable(const Value& value);
// The value with U+FFFD for each U+0000. Of two names that become the same, one counts. The same
// value when it is storable.
Value storable(Value value);

}  // namespace vozex::types
