// SPDX-License-Identifier: Apache-2.0
//
// Scenarios on several threads. The report is the same, whatever their number: parts are put
// together in the order of the files.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/lab/scenario.h"

namespace vozex::cli {

inline constexpr std::size_t k_max_jobs = 64;

// `jobs` 0: one for each processor.
lab::ScenarioReport run_in_parallel(const language::Compilation& compiled,
                                    const std::vector<machine::SourceFile>& tests,
                                    const lab::ScenarioOptions& options,
                                    std::size_t jobs);

}  // namespace vozex::cli
