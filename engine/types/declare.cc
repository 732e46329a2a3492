// SPDX-License-Identifier: Apache-2.0
#include "engine/types/declare.h"

#include "engine/base/assert.h"
#include "engine/types/notation.h"

namespace vozex::types {
namespace {

TypeRef constrained(const TypeRef& type, const Constraints& constraints) {
  if (constraints == Constraints{}) return type;
  Type copy = *type;
  if (type->kind == TypeKind::optional) {
    copy.element = constrained(type->element, constraints);
  } else {
    copy.constraints = constraints;
  }
  return std::make_shared<const Type>(std::move(copy));
}

}  // namespace

TypeRef Declarations::object(const std::string& name, std::initializer_list<FieldLine> lines) {
  std::vector<Field> fields;
  for (const FieldLine& line : lines) {
    const auto type = parse_type(line.notation, [this](std::string_view wanted) {
      const auto found = named_.find(wanted);
      return found == named_.end() ? TypeRef() : found->second;
    });
    VOZEX_ASSERT(type.has_value());
    Field field;
    field.name = line.name;
    field.type = constrained(*type, line.constraints);
    if (!line.default_value.is_null()) field.default_value = line.default_value;
    field.has_default = field.default_value.has_value();
    fields.push_back(std::move(field));
  }
  TypeRef type = object_of(std::move(fields), name);
  VOZEX_ASSERT(named_.emplace(name, type).second);
  return type;
}

}  // namespace vozex::types
