// SPDX-License-Identifier: Apache-2.0
#include "engine/expr/ty.h"

#include <algorithm>
#include <array>

namespace vozex::expr {
namespace {

using Kind = Ty::Kind;
using types::TypeKind;

constexpr std::size_t k_kinds = static_cast<std::size_t>(Kind::opaque) + 1;

std::array<Ty, k_kinds> make_simple() {
  std::array<Ty, k_kinds> all;
  for (std::size_t i = 0; i < k_kinds; ++i) all[i].kind = static_cast<Kind>(i);
  return all;
}

struct Names {
  Kind kind;
  TypeKind declared;
  std::string_view ours;
  std::string_view spec;
};
constexpr std::array<Names, 15> k_names{{
    {Kind::dyn, TypeKind::dyn, "json", "dyn"},
    {Kind::error, TypeKind::nothing, "unknown", "error"},
    {Kind::null, TypeKind::null, "null", "null_type"},
    {Kind::boolean, TypeKind::boolean, "bool", "bool"},
    {Kind::integer, TypeKind::integer, "int", "int"},
    {Kind::uint, TypeKind::uint, "uint", "uint"},
    {Kind::real, TypeKind::real, "double", "double"},
    {Kind::string, TypeKind::string, "string", "string"},
    {Kind::bytes, TypeKind::bytes, "bytes", "bytes"},
    {Kind::timestamp, TypeKind::timestamp, "timestamp", "timestamp"},
    {Kind::duration, TypeKind::duration, "duration", "duration"},
    {Kind::money, TypeKind::money, "money", "money"},
    {Kind::secret, TypeKind::secret, "secret", "secret"},
    {Kind::type, TypeKind::type, "type", "type"},
    {Kind::param, TypeKind::dyn, "json", "dyn"},
}};

const Names* names_of(Kind kind) {
  const auto found =
      std::find_if(k_names.begin(), k_names.end(), [&](const Names& n) { return n.kind == kind; });
  return found == k_names.end() ? nullptr : &*found;
}

std::string join_parts(const Ty& type, std::string (*text)(const Ty&)) {
  std::string out;
  for (std::size_t i = 0; i < type.parts.size(); ++i)
    out += (i == 0 ? "" : ", ") + text(*type.parts[i]);
  return out;
}

bool type_holds_secret(const types::Type& type) {
  if (type.kind == TypeKind::secret) return true;
  if (type.element != nullptr && type_holds_secret(*type.element)) return true;
  return std::any_of(type.fields.begin(), type.fields.end(), [](const types::Field& f) {
    return type_holds_secret(*f.type);
  });
}

}  // namespace

const Ty* simple_ty(Kind kind) {
  static const std::array<Ty, k_kinds> k_all = make_simple();
  return &k_all[static_cast<std::size_t>(kind)];
}

const Ty* TyArena::keep(Ty type) {
  all_.push_back(std::move(type));
  return &all_.back();
}

const Ty* TyArena::list(const Ty* element) {
  return keep({Kind::list, "", {element}, {}, nullptr});
}
const Ty* TyArena::map(const Ty* key, const Ty* value, std::vector<ShapeField> shape) {
  return keep({Kind::map, "", {key, value}, std::move(shape), nullptr});
}
const Ty* TyArena::optional(const Ty* element) {
  return keep({Kind::optional, "", {element}, {}, nullptr});
}
const Ty* TyArena::param(std::string name) {
  return keep({Kind::param, std::move(name), {}, {}, nullptr});
}
const Ty* TyArena::fresh_param() { return param("_" + std::to_string(fresh_++)); }
const Ty* TyArena::opaque(std::string name, std::vector<const Ty*> parts) {
  return keep({Kind::opaque, std::move(name), std::move(parts), {}, nullptr});
}
const Ty* TyArena::with_parts(const Ty& like, std::vector<const Ty*> parts) {
  return keep({like.kind, like.name, std::move(parts), {}, like.declared});
}

const Ty* TyArena::from(const types::TypeRef& type) {
  if (type == nullptr) return simple_ty(Kind::dyn);
  switch (type->kind) {
    case TypeKind::list: return list(from(type->element));
    case TypeKind::map:
      return map(type->key == nullptr ? simple_ty(Kind::string) : from(type->key),
                 from(type->element));
    case TypeKind::optional: return optional(from(type->element));
    case TypeKind::object:
    case TypeKind::enumeration: {
      const Ty*& known = seen_[type.get()];
      if (known == nullptr) {
        known = keep(
            {type->kind == TypeKind::object ? Kind::object : Kind::enumeration, "", {}, {}, type});
      }
      return known;
    }
    case TypeKind::dyn:
    case TypeKind::null:
    case TypeKind::boolean:
    case TypeKind::integer:
    case TypeKind::uint:
    case TypeKind::real:
    case TypeKind::string:
    case TypeKind::bytes:
    case TypeKind::timestamp:
    case TypeKind::duration:
    case TypeKind::money:
    case TypeKind::secret:
    case TypeKind::type:
    case TypeKind::nothing: break;
  }
  const auto found = std::find_if(
      k_names.begin(), k_names.end(), [&](const Names& n) { return n.declared == type->kind; });
  return simple_ty(found == k_names.end() ? Kind::dyn : found->kind);
}

types::TypeRef to_type(const Ty& type) {
  switch (type.kind) {
    case Kind::list: return types::list_of(to_type(*type.parts[0]));
    case Kind::optional: return types::optional_of(to_type(*type.parts[0]));
    case Kind::map: {
      if (type.shape.empty())
        return types::map_of(to_type(*type.parts[0]), to_type(*type.parts[1]));
      std::vector<types::Field> fields;
      for (const ShapeField& member : type.shape) {
        types::Field field;
        field.name = member.name;
        field.type = to_type(*member.type);
        fields.push_back(std::move(field));
      }
      return types::object_of(std::move(fields));
    }
    case Kind::object:
    case Kind::enumeration: return type.declared;
    case Kind::opaque: return types::dyn_type();
    case Kind::dyn:
    case Kind::error:
    case Kind::null:
    case Kind::boolean:
    case Kind::integer:
    case Kind::uint:
    case Kind::real:
    case Kind::string:
    case Kind::bytes:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::money:
    case Kind::secret:
    case Kind::type:
    case Kind::param: return types::simple_type(names_of(type.kind)->declared);
  }
  return types::dyn_type();
}

std::string to_string(const Ty& type) {
  if (const Names* names = names_of(type.kind)) return std::string(names->ours);
  if (type.declared != nullptr) return types::to_string(*type.declared);
  if (type.kind == Kind::map && type.parts[0]->kind == Kind::string)
    return "map<" + to_string(*type.parts[1]) + ">";
  const std::string_view name = type.kind == Kind::list       ? "list"
                                : type.kind == Kind::map      ? "map"
                                : type.kind == Kind::optional ? "optional"
                                                              : std::string_view(type.name);
  return std::string(name) + "<" + join_parts(type, to_string) + ">";
}

std::string spec_text(const Ty& type) {
  if (const Names* names = names_of(type.kind)) return std::string(names->spec);
  if (type.declared != nullptr) return types::to_string(*type.declared);
  const std::string_view name = type.kind == Kind::list       ? "list"
                                : type.kind == Kind::map      ? "map"
                                : type.kind == Kind::optional ? "optional_type"
                                                              : std::string_view(type.name);
  if (type.parts.empty()) return std::string(name);
  return std::string(name) + "(" + join_parts(type, spec_text) + ")";
}

bool same(const Ty& a, const Ty& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.name != b.name || a.parts.size() != b.parts.size()) return false;
  if (a.declared != nullptr || b.declared != nullptr) {
    return a.declared == b.declared ||
           (a.declared && b.declared && types::equal(*a.declared, *b.declared));
  }
  if (a.shape.size() != b.shape.size()) return false;
  for (std::size_t i = 0; i < a.shape.size(); ++i) {
    if (a.shape[i].name != b.shape[i].name || !same(*a.shape[i].type, *b.shape[i].type))
      return false;
  }
  return std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), [](const Ty* x, const Ty* y) {
    return same(*x, *y);
  });
}

