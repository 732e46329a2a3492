// SPDX-License-Identifier: Apache-2.0
//
// The makers of the kinds. Internal to kinds.cc and the file of each.
#pragma once

#include "tests/simulation/kinds.h"

namespace vozex::simulation {

std::unique_ptr<Kind> make_shop();
std::unique_ptr<Kind> make_family();
std::unique_ptr<Kind> make_trip();
std::unique_ptr<Kind> make_diary();
std::unique_ptr<Kind> make_desk();
std::unique_ptr<Kind> make_office();
std::unique_ptr<Kind> make_attic();

}  // namespace vozex::simulation
