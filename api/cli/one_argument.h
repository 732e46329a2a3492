// SPDX-License-Identifier: Apache-2.0
//
// A command that asks the server about one thing: `vozex catalog preview REQUEST`. Sees CLI11.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/cli/client_options.h"
#include "api/cli/program.h"

namespace vozex::cli {

// Adds the command and its argument; `run(settings, argument)` gives the exit code. More options
// may be added to what comes back.
template <class Run>
CLI::App* add_one_argument(CLI::App& group,
                           Program& program,
                           const std::string& name,
                           const std::string& help,
                           const std::string& argument,
                           const std::string& argument_help,
                           Run run) {
  CLI::App* command = group.add_subcommand(name, help);
  const auto settings = add_client_options(*command);
  const auto text = std::make_shared<std::string>();
  command->add_option(argument, *text, argument_help)->required();
  command->callback([&program, settings, text, run = std::move(run)] {
    program.exit_code = run(*settings, *text);
  });
  return command;
}

}  // namespace vozex::cli
