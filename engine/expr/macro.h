// SPDX-License-Identifier: Apache-2.0
//
// Macros: calls that bind names (`list.map(x, ...)`) or look at syntax (`has(a.b)`). Part of the
// parser.
#pragma once

#include <optional>
#include <string_view>

#include "engine/expr/ast.h"
#include "engine/expr/expr.h"

namespace vozex::expr {

// Rewrites a call node that is a macro, in place. Nothing when it isn't one; a problem when it is
// one with the wrong arguments (the node is then left a call).
std::optional<Problem> expand_macro(Ast& call);
bool is_macro_name(std::string_view name);

}  // namespace vozex::expr
