// SPDX-License-Identifier: Apache-2.0
// The page of an error code. The pages are part of the program: no network, no installed files.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/markdown.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "api/cli/terminal.h"
#include "engine/lab/error_pages.h"

namespace vozex::cli {
namespace {

using types::Value;

struct Asked {
  std::string code;
  std::string format = "table";
  bool list = false;
};

Value text(std::string_view content) { return Value::string(std::string(content)); }

int list_all(const Asked& asked) {
  Value::List list;
  for (const lab::ErrorPage& page : lab::error_pages())
    list.push_back(Value::object({{"code", text(page.code)}, {"meaning", text(page.meaning())}}));
  print_list(Value::list(std::move(list)), format_of(asked.format), {"code", "meaning"});
  say("next: vozex explain CODE");
  return k_ok;
}

int unknown(const std::string& code) {
  say("error: there is no code \"" + code + "\"");
  const auto near = lab::error_pages_near(code);
  for (const lab::ErrorPage* page : near)
    say("  " + std::string(page->code) + "  " + std::string(page->meaning()));
  say(near.empty() ? "next: vozex explain --list"
                   : "next: vozex explain " + std::string(near.front()->code));
  return k_not_found;
}

int explain(const Asked& asked) {
  if (asked.list) return list_all(asked);
  if (asked.code.empty()) {
    say("error: expected a code: vozex explain VZ0201, or vozex explain --list");
    return k_usage;
  }
  const lab::ErrorPage* page = lab::find_error_page(asked.code);
  if (page == nullptr) return unknown(asked.code);
  if (asked.format == "table") {
    std::cout << render_markdown(page->text, {page_width(), wants_colour(Stream::out)});
  } else {
    print_object(Value::object({{"code", text(page->code)},
                                {"meaning", text(page->meaning())},
                                {"markdown", text(page->text)}}),
                 format_of(asked.format));
  }
  return k_ok;
}

}  // namespace

void add_explain(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("explain",
                                         "What an error code means and what to do about it\n\n"
                                         "  vozex explain VZ0201\n"
                                         "  vozex explain 201\n"
                                         "  vozex explain --list\n");
  auto asked = std::make_shared<Asked>();
  command->add_option("code", asked->code, "as in error[VZ0201]; the number is enough");
  command->add_flag("--list", asked->list, "all codes");
  command->add_option("-o,--output", asked->format, "table, json or jsonl")
      ->check(CLI::IsMember({"table", "json", "jsonl"}));
  command->callback([&program, asked] { program.exit_code = explain(*asked); });
}

}  // namespace vozex::cli
