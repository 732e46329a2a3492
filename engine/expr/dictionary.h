// SPDX-License-Identifier: Apache-2.0
//
// A map whose keys are computed, as authors write it in a tree: `{"${event.data.id}": 1}`. Beside
// object() and array() of expr.h; tests: tests/unit/expr/dictionary_test.cc.
#pragma once

#include <utility>
#include <vector>

#include "engine/expr/expr.h"

namespace vozex::expr {

// Of (key, value), keys of type string. Members that evaluate to an absent optional are left out
// and those present unwrapped, as in object(). A key that comes twice is the error
// invalid_argument, as in CEL's map literal. The type is map<element>.
ProgramRef dictionary(std::vector<std::pair<ProgramRef, ProgramRef>> entries,
                      types::TypeRef element);

}  // namespace vozex::expr
