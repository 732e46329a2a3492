// SPDX-License-Identifier: Apache-2.0
#include "api/cli/client_options.h"
#include "api/cli/program.h"

namespace vozex::cli {
namespace {

struct Asked {
  std::string action, target, actor, since, after;
  int limit = 50;
};

int list(const ClientSettings& settings, const Asked& asked) {
  const std::string query = query_of({{"action", asked.action},
                                      {"target", asked.target},
                                      {"actor", asked.actor},
                                      {"since", asked.since},
                                      {"after", asked.after},
                                      {"limit", std::to_string(asked.limit)}});
  return finish(Client(settings).send("GET", "/v1/audit" + query), [&](const types::Value& body) {
    print_list(member(body, "items"),
               settings.output(),
               {"at", "actor", "action", "target", "outcome", "code", "reason"});
    if (const auto next = body.text_at("next"); !next.empty())
      say("there may be more: --after " + std::string(next));
  });
}

}  // namespace

void add_audit(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("audit", "Who did what by hand, and why");
  group->require_subcommand(1);
  CLI::App* ls = group->add_subcommand("ls",
                                       "Entries, newest first\n\n"
                                       "  vozex audit ls --actor ann --since 2026-01-31T00:00:00Z\n"
                                       "  vozex audit ls --action instances --target ID\n");
  auto settings = add_client_options(*ls);
  auto asked = std::make_shared<Asked>();
  ls->add_option("--action", asked->action, "this, or those below it: instances, batches.create");
  ls->add_option("--target", asked->target, "an instance, a batch, a task, a call");
  ls->add_option("--actor", asked->actor, "who did it, or whose key it came with");
  ls->add_option("--since", asked->since, "not older than this time");
  ls->add_option("--after", asked->after, "the next page: what the last one said");
  ls->add_option("--limit", asked->limit, "so many at most")->check(CLI::Range(1, 200));
  ls->callback([&program, settings, asked] { program.exit_code = list(*settings, *asked); });
}

}  // namespace vozex::cli
