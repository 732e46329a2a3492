// SPDX-License-Identifier: Apache-2.0
//
// The stages of compiling one workflow, in order; checks/checks.h comes after them. Each reports
// what it finds and goes on as well as it can, so that one run shows all mistakes.
#pragma once

#include "engine/language/unit.h"

namespace vozex::language {

// Top-level keys, imports, types, events, input, output, data types. Registers the workflow in the
// library.
void read_header(Unit& unit);

// All states with index, path and kind, without what they do; then invoke ids and what `invoked`
// looks like.
void outline_states(Unit& unit);
void outline_invokes(Unit& unit);

// key, defaults, aliases, search, match forms, start rules, invariants.
void compile_declarations(Unit& unit);

// What each state does.
void compile_states(Unit& unit);

}  // namespace vozex::language
