// SPDX-License-Identifier: Apache-2.0
//
// `vozex incident`: what can't go on. Thread rule: one thread.
#pragma once

#include "api/cli/program.h"

namespace vozex::cli {

void add_incident(CLI::App& app, Program& program);

}  // namespace vozex::cli
