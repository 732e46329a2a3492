// SPDX-License-Identifier: Apache-2.0
#include "api/cli/incident.h"

#include "api/cli/client_options.h"

namespace vozex::cli {
namespace {

int list(const ClientSettings& settings, const std::string& workflow, const std::string& by) {
  const Client client(settings);
  const std::string grouped = query_of({{"workflow", workflow}, {"group_by", by}});
  return finish(
      by.empty() ? every_page(client, "/v1/incidents", {{"workflow", workflow}})
                 : client.send("GET", "/v1/incidents" + grouped),
      [&](const types::Value& body) {
        const types::Value items = member(body, "items");
        if (by.empty()) {
          print_list(items,
                     settings.output(),
                     {"code", "workflow", "state", "key", "instance", "at", "message"});
        } else {
          print_list(items,
                     settings.output(),
                     {"count", "code", "workflow", "state", "last_at", "message"});
        }
        if (cell_text(member(body, "truncated")) == "true") say("there are more than are shown");
        if (!items.as_list().empty())
          say("next: vozex instance why ID, or vozex batch plan retry --workflow W --incident");
      });
}

}  // namespace

void add_incident(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("incident", "What can't go on");
  group->require_subcommand(1);
  CLI::App* ls = group->add_subcommand(
      "ls", "Open ones, one by one or grouped\n\n  vozex incident ls --group-by error\n");
  auto settings = add_client_options(*ls);
  auto workflow = std::make_shared<std::string>();
  auto by = std::make_shared<std::string>();
  ls->add_option("--workflow", *workflow, "of this name");
  ls->add_option("--group-by", *by, "error: those of one code, workflow and state are one line")
      ->check(CLI::IsMember({"error"}));
  ls->callback(
      [&program, settings, workflow, by] { program.exit_code = list(*settings, *workflow, *by); });
}

}  // namespace vozex::cli
