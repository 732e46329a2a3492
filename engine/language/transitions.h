// SPDX-License-Identifier: Apache-2.0
//
// Transitions, wherever they stand: `on`, `always`, `after`, `on_done`, `on_error`, `on_each`,
// `overdue`, manual actions.
#pragma once

#include "engine/language/unit.h"

namespace vozex::language {

// What a transition inherits from the place it stands in.
struct TransitionSite {
  machine::StateIndex source = machine::k_no_state;
  std::string event;  // descriptor, or a word for explanations: "after 30m"
  std::string what;   // the key, for messages: "`on_done`"
  Place place;
  bool may_defer = false;  // in `on` only
  // Of a manual action with `then`: what is done whichever of them fires.
  const machine::Action* common_set = nullptr;
  const machine::Block* common_do = nullptr;
};

// One target, one transition, or a list of which the first fires whose `when` holds.
std::vector<machine::TransitionIndex> compile_transitions(Unit& unit,
                                                          const Node& node,
                                                          const TransitionSite& site);

// The keys of a transition that stand beside others, as in a manual action: the node is read by
// `fields`.
class Fields;
std::optional<machine::TransitionIndex> compile_transition_keys(Unit& unit,
                                                                const Fields& fields,
                                                                const Span& span,
                                                                const TransitionSite& site);

}  // namespace vozex::language
