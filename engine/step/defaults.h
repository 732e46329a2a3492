// SPDX-License-Identifier: Apache-2.0
//
// Defaults of input and data: at the start of an instance, and for fields that a migration adds.
#pragma once

#include <vector>

#include "engine/base/result.h"
#include "engine/step/run.h"

namespace vozex::stepping {

// Fills what is absent from `object`, field by field, so that a default may rest on those before
// it. `what` goes before a field's name in messages: "data.".
Result<void> fill_defaults(Run& run,
                           Value& object,
                           const std::vector<machine::DataField>& fields,
                           const char* what);

}  // namespace vozex::stepping
