// SPDX-License-Identifier: Apache-2.0
//
// Accidents inside one map or list that YAML reads without complaint: keys that stand twice, keys
// that are no words, `<<`, and calls cut at their commas. Each is reported and its entry dropped or
// mended.
#pragma once

#include <string_view>

#include "engine/language/node.h"
#include "engine/language/report.h"

namespace vozex::language {

// `{k: f(a, b)}`: YAML ends the value at the comma. For maps and lists in flow style.
void mend_cut_calls(Node& node, std::string_view text, Report& report);

// Drops the entries of a map whose key can't stand or stood before.
void check_keys(Node& map, std::string_view text, Report& report);

}  // namespace vozex::language
