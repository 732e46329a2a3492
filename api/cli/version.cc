// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include <CLI/CLI.hpp>

#include "api/cli/program.h"

namespace vozex::cli {

void add_version(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("version", "Which version this is");
  command->callback([&program] { std::cout << "vozex " << program.composition.version << '\n'; });
}

}  // namespace vozex::cli
