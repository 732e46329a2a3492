// SPDX-License-Identifier: Apache-2.0
#include "engine/types/type.h"

#include <algorithm>
#include <array>

#include "engine/base/assert.h"

namespace vozex::types {
namespace {

constexpr std::size_t k_kinds = static_cast<std::size_t>(TypeKind::nothing) + 1;

std::array<TypeRef, k_kinds> make_simple_types() {
  std::array<TypeRef, k_kinds> all;
  for (std::size_t i = 0; i < k_kinds; ++i) {
    auto type = std::make_shared<Type>();
    type->kind = static_cast<TypeKind>(i);
    all[i] = std::move(type);
  }
  return all;
}

TypeRef make(TypeKind kind, TypeRef key, TypeRef element) {
  auto type = std::make_shared<Type>();
  type->kind = kind;
  type->key = std::move(key);
  type->element = std::move(element);
  return type;
}

std::string kind_name(TypeKind kind) {
  switch (kind) {
    case TypeKind::dyn: return "json";
    case TypeKind::null: return "null";
    case TypeKind::boolean: return "bool";
    case TypeKind::integer: return "int";
    case TypeKind::uint: return "uint";
    case TypeKind::real: return "double";
    case TypeKind::string: return "string";
    case TypeKind::bytes: return "bytes";
    case TypeKind::timestamp: return "timestamp";
    case TypeKind::duration: return "duration";
    case TypeKind::money: return "money";
    case TypeKind::secret: return "secret";
    case TypeKind::enumeration: return "enum";
    case TypeKind::list: return "list";
    case TypeKind::map: return "map";
    case TypeKind::object: return "object";
    case TypeKind::optional: return "optional";
    case TypeKind::type: return "type";
    case TypeKind::nothing: return "unknown";
  }
  return "unknown";
}

bool both(const TypeRef& a, const TypeRef& b, bool (*test)(const Type&, const Type&)) {
  if (a == nullptr || b == nullptr) return true;
  return test(*a, *b);
}

bool object_fits(const Type& to, const Type& from) {
  return std::all_of(to.fields.begin(), to.fields.end(), [&](const Field& wanted) {
    const Field* given = find_field(from, wanted.name);
    if (given == nullptr) return wanted.has_default || wanted.type->kind == TypeKind::optional;
    return assignable(*wanted.type, *given->type);
  });
}

}  // namespace

TypeRef simple_type(TypeKind kind) {
  static const std::array<TypeRef, k_kinds> k_all = make_simple_types();
  return k_all[static_cast<std::size_t>(kind)];
}

TypeRef dyn_type() { return simple_type(TypeKind::dyn); }
TypeRef list_of(TypeRef element) { return make(TypeKind::list, nullptr, std::move(element)); }
TypeRef map_of(TypeRef element) {
  return map_of(simple_type(TypeKind::string), std::move(element));
}
TypeRef map_of(TypeRef key, TypeRef element) {
  return make(TypeKind::map, std::move(key), std::move(element));
}
TypeRef optional_of(TypeRef element) {
  return make(TypeKind::optional, nullptr, std::move(element));
}

TypeRef enum_of(std::vector<std::string> options) {
  auto type = std::make_shared<Type>();
  type->kind = TypeKind::enumeration;
  type->options = std::move(options);
  return type;
}

TypeRef object_of(std::vector<Field> fields, std::string name) {
  auto type = std::make_shared<Type>();
  type->kind = TypeKind::object;
  type->fields = std::move(fields);
  type->name = std::move(name);
  return type;
}

const Field* find_field(const Type& object, std::string_view name) {
  for (const Field& field : object.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::string to_string(const Type& type) {
  if (!type.name.empty()) return type.name;
  switch (type.kind) {
    case TypeKind::list: return "list<" + to_string(*type.element) + ">";
    case TypeKind::optional: return "optional<" + to_string(*type.element) + ">";
    case TypeKind::map:
      if (type.key == nullptr || type.key->kind == TypeKind::string)
        return "map<" + to_string(*type.element) + ">";
      return "map<" + to_string(*type.key) + ", " + to_string(*type.element) + ">";
    case TypeKind::enumeration: {
      std::string text = "enum(";
      for (std::size_t i = 0; i < type.options.size(); ++i)
        text += (i == 0 ? "" : "|") + type.options[i];
      return text + ")";
    }
    case TypeKind::object: {
      std::string text = "{";
      for (std::size_t i = 0; i < type.fields.size(); ++i) {
        text += (i == 0 ? "" : ", ") + type.fields[i].name + ": " + to_string(*type.fields[i].type);
      }
      return text + "}";
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
    case TypeKind::nothing: return kind_name(type.kind);
  }
  return kind_name(type.kind);
}

bool equal(const Type& a, const Type& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.options != b.options || a.fields.size() != b.fields.size())
    return false;
  if ((a.element == nullptr) != (b.element == nullptr) || (a.key == nullptr) != (b.key == nullptr))
    return false;
  if (!both(a.element, b.element, equal) || !both(a.key, b.key, equal) ||
      !(a.constraints == b.constraints))
    return false;
  return std::equal(
      a.fields.begin(), a.fields.end(), b.fields.begin(), [](const Field& x, const Field& y) {
        return x.name == y.name && x.has_default == y.has_default && equal(*x.type, *y.type);
      });
}

bool assignable(const Type& to, const Type& from) {
  if (&to == &from) return true;
  const auto any = [](const Type& t) {
    return t.kind == TypeKind::dyn || t.kind == TypeKind::nothing;
  };
  if (any(to) || any(from)) return true;
  if (to.kind == TypeKind::optional) {
    if (from.kind == TypeKind::null) return true;
    return assignable(*to.element, from.kind == TypeKind::optional ? *from.element : from);
  }
  if (from.kind == TypeKind::enumeration && to.kind == TypeKind::string) return true;
  if (from.kind == TypeKind::string && to.kind == TypeKind::enumeration) return true;
  if (to.kind == TypeKind::real && from.kind == TypeKind::integer) return true;
  const auto string_map = [](const Type& t) {
    return t.kind == TypeKind::map &&
           (t.key == nullptr || t.key->kind == TypeKind::string || t.key->kind == TypeKind::dyn);
  };
  if ((to.kind == TypeKind::object || to.kind == TypeKind::money) && string_map(from)) return true;
  if (to.kind == TypeKind::money && from.kind == TypeKind::object) {
    const Field* minor = find_field(from, "minor");
    const Field* currency = find_field(from, "currency");
    return minor != nullptr && currency != nullptr &&
           assignable(*simple_type(TypeKind::integer), *minor->type) &&
           assignable(*simple_type(TypeKind::string), *currency->type);
  }
  if (string_map(to) && from.kind == TypeKind::object) {
    return std::all_of(from.fields.begin(), from.fields.end(), [&](const Field& f) {
      return assignable(*to.element, *f.type);
    });
  }
  if (to.kind != from.kind) return false;
  if (to.kind == TypeKind::enumeration) {
    return std::any_of(from.options.begin(), from.options.end(), [&](const std::string& option) {
      return std::find(to.options.begin(), to.options.end(), option) != to.options.end();
    });
  }
  if (to.kind == TypeKind::object) return object_fits(to, from);
  return both(to.element, from.element, assignable) && both(to.key, from.key, assignable);
}

}  // namespace vozex::types
