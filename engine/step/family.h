// SPDX-License-Identifier: Apache-2.0
//
// A family: a root, its children, theirs. How deep it may be and how many of it there may be at a
// time: what a root has of the second is shared out, so that nobody needs to count. Tests:
// tests/unit/step/causation_test.cc, tests/unit/runtime/families_test.cc.
#pragma once

#include "engine/step/execute.h"

namespace vozex::stepping {

// Of this instance: 0 for a root; its children are the first.
unsigned generation(const Run& run);

// What each of so many children of one invoke gets of this instance's room. Each invoke of the
// machine has an equal part of it, and each of its items one of that.
std::uint32_t room_of_child(const Run& run, std::size_t items);

// Whether this invoke may start so many items: all or none. Errors: children_too_deep,
// family_too_large.
Executed may_have_children(const Run& run, const machine::InvokeDecl& decl, std::size_t items);

}  // namespace vozex::stepping
