// SPDX-License-Identifier: Apache-2.0
//
// JUnit XML of a scenario report: one test suite per test file, one test case per scenario, for CI
// systems. Tests: tests/unit/lab.
#pragma once

#include <string>

#include "engine/lab/scenario.h"

namespace vozex::lab {

std::string to_junit(const ScenarioReport& report);

}  // namespace vozex::lab
