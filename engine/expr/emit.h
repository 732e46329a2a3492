// SPDX-License-Identifier: Apache-2.0
//
// Syntax tree -> program: chains of members become paths, constant parts are evaluated once, reads
// of declared optionals are wrapped where the optional itself is wanted and read bare where it is
// opened at once.
#pragma once

#include <memory>

#include "engine/expr/ast.h"
#include "engine/expr/expr.h"
#include "engine/expr/program.h"

namespace vozex::expr {

void emit(const Ast& root, const Scope& scope, Program& program);

}  // namespace vozex::expr
