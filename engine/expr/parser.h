// SPDX-License-Identifier: Apache-2.0
//
// Text -> syntax tree: CEL's grammar with optional syntax (`.?f`, `[?i]`, `{?k: v}`) and macros
// expanded to nodes of their own. Bounded by CompileLimits. The first syntax error ends parsing;
// mistakes the lexer could mend do not. Tests: tests/unit/expr/parse_test.cc.
#pragma once

#include <string_view>
#include <vector>

#include "engine/expr/ast.h"
#include "engine/expr/expr.h"

namespace vozex::expr {

// tree.root is nullptr when there was a syntax error. Offsets of nodes and problems have `shift`
// added: where the text starts in what the author wrote.
void parse(std::string_view text,
           const CompileLimits& limits,
           std::size_t shift,
           Tree& tree,
           std::vector<Problem>& problems);

}  // namespace vozex::expr
