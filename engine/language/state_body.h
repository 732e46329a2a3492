// SPDX-License-Identifier: Apache-2.0
//
// The parts of a state, each in a file of its own: invokes.cc, timers.cc, people.cc.
#pragma once

#include "engine/language/unit.h"

namespace vozex::language {

// `invoke:` of one state, and before that the types of `invoked.<id>` all over the file.
void compile_invokes(Unit& unit, machine::StateIndex state, const Node& node);

// `after:` and `every:`.
void compile_after(Unit& unit, machine::StateIndex state, const Node& node);
void compile_every(Unit& unit, machine::StateIndex state, const Node& node);
// Reports a cron expression or zone that can't be read.
bool check_cron(Unit& unit, const Node& node);
bool check_timezone(Unit& unit, const Node& node);

// `actions:` and `task:`.
void compile_manual_actions(Unit& unit, machine::StateIndex state, const Node& node);
void compile_task(Unit& unit, machine::StateIndex state, const Node& node);

// A place inside a state, where neither event nor result are seen.
Place state_place(const std::string& label);

}  // namespace vozex::language
