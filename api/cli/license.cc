// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/exit_codes.h"
#include "api/cli/files.h"
#include "api/cli/output.h"
#include "api/cli/program.h"

namespace vozex::cli {

void add_license(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("license", "Licences");
  group->require_subcommand(1);
  CLI::App* verify =
      group->add_subcommand("verify",
                            "Verify a licence document, offline\n\n"
                            "  vozex license verify license.json --public-key ed25519:q83v...\n");
  auto file = std::make_shared<std::string>();
  auto key = std::make_shared<std::string>();
  verify->add_option("file", *file, "the document, - for standard input")->required();
  verify
      ->add_option("--public-key",
                   *key,
                   "the key's text, or a file that holds it (as /.well-known/license-key has it)")
      ->required();
  verify->callback([&program, file, key] {
    const auto document = read_file(*file);
    if (!document) {
      say_error(document.error());
      program.exit_code = k_not_found;
      return;
    }
    std::string text = *key;
    if (!text.starts_with("ed25519:")) {
      const auto read = read_file(text);
      if (!read) {
        say_error(read.error());
        program.exit_code = k_not_found;
        return;
      }
      text = *read;
    }
    program.exit_code = program.composition.verify_license(*document, text);
  });
}

}  // namespace vozex::cli
