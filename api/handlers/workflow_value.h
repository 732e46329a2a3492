// SPDX-License-Identifier: Apache-2.0
//
// Definitions and diagnostics as values for answers and for the command line. Thread rule: pure.
#pragma once

#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/machine/machine.h"
#include "engine/types/value.h"

namespace vozex::handlers {

types::Value summary(const machine::Machine& machine);
// With states, transitions, events, actions and the source files.
types::Value to_value(const machine::Machine& machine);
types::Value diagnostics_value(const std::vector<Diagnostic>& diagnostics);

}  // namespace vozex::handlers
