// SPDX-License-Identifier: Apache-2.0
#include "api/cli/program.h"

#include <algorithm>
#include <optional>

#include <CLI/CLI.hpp>

#include "api/cli/batch.h"
#include "api/cli/catalog.h"
#include "api/cli/doctor.h"
#include "api/cli/exit_codes.h"
#include "api/cli/gateway.h"
#include "api/cli/incident.h"
#include "api/cli/output.h"
#include "engine/base/text.h"

namespace vozex::cli {
namespace {

// Examples first, then the grammar.
constexpr const char* k_help = R"(VOZEX runs lifecycles that are written in YAML.

  vozex dev                                  a whole house on this machine, with a gateway to play with
  vozex new refund_request                   a workflow to begin with, and its scenarios
  vozex validate workflows                   all mistakes of all files, in one run
  vozex test workflows                       the scenarios beside them
  vozex explain VZ0201                       what an error code means
  vozex graph order.yaml --format svg        a workflow as a diagram
  vozex diff order.v1.yaml order.yaml        what a new version means for live instances
  vozex serve --config vozex.yaml            the server
  vozex catalog apply catalog                what is for sale, from files
  vozex instance ls --workflow order         what is going on
  vozex instance why order/o-1               what an instance waits for
  vozex event send order.cancel --data '{"order_id": "o-1", "reason": "changed my mind"}'
)";

// What stands where a command is expected and isn't one: CLI11 would only say that one is missing.
std::optional<std::string> unknown_command(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return std::nullopt;
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  const std::string given = argv[1];
  if (std::find(names.begin(), names.end(), given) != names.end()) return std::nullopt;
  const auto meant = nearest(given, names);
  return "error: there is no command \"" + given + "\"" +
         (meant ? ", did you mean `vozex " + *meant + "`?" : ".") + "\nnext: vozex --help";
}

}  // namespace

int run(int argc, char** argv, const Composition& composition) {
  return run(argc, argv, composition, {});
}

int run(int argc, char** argv, const Composition& composition, const Doctor& doctor) {
  CLI::App app(k_help, "vozex");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("-V,--version", "vozex " + composition.version);
  app.footer("`vozex COMMAND --help` says more. Exit codes: docs/operations.md.");
  Program program{composition};
  add_dev(app, program);
  add_serve(app, program);
  add_sandbox(app, program);
  add_migrate(app, program);
  add_archive(app, program);
  add_validate(app, program);
  add_test(app, program);
  add_new(app, program);
  add_explain(app, program);
  add_eval(app, program);
  add_graph(app, program);
  add_diff(app, program);
  add_schema(app, program);
  add_fmt(app, program);
  add_lsp(app, program);
  add_workflow(app, program);
  add_instance(app, program);
  add_event(app, program);
  add_task(app, program);
  add_call(app, program);
  add_incident(app, program);
  add_gateway(app, program);
  add_audit(app, program);
  add_batch(app, program);
  add_migrate_instances(app, program);
  if (doctor) add_doctor(app, program, doctor);
  add_license(app, program);
  add_catalog(app, program);
  add_version(app, program);
  add_completion(app, program);
  if (const auto wrong = unknown_command(app, argc, argv)) {
    say(*wrong);
    return k_usage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {  // --help
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return k_usage;
  }
  return program.exit_code;
}

}  // namespace vozex::cli
