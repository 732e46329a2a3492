// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include <CLI/CLI.hpp>

#include "api/cli/program.h"

namespace vozex::cli {

void add_sandbox(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand(
      "sandbox",
      "Play the outside world: gateways with pages to pay on (docs/sandbox.md)\n\n"
      "  vozex sandbox --listen 127.0.0.1:4010 --webhook-url "
      "http://127.0.0.1:8080/webhooks/dodo\n");
  auto settings = std::make_shared<SandboxSettings>();
  command->add_option("--listen", settings->listen, "host:port; port 0 is any free one")
      ->capture_default_str();
  command->add_option("--webhook-url", settings->webhook_url, "where webhooks go")
      ->capture_default_str();
  command
      ->add_option(
          "--api-key", settings->api_key, "what clients must present: env:NAME or file:/path")
      ->envname("VOZEX_SANDBOX_KEY");
  command
      ->add_option("--webhook-secret",
                   settings->webhook_secret,
                   "what webhooks are signed with: env:NAME or file:/path")
      ->envname("VOZEX_SANDBOX_WEBHOOK_SECRET");
  command->callback(
      [&program, settings] { program.exit_code = program.composition.sandbox(*settings); });
}

}  // namespace vozex::cli