bool holds_secret(const Ty& type) {
  if (type.kind == Kind::secret) return true;
  if (type.kind == Kind::object) return type_holds_secret(*type.declared);
  const auto part = [](const Ty* t) { return holds_secret(*t); };
  if (std::any_of(type.parts.begin(), type.parts.end(), part)) return true;
  return std::any_of(type.shape.begin(), type.shape.end(), [](const ShapeField& f) {
    return holds_secret(*f.type);
  });
}

const Ty* member_of(TyArena& arena, const Ty& type, std::string_view name) {
  if (type.kind == Kind::money) {
    if (name == "minor") return simple_ty(Kind::integer);
    return name == "currency" ? simple_ty(Kind::string) : nullptr;
  }
  if (type.kind == Kind::object) {
    const types::Field* field = types::find_field(*type.declared, name);
    return field == nullptr ? nullptr : arena.from(field->type);
  }
  for (const ShapeField& member : type.shape) {
    if (member.name == name) return member.type;
  }
  return nullptr;
}

std::vector<std::string> member_names(const Ty& type) {
  if (type.kind == Kind::money) return {"minor", "currency"};
  std::vector<std::string> names;
  if (type.kind == Kind::object) {
    for (const types::Field& field : type.declared->fields) names.push_back(field.name);
  }
  for (const ShapeField& member : type.shape) names.push_back(member.name);
  return names;
}

}  // namespace vozex::expr
