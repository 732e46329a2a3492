// SPDX-License-Identifier: Apache-2.0
// A workflow to begin with and its scenarios, from a few questions or flags.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "api/cli/terminal.h"
#include "engine/lab/starter.h"

namespace vozex::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* k_none = "none";

struct Asked {
  lab::StarterAnswers answers;
  std::string folder = ".";
  bool no_input = false;
  bool force = false;
};

// The line that was typed; `proposed` for an empty one or at the end of input.
std::string ask(const std::string& question, const std::string& proposed) {
  std::cerr << question << " [" << proposed << "] " << std::flush;
  std::string line;
  std::getline(std::cin, line);
  return line.empty() ? proposed : line;
}

// Flags first, then questions, then what is proposed.
void complete(Asked& asked) {
  lab::StarterAnswers& answers = asked.answers;
  const bool may_ask = !asked.no_input && is_terminal(Stream::in) && is_terminal(Stream::err);
  if (answers.kind.empty()) {
    if (may_ask) {
      for (const lab::StarterKind& kind : lab::starter_kinds())
        say("  " + std::string(kind.name) + ": " + std::string(kind.meaning));
    }
    answers.kind = may_ask ? ask("Which kind?", "order") : "blank";
  }
  const lab::StarterKind* kind = lab::find_starter_kind(answers.kind);
  if (kind == nullptr) return;
  const auto settle = [&](std::string& answer, std::string_view proposed, const char* question) {
    if (answer.empty()) answer = may_ask ? ask(question, std::string(proposed)) : proposed;
    if (answer == k_none) answer.clear();
  };
  settle(answers.deadline, kind->deadline, "How long may it wait? A duration, or none");
  settle(answers.role, kind->role, "Which role acts where a person must? Or none");
}

bool write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file) std::cout << path.string() << '\n';
  return static_cast<bool>(file);
}

int make(Asked asked) {
  complete(asked);
  const auto starter = lab::make_starter(asked.answers);
  if (!starter) {
    say_error(starter.error());
    return k_usage;
  }
  const fs::path folder(asked.folder);
  const fs::path workflow = folder / (asked.answers.name + ".yaml");
  const fs::path tests = folder / (asked.answers.name + ".test.yaml");
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  for (const fs::path& path : {workflow, tests}) {
    if (asked.force || !fs::exists(path, ignored)) continue;
    say("error: " + path.string() + " is there already; take another name, or --force");
    return k_conflict;
  }
  if (!write(workflow, starter->workflow) || !write(tests, starter->tests)) {
    say("error: can't write into " + asked.folder);
    return k_findings;
  }
  say("next: vozex test " + tests.string());
  return k_ok;
}

}  // namespace

void add_new(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("new",
                                         "A workflow to begin with, and its scenarios\n\n"
                                         "  vozex new expense_report\n"
                                         "  vozex new expense_report --kind approval --deadline 5d "
                                         "--role managers --no-input\n");
  auto asked = std::make_shared<Asked>();
  std::vector<std::string> kinds;
  for (const lab::StarterKind& kind : lab::starter_kinds()) kinds.emplace_back(kind.name);
  command->add_option("name", asked->answers.name, "of the workflow: small letters, digits, _")
      ->required();
  command->add_option("--kind", asked->answers.kind, "what it is like")
      ->check(CLI::IsMember(kinds));
  command->add_option(
      "--deadline", asked->answers.deadline, "how long it may wait: a duration, or none");
  command->add_option("--role", asked->answers.role, "who acts where a person must, or none");
  command->add_option("--folder", asked->folder, "where the two files go");
  command->add_flag("--no-input", asked->no_input, "ask nothing");
  command->add_flag("--force", asked->force, "overwrite files that are there");
  command->callback([&program, asked] { program.exit_code = make(*asked); });
}

}  // namespace vozex::cli
