// SPDX-License-Identifier: Apache-2.0
//
// One scenario, from its start to its end or its first failing step.
#pragma once

#include "engine/lab/coverage.h"
#include "engine/lab/scenario.h"
#include "engine/lab/scenario_file.h"

namespace vozex::lab {

ScenarioResult run_scenario(const language::Compilation& compiled,
                            const ScenarioFile& file,
                            const std::string& file_name,
                            const Scenario& scenario,
                            CoverageMap& coverage);

}  // namespace vozex::lab
