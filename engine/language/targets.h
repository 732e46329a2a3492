// SPDX-License-Identifier: Apache-2.0
//
// From the name of a target to a state: lexically, a sibling, then a sibling of each ancestor, then
// the full dotted path. Specification: docs/language/states.md, "Targets".
#pragma once

#include <optional>
#include <vector>

#include "engine/language/unit.h"

namespace vozex::language {

// Target of a transition of `source`. Reports unknown and ambiguous names with the nearest one.
std::optional<machine::StateIndex> resolve_target(Unit& unit,
                                                  machine::StateIndex source,
                                                  const Node& node);

// A state inside `parent`: a child, or a dotted path below it. `what` is the key: "`initial`".
std::optional<machine::StateIndex> resolve_inside(Unit& unit,
                                                  machine::StateIndex parent,
                                                  const Node& node,
                                                  const std::string& what);

// Several targets must be able to be active together: in different regions. Reports at `span`.
bool check_targets(Unit& unit, const std::vector<machine::StateIndex>& targets, const Span& span);

}  // namespace vozex::language
