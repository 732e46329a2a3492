// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <functional>

#include "api/cli/completion.h"
#include "engine/lab/words.h"

namespace vozex::cli {
namespace {

using lab::joined;

// `path` begins with the program: "vozex instance ls".
using Visit = std::function<void(const std::string& path, const CommandTree& command)>;

void walk(const CommandTree& tree, const std::string& path, const Visit& visit) {
  visit(path, tree);
  for (const CommandTree& command : tree.commands) walk(command, path + " " + command.name, visit);
}

// In single quotes, whatever it holds.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::vector<std::string> names_of(const CommandTree& command) {
  std::vector<std::string> names = command.words;
  for (const CommandTree& one : command.commands) names.push_back(one.name);
  return names;
}

std::vector<std::string> flags_of(const CommandTree& command) {
  std::vector<std::string> flags;
  for (const CommandOption& option : command.options)
    flags.insert(flags.end(), option.names.begin(), option.names.end());
  return flags;
}

// "vozex dev"|"vozex instance"|...: every path but the program's own.
std::string paths_pattern(const CommandTree& tree) {
  std::vector<std::string> paths;
  walk(tree, tree.name, [&](const std::string& path, const CommandTree&) {
    if (path != tree.name) paths.push_back("\"" + path + "\"");
  });
  return joined(paths, "|");
}

// "vozex validate|--format": an option of a command, as a pattern.
std::string option_pattern(const std::string& path, const CommandOption& option) {
  std::vector<std::string> patterns;
  patterns.reserve(option.names.size());
  for (const std::string& name : option.names)
    patterns.push_back(fmt::format("\"{}|{}\"", path, name));
  return joined(patterns, "|");
}

// One line of a case statement for each option that takes a value.
std::string value_cases(const CommandTree& tree,
                        const std::string& open,
                        const std::function<std::string(const CommandOption&)>& what) {
  std::string out;
  walk(tree, tree.name, [&](const std::string& path, const CommandTree& command) {
    for (const CommandOption& option : command.options) {
      if (!option.takes_value) continue;
      out += "    " + open + option_pattern(path, option) + ") " + what(option) + "; return ;;\n";
    }
  });
  return out;
}

std::string bash_script(const CommandTree& tree) {
  std::string out =
      "# bash completion of vozex; made by `vozex completion bash`.\n"
      "_vozex() {\n"
      "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local path=vozex names= flags= files= i\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$path ${COMP_WORDS[i]}\" in\n"
      "      ";
  out += paths_pattern(tree) + ") path=\"$path ${COMP_WORDS[i]}\" ;;\n    esac\n  done\n";
  out += "  case \"$path|$prev\" in\n" + value_cases(tree, "", [](const CommandOption& option) {
           return option.choices.empty()
                      ? std::string("compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\"))")
                      : "COMPREPLY=($(compgen -W " + quoted(joined(option.choices, " ")) +
                            " -- \"$cur\"))";
         });
  out += "  esac\n  case \"$path\" in\n";
  walk(tree, tree.name, [&](const std::string& path, const CommandTree& command) {
    out += "    \"" + path + "\") names=" + quoted(joined(names_of(command), " ")) +
           " flags=" + quoted(joined(flags_of(command), " ")) +
           (command.takes_paths ? " files=yes" : "") + " ;;\n";
  });
  out +=
      "  esac\n"
      "  if [[ $cur == -* ]]; then names=$flags files=; fi\n"
      "  COMPREPLY=($(compgen -W \"$names\" -- \"$cur\"))\n"
      "  if [[ $files ]]; then compopt -o filenames; COMPREPLY+=($(compgen -f -- \"$cur\")); fi\n"
      "}\n"
      "complete -F _vozex vozex\n";
  return out;
}

// "name:help" for _describe; colons in the name would end it.
std::string described(const std::string& name, const std::string& help) {
  return quoted(name + ":" + help);
}

std::string zsh_script(const CommandTree& tree) {
  std::string out =
      "#compdef vozex\n"
      "# zsh completion of vozex; made by `vozex completion zsh`.\n"
      "_vozex() {\n"
      "  local at=vozex i\n"
      "  local -a names flags\n"
      "  local files=\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    case \"$at ${words[i]}\" in\n"
      "      (";
  out += paths_pattern(tree) + ") at=\"$at ${words[i]}\" ;;\n    esac\n  done\n";
  out += "  case \"$at|${words[CURRENT-1]}\" in\n" +
         value_cases(tree, "(", [](const CommandOption& option) {
           return option.choices.empty() ? std::string("_files")
                                         : "compadd -- " + joined(option.choices, " ");
         });
  out += "  esac\n  case \"$at\" in\n";
  walk(tree, tree.name, [&](const std::string& path, const CommandTree& command) {
    std::vector<std::string> names;
    std::vector<std::string> flags;
    names.reserve(command.words.size() + command.commands.size());
    for (const std::string& word : command.words) names.push_back(described(word, ""));
    for (const CommandTree& one : command.commands) names.push_back(described(one.name, one.help));
    for (const CommandOption& option : command.options) {
      for (const std::string& name : option.names) flags.push_back(described(name, option.help));
    }
    out += "    (\"" + path + "\")\n      names=(" + joined(names, " ") + ")\n      flags=(" +
           joined(flags, " ") + ")\n" + (command.takes_paths ? "      files=yes\n" : "") +
           "      ;;\n";
  });
  out +=
      "  esac\n"
      "  if [[ ${words[CURRENT]} == -* ]]; then _describe -o option flags; return; fi\n"
      "  (( $#names )) && _describe command names\n"
      "  [[ -n $files ]] && _files\n"
      "}\n"
      "if [[ ${funcstack[1]} == _vozex ]]; then _vozex \"$@\"; else compdef _vozex vozex; fi\n";
  return out;
}

std::string fish_option(const CommandOption& option) {
  std::string out;
  for (const std::string& name : option.names)
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  if (!option.choices.empty()) {
    out += " -x -a " + quoted(joined(option.choices, " "));
  } else if (option.takes_value) {
    out += " -r -F";
  }
  return out + " -d " + quoted(option.help);
}

std::string fish_script(const CommandTree& tree) {
  std::vector<std::string> paths;
  walk(tree, tree.name, [&](const std::string& path, const CommandTree&) {
    paths.push_back(quoted(path));
  });
  std::string out =
      "# fish completion of vozex; made by `vozex completion fish`.\n"
      "function __vozex_at\n"
      "  set -l at vozex\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    if contains -- \"$at $word\" " +
      joined(paths, " ") +
      "\n      set at \"$at $word\"\n    end\n  end\n"
      "  test \"$at\" = \"$argv[1]\"\nend\n"
      "complete -c vozex -f\n";
  walk(tree, tree.name, [&](const std::string& path, const CommandTree& command) {
    const std::string begin = "complete -c vozex -n " + quoted("__vozex_at \"" + path + "\"");
    for (const CommandTree& one : command.commands)
      out += begin + " -a " + one.name + " -d " + quoted(one.help) + "\n";
    if (!command.words.empty()) out += begin + " -a " + quoted(joined(command.words, " ")) + "\n";
    if (command.takes_paths) out += begin + " -F\n";
    for (const CommandOption& option : command.options) out += begin + fish_option(option) + "\n";
  });
  return out;
}

}  // namespace

std::string completion_script(const CommandTree& tree, const std::string& shell) {
  if (shell == "bash") return bash_script(tree);
  return shell == "zsh" ? zsh_script(tree) : fish_script(tree);
}

}  // namespace vozex::cli
