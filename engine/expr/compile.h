// SPDX-License-Identifier: Apache-2.0
//
// The passes put together. compile() of expr.h is this without surroundings.
#pragma once

#include "engine/expr/expr.h"
#include "engine/expr/resolve.h"

namespace vozex::expr {

Compiled compile_in(std::string_view text,
                    const Scope& scope,
                    const Surroundings& surroundings,
                    const CompileOptions& options);

// Checks and emits a parsed tree; `problems` may hold what parsing found.
Compiled finish(Tree& tree,
                std::string_view source,
                const Scope& scope,
                const Surroundings& surroundings,
                const CompileOptions& options,
                std::vector<Problem> problems);

// The type as the conformance data writes it: "list(int)".
const std::string& deduced_type_of(const Program& program);

}  // namespace vozex::expr
