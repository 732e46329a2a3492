// SPDX-License-Identifier: Apache-2.0
#include "api/cli/instance_ops.h"

#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/instance_mending.h"
#include "api/cli/program.h"

namespace vozex::cli {
namespace {

using types::Value;

struct ListAsked {
  std::string workflow, key, state, life, root, after;
  bool incident = false;
  int limit = 50;
};

int list(const ClientSettings& settings, const ListAsked& asked) {
  const std::string query = query_of({{"workflow", asked.workflow},
                                      {"key", asked.key},
                                      {"state", asked.state},
                                      {"life", asked.life},
                                      {"root", asked.root},
                                      {"after", asked.after},
                                      {"incident", asked.incident ? "true" : ""},
                                      {"limit", std::to_string(asked.limit)}});
  return finish(Client(settings).send("GET", "/v1/instances" + query), [&](const Value& body) {
    print_list(member(body, "items"),
               settings.output(),
               {"id", "workflow", "key", "life", "state", "status", "incident", "at"});
    if (const auto next = body.text_at("next"); !next.empty())
      say("there may be more: --after " + std::string(next));
  });
}

int history(const ClientSettings& settings, const std::string& name) {
  const Client client(settings);
  const auto id = resolve(client, name);
  if (!id) return complain(tl::unexpected(id.error()));
  if (id->code != 0) return id->code;
  Value::List items;
  std::string after = "0";
  for (;;) {
    const auto reply = client.send(
        "GET",
        "/v1/instances/" + id->id + "/history" + query_of({{"after", after}, {"limit", "200"}}));
    if (const int code = complain(reply); code != 0) return code;
    const Value page = member(reply->body, "items");
    items.insert(items.end(), page.as_list().begin(), page.as_list().end());
    const Value next = member(reply->body, "next");
    if (next.is_null()) break;
    after = cell_text(next);
  }
  print_list(
      Value::list(std::move(items)),
      settings.output(),
      {"seq", "at", "disposition", "entry.event.name", "entry.from", "entry.to", "entry.note"});
  return k_ok;
}

struct StartAsked {
  std::string workflow;
  std::string input = "{}";
};

int start(const ClientSettings& settings, const StartAsked& asked) {
  const auto input = json_argument(asked.input);
  if (!input) {
    say_error(input.error());
    return k_usage;
  }
  const Value body =
      Value::object({{"workflow", Value::string(asked.workflow)}, {"input", *input}});
  return finish(Client(settings).send("POST", "/v1/instances", body),
                [&](const Value& answer) { print_object(answer, settings.output()); });
}

// A command about one instance, named by id or by workflow/key.
CLI::App* about_one(CLI::App& group, const char* name, const char* help, std::string& instance) {
  CLI::App* command = group.add_subcommand(name, help);
  command->add_option("instance", instance, "its id, or WORKFLOW/KEY")->required();
  return command;
}

void add_reads(CLI::App& group, Program& program) {
  CLI::App* ls = group.add_subcommand("ls",
                                      "List\n\n  vozex instance ls --workflow order --state "
                                      "fulfilling\n  vozex instance ls --incident -o json\n");
  auto ls_settings = add_client_options(*ls);
  auto ls_asked = std::make_shared<ListAsked>();
  ls->add_option("--workflow", ls_asked->workflow);
  ls->add_option("--business-key", ls_asked->key, "its business key");
  ls->add_option("--state", ls_asked->state, "a state's path, or a parent of it");
  ls->add_option(
      "--life", ls_asked->life, "running, held, suspended, completed, failed, cancelled");
  ls->add_option("--root", ls_asked->root, "everything in the tree of this instance");
  ls->add_option("--after", ls_asked->after, "the last id of the page before");
  ls->add_option("--limit", ls_asked->limit)->check(CLI::Range(1, 200))->capture_default_str();
  ls->add_flag("--incident", ls_asked->incident, "only those with an open incident");
  ls->callback(
      [&program, ls_settings, ls_asked] { program.exit_code = list(*ls_settings, *ls_asked); });

  auto instance = std::make_shared<std::string>();
  CLI::App* shown =
      about_one(group, "show", "All about one\n\n  vozex instance show order/o-1\n", *instance);
  auto show_settings = add_client_options(*shown);
  shown->callback([&program, show_settings, instance] {
    program.exit_code =
        finish(Client(*show_settings).send("GET", path_of(*instance)),
               [&](const Value& body) { print_object(body, show_settings->output()); });
  });
  CLI::App* past = about_one(group,
                             "history",
                             "What happened\n\n  vozex instance history order/o-1 -o jsonl\n",
                             *instance);
  auto past_settings = add_client_options(*past);
  past->callback([&program, past_settings, instance] {
    program.exit_code = history(*past_settings, *instance);
  });
  CLI::App* asked_why = about_one(group,
                                  "why",
                                  "What it waits for, since when, and what would happen next\n\n  "
                                  "vozex instance why order/o-1\n",
                                  *instance);
  auto why_settings = add_client_options(*asked_why);
  asked_why->callback(
      [&program, why_settings, instance] { program.exit_code = why(*why_settings, *instance); });
}

void add_move_and_patch(CLI::App& group, Program& program) {
  auto order = std::make_shared<InstanceOrder>();
  auto what = std::make_shared<std::string>();
  CLI::App* move = about_one(group,
                             "move",
                             "Put it into another state\n\n  vozex instance move order/o-1 "
                             "live.packing --reason \"packed by hand\"\n",
                             order->instance);
  auto move_settings = add_client_options(*move);
  move->add_option("state", *what, "full path")->required();
  move->add_option("--reason", order->reason, "goes into its history")->required();
  move->callback([&program, move_settings, order, what] {
    program.exit_code = order_one(*move_settings,
                                  *order,
                                  "move",
                                  types::Value::object({{"target", types::Value::string(*what)}}));
  });
  CLI::App* patch = about_one(group,
                              "patch",
                              "Change its data by a JSON merge patch\n\n  vozex instance patch "
                              "order/o-1 '{\"seats\": 2}' --reason \"miscounted\"\n",
                              order->instance);
  auto patch_settings = add_client_options(*patch);
  patch->add_option("data", *what, "JSON, @file or -")->required();
  patch->add_option("--reason", order->reason, "goes into its history")->required();
  patch->callback([&program, patch_settings, order, what] {
    const auto data = json_argument(*what);
    if (!data) {
      say_error(data.error());
      program.exit_code = k_usage;
      return;
    }
    program.exit_code =
        order_one(*patch_settings, *order, "patch", types::Value::object({{"data", *data}}));
  });
}

void add_writes(CLI::App& group, Program& program) {
  CLI::App* begin = group.add_subcommand(
      "start", "Start one\n\n  vozex instance start order --input @order.json\n");
  auto start_settings = add_client_options(*begin);
  auto start_asked = std::make_shared<StartAsked>();
  begin->add_option("workflow", start_asked->workflow)->required();
  begin->add_option("--input", start_asked->input, "JSON, @file or -");
  begin->add_option(
      "--idempotency-key", start_settings->idempotency_key, "the same again gets the first answer");
  begin->callback([&program, start_settings, start_asked] {
    program.exit_code = start(*start_settings, *start_asked);
  });

  auto order = std::make_shared<InstanceOrder>();
  CLI::App* action = about_one(group,
                               "action",
                               "Do what its workflow lets people do\n\n  vozex instance action "
                               "order/o-1 pay_again --as ann --role customer\n",
                               order->instance);
  auto action_settings = add_client_options(*action);
  action->add_option("name", order->action, "the action")->required();
  action->add_option("--form", order->form, "JSON, @file or -");
  action->add_option("--as", order->actor, "who does it (default: the key's owner)");
  action->add_option("--role", order->roles, "of whoever does it; several");
  action->add_option("--reason", order->reason, "why, in place of who has the task");
  action->add_option("--idempotency-key", action_settings->idempotency_key);
  action->callback(
      [&program, action_settings, order] { program.exit_code = act(*action_settings, *order); });

  for (const auto& [word, help] :
       {std::pair(
            "cancel",
            "Tell it to end\n\n  vozex instance cancel order/o-1 --reason \"placed by mistake\"\n"),
        std::pair("retry",
                  "Send its dead calls again and let it go on\n\n  vozex instance retry order/o-1 "
                  "--reason \"the gateway is back\"\n"),
        std::pair("skip",
                  "Drop the event that holds it; then `resume`\n\n  vozex instance skip order/o-1 "
                  "--reason \"sent by mistake\"\n"),
        std::pair("suspend",
                  "Let events and timers wait\n\n  vozex instance suspend order/o-1 --reason "
                  "\"under investigation\"\n"),
        std::pair(
            "resume",
            "Let it go on\n\n  vozex instance resume order/o-1 --reason \"looked into\"\n")}) {
    CLI::App* command = about_one(group, word, help, order->instance);
    auto settings = add_client_options(*command);
    command->add_option("--reason", order->reason, "goes into its history")->required();
    command->callback([&program, settings, order, verb = std::string(word)] {
      program.exit_code = order_one(*settings, *order, verb);
    });
  }
  add_move_and_patch(group, program);
}

}  // namespace

void add_instance(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("instance", "Running lifecycles");
  group->require_subcommand(1);
  add_reads(*group, program);
  add_writes(*group, program);
  add_instance_mending(*group, program);
}

}  // namespace vozex::cli
