// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/check.h"

#include <algorithm>

#include "engine/expr/checker.h"
#include "engine/expr/problems.h"

namespace vozex::expr {

using Kind = Ty::Kind;

const Ty* check(Tree& tree,
                std::string_view source,
                const Scope& scope,
                const Surroundings& surroundings,
                TyArena& arena,
                std::vector<Problem>& problems) {
  Checker checker(source, scope, surroundings, arena, problems);
  return checker.settle(checker.check(*tree.root));
}

const Ty* Checker::problem(std::string_view code,
                           std::string message,
                           std::string hint,
                           std::size_t begin,
                           std::size_t end) {
  problems_.push_back({std::string(code), std::move(message), std::move(hint), begin, end - begin});
  return simple_ty(Kind::error);
}

std::string Checker::text_of(const Ast& node) const {
  constexpr std::size_t k_most = 40;
  if (node.end > source_.size() || node.begin >= node.end) return "it";
  const std::string_view text = source_.substr(node.begin, node.end - node.begin);
  return text.size() <= k_most ? std::string(text) : "it";
}

const Ty* Checker::check(Ast& node) {
  node.type = now(type_of(node));
  return node.type;
}

const Ty* Checker::type_of(Ast& node) {
  switch (node.kind) {
    case AstKind::literal: return literal(node);
    case AstKind::variable: {
      const Variable& variable = scope_.variables[node.slot];
      return variable.unavailable.empty() ? arena_.from(variable.type) : simple_ty(Kind::error);
    }
    case AstKind::local: return locals_[node.slot];
    case AstKind::name:
    case AstKind::unknown: return simple_ty(Kind::error);
    case AstKind::select: return select(node);
    case AstKind::has: return has(node);
    case AstKind::index: return index(node);
    case AstKind::call: return call(node);
    case AstKind::logical_and:
    case AstKind::logical_or: {
      for (Ast* arg : node.args) {
        check(*arg);
        condition(
            *arg,
            node.kind == AstKind::logical_and ? "'&&' joins conditions" : "'||' joins conditions");
      }
      return simple_ty(Kind::boolean);
    }
    case AstKind::conditional: return conditional(node);
    case AstKind::list: return list(node);
    case AstKind::map: return map(node);
    case AstKind::macro: return macro(node);
    case AstKind::concat: return concat(node);
  }
  return simple_ty(Kind::error);
}

const Ty* Checker::literal(const Ast& node) {
  switch (node.value.kind()) {
    case types::Kind::null: return simple_ty(Kind::null);
    case types::Kind::boolean: return simple_ty(Kind::boolean);
    case types::Kind::integer: return simple_ty(Kind::integer);
    case types::Kind::uint: return simple_ty(Kind::uint);
    case types::Kind::real: return simple_ty(Kind::real);
    case types::Kind::string: return simple_ty(Kind::string);
    case types::Kind::bytes: return simple_ty(Kind::bytes);
    case types::Kind::timestamp: return simple_ty(Kind::timestamp);
    case types::Kind::duration: return simple_ty(Kind::duration);
    case types::Kind::type: return simple_ty(Kind::type);
    case types::Kind::list:
    case types::Kind::map:
    case types::Kind::optional: return simple_ty(Kind::dyn);
  }
  return simple_ty(Kind::dyn);
}

// Reports unless `node`, already checked, is a bool.
void Checker::condition(const Ast& node, const std::string& what) {
  const Ty& type = *node.type;
  if (type.kind == Kind::boolean || is_any(type)) return;
  std::string hint;
  std::string_view code = code::k_not_a_condition;
  if (type.kind == Kind::optional) {
    code = code::k_optional_unopened;
    hint = "write " + text_of(node) +
           (type.parts[0]->kind == Kind::boolean ? ".orValue(false)" : ".hasValue()");
  } else if (type.kind == Kind::secret) {
    code = code::k_secret_read;
  } else if (is_text(type) || type.kind == Kind::list || type.kind == Kind::map) {
    hint = "write " + text_of(node) + ".size() > 0";
  } else if (type.kind == Kind::integer) {
    hint = "write " + text_of(node) + " != 0";
  }
  problem(code, what + ": expected bool, found " + to_string(type), std::move(hint), node);
}

const Ty* Checker::conditional(Ast& node) {
  check(*node.args[0]);
  condition(*node.args[0], "a choice needs a condition");
  const Ty* yes = check(*node.args[1]);
  const Ty* no = check(*node.args[2]);
  if (yes->kind == Kind::secret || no->kind == Kind::secret) return types_.join(yes, no);
  if (types_.assignable(yes, no)) return types_.join(now(yes), now(no));
  std::string hint;
  if (yes->kind == Kind::null || no->kind == Kind::null) {
    hint = "write optional.of(...) and optional.none() for a value that may be absent";
  } else if (yes->kind == Kind::optional || no->kind == Kind::optional) {
    hint = "open the optional with orValue(...), or wrap the other in optional.of(...)";
  } else {
    hint = "dyn(...) around one of them leaves the choice unchecked";
  }
  return problem(code::k_wrong_operands,
                 "both values of a choice must have one type, these are " + to_string(*yes) +
                     " and " + to_string(*no),
                 std::move(hint),
                 node);
}

// The value of an entry written with '?'.
const Ty* Checker::unwrap_entry(const Ast& entry, const Ty* type) {
  if (type->kind == Kind::optional) return type->parts[0];
  if (is_any(*type)) return simple_ty(Kind::dyn);
  return problem(code::k_wrong_operands,
                 "an entry written with '?' takes an optional, found " + to_string(*type),
                 "leave out the '?'",
                 entry);
}

const Ty* Checker::list(Ast& node) {
  const Ty* element = nullptr;
  for (std::size_t i = 0; i < node.args.size(); ++i) {
    const Ty* type = check(*node.args[i]);
    if (node.optional_entries[i]) type = unwrap_entry(*node.args[i], type);
    element = element == nullptr ? type : types_.join(now(element), type);
  }
  return arena_.list(element == nullptr ? arena_.fresh_param() : element);
}

const Ty* Checker::map(Ast& node) {
  const Ty* key = nullptr;
  const Ty* value = nullptr;
  std::vector<ShapeField> shape;
  bool shaped = true;
  for (std::size_t i = 0; i < node.args.size(); i += 2) {
    const Ast& name = *node.args[i];
    const Ty* key_type = check(*node.args[i]);
    const bool usable = is_any(*key_type) || is_text(*key_type) ||
                        key_type->kind == Kind::integer || key_type->kind == Kind::uint ||
                        key_type->kind == Kind::boolean;
    if (!usable)
      problem(code::k_bad_key,
              "a key is a string, int, uint or bool, found " + to_string(*key_type),
              "",
              name);
    const Ty* type = check(*node.args[i + 1]);
    const Ty* member = type;
    if (node.optional_entries[i / 2]) {
      type = unwrap_entry(*node.args[i + 1], type);
      member = arena_.optional(type);
    }
    key = key == nullptr ? key_type : types_.join(now(key), key_type);
    value = value == nullptr ? type : types_.join(now(value), type);
    shaped = shaped && name.kind == AstKind::literal && name.value.is_string();
    if (!shaped) continue;
    const std::string& text = name.value.as_string();
    const bool twice = std::any_of(
        shape.begin(), shape.end(), [&](const ShapeField& f) { return f.name == text; });
    if (twice) problem(code::k_bad_key, "the key '" + text + "' is there twice", "", name);
    shape.push_back({text, member});
  }
  if (key == nullptr) return arena_.map(arena_.fresh_param(), arena_.fresh_param());
  return arena_.map(key, value, shaped ? std::move(shape) : std::vector<ShapeField>{});
}

const Ty* Checker::concat(Ast& node) {
  for (Ast* part : node.args) {
    const Ty* type = check(*part);
    const Ty* inner = type->kind == Kind::optional ? type->parts[0] : type;
    const bool fits = is_any(*inner) || is_text(*inner) || inner->kind == Kind::boolean ||
                      inner->kind == Kind::integer || inner->kind == Kind::uint ||
                      inner->kind == Kind::real || inner->kind == Kind::timestamp ||
                      inner->kind == Kind::duration;
    if (fits) continue;
    if (holds_secret(*inner)) {
      problem(code::k_secret_read,
              "a secret can't be written into a text",
              "pass it on whole: a value that is one ${...}",
              *part);
      continue;
    }
    std::string hint;
    if (inner->kind == Kind::money)
      hint = "write " + text_of(*part) + ".minor and " + text_of(*part) + ".currency";
    if (inner->kind == Kind::list) hint = "write one element, or join() the strings of it";
    if (inner->kind == Kind::null) hint = "leave it out";
    problem(code::k_not_text,
            "a value of type " + to_string(*inner) + " can't be written into a text",
            std::move(hint),
            *part);
  }
  return simple_ty(Kind::string);
}

}  // namespace vozex::expr
