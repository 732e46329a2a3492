// SPDX-License-Identifier: Apache-2.0
//
// Executable content: `do`, `on_entry`, `on_exit` lists, and `set`. Specification:
// docs/language/states.md, "Actions".
#pragma once

#include "engine/language/unit.h"
#include "engine/language/values.h"

namespace vozex::language {

// A list of actions, or one.
machine::Block compile_block(Unit& unit,
                             const Node& node,
                             const std::string& what,
                             const Place& place);

// `on_entry` and `on_exit`: one block, or a list of lists, each a block of its own.
std::vector<machine::Block> compile_blocks(Unit& unit,
                                           const Node& node,
                                           const std::string& what,
                                           const Place& place);

// `set: {path: value}` as one action: all right sides see old data.
std::optional<machine::Action> compile_set(Unit& unit, const Node& node, const Place& place);

// {code, message} of `reply: {error: ...}`.
expr::ProgramRef compile_error(Unit& unit, const Node& node, const Place& place);

}  // namespace vozex::language
