// SPDX-License-Identifier: Apache-2.0
//
// What authors usually meant.
#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/expr/checker.h"
#include "engine/expr/macro.h"

namespace vozex::expr {

using Kind = Ty::Kind;

namespace {

// Members and methods of other languages.
struct Habit {
  std::string_view written;
  std::string_view hint;
};
constexpr std::array<Habit, 28> k_habits{{
    {"length", "write .size()"},
    {"len", "write .size()"},
    {"count", "write .size()"},
    {"size", "size is a function: write .size()"},
    {"isEmpty", "write .size() == 0"},
    {"empty", "write .size() == 0"},
    {"includes", "write x in list, or text.contains('...')"},
    {"has", "write x in map, or has(a.b)"},
    {"containsKey", "write key in map"},
    {"toString", "write string(x)"},
    {"toLowerCase", "write .lowerAscii()"},
    {"lower", "write .lowerAscii()"},
    {"toUpperCase", "write .upperAscii()"},
    {"upper", "write .upperAscii()"},
    {"some", "write .exists(x, ...)"},
    {"any", "write .exists(x, ...)"},
    {"every", "write .all(x, ...)"},
    {"find", "write .filter(x, ...)[0]"},
    {"reduce", "write .sum(), or math.greatest(...)"},
    {"isPresent", "write .hasValue()"},
    {"get", "write .value(), or map[key]"},
    {"getOrElse", "write .orValue(...)"},
    {"orElse", "write .orValue(...)"},
    {"if", "write condition ? value : other"},
    {"now", "now is a variable: write it without ()"},
    {"coalesce", "write x.orValue(...)"},
    {"max", "write math.greatest(...)"},
    {"min", "write math.least(...)"},
}};

std::string_view habit(const std::string& name) {
  const auto found = std::find_if(
      k_habits.begin(), k_habits.end(), [&](const Habit& h) { return h.written == name; });
  return found == k_habits.end() ? std::string_view() : found->hint;
}

bool either(const std::vector<const Ast*>& args, Kind kind) {
  return std::any_of(args.begin(), args.end(), [&](const Ast* a) { return a->type->kind == kind; });
}

}  // namespace

// For a name that is known, only not as what it was written.
std::string Checker::exact_hint(const std::string& name) const {
  const std::string last = name.substr(name.rfind('.') + 1);
  if (const std::string_view hint = habit(last); !hint.empty()) return std::string(hint);
  if (const FunctionDecl* decl = find_function(name)) return forms_hint(*decl);
  if (is_macro_name(name)) return "'" + name + "' is a macro: write ." + name + "(x, ...)";
  return {};
}

std::string Checker::member_hint(const std::string& name) const {
  if (std::string hint = exact_hint(name); !hint.empty()) return hint;
  const std::string last = name.substr(name.rfind('.') + 1);
  std::vector<std::string> habits;
  for (const Habit& known : k_habits) {
    if (known.written.size() > 3) habits.emplace_back(known.written);
  }
  if (const auto near = nearest(last, habits)) return std::string(habit(*near));
  return {};
}

// Why a map literal can't be the declared object beside it; also inside lists.
std::string Checker::shape_hint(const Ty* a, const Ty* b) {
  if (a->kind == Kind::list && b->kind == Kind::list)
    return shape_hint(now(a->parts[0]), now(b->parts[0]));
  if (b->kind == Kind::object) std::swap(a, b);
  if (a->kind != Kind::object || b->kind != Kind::map || b->shape.empty()) return {};
  const std::string name = a->declared->name.empty() ? "the object" : a->declared->name;
  for (const ShapeField& member : b->shape) {
    const Ty* declared = member_of(arena_, *a, member.name);
    if (declared == nullptr) {
      const auto near = nearest(member.name, member_names(*a));
      return name + " has no field '" + member.name + "'" +
             (near ? ": did you mean '" + *near + "'?" : "");
    }
    if (!types_.assignable(member.type, declared)) {
      return "'" + member.name + "' of " + name + " is " + to_string(*declared) + ", found " +
             to_string(*member.type);
    }
  }
  for (const types::Field& field : a->declared->fields) {
    const bool needed = !field.has_default && field.type->kind != types::TypeKind::optional;
    if (needed && member_of(arena_, *b, field.name) == nullptr)
      return name + " needs '" + field.name + "'";
  }
  return {};
}

std::string Checker::forms_hint(const FunctionDecl& decl) const {
  constexpr std::size_t k_shown = 4;
  std::vector<std::string> forms;
  for (const Overload& overload : decl.overloads) {
    if (forms.size() < k_shown) forms.push_back(signature_text(decl, overload));
  }
  return "it is written " + join_or(forms);
}

std::string Checker::operand_hint(const Ast& node, const std::vector<const Ast*>& args) {
  if (args.size() != 2) return node.function == Fn::logical_not ? "'!' negates a bool" : "";
  const bool plus = node.function == Fn::add;
  if (std::string hint = shape_hint(now(args[0]->type), now(args[1]->type)); !hint.empty())
    return hint;
  if (either(args, Kind::null)) {
    const Ast& other = *args[args[0]->type->kind == Kind::null ? 1 : 0];
    return to_string(*other.type) + " is never null; declare it optional<" +
           to_string(*other.type) + "> if it may be absent";
  }
  const bool text = either(args, Kind::string) || either(args, Kind::enumeration);
  if (text && either(args, Kind::timestamp)) return "write timestamp('...') around the text";
  if (text && either(args, Kind::duration)) return "write duration('...') around the text";
  if (text && plus) return "write string(x) around what is no string";
  if (either(args, Kind::integer) && either(args, Kind::real))
    return "ints and doubles don't mix: write double(x) around the int";
  if (either(args, Kind::integer) && either(args, Kind::uint))
    return "ints and uints don't mix: write int(x) around the uint";
  if (either(args, Kind::money) && (either(args, Kind::integer) || either(args, Kind::real))) {
    const Ast& money = *args[args[0]->type->kind == Kind::money ? 0 : 1];
    if (node.function == Fn::multiply || node.function == Fn::divide)
      return "write " + text_of(money) + ".scale(numerator, denominator)";
    return "compare like with like: " + text_of(money) + ".minor is its amount";
  }
  if (either(args, Kind::timestamp) && either(args, Kind::integer))
    return "write duration('...') for a span of time";
  if (text && (either(args, Kind::integer) || either(args, Kind::real)))
    return "write int(x) or string(x) to convert";
  return {};
}

}  // namespace vozex::expr
