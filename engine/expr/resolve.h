// SPDX-License-Identifier: Apache-2.0
//
// Names -> variables, comprehension locals, type names and namespaced functions, by CEL's rules:
// the longest declared prefix of `a.b.c`, inner container names first, locals before all. Runs
// before the checker and also without it.
#pragma once

#include <vector>

#include "engine/expr/ast.h"
#include "engine/expr/expr.h"

namespace vozex::expr {

// What only conformance tests declare: a container that names are looked up in, and functions
// without a body.
struct Surroundings {
  std::string container;
  std::deque<FunctionDecl> functions;
};

inline constexpr std::size_t k_max_locals = 64;

void resolve(Tree& tree,
             const Scope& scope,
             const Surroundings& surroundings,
             bool check,
             std::vector<Problem>& problems);

// "x.y.name", "x.name", "name" for the container "x.y"; only "name" for a root name.
std::vector<std::string> candidates(const std::string& container,
                                    const std::string& name,
                                    bool root);

// Paths that a resolved tree reads, and the literal arguments of in_state.
std::vector<Reference> collect_references(const Ast& root);
std::vector<Reference> collect_state_queries(const Ast& root);

}  // namespace vozex::expr
