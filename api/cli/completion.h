// SPDX-License-Identifier: Apache-2.0
//
// The commands as data, and the scripts by which bash, zsh and fish complete them. Pure. Tests:
// tests/unit/cli.
#pragma once

#include <string>
#include <vector>

namespace vozex::cli {

struct CommandOption {
  std::vector<std::string> names;  // "-o", "--output"
  std::string help;                // one line
  bool takes_value = false;
  std::vector<std::string> choices;  // when only these are allowed
};

struct CommandTree {
  std::string name;
  std::string help;  // one line
  std::vector<CommandOption> options;
  std::vector<std::string> words;  // choices of its positional argument
  bool takes_paths = false;        // has a positional argument without choices
  std::vector<CommandTree> commands;
};

// `shell`: bash, zsh, fish.
std::string completion_script(const CommandTree& tree, const std::string& shell);

}  // namespace vozex::cli
