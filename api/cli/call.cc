// SPDX-License-Identifier: Apache-2.0
#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/program.h"
#include "engine/base/ids.h"

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

struct Asked {
  std::string id, adapter, workflow, code, reason;
  bool all = false;
  bool dry_run = false;
};

int retry_one(const ClientSettings& settings, const Asked& asked) {
  if (asked.id.empty()) {
    say("Expected the id of a dead call, or --all. Next: vozex call ls --state dead");
    return k_usage;
  }
  if (!CallId::parse(asked.id)) {
    say("\"" + asked.id +
        "\" names no call: expected <uuid>/<seq>/<index>. Next: vozex call ls --state dead");
    return k_usage;
  }
  const Value body = Value::object({{"reason", Value::string(asked.reason)}});
  return finish(Client(settings).send("POST", "/v1/calls/" + asked.id + "/retry", body),
                [&](const Value& reply) { print_object(reply, settings.output()); });
}

int retry_all(const ClientSettings& settings, const Asked& asked) {
  Value body = Value::object(
      {{"reason", Value::string(asked.reason.empty() ? "vozex call retry --all" : asked.reason)},
       {"dry_run", Value::boolean(asked.dry_run)}});
  const auto put = [&body](const char* name, const std::string& text) {
    if (!text.empty()) body = body.with(name, Value::string(text));
  };
  put("adapter", asked.adapter);
  put("workflow", asked.workflow);
  put("code", asked.code);
  return finish(Client(settings).send("POST", "/v1/calls:retry", body), [&](const Value& reply) {
    const Value items = member(reply, "items");
    if (asked.dry_run) {
      print_list(items, settings.output(), {"id", "adapter", "attempt", "error.code"});
    } else {
      print_list(items, settings.output(), {"id", "outcome", "problem.detail"});
    }
    if (!reply.text_at("next").empty()) say("there are more: run it again");
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
      "retry",
      "Send what was given up once more\n\n"
      "  vozex call retry 0199.../4/0 --reason 'they opened again'\n"
      "  vozex call retry --all --adapter payments --code timeout --reason 'gateway is back'\n");
  auto retry_settings = add_client_options(*retry);
  auto asked = std::make_shared<Asked>();
  CLI::Option* id = retry->add_option("id", asked->id, "as `call ls` has it");
  CLI::Option* all = retry->add_flag("--all", asked->all, "all dead ones that fit, at most 500");
  id->excludes(all);
  retry->add_option("--adapter", asked->adapter, "only those of one adapter")->needs(all);
  retry->add_option("--workflow", asked->workflow, "only those of one workflow")->needs(all);
  retry->add_option("--code", asked->code, "only those that ended with this error")->needs(all);
  retry->add_option("--reason", asked->reason, "why; stands in the histories");
  retry->add_flag("--dry-run", asked->dry_run, "only say which they are")->needs(all);
  retry->callback([&program, retry_settings, asked] {
    program.exit_code =
        asked->all ? retry_all(*retry_settings, *asked) : retry_one(*retry_settings, *asked);
  });
}

}  // namespace vozex::cli
