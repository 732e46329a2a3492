// SPDX-License-Identifier: Apache-2.0
// Expressions by themselves: one for a person, or JSON lines for programs.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/line_reader.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "api/cli/terminal.h"
#include "engine/lab/evaluation.h"
#include "engine/types/json.h"

namespace vozex::cli {
namespace {

struct Asked {
  std::string expression;
  std::string variables = "{}";
  std::string format = "table";
  lab::EvalForm form;
  CLI::Option* given = nullptr;
};

void say_problems(const std::vector<Diagnostic>& problems, const std::string& expression) {
  for (const Diagnostic& one : problems) {
    if (one.span.line != 0) {
      std::cerr << render(one, expression);
    } else {
      say("error[" + one.code + "]: " + one.message);
      if (!one.hint.empty()) say("  hint: " + one.hint);
    }
  }
  if (problems.front().span.line != 0) say("next: vozex explain " + problems.front().code);
}

int eval_one(const Asked& asked) {
  const auto variables = lab::eval_variables(asked.variables);
  if (!variables) {
    say_problems({variables.error()}, "");
    return k_usage;
  }
  const lab::EvalAnswer answer = lab::evaluate_text(asked.expression, *variables);
  const types::Value shown = lab::eval_value(answer, asked.form);
  if (asked.format != "table") {
    print_object(shown, format_of(asked.format));
  } else if (answer) {
    std::cout << types::to_pretty_json(*shown.find("value")) << '\n';
    if (asked.form.kind) std::cout << shown.text_at("type") << '\n';
  } else {
    say_problems(answer.error(), asked.expression);
  }
  return answer ? k_ok : k_findings;
}

// Mistakes are answers here, so they don't change the exit code.
int eval_lines(const lab::EvalForm& form) {
  if (is_terminal(Stream::in))
    say(R"(reading JSON lines, such as {"expr": "a + 1", "vars": {"a": 1}}; end with Ctrl-D)");
  LineReader lines(lab::k_max_eval_line_bytes, [] { std::cout.flush(); });
  std::string line;
  while (true) {
    const LineReader::Found found = lines.next(line);
    if (found == LineReader::Found::end) break;
    if (found == LineReader::Found::too_long) {
      std::cout << lab::eval_line_too_long() << '\n';
    } else if (line.find_first_not_of(" \t") != std::string::npos) {
      std::cout << lab::eval_line(line, form) << '\n';
    }
  }
  std::cout.flush();
  return std::cout ? k_ok : k_findings;
}

}  // namespace

void add_eval(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "eval",
      "Evaluate expressions\n\n"
      "  vozex eval 'items.map(i, i.price).sum()' --vars '{\"items\": [{\"price\": 3}]}'\n"
      "  echo '{\"expr\": \"a + 1\", \"vars\": {\"a\": 1}}' | vozex eval\n\n"
      "Without an expression it reads JSON lines and answers each with {\"value\": ...} or "
      "{\"error\": {\"code\", \"message\"}}.\n");
  auto asked = std::make_shared<Asked>();
  asked->given = command->add_option("expression", asked->expression, "CEL, without ${}");
  command->add_option("--vars", asked->variables, "JSON object: the names it may use");
  command->add_option("-o,--output", asked->format, "table, json or jsonl")
      ->check(CLI::IsMember({"table", "json", "jsonl"}));
  command->add_flag("--lossless",
                    asked->form.lossless,
                    "kinds that JSON lacks as {\"$uint\": \"1\"}, {\"$timestamp\": ...}");
  command->add_flag("--types", asked->form.kind, "say the type beside the value");
  command->callback([&program, asked] {
    program.exit_code = asked->given->count() > 0 ? eval_one(*asked) : eval_lines(asked->form);
  });
}

}  // namespace vozex::cli
