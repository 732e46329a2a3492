// SPDX-License-Identifier: Apache-2.0
// JSON Schemas: of the language, for editors; of what a workflow takes and gives, for its callers.
#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/output.h"
#include "api/cli/program.h"
#include "engine/language/language_schema.h"
#include "engine/types/json.h"
#include "engine/types/schema.h"

namespace vozex::cli {
namespace {

using language::FileKind;

struct Asked {
  std::string file;
  std::string kind = "any";
  std::vector<std::string> of{"input"};
};

const std::map<std::string, FileKind> k_kinds{{"any", FileKind::unknown},
                                              {"workflow", FileKind::workflow},
                                              {"types_of", FileKind::types_of},
                                              {"adapter", FileKind::adapter},
                                              {"test", FileKind::test}};

// A part of a workflow's contract; null with a message when there is none.
struct Part {
  types::TypeRef type;
  std::string title;
  std::string missing;
};

Part event_part(const machine::Machine& machine, const std::string& name) {
  const machine::EventDecl* event = machine.find_event(name);
  if (event != nullptr) return {event->data, name, ""};
  std::string known;
  for (const machine::EventDecl& other : machine.events)
    known += (known.empty() ? "" : ", ") + other.name;
  return {nullptr, "", machine.workflow + " has no event `" + name + "`; it has: " + known};
}

// An action by name, or by state.name where several states have one of that name.
Part form_part(const machine::Machine& machine, const std::string& name) {
  std::string known;
  for (const machine::ManualAction& action : machine.actions) {
    const std::string& state = machine.states[action.state].path;
    const std::string full = state.empty() ? action.name : state + "." + action.name;
    known += (known.empty() ? "" : ", ") + full;
    if (action.name != name && full != name) continue;
    const types::TypeRef form = action.form != nullptr ? action.form : types::object_of({});
    return {form, machine.workflow + " " + action.name, ""};
  }
  return {nullptr, "", machine.workflow + " has no action `" + name + "`; it has: " + known};
}

Part part_of(const machine::Machine& machine, const std::vector<std::string>& of) {
  const std::string& word = of.front();
  const std::string title = machine.workflow + " " + word;
  if (word == "input") return {machine.input, title, ""};
  if (word == "data") return {machine.data, title, ""};
  if (word == "config") return {machine.config, title, ""};
  if (word == "output") return {machine.output, title, machine.workflow + " declares no `output`"};
  if (word == "event" && of.size() == 2) return event_part(machine, of[1]);
  if (word == "form" && of.size() == 2) return form_part(machine, of[1]);
  return {nullptr, "", "--of takes input, output, data, config, event NAME or form ACTION"};
}

int of_language(const Asked& asked) {
  std::cout << types::to_pretty_json(language::language_schema(k_kinds.at(asked.kind))) << '\n';
  return k_ok;
}

int of_file(const Asked& asked) {
  const auto found = find_files({asked.file});
  if (!found) {
    say_error(found.error());
    return k_not_found;
  }
  const auto compiled = language::compile(found->sources);
  const auto is_asked = [&](const machine::MachineRef& machine) {
    return machine->sources.front().name == asked.file;
  };
  const auto machine = std::find_if(compiled.machines.begin(), compiled.machines.end(), is_asked);
  if (machine == compiled.machines.end()) {
    auto own = compiled.diagnostics;
    std::erase_if(own, [&](const Diagnostic& one) { return one.file != asked.file; });
    std::cerr << language::render(own, found->sources);
    say("error: " + asked.file + " is no workflow, or has mistakes: `vozex validate` shows them");
    return k_findings;
  }
  const Part part = part_of(**machine, asked.of);
  if (part.type == nullptr) {
    say("error: " + part.missing);
    return k_not_found;
  }
  std::cout << types::to_pretty_json(types::json_schema(*part.type, part.title)) << '\n';
  return k_ok;
}

}  // namespace

void add_schema(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "schema",
      "JSON Schema (2020-12) of the language, or of what a workflow takes and gives\n\n"
      "  vozex schema > vozex.schema.json\n"
      "  vozex schema workflows/commerce/order.yaml\n"
      "  vozex schema workflows/commerce/order.yaml --of event payment.succeeded\n");
  auto asked = std::make_shared<Asked>();
  command->add_option("file", asked->file, "a workflow; without it, the language itself");
  command
      ->add_option("--kind", asked->kind, "of the language: any, workflow, types_of, adapter, test")
      ->check(CLI::IsMember({"any", "workflow", "types_of", "adapter", "test"}));
  command
      ->add_option(
          "--of",
          asked->of,
          "of the workflow: input (default), output, data, config, event NAME, form ACTION")
      ->expected(1, 2);
  command->callback([&program, asked] {
    program.exit_code = asked->file.empty() ? of_language(*asked) : of_file(*asked);
  });
}

}  // namespace vozex::cli
