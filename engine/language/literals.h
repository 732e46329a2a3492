// SPDX-License-Identifier: Apache-2.0
//
// Literals of a file, read as the declared type wants them: `010` is no number, `yes` is no
// boolean, `30m` is a duration where a duration is wanted and a text where a text is. Every fault
// is reported at its place.
#pragma once

#include <optional>
#include <string>

#include "engine/language/node.h"
#include "engine/language/report.h"
#include "engine/types/type.h"
#include "engine/types/value.h"

namespace vozex::language {

// `what` names the place in messages: "`amount`". A tree is read whole; objects must be complete.
std::optional<types::Value> read_literal(const Node& node,
                                         const types::Type& type,
                                         const std::string& what,
                                         Report& report);

// One scalar or null for a type that is no list, map or object.
std::optional<types::Value> read_scalar(const Node& node,
                                        const types::Type& type,
                                        const std::string& what,
                                        Report& report);

// The type below any number of optional<>.
const types::Type& without_optional(const types::Type& type);
types::TypeRef without_optional(types::TypeRef type);

// Whether an object may lack this field.
bool may_be_missing(const types::Field& field);

std::vector<std::string> field_names(const types::Type& object);

// "expected int for `at`, got ...".
void report_mismatch(const Node& node,
                     const types::Type& type,
                     const std::string& what,
                     Report& report);

}  // namespace vozex::language
