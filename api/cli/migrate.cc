// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/program.h"

namespace vozex::cli {

void add_migrate(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "migrate",
      "Bring a database to the tables of this version\n\n"
      "  vozex migrate --store postgresql://vozex@db.example/vozex\n"
      "  vozex migrate --store postgresql://vozex@db.example/vozex --distribute\n");
  auto store = std::make_shared<std::string>();
  command->add_option("--store", *store, "sqlite:///path or postgresql://...")
      ->envname("VOZEX_STORE")
      ->required();
  auto distribute = std::make_shared<bool>(false);
  command->add_flag("--distribute", *distribute, "spread the tables over a Citus cluster");
  command->callback([&program, store, distribute] {
    program.exit_code = program.composition.migrate(*store, *distribute);
  });
}

}  // namespace vozex::cli
