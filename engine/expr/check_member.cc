// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/base/text.h"
#include "engine/expr/checker.h"
#include "engine/expr/problems.h"

namespace vozex::expr {

using Kind = Ty::Kind;

const Ty* Checker::no_member(const Ast& node, const Ty& target) {
  if (target.kind == Kind::secret) {
    return problem(code::k_secret_read,
                   "a secret has no members: it may only be passed on whole",
                   "",
                   node.name_begin,
                   node.name_end);
  }
  return problem(code::k_no_members,
                 "a value of type " + to_string(target) + " has no member '" + node.name + "'",
                 member_hint(node.name),
                 node.name_begin,
                 node.name_end);
}

const Ty* Checker::unknown_member(const Ast& node, const Ty& target) {
  constexpr std::size_t k_shown = 12;
  const std::vector<std::string> names = member_names(target);
  std::string known;
  for (std::size_t i = 0; i < names.size() && i < k_shown; ++i)
    known += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > k_shown) known += ", ...";
  const bool named = target.declared != nullptr && !target.declared->name.empty();
  const std::string whose =
      named ? target.declared->name : std::string(target.kind == Kind::money ? "money" : "it");
  std::string hint;
  if (const auto near = nearest(node.name, names)) hint = "did you mean '" + *near + "'?";
  if (hint.empty()) hint = member_hint(node.name);
  return problem(code::k_unknown_field,
                 "no such field '" + node.name + "' in " + text_of(*node.target) + " (" + whose +
                     " has" + (known.empty() ? " none" : ": " + known) + ")",
                 std::move(hint),
                 node.name_begin,
                 node.name_end);
}

// The type of target.name; `optional` tells that the result is one because the target is.
const Ty* Checker::member(Ast& node, const Ty* target, bool& optional) {
  optional = target->kind == Kind::optional;
  const Ty* holder = optional ? now(target->parts[0]) : target;
  if (is_any(*holder)) return holder->kind == Kind::error ? holder : simple_ty(Kind::dyn);
  const Ty* found = member_of(arena_, *holder, node.name);
  if (holder->kind == Kind::map) {
    if (found != nullptr) {
      node.member_optional = found->kind == Kind::optional;
      return found;
    }
    if (is_text(*holder->parts[0]) || is_any(*holder->parts[0])) return holder->parts[1];
    return no_member(node, *holder);
  }
  if (holder->kind != Kind::object && holder->kind != Kind::money) return no_member(node, *holder);
  if (found == nullptr) return unknown_member(node, *holder);
  node.member_optional = found->kind == Kind::optional;
  return found;
}

const Ty* Checker::select(Ast& node) { return selected(node, check(*node.target)); }

const Ty* Checker::selected(Ast& node, const Ty* target) {
  bool chained = false;
  const Ty* type = member(node, target, chained);
  if (type->kind == Kind::error || (!chained && !node.optional)) return type;
  // A declared optional inside an optional is one optional.
  if (node.member_optional) return type;
  return arena_.optional(type);
}

const Ty* Checker::has(Ast& node) {
  bool chained = false;
  member(node, check(*node.target), chained);
  return simple_ty(Kind::boolean);
}

const Ty* Checker::index(Ast& node) {
  const Ty* target = check(*node.target);
  Ast& at = *node.args[0];
  check(at);
  const Ty* holder = target->kind == Kind::optional ? now(target->parts[0]) : target;
  const bool declared = holder->kind == Kind::object || holder->kind == Kind::money;
  if (declared && at.kind == AstKind::literal && at.value.is_string()) {
    // A declared member by its name: object['field'] is object.field.
    node.kind = AstKind::select;
    node.name = at.value.as_string();
    node.name_begin = at.begin;
    node.name_end = at.end;
    node.args.clear();
    return selected(node, target);
  }
  if (holder->kind == Kind::secret) {
    return problem(code::k_secret_read,
                   text_of(*node.target) + " is a secret: it may only be passed on whole",
                   "",
                   node);
  }
  return resolve_overload(node, function_of(node.function), {node.target, &at});
}

}  // namespace vozex::expr
