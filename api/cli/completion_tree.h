// SPDX-License-Identifier: Apache-2.0
//
// The program's commands as data. Sees CLI11.
#pragma once

#include <CLI/CLI.hpp>

#include "api/cli/completion.h"

namespace vozex::cli {

CommandTree describe_commands(const CLI::App& app);

}  // namespace vozex::cli
