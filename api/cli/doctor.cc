// SPDX-License-Identifier: Apache-2.0
#include "api/cli/doctor.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"

namespace vozex::cli {
namespace {

using types::Value;

int show(const DoctorSettings& settings, const Doctor& doctor) {
  const Result<Value> diagnosis = doctor(settings);
  if (!diagnosis) {
    say_error(diagnosis.error());
    return diagnosis.error().kind == ErrorClass::unavailable ? k_unreachable : k_usage;
  }
  const Value findings = member(*diagnosis, "findings");
  if (settings.format == "json") {
    print_object(*diagnosis, Format::json);
  } else if (!findings.as_list().empty()) {
    print_list(findings, Format::table, {"code", "workflow", "key", "instance", "what", "advice"});
  }
  say(cell_text(member(*diagnosis, "instances")) + " unfinished instances, " +
      cell_text(member(*diagnosis, "definitions")) + " definitions, " +
      counted(findings.as_list().size(), "finding"));
  return findings.as_list().empty() ? k_ok : k_findings;
}

}  // namespace

void add_doctor(CLI::App& app, Program& program, const Doctor& doctor) {
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Prove that every unfinished instance of a database can go on; reads only\n\n"
      "  vozex doctor --store postgresql://vozex@db.example/vozex\n"
      "  vozex doctor --store sqlite:///var/lib/vozex/vozex.db -o json\n");
  auto settings = std::make_shared<DoctorSettings>();
  command->add_option("--store", settings->store, "sqlite:///path or postgresql://...")
      ->envname("VOZEX_STORE")
      ->required();
  command->add_option("-o,--output", settings->format, "table or json")
      ->check(CLI::IsMember({"table", "json"}));
  command
      ->add_option("--settle",
                   settings->settle_seconds,
                   "seconds that servers get to mend what they mend by themselves")
      ->check(CLI::Range(0, 3600));
  command->callback([&program, &doctor, settings] { program.exit_code = show(*settings, doctor); });
}

}  // namespace vozex::cli
