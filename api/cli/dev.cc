// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/output.h"
#include "api/cli/program.h"

namespace vozex::cli {

void add_dev(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("dev",
                         "A whole house on loopback: server, gateway, workflows, secrets\n\n"
                         "  vozex dev\n"
                         "  vozex dev --store postgresql://localhost/vozex\n");
  auto settings = std::make_shared<DevSettings>();
  auto adapters = std::make_shared<std::vector<std::string>>();
  settings->workflows = program.composition.default_workflows;
  command->add_option("--listen", settings->listen, "the server's host:port")
      ->capture_default_str();
  command->add_option("--sandbox-listen", settings->sandbox_listen, "the gateway's host:port")
      ->capture_default_str();
  command
      ->add_option("--store",
                   settings->store,
                   "sqlite:///path or postgresql://... (default: SQLite in the state folder)")
      ->envname("VOZEX_STORE");
  command->add_option("--state", settings->state, "folder of what is generated")
      ->envname("VOZEX_STATE")
      ->capture_default_str();
  command->add_option("--workflows", settings->workflows, "files and folders to deploy");
  command->add_option("--log", settings->log, "console or json")
      ->check(CLI::IsMember({"console", "json"}));
  command->add_option(
      "--adapter", *adapters, "NAME=URL: where an adapter over HTTP is on this machine; several");
  command->callback([&program, settings, adapters] {
    auto bases = with_adapter_bases(settings->adapters, *adapters);
    if (!bases) {
      say_error(bases.error());
      program.exit_code = k_usage;
      return;
    }
    settings->adapters = *std::move(bases);
    program.exit_code = program.composition.dev(*settings);
  });
}

}  // namespace vozex::cli
