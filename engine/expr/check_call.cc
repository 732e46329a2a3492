// SPDX-License-Identifier: Apache-2.0
#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/expr/calendar.h"
#include "engine/expr/checker.h"
#include "engine/expr/macro.h"
#include "engine/expr/pattern.h"
#include "engine/expr/problems.h"

namespace vozex::expr {

using Kind = Ty::Kind;

namespace {

// What may be done with something that holds a secret: it is handed on or taken apart, never looked
// into.
constexpr std::array k_passing{Fn::index,
                               Fn::optional_index,
                               Fn::value,
                               Fn::or_value,
                               Fn::or_optional,
                               Fn::has_value,
                               Fn::optional_of,
                               Fn::unwrap,
                               Fn::slice,
                               Fn::keys,
                               Fn::values,
                               Fn::size,
                               Fn::add,
                               Fn::conditional};

bool is_literal_text(const Ast& node) {
  return node.kind == AstKind::literal && node.value.is_string();
}

std::string type_list(const std::vector<const Ast*>& args) {
  std::string text;
  for (const Ast* arg : args) text += (text.empty() ? "" : ", ") + to_string(*arg->type);
  return text;
}

}  // namespace

const FunctionDecl* Checker::declaration(const Ast& node) const {
  if (const FunctionDecl* known = find_function(node.name)) return known;
  for (const FunctionDecl& declared : around_.functions) {
    if (declared.name == node.name) return &declared;
  }
  return nullptr;
}

const Ty* Checker::unknown_function(const Ast& node) {
  const bool method = node.member;
  if (method && node.target->type->kind == Kind::error) return simple_ty(Kind::error);
  std::vector<std::string> names;
  for (const FunctionDecl& decl : all_functions()) {
    const bool fits = std::any_of(decl.overloads.begin(),
                                  decl.overloads.end(),
                                  [&](const Overload& o) { return o.member == method; });
    if (fits && operator_text(decl.fn).empty()) names.push_back(decl.name);
  }
  for (const std::string_view macro : {"all", "exists", "exists_one", "map", "filter", "optMap"}) {
    if (method) names.emplace_back(macro);
  }
  if (!method) names.emplace_back("has");
  std::string hint = exact_hint(node.name);
  if (const auto near = nearest(node.name, names); near && hint.empty()) {
    hint = "did you mean '" + *near + "'?";
  }
  if (hint.empty()) hint = member_hint(node.name);
  return problem(code::k_unknown_function,
                 std::string(method ? "no method '" : "no function '") + node.name + "'",
                 std::move(hint),
                 node.name_begin,
                 node.name_end);
}

const Ty* Checker::call(Ast& node) {
  std::vector<const Ast*> args;
  if (node.target != nullptr) {
    check(*node.target);
    args.push_back(node.target);
  }
  for (Ast* arg : node.args) {
    check(*arg);
    args.push_back(arg);
  }
  const FunctionDecl* decl = declaration(node);
  if (decl == nullptr || (!node.is_operator && !operator_text(decl->fn).empty()))
    return unknown_function(node);
  const bool failed = std::any_of(
      args.begin(), args.end(), [](const Ast* a) { return a->type->kind == Kind::error; });
  if (!failed && (node.function == Fn::equal || node.function == Fn::not_equal) &&
      !equality(node)) {
    return simple_ty(Kind::boolean);
  }
  if (!failed && node.function == Fn::in) membership(node);
  const Ty* result = resolve_overload(node, *decl, args);
  if (!failed && result->kind != Kind::error) literal_arguments(node);
  return result;
}

bool Checker::secret_read(const Ast& node, const std::vector<const Ast*>& args) {
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (!holds_secret(*args[i]->type)) continue;
    const bool whole = args[i]->type->kind == Kind::secret;
    const bool passing =
        std::find(k_passing.begin(), k_passing.end(), node.function) != k_passing.end();
    const bool reads = whole && (node.function == Fn::add || node.function == Fn::size ||
                                 (node.function == Fn::index && i > 0));
    if (passing && !reads) continue;
    problem(code::k_secret_read,
            text_of(*args[i]) + (whole ? " is a secret" : " holds a secret") +
                ": it may only be passed on whole",
            "",
            *args[i]);
    return true;
  }
  return false;
}

