// SPDX-License-Identifier: Apache-2.0
#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/instance_ops.h"
#include "api/cli/program.h"

namespace vozex::cli {
namespace {

using types::Value;

struct Listed {
  std::string queue, assignee, workflow, instance, after, as;
  std::vector<std::string> roles;
  bool mine = false, unassigned = false, overdue = false;
  int limit = 50;
};

// What is done to one task.
struct Asked {
  std::string id, to, action, as, reason;
  std::string form = "{}";
  std::vector<std::string> roles;
};

std::string joined(const std::vector<std::string>& roles) {
  std::string text;
  for (const std::string& role : roles) text += (text.empty() ? "" : ",") + role;
  return text;
}

const char* word(bool flag) { return flag ? "true" : ""; }

int list(const ClientSettings& settings, const Listed& asked) {
  const std::string query = query_of({{"queue", asked.queue},
                                      {"role", joined(asked.roles)},
                                      {"assignee", asked.assignee},
                                      {"mine", word(asked.mine)},
                                      {"as", asked.as},
                                      {"unassigned", word(asked.unassigned)},
                                      {"overdue", word(asked.overdue)},
                                      {"workflow", asked.workflow},
                                      {"instance", asked.instance},
                                      {"after", asked.after},
                                      {"limit", std::to_string(asked.limit)}});
  return finish(Client(settings).send("GET", "/v1/tasks" + query), [&](const Value& body) {
    print_list(member(body, "items"),
               settings.output(),
               {"id", "queue", "title", "assignee", "due", "overdue", "level"});
    if (const auto next = body.text_at("next"); !next.empty())
      say("there may be more: --after " + std::string(next));
  });
}

int show(const ClientSettings& settings, const Asked& asked) {
  const std::string query = query_of({{"as", asked.as}, {"role", joined(asked.roles)}});
  return finish(Client(settings).send("GET", "/v1/tasks/" + url_encode(asked.id) + query),
                [&](const Value& body) { print_object(body, settings.output()); });
}

int order(const ClientSettings& settings, const Asked& asked, const std::string& verb) {
  Value body = Value::object({{"actor", actor_value(asked.as, asked.roles)}});
  if (!asked.reason.empty()) body = body.with("reason", Value::string(asked.reason));
  if (verb == "assign") body = body.with("to", Value::string(asked.to));
  if (verb == "complete") {
    const auto form = json_argument(asked.form);
    if (!form) {
      say_error(form.error());
      return k_usage;
    }
    body = body.with("action", Value::string(asked.action)).with("form", *form);
  }
  return finish(
      Client(settings).send("POST", "/v1/tasks/" + url_encode(asked.id) + "/" + verb, body),
      [&](const Value& answer) { print_answer(settings, answer); });
}

CLI::App* about_one(CLI::App& group, const char* name, const char* help, Asked& asked) {
  CLI::App* command = group.add_subcommand(name, help);
  command->add_option("id", asked.id, "as `task ls` has it")->required();
  command->add_option("--as", asked.as, "who does it (default: the key's owner)");
  command->add_option("--role", asked.roles, "of whoever does it; several");
  return command;
}

void add_ls(CLI::App& group, Program& program) {
  CLI::App* ls = group.add_subcommand("ls",
                                      "What people are to do, the most urgent first\n\n  vozex "
                                      "task ls --queue payments --unassigned\n  vozex task ls "
                                      "--mine --as ann\n  vozex task ls --role ops --overdue -o "
                                      "json\n");
  auto settings = add_client_options(*ls);
  auto asked = std::make_shared<Listed>();
  ls->add_option("--queue", asked->queue);
  ls->add_option("--role", asked->roles, "those that this role may take; several");
  ls->add_option("--assignee", asked->assignee, "those that somebody has");
  ls->add_flag("--mine", asked->mine, "those that I have");
  ls->add_option("--as", asked->as, "who I am (default: the key's owner)");
  ls->add_flag("--unassigned", asked->unassigned, "those that nobody has");
  ls->add_flag("--overdue", asked->overdue, "those past their due time");
  ls->add_option("--workflow", asked->workflow);
  ls->add_option("--instance", asked->instance, "those of one instance, by its id");
  ls->add_option("--after", asked->after, "where the page before ended");
  ls->add_option("--limit", asked->limit)->check(CLI::Range(1, 200))->capture_default_str();
  ls->callback([&program, settings, asked] { program.exit_code = list(*settings, *asked); });
}

// A command that gives an order about one task.
CLI::App* add_order(CLI::App& group,
                    Program& program,
                    const char* verb,
                    const char* help,
                    const std::shared_ptr<Asked>& asked) {
  CLI::App* command = about_one(group, verb, help, *asked);
  auto settings = add_client_options(*command);
  command->add_option("--reason", asked->reason, "why; needed in place of who has the task");
  command->add_option(
      "--idempotency-key", settings->idempotency_key, "the same again gets the first answer");
  command->callback([&program, settings, asked, verb = std::string(verb)] {
    program.exit_code = order(*settings, *asked, verb);
  });
  return command;
}

}  // namespace

void add_task(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("task", "What people are to do");
  group->require_subcommand(1);
  add_ls(*group, program);
  auto asked = std::make_shared<Asked>();
  CLI::App* shown = about_one(*group,
                              "show",
                              "One task: what it is about, what can be done, with which form\n\n  "
                              "vozex task show 0199....4.0 --as ann --role ops\n",
                              *asked);
  auto settings = add_client_options(*shown);
  shown->callback([&program, settings, asked] { program.exit_code = show(*settings, *asked); });
  add_order(*group,
            program,
            "claim",
            "Take it: nobody else does it then\n\n  vozex task claim 0199....4.0 --as ann --role "
            "ops\n",
            asked);
  add_order(*group,
            program,
            "release",
            "Give it back to its queue\n\n  vozex task release 0199....4.0 --as ann\n",
            asked);
  CLI::App* assign = add_order(*group,
                               program,
                               "assign",
                               "Give it to somebody\n\n  vozex task assign 0199....4.0 bob --as "
                               "lee --role lead --reason \"ann is away\"\n",
                               asked);
  assign->add_option("to", asked->to, "whose it shall be")->required();
  CLI::App* complete =
      add_order(*group,
                program,
                "complete",
                "Do one of its actions\n\n  vozex task complete 0199....4.0 accept "
                "--form '{\"note\": \"ok\"}' --as ann --role ops\n",
                asked);
  complete->add_option("action", asked->action, "the action")->required();
  complete->add_option("--form", asked->form, "JSON, @file or -");
}

}  // namespace vozex::cli
