// SPDX-License-Identifier: Apache-2.0
// What shells complete, made from the commands themselves, so that the two can't differ.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/completion_tree.h"
#include "api/cli/program.h"

namespace vozex::cli {

void add_completion(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("completion",
                         "A completion script for your shell\n\n"
                         "  source <(vozex completion bash)\n"
                         "  vozex completion zsh >\"${fpath[1]}/_vozex\"\n"
                         "  vozex completion fish >~/.config/fish/completions/vozex.fish\n");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &program, shell] {
    std::cout << completion_script(describe_commands(app), *shell);
    program.exit_code = 0;
  });
}

}  // namespace vozex::cli