const Ty* Checker::resolve_overload(Ast& node,
                                    const FunctionDecl& decl,
                                    const std::vector<const Ast*>& args) {
  if (secret_read(node, args)) return simple_ty(Kind::error);
  std::vector<const Ty*> given;
  given.reserve(args.size());
  for (const Ast* arg : args) given.push_back(now(arg->type));
  const bool any = std::any_of(given.begin(), given.end(), [](const Ty* t) { return is_any(*t); });
  const Ty* result = nullptr;
  for (const Overload& overload : decl.overloads) {
    if (overload.member != node.member) continue;
    std::vector<const Ty*> wanted = overload.params;
    while (overload.variadic && wanted.size() < given.size()) wanted.push_back(wanted.back());
    if (wanted.size() != given.size()) continue;
    wanted.push_back(overload.result);
    wanted = types_.instantiate(wanted);
    const Ty* gives = wanted.back();
    wanted.pop_back();
    if (!types_.assignable(given, wanted)) continue;
    const Ty* type = now(gives);
    if (result == nullptr)
      result = type;
    else if (result->kind != Kind::dyn && !same(*result, *type))
      result = simple_ty(Kind::dyn);
    // Among known types the first form that fits is the one; dyn may turn out to be any.
    if (!any) break;
  }
  if (result == nullptr) return no_overload(node, decl, args);
  if (decl.fn == Fn::greatest || decl.fn == Fn::least) {
    for (const Ast* arg : args) {
      const Ty* type = arg->type->kind == Kind::list ? arg->type->parts[0] : arg->type;
      const bool number = is_any(*type) || type->kind == Kind::integer ||
                          type->kind == Kind::uint || type->kind == Kind::real;
      if (!number)
        return problem(code::k_wrong_arguments,
                       decl.name + "() compares numbers, found " + to_string(*type),
                       "",
                       *arg);
    }
  }
  return result;
}

// An operand is optional and its value would fit.
bool Checker::optional_unopened(const FunctionDecl& decl, const std::vector<const Ast*>& args) {
  // Functions of optionals refuse something else.
  if (decl.fn >= Fn::has_value && decl.fn <= Fn::unwrap) return false;
  const auto found = std::find_if(
      args.begin(), args.end(), [](const Ast* arg) { return arg->type->kind == Kind::optional; });
  if (found == args.end()) return false;
  const Ast& arg = **found;
  const std::string text = text_of(arg);
  const std::string_view sign = operator_text(decl.fn);
  const std::string what = sign.empty() ? decl.name + "()" : "'" + std::string(sign) + "'";
  problem(code::k_optional_unopened,
          text + " is " + to_string(*arg.type) + ", " + what + " wants the value in it",
          "write " + text + ".orValue(...), or " + text + ".value() where it is certainly there",
          arg);
  return true;
}

const Ty* Checker::no_overload(const Ast& node,
                               const FunctionDecl& decl,
                               const std::vector<const Ast*>& args) {
  const bool failed = std::any_of(
      args.begin(), args.end(), [](const Ast* a) { return a->type->kind == Kind::error; });
  if (failed) return simple_ty(Kind::error);
  if (optional_unopened(decl, args)) return simple_ty(Kind::error);
  const std::string_view sign = operator_text(decl.fn);
  if (decl.fn == Fn::index || decl.fn == Fn::optional_index) {
    return problem(code::k_wrong_operands,
                   "a value of type " + to_string(*args[0]->type) + " takes no index of type " +
                       to_string(*args[1]->type),
                   operand_hint(node, args),
                   node);
  }
  if (!sign.empty()) {
    const std::string between =
        args.size() == 2 ? to_string(*args[0]->type) + " and " + to_string(*args[1]->type)
                         : type_list(args);
    return problem(code::k_wrong_operands,
                   "'" + std::string(sign) + "' can't take " + between,
                   operand_hint(node, args),
                   node);
  }
  const bool other_style = std::none_of(decl.overloads.begin(),
                                        decl.overloads.end(),
                                        [&](const Overload& o) { return o.member == node.member; });
  std::string hint = forms_hint(decl);
  if (other_style) {
    return problem(code::k_wrong_arguments,
                   decl.name + (node.member ? "() is no method" : "() is a method"),
                   std::move(hint),
                   node.name_begin,
                   node.name_end);
  }
  std::vector<const Ast*> inside(args.begin() + (node.member ? 1 : 0), args.end());
  const std::string on = node.member ? " of " + to_string(*args[0]->type) : "";
  return problem(code::k_wrong_arguments,
                 decl.name + "()" + on + " can't take (" + type_list(inside) + ")",
                 std::move(hint),
                 node);
}

