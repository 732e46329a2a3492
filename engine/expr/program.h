// SPDX-License-Identifier: Apache-2.0
//
// The compiled form: one flat array of nodes in which children come before their parents, beside
// the constants, names and patterns they use. Immutable once made. Made by emit.cc and combine.cc,
// run by eval.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/expr/ast.h"
#include "engine/expr/expr.h"

namespace re2 {
class RE2;
}

namespace vozex::expr {

enum class Op : std::uint8_t {
  constant,         // datum: constant
  variable,         // slot; c: its name
  path,             // slot, c, names [datum, datum + b), of which the slot has the first a
  local,            // slot
  unknown,          // datum: name
  select,           // a.name
  optional_select,  // a.?name
  has,              // a.name is there
  index,            // a[b]
  optional_index,   // a[?b]
  all_of,           // children [a, a + b)
  any_of,
  choice,   // a ? b : c
  list,     // children [a, a + b), constant `datum`: which are optional, null for none
  map,      // children [a, a + b), the same
  macro,    // children: range, value [, filter]; slot: first local; two_variables
  binary,   // fn over a and b
  call,     // fn over children [a, a + b); datum: pattern + 1 for matches
  concat,   // children [a, a + b)
  wrap,     // a as an optional: null or absent is none
  present,  // a is neither null nor none
  or_else,  // a unless null or none, then b
};

inline constexpr std::uint16_t k_no_rank = 0xFFFF;

struct Node {
  Op op = Op::constant;
  Fn fn = Fn::unknown;
  Macro macro = Macro::all;
  bool null_when_absent = false;  // select, path: an absent member is null; has: null is absent
  bool two_variables = false;
  bool filtered = false;
  Slot slot = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t datum = 0;
};

class Program {
 public:
  enum class Form : std::uint8_t { expression, object, array, dictionary };

  Form form = Form::expression;
  std::vector<Node> nodes;
  std::uint32_t root = 0;
  std::vector<std::uint32_t> children;
  std::vector<types::Value> constants;
  std::vector<std::string> names;
  // Beside each member name: where it stands in a map that has all declared members, or k_no_rank.
  std::vector<std::uint16_t> ranks;
  std::vector<std::shared_ptr<const re2::RE2>> patterns;

  // Of objects, arrays and dictionaries; keys of objects are ready-made strings. In a dictionary
  // each entry is two members: the one that gives the key, then the value's.
  std::vector<std::pair<types::Value, ProgramRef>> members;

  types::TypeRef type;
  std::string deduced;  // the type as the conformance data writes it
  std::string source;
  std::optional<types::Value> constant;
  std::vector<Reference> references;
  std::vector<Reference> state_queries;
};

}  // namespace vozex::expr
