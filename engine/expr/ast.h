// SPDX-License-Identifier: Apache-2.0
//
// The syntax tree between parser, resolver, checker and emitter. Nodes live in the tree's arena and
// are changed in place: the resolver turns selections into variables, the checker sets types.
// Short-lived, one thread.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "engine/expr/function.h"
#include "engine/expr/ty.h"
#include "engine/types/value.h"

namespace vozex::expr {

enum class AstKind : std::uint8_t {
  literal,      // value
  name,         // name; `root` for a leading dot. Before resolving
  variable,     // slot
  local,        // slot = index of the comprehension variable
  unknown,      // a name without meaning: an error when evaluated (unchecked mode)
  select,       // target.name
  has,          // has(target.name); `target` is the object, `name` the field
  index,        // target[args[0]]
  call,         // function: args, target first when there is one (`member`)
  logical_and,  // args, two or more
  logical_or,
  conditional,  // args: condition, then, otherwise
  list,         // args, `optional_entries`
  map,          // args: key, value, key, value..., `optional_entries`
  macro,        // target, `locals`, args: see Macro
  concat,       // args: parts of a template
};

enum class Macro : std::uint8_t {
  all,
  exists,
  exists_one,
  map,  // args: transform [, filter]
  filter,
  transform_list,       // args: transform [, filter]
  transform_map,        // args: transform [, filter]
  transform_map_entry,  // args: transform [, filter]
  bind,                 // target is the bound value
  opt_map,
  opt_flat_map,
};

struct Ast {
  AstKind kind = AstKind::literal;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t name_begin = 0;  // of the member, function or operator
  std::size_t name_end = 0;
  std::string name;
  types::Value value;
  Ast* target = nullptr;
  std::vector<Ast*> args;
  std::vector<bool> optional_entries;
  std::vector<std::string> variables;  // of a macro, one or two
  Macro macro = Macro::all;
  Fn function = Fn::unknown;
  bool member = false;    // a call written target.f(...)
  bool optional = false;  // .?name, [?index]
  bool root = false;
  bool is_operator = false;
  bool filtered = false;         // a macro with a filter
  bool member_optional = false;  // select, has: the member itself is declared optional<T>
  std::uint16_t slot = 0;
  std::uint32_t height = 1;
  const Ty* type = nullptr;
};

struct Tree {
  std::deque<Ast> nodes;
  Ast* root = nullptr;

  Ast* make(AstKind kind, std::size_t begin, std::size_t end) {
    Ast& node = nodes.emplace_back();
    node.kind = kind;
    node.begin = begin;
    node.end = end;
    return &node;
  }
};

}  // namespace vozex::expr
