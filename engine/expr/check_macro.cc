// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/checker.h"
#include "engine/expr/problems.h"

namespace vozex::expr {

using Kind = Ty::Kind;

const Ty* Checker::macro(Ast& node) {
  const Ty* target = check(*node.target);
  const std::size_t outer = locals_.size();
  const Ty* result = nullptr;
  if (node.macro == Macro::bind || node.macro == Macro::opt_map ||
      node.macro == Macro::opt_flat_map) {
    result = opening(node, target);
  } else {
    result = comprehension(node, target);
  }
  locals_.resize(outer);
  return result;
}

// bind, optMap, optFlatMap: one name for one value.
const Ty* Checker::opening(Ast& node, const Ty* target) {
  const Ty* value = target;
  if (node.macro != Macro::bind) {
    if (target->kind == Kind::optional) {
      value = target->parts[0];
    } else {
      value = simple_ty(is_any(*target) ? Kind::dyn : Kind::error);
      if (!is_any(*target)) {
        problem(code::k_wrong_arguments,
                node.name + "() works on an optional, found " + to_string(*target),
                "",
                *node.target);
      }
    }
  }
  locals_.push_back(value);
  const Ty* body = check(*node.args[0]);
  if (node.macro == Macro::bind) return body;
  if (node.macro == Macro::opt_map) return arena_.optional(body);
  if (body->kind == Kind::optional) return body;
  if (is_any(*body)) return arena_.optional(simple_ty(Kind::dyn));
  return problem(code::k_wrong_arguments,
                 "optFlatMap() wants an optional from its body, found " + to_string(*body),
                 "optMap() wraps a plain value",
                 *node.args[0]);
}

// What the names stand for: `single` for one name; `key` (or position) and `value` for two.
bool Checker::range_types(
    const Ast& node, const Ty* range, const Ty*& key, const Ty*& value, const Ty*& single) {
  key = value = single = simple_ty(range->kind == Kind::error ? Kind::error : Kind::dyn);
  if (is_any(*range)) return true;
  if (range->kind == Kind::list) {
    key = simple_ty(Kind::integer);
    value = single = now(range->parts[0]);
    return true;
  }
  if (range->kind == Kind::map) {
    key = single = now(range->parts[0]);
    value = now(range->parts[1]);
    return true;
  }
  if (range->kind == Kind::object) {
    key = single = simple_ty(Kind::string);
    value = simple_ty(holds_secret(*range) ? Kind::secret : Kind::dyn);
    return true;
  }
  key = value = single = simple_ty(Kind::error);
  std::string hint;
  std::string_view code = code::k_not_iterable;
  if (range->kind == Kind::optional) {
    code = code::k_optional_unopened;
    hint = "write " + text_of(*node.target) + ".orValue([])." + node.name + "(...)";
  }
  problem(code,
          node.name + "() runs over a list or a map, found " + to_string(*range),
          std::move(hint),
          *node.target);
  return false;
}

const Ty* Checker::comprehension(Ast& node, const Ty* range) {
  const Ty* key = nullptr;
  const Ty* value = nullptr;
  const Ty* single = nullptr;
  range_types(node, range, key, value, single);
  if (node.variables.size() == 2) {
    locals_.push_back(key);
    locals_.push_back(value);
  } else {
    locals_.push_back(single);
  }
  const Ty* body = check(*node.args[0]);
  if (node.filtered) {
    check(*node.args[1]);
    condition(*node.args[1], node.name + "() keeps what its condition holds for");
  }
  switch (node.macro) {
    case Macro::all:
    case Macro::exists:
    case Macro::exists_one:
      condition(*node.args[0], node.name + "() asks a condition");
      return simple_ty(Kind::boolean);
    case Macro::filter:
      condition(*node.args[0], "filter() keeps what its condition holds for");
      return arena_.list(single);
    case Macro::map:
    case Macro::transform_list: return arena_.list(body);
    case Macro::transform_map: return arena_.map(key, body);
    case Macro::transform_map_entry: break;
    case Macro::bind:
    case Macro::opt_map:
    case Macro::opt_flat_map: return body;
  }
  if (is_any(*body)) return arena_.map(simple_ty(Kind::dyn), simple_ty(Kind::dyn));
  if (body->kind == Kind::map) return arena_.map(body->parts[0], body->parts[1]);
  return problem(code::k_bad_macro,
                 "transformMapEntry() wants an entry {key: value}, found " + to_string(*body),
                 "",
                 *node.args[0]);
}

}  // namespace vozex::expr
