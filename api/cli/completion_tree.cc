// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <CLI/CLI.hpp>

#include "api/cli/completion_tree.h"

namespace vozex::cli {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// CLI11 says the members of IsMember in the type's name: "TEXT:{table,json}".
std::vector<std::string> choices_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}', open == std::string::npos ? 0 : open);
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos) return choices;
  std::string rest = type.substr(open + 1, close - open - 1);
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    choices.push_back(rest.substr(0, comma));
    rest.erase(0, std::min(comma + 1, rest.size()));
  }
  return choices;
}

CommandOption option_of(const CLI::Option& option) {
  CommandOption result;
  for (const std::string& name : option.get_snames()) result.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) result.names.push_back("--" + name);
  result.help = first_line(option.get_description());
  result.takes_value = option.get_items_expected_max() > 0;
  result.choices = choices_of(option);
  return result;
}

}  // namespace

CommandTree describe_commands(const CLI::App& app) {
  CommandTree tree;
  tree.name = app.get_name();
  tree.help = first_line(app.get_description());
  const std::vector<const CLI::Option*> options = app.get_options({});
  for (const CLI::Option* option : options) {
    if (!option->get_positional()) {
      tree.options.push_back(option_of(*option));
      continue;
    }
    const auto choices = choices_of(*option);
    tree.words.insert(tree.words.end(), choices.begin(), choices.end());
    tree.takes_paths = tree.takes_paths || choices.empty();
  }
  const std::vector<const CLI::App*> commands =
      app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) tree.commands.push_back(describe_commands(*command));
  return tree;
}

}  // namespace vozex::cli
