// SPDX-License-Identifier: Apache-2.0
#include "engine/step/defaults.h"

#include <utility>

#include "engine/step/execute.h"

namespace vozex::stepping {
namespace {

using machine::DataField;

Failure default_failed(const std::string& what, const std::string& message) {
  return fail(ErrorClass::invalid, "invalid_input", "the default of " + what + ": " + message);
}

}  // namespace

Result<void> fill_defaults(Run& run,
                           Value& object,
                           const std::vector<DataField>& fields,
                           const char* what) {
  for (const DataField& field : fields) {
    if (field.default_value == nullptr || object.find(field.name) != nullptr) continue;
    auto value = value_of(run, field.default_value);
    if (!value) return default_failed(what + field.name, value.error().message);
    const bool json = field.type != nullptr && field.type->kind == types::TypeKind::dyn;
    if (value->is_null() && !json) continue;
    auto fitting = conform(*std::move(value), field.type.get());
    if (!fitting) return default_failed(what + field.name, fitting.error().message);
    object = object.with(field.name, *std::move(fitting));
  }
  return {};
}

}  // namespace vozex::stepping
