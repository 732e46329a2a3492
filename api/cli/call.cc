// SPDX-License-Identifier: Apache-2.0
#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/program.h"

namespace vozex::cli {
namespace {

using types::Value;

int list(const ClientSettings& settings, const std::string& state) {
  return finish(Client(settings).send("GET", "/v1/calls" + query_of({{"state", state}})),
                [&](const Value& body) {
                  print_list(member(body, "items"),
                             settings.output(),
                             {"id", "adapter", "state", "attempt", "error.code", "error.message"});
                  if (state == "dead" && !member(body, "items").as_list().empty())
                    say("next: vozex call retry ID");
                });
}

}  // namespace

void add_call(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("call", "Requests to other systems");
  group->require_subcommand(1);
  CLI::App* ls = group->add_subcommand(
      "ls", "Those under way, waiting, or given up\n\n  vozex call ls --state dead\n");
  auto ls_settings = add_client_options(*ls);
  auto state = std::make_shared<std::string>();
  ls->add_option("--state", *state, "leased, waiting or dead")
      ->check(CLI::IsMember({"leased", "waiting", "dead"}));
  ls->callback([&program, ls_settings, state] { program.exit_code = list(*ls_settings, *state); });

  CLI::App* retry = group->add_subcommand(
      "retry", "Send one that was given up once more\n\n  vozex call retry 0199.../4/0\n");
  auto retry_settings = add_client_options(*retry);
  auto id = std::make_shared<std::string>();
  retry->add_option("id", *id, "as `call ls` has it")->required();
  retry->callback([&program, retry_settings, id] {
    program.exit_code =
        finish(Client(*retry_settings).send("POST", "/v1/calls/" + *id + "/retry", Value::map({})),
               [&](const Value& body) { print_object(body, retry_settings->output()); });
  });
}

}  // namespace vozex::cli
