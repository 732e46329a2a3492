// SPDX-License-Identifier: Apache-2.0
#include "api/cli/doctor.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"

namespace vozex::cli {
namespace {

using types::Value;

int check(const DoctorSettings& settings) {
  if (!settings.repair && (settings.dry_run || !settings.codes.empty() ||
                           !settings.instances.empty() || !settings.actor.empty())) {
    say("--dry-run, --code, --instance and --actor say what to --repair: give that, too");
    return k_usage;
  }
  if (settings.repair && !settings.dry_run && (settings.actor.empty() || settings.reason.empty())) {
    say("--repair wants --actor and --reason: they stand in the audit log. --dry-run needs "
        "neither");
    return k_usage;
  }
  return k_ok;
}

void show_repaired(const Value& diagnosis) {
  const Value repaired = member(diagnosis, "repaired");
  if (!repaired.is_list() || repaired.as_list().empty()) return;
  print_list(repaired, Format::table, {"code", "instance", "what", "repair", "outcome", "note"});
}

int show(const DoctorSettings& settings, const Doctor& doctor) {
  if (const int code = check(settings); code != k_ok) return code;
  const Result<Value> diagnosis = doctor(settings);
  if (!diagnosis) {
    say_error(diagnosis.error());
    return diagnosis.error().kind == ErrorClass::unavailable ? k_unreachable : k_usage;
  }
  const Value findings = member(*diagnosis, "findings");
  if (settings.format == "json") {
    print_object(*diagnosis, Format::json);
  } else {
    show_repaired(*diagnosis);
    if (!findings.as_list().empty()) {
      print_list(findings,
                 Format::table,
                 {"code", "workflow", "key", "instance", "what", "advice", "command"});
    }
  }
  if (const Value kept = member(*diagnosis, "kept_in"); kept.is_string()) {
    say("what was taken away stands in " + kept.as_string() +
        ": it may be of customers, remove it when nobody needs it any more");
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
      "Prove that every unfinished instance of a database can go on; mend what can be mended\n\n"
      "  vozex doctor --store postgresql://vozex@db.example/vozex\n"
      "  vozex doctor --store sqlite:///var/lib/vozex/vozex.db -o json\n"
      "  vozex doctor --repair --dry-run\n"
      "  vozex doctor --repair --code timer_differs --actor ann --reason 'after the restore'\n");
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
      ->envname("VOZEX_SETTLE")
      ->check(CLI::Range(0, 3600));
  command->add_flag("--repair",
                    settings->repair,
                    "mend what needs no decision; each repair stands in the audit log");
  command->add_flag("--dry-run", settings->dry_run, "with --repair: only say what it would do");
  command->add_option("--code", settings->codes, "repair only findings with this code; several");
  command->add_option("--instance", settings->instances, "repair only this instance; several");
  command->add_option(
      "--keep", settings->keep, "file that gets what a repair takes away, a line of JSON each");
  command->add_option("--actor", settings->actor, "who repairs");
  command->add_option("--reason", settings->reason, "why");
  command->callback([&program, &doctor, settings] { program.exit_code = show(*settings, doctor); });
}

}  // namespace vozex::cli
