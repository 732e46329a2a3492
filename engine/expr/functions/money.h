// SPDX-License-Identifier: Apache-2.0
//
// Money as expressions see it: a map of minor (int) and currency (string). Amounts of different
// currencies are unequal, and adding or ordering them is an error.
#pragma once

#include "engine/expr/meter.h"

namespace vozex::expr {

// False with the error currency_mismatch set when they differ.
bool same_currency(Call& call, const types::Value& a, const types::Value& b);
bool money_arithmetic(Call& call);

}  // namespace vozex::expr
