// SPDX-License-Identifier: Apache-2.0
//
// Expressions and values of a workflow file -> programs, checked against the type their place
// wants. Everything wrong is reported with its place in the file; then the result is null.
#pragma once

#include <string>

#include "engine/language/unit.h"

namespace vozex::language {

// What a place wants: a type (null: anything) and its name in messages: "`amount` of
// payments.refund".
struct Want {
  types::TypeRef type;
  std::string what;
};

// A place where only an expression can stand; one `${...}` around it is accepted.
expr::ProgramRef compile_bare(Unit& unit, const Node& node, const Want& want, const Place& place);

// A place where a literal could stand too: a scalar, possibly with ${...}, or a tree of such.
expr::ProgramRef compile_value(Unit& unit, const Node& node, const Want& want, const Place& place);

// An expression that this compiler makes up or finds inside a key. Problems are reported at bytes
// from `offset` of `node`'s text on.
expr::ProgramRef compile_text(
    Unit& unit, const Node& node, std::size_t offset, std::string_view text, const Place& place);

// Whether a program's type fits; reports at `node` if not.
bool check_type(Unit& unit, const Node& node, const expr::Program& program, const Want& want);

// `when:`, `holds:`: a bare expression of type bool.
expr::ProgramRef compile_condition(Unit& unit,
                                   const Node& node,
                                   const std::string& what,
                                   const Place& place);

// The loop variable of `for_each: {name: expr}` and its list.
struct CompiledLoop {
  expr::ProgramRef list;
  Loop loop;
};
std::optional<CompiledLoop> compile_loop(Unit& unit, const Node& node, const Place& place);

// A duration or timestamp: `30m`, `2026-01-01T00:00:00Z`, `P1M`, or ${...} of type duration,
// timestamp or optional of them.
expr::ProgramRef compile_moment(Unit& unit,
                                const Node& node,
                                const std::string& what,
                                const Place& place);

// A text without ${...} that looks like an expression; true when it was reported.
bool reports_expression_literal(Unit& unit, const Node& node, const Want& want, const Place& place);

// Object members against an object type, one by one: the tree form of compile_value, also for `set`
// of whole objects.
expr::ProgramRef compile_members(Unit& unit,
                                 const Node& map,
                                 const types::Type& object,
                                 const std::string& what,
                                 const Place& place);

}  // namespace vozex::language
