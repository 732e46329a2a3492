// SPDX-License-Identifier: Apache-2.0
// The page of an error code, or what a problem of the server means. Both are part of the program:
// no network, no installed files.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/markdown.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "api/cli/terminal.h"
#include "engine/lab/error_pages.h"
#include "engine/lab/problem_pages.h"

namespace vozex::cli {
namespace {

using types::Value;

struct Asked {
  std::string code;
  std::string format = "table";
  bool list = false;
};

Value text(std::string_view content) { return Value::string(std::string(content)); }

// In one line.
std::string meaning_of(const lab::ProblemSection& problem) {
  std::string meaning(problem.meaning());
  std::replace(meaning.begin(), meaning.end(), '\n', ' ');
  return meaning;
}

Value::Map known(std::string_view code, std::string_view meaning) {
  return {{text("code"), text(code)}, {text("meaning"), text(meaning)}};
}

int list_all(const Asked& asked) {
  Value::List list;
  for (const lab::ErrorPage& page : lab::error_pages())
    list.push_back(Value::map(known(page.code, page.meaning())));
  for (const lab::ProblemSection& problem : lab::problem_sections())
    list.push_back(Value::map(known(problem.code, meaning_of(problem))));
  print_list(Value::list(std::move(list)), format_of(asked.format), {"code", "meaning"});
  say("next: vozex explain CODE");
  return k_ok;
}

int unknown(const std::string& code) {
  say("error: there is no code \"" + code + "\"");
  std::vector<std::pair<std::string, std::string>> near;
  for (const lab::ProblemSection* problem : lab::problems_near(code))
    near.emplace_back(problem->code, meaning_of(*problem));
  for (const lab::ErrorPage* page : lab::error_pages_near(code))
    near.emplace_back(page->code, page->meaning());
  for (const auto& [one, meaning] : near) say(fmt::format("  {}  {}", one, meaning));
  say(near.empty() ? "next: vozex explain --list" : "next: vozex explain " + near.front().first);
  return k_not_found;
}

int show(const Asked& asked,
         std::string_view code,
         std::string_view meaning,
         std::string_view markdown) {
  if (asked.format == "table") {
    std::cout << render_markdown(markdown, {page_width(), wants_colour(Stream::out)});
    return k_ok;
  }
  Value::Map page = known(code, meaning);
  page.push_back({text("markdown"), text(markdown)});
  print_object(Value::map(std::move(page)), format_of(asked.format));
  return k_ok;
}

int explain(const Asked& asked) {
  if (asked.list) return list_all(asked);
  if (asked.code.empty()) {
    say("error: expected a code: vozex explain VZ0201, or vozex explain --list");
    return k_usage;
  }
  if (const lab::ErrorPage* page = lab::find_error_page(asked.code))
    return show(asked, page->code, page->meaning(), page->text);
  if (const lab::ProblemSection* problem = lab::find_problem(asked.code)) {
    const std::string code(problem->code);
    return show(asked,
                code,
                meaning_of(*problem),
                "# " + code + "\n\n" + std::string(problem->text) + "\n");
  }
  return unknown(asked.code);
}

}  // namespace

void add_explain(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("explain",
                         "What a code of an error or problem means, and what to do\n\n"
                         "  vozex explain VZ0201\n"
                         "  vozex explain 201\n"
                         "  vozex explain key_taken\n"
                         "  vozex explain --list\n");
  auto asked = std::make_shared<Asked>();
  command->add_option("code", asked->code, "as in error[VZ0201], or `code` of a problem");
  command->add_flag("--list", asked->list, "all codes");
  command->add_option("-o,--output", asked->format, "table, json or jsonl")
      ->check(CLI::IsMember({"table", "json", "jsonl"}));
  command->callback([&program, asked] { program.exit_code = explain(*asked); });
}

}  // namespace vozex::cli
