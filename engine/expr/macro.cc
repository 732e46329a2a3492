// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/macro.h"

#include <algorithm>
#include <array>

#include "engine/expr/problems.h"

namespace vozex::expr {
namespace {

struct Form {
  std::string_view name;
  Macro macro;
  std::size_t variables;
  std::size_t bodies;  // arguments after the variables
  std::string_view usage;
};

constexpr std::array<Form, 18> k_forms{{
    {"all", Macro::all, 1, 1, "list.all(x, condition)"},
    {"all", Macro::all, 2, 1, "list.all(i, x, condition)"},
    {"exists", Macro::exists, 1, 1, "list.exists(x, condition)"},
    {"exists", Macro::exists, 2, 1, "list.exists(i, x, condition)"},
    {"exists_one", Macro::exists_one, 1, 1, "list.exists_one(x, condition)"},
    {"exists_one", Macro::exists_one, 2, 1, "list.exists_one(i, x, condition)"},
    {"existsOne", Macro::exists_one, 1, 1, "list.existsOne(x, condition)"},
    {"existsOne", Macro::exists_one, 2, 1, "list.existsOne(i, x, condition)"},
    {"map", Macro::map, 1, 1, "list.map(x, value)"},
    {"map", Macro::map, 1, 2, "list.map(x, condition, value)"},
    {"filter", Macro::filter, 1, 1, "list.filter(x, condition)"},
    {"transformList", Macro::transform_list, 2, 1, "map.transformList(k, v, value)"},
    {"transformList", Macro::transform_list, 2, 2, "map.transformList(k, v, condition, value)"},
    {"transformMap", Macro::transform_map, 2, 1, "map.transformMap(k, v, value)"},
    {"transformMap", Macro::transform_map, 2, 2, "map.transformMap(k, v, condition, value)"},
    {"transformMapEntry",
     Macro::transform_map_entry,
     2,
     1,
     "map.transformMapEntry(k, v, {key: value})"},
    {"transformMapEntry",
     Macro::transform_map_entry,
     2,
     2,
     "map.transformMapEntry(k, v, condition, {key: value})"},
    {"optMap", Macro::opt_map, 1, 1, "optional.optMap(x, value)"},
}};
constexpr Form k_opt_flat_map{
    "optFlatMap", Macro::opt_flat_map, 1, 1, "optional.optFlatMap(x, optional)"};
constexpr Form k_bind{"bind", Macro::bind, 1, 1, "cel.bind(name, value, expression)"};

Problem wrong(const Ast& call, std::string message, std::string_view usage) {
  return {std::string(code::k_bad_macro),
          std::move(message),
          "write " + std::string(usage),
          call.name_begin,
          call.name_end - call.name_begin};
}

bool is_plain_name(const Ast& node) { return node.kind == AstKind::name && !node.root; }

std::optional<Problem> expand_has(Ast& call) {
  if (call.args.size() != 1 || call.args[0]->kind != AstKind::select) {
    return wrong(call, "has() looks at one member, such as has(a.b)", "has(object.field)");
  }
  Ast* member = call.args[0];
  call.kind = AstKind::has;
  call.target = member->target;
  call.name = member->name;
  call.optional = member->optional;
  call.name_begin = member->name_begin;
  call.name_end = member->name_end;
  call.args.clear();
  return std::nullopt;
}

std::optional<Problem> expand_form(Ast& call, const Form& form) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < form.variables; ++i) {
    if (!is_plain_name(*call.args[i])) {
      return wrong(
          call,
          "argument " + std::to_string(i + 1) + " of " + call.name + "() must be a plain name",
          form.usage);
    }
    names.push_back(call.args[i]->name);
  }
  if (names.size() == 2 && names[0] == names[1]) {
    return wrong(call, call.name + "() got the name '" + names[0] + "' twice", form.usage);
  }
  std::vector<Ast*> bodies(call.args.begin() + static_cast<std::ptrdiff_t>(form.variables),
                           call.args.end());
  // The value comes first, its filter second.
  if (bodies.size() == 2) std::swap(bodies[0], bodies[1]);
  call.kind = AstKind::macro;
  call.macro = form.macro;
  call.variables = std::move(names);
  call.filtered = bodies.size() == 2;
  call.args = std::move(bodies);
  return std::nullopt;
}

std::optional<Problem> expand_bind(Ast& call) {
  if (call.args.size() != 3)
    return wrong(call, "cel.bind() takes a name, its value and an expression", k_bind.usage);
  Ast* bound = call.args[1];
  call.args.erase(call.args.begin() + 1);
  if (auto problem = expand_form(call, k_bind)) return problem;
  call.target = bound;
  return std::nullopt;
}

}  // namespace

bool is_macro_name(std::string_view name) {
  return name == k_opt_flat_map.name ||
         std::any_of(
             k_forms.begin(), k_forms.end(), [&](const Form& form) { return form.name == name; });
}

std::optional<Problem> expand_macro(Ast& call) {
  if (!call.member) return call.name == "has" ? expand_has(call) : std::nullopt;
  if (call.name == "bind" && is_plain_name(*call.target) && call.target->name == "cel")
    return expand_bind(call);
  const Form* same_name = nullptr;
  const auto fits = [&](const Form& form) {
    if (form.name != call.name) return false;
    same_name = &form;
    return call.args.size() == form.variables + form.bodies &&
           std::all_of(call.args.begin(),
                       call.args.begin() + static_cast<std::ptrdiff_t>(form.variables),
                       [](const Ast* arg) { return is_plain_name(*arg); });
  };
  for (const Form& form : k_forms) {
    if (fits(form)) return expand_form(call, form);
  }
  if (fits(k_opt_flat_map)) return expand_form(call, k_opt_flat_map);
  if (same_name == nullptr) return std::nullopt;
  return wrong(call, call.name + "() got arguments that it can't take", same_name->usage);
}

}  // namespace vozex::expr
