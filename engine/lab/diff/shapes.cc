// SPDX-License-Identifier: Apache-2.0
#include "engine/lab/diff/shapes.h"

#include <fmt/format.h>

#include <algorithm>

namespace vozex::lab {
namespace {

using types::Field;
using types::Type;
using types::TypeKind;
using types::TypeRef;

const std::vector<Field>& fields_of(const TypeRef& type) {
  static const std::vector<Field> k_none;
  return type != nullptr && type->kind == TypeKind::object ? type->fields : k_none;
}

const Field* find(const std::vector<Field>& fields, const std::string& name) {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool bounds_fit(const types::Constraints& after, const types::Constraints& before) {
  const auto not_below = [](const auto& wanted, const auto& given) {
    return !wanted || (given && *given >= *wanted);
  };
  const auto not_above = [](const auto& wanted, const auto& given) {
    return !wanted || (given && *given <= *wanted);
  };
  return not_below(after.min, before.min) && not_above(after.max, before.max) &&
         not_below(after.min_length, before.min_length) &&
         not_above(after.max_length, before.max_length) &&
         (after.pattern.empty() || after.pattern == before.pattern) &&
         (after.format.empty() || after.format == before.format);
}

bool objects_fit(const Type& after, const Type& before) {
  return std::all_of(after.fields.begin(), after.fields.end(), [&](const Field& wanted) {
    const Field* given = find(before.fields, wanted.name);
    if (given == nullptr) return wanted.has_default || wanted.type->kind == TypeKind::optional;
    return every_value_fits(*wanted.type, *given->type);
  });
}

// Objects on both sides are compared inside; what holds them need not be.
void compare(const std::string& prefix,
             const TypeRef& before,
             const TypeRef& after,
             std::vector<FieldDifference>& out) {
  for (const Field& old_field : fields_of(before)) {
    const std::string name = prefix + old_field.name;
    const Field* new_field = find(fields_of(after), old_field.name);
    if (new_field == nullptr) {
      out.push_back({FieldChange::removed, name, types::to_string(*old_field.type)});
    } else if (old_field.type->kind == TypeKind::object &&
               new_field->type->kind == TypeKind::object) {
      compare(name + ".", old_field.type, new_field->type, out);
    } else if (!types::equal(*old_field.type, *new_field->type)) {
      const std::string was = types::to_string(*old_field.type);
      const std::string is = types::to_string(*new_field->type);
      out.push_back({every_value_fits(*new_field->type, *old_field.type) ? FieldChange::widened
                                                                         : FieldChange::narrowed,
                     name,
                     was == is ? fmt::format("{}, with other constraints or fields", is)
                               : fmt::format("{} -> {}", was, is)});
    }
  }
  for (const Field& new_field : fields_of(after)) {
    if (find(fields_of(before), new_field.name) != nullptr) continue;
    const bool needed = !new_field.has_default && new_field.type->kind != TypeKind::optional;
    out.push_back({needed ? FieldChange::added_needed : FieldChange::added,
                   prefix + new_field.name,
                   types::to_string(*new_field.type)});
  }
}

}  // namespace

std::vector<FieldDifference> differences_of(const TypeRef& before, const TypeRef& after) {
  std::vector<FieldDifference> out;
  compare("", before, after, out);
  return out;
}

bool every_value_fits(const Type& after, const Type& before) {
  if (after.kind == TypeKind::dyn) return true;
  if (after.kind == TypeKind::optional) {
    return every_value_fits(*after.element,
                            before.kind == TypeKind::optional ? *before.element : before);
  }
  if (after.kind == TypeKind::string && before.kind == TypeKind::enumeration)
    return bounds_fit(after.constraints, before.constraints);
  if (after.kind == TypeKind::real && before.kind == TypeKind::integer)
    return bounds_fit(after.constraints, before.constraints);
  if (after.kind != before.kind || !bounds_fit(after.constraints, before.constraints)) return false;
  if (after.kind == TypeKind::enumeration) {
    return std::all_of(before.options.begin(), before.options.end(), [&](const auto& option) {
      return std::find(after.options.begin(), after.options.end(), option) != after.options.end();
    });
  }
  if (after.kind == TypeKind::object) return objects_fit(after, before);
  if (after.element != nullptr && before.element != nullptr)
    return every_value_fits(*after.element, *before.element);
  return true;
}

}  // namespace vozex::lab
