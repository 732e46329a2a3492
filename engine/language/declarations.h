// SPDX-License-Identifier: Apache-2.0
//
// The top-level sections that are compiled beside the states, those with a file of their own:
// start_rules.cc, properties.cc, migrations.cc. The others are in declarations.cc.
#pragma once

#include "engine/language/unit.h"

namespace vozex::language {

// `start:`, events and schedules that make instances.
void compile_start(Unit& unit, const Node& node);

// `properties:`, what `verify` shows of every run.
void compile_properties(Unit& unit, const Node& list);

// `migrate:`, one or a list.
void compile_migrations(Unit& unit, const Node& node);

// Where only the event is seen: the instance is still looked for.
Place event_place(const std::string& label, const types::TypeRef& data);

}  // namespace vozex::language
