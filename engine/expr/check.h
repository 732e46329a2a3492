// SPDX-License-Identifier: Apache-2.0
//
// The type checker: gives every node its type by CEL's rules (overloads with type parameters, dyn
// fits everything) and reports all mistakes it sees. A part that failed has the type `error` and
// causes no further reports. Source of the algorithm: the checker of cel-go. Tests:
// tests/unit/expr/check_test.cc.
#pragma once

#include "engine/expr/ast.h"
#include "engine/expr/expr.h"
#include "engine/expr/resolve.h"

namespace vozex::expr {

// `source` is what offsets count in, for quoting in hints.
const Ty* check(Tree& tree,
                std::string_view source,
                const Scope& scope,
                const Surroundings& surroundings,
                TyArena& arena,
                std::vector<Problem>& problems);

}  // namespace vozex::expr
