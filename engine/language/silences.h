// SPDX-License-Identifier: Apache-2.0
//
// `warnings: {VZ0606: the reason}`: warnings that the author has seen and wants silent in this
// file.
#pragma once

#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/language/node.h"
#include "engine/language/report.h"

namespace vozex::language {

// Removes silenced warnings; reports codes that are unknown, no warnings, without a reason, or not
// needed.
void apply_silences(const Node* section, Report& report);

}  // namespace vozex::language