bool Checker::option_known(const Ast& word, const Ty& enumeration) {
  if (!is_literal_text(word) || enumeration.kind != Kind::enumeration) return true;
  const std::vector<std::string>& options = enumeration.declared->options;
  const std::string& text = word.value.as_string();
  if (std::find(options.begin(), options.end(), text) != options.end()) return true;
  const auto near = nearest(text, options);
  problem(code::k_unknown_option,
          "'" + text + "' is none of " + to_string(enumeration),
          near ? "did you mean '" + *near + "'?" : "it is " + join_or(options),
          word);
  return false;
}

// What == alone gets wrong in practice. True: go on with the overloads.
bool Checker::equality(const Ast& node) {
  const Ast& left = *node.args[0];
  const Ast& right = *node.args[1];
  if (!option_known(right, *left.type) || !option_known(left, *right.type)) return false;
  const bool left_optional = left.type->kind == Kind::optional;
  const bool right_optional = right.type->kind == Kind::optional;
  if (left_optional == right_optional) return true;
  const Ast& opened = left_optional ? left : right;
  const Ast& other = left_optional ? right : left;
  if (is_any(*other.type) || holds_secret(*opened.type) || holds_secret(*other.type)) return true;
  const std::string text = text_of(opened);
  if (other.type->kind == Kind::null) {
    problem(code::k_optional_unopened,
            text + " is " + to_string(*opened.type) + ", which is never null but absent",
            "write " + std::string(node.function == Fn::equal ? "!" : "") + text + ".hasValue()",
            node);
    return false;
  }
  const std::string sign(operator_text(node.function));
  problem(code::k_optional_unopened,
          text + " is " + to_string(*opened.type) + ", " + text_of(other) + " is " +
              to_string(*other.type) + ": they are never equal",
          "write " + text + " " + sign + " optional.of(" + text_of(other) + "), or " + text +
              ".orValue(...) " + sign + " " + text_of(other),
          node);
  return false;
}

void Checker::membership(const Ast& node) {
  const Ast& where = *node.args[1];
  if (node.args[0]->type->kind == Kind::enumeration && where.kind == AstKind::list) {
    for (const Ast* item : where.args) option_known(*item, *node.args[0]->type);
  }
  if (where.type->kind == Kind::list && where.type->parts[0]->kind == Kind::enumeration) {
    option_known(*node.args[0], *where.type->parts[0]);
  }
}

// Literals that only the function gives a meaning to are looked at now rather than when they run.
void Checker::literal_arguments(const Ast& node) {
  if (node.args.empty() || node.is_operator) return;
  const auto bad = [&](const Ast& at, const std::string& what) {
    problem(code::k_bad_argument_text, "'" + at.value.as_string() + "' is not " + what, "", at);
  };
  const Ast& first = *node.args[0];
  const Ast& last = *node.args.back();
  if (node.function == Fn::to_duration && is_literal_text(first) &&
      !read_duration(first.value.as_string())) {
    bad(first, "a duration such as '90s', '1h30m' or '3d'");
  }
  if (node.function == Fn::to_timestamp && is_literal_text(first) &&
      !read_timestamp(first.value.as_string())) {
    bad(first, "a timestamp such as '2026-11-20T10:00:00Z'");
  }
  if (node.function == Fn::matches && is_literal_text(last)) {
    const auto pattern = compile_pattern(last.value.as_string());
    if (!pattern->ok()) bad(last, "a pattern (RE2 syntax): " + pattern->error());
  }
  if (node.function == Fn::add_period && is_literal_text(first) &&
      !read_period(first.value.as_string())) {
    bad(first, "a period such as 'P1M', 'P2W' or '36h'");
  }
  const bool zoned = (node.function >= Fn::get_date && node.function <= Fn::get_seconds) ||
                     (node.function == Fn::add_period && node.args.size() == 3);
  if (zoned && is_literal_text(last) && !zone_offset(last.value.as_string(), 0))
    bad(last, "a time zone such as 'Europe/Berlin'");
}

}  // namespace vozex::expr
