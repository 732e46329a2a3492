// SPDX-License-Identifier: Apache-2.0
#include "api/cli/batch.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "api/cli/client_options.h"
#include "api/cli/exit_codes.h"
#include "api/cli/one_argument.h"

namespace vozex::cli {
namespace {

using types::Value;

constexpr std::chrono::milliseconds k_look{300};

struct Order {
  std::string operation;
  std::string workflow;
  std::string state;
  std::string life;
  std::string key;
  std::string root;
  std::int64_t version = 0;
  std::int64_t to_version = 0;
  std::int64_t rate = 0;
  bool incident = false;
  bool dead_calls = false;
  bool all = false;
  bool wait = false;
  std::string target;
  std::string data;
  std::string reason;
};

std::shared_ptr<Order> add_order(CLI::App& command) {
  auto order = std::make_shared<Order>();
  command
      .add_option("operation",
                  order->operation,
                  "cancel, retry, skip, resume, suspend, migrate, move, patch")
      ->required()
      ->check(CLI::IsMember(
          {"cancel", "retry", "skip", "resume", "suspend", "migrate", "move", "patch"}));
  command.add_option("--workflow", order->workflow, "of this name");
  command.add_option("--version", order->version, "of this version")->check(CLI::PositiveNumber);
  command.add_option("--in-state", order->state, "in this state, or in one below it");
  command.add_option("--life", order->life, "running, held or suspended")
      ->check(CLI::IsMember({"running", "held", "suspended"}));
  command.add_option("--business-key", order->key, "with this business key");
  command.add_option("--root", order->root, "of the tree of this instance");
  command.add_flag("--incident", order->incident, "with an open incident");
  command.add_flag("--dead-calls", order->dead_calls, "with calls that were given up");
  command.add_flag("--all", order->all, "every live instance");
  command.add_option("--to-version", order->to_version, "of a migration")
      ->check(CLI::PositiveNumber);
  command.add_option("--target", order->target, "of a move: full path of a state");
  command.add_option("--data", order->data, "of a patch: JSON, @file or -");
  return order;
}

Result<Value> body_of(const Order& order) {
  Value query = Value::map({});
  const auto text = [&query](const char* name, const std::string& value) {
    if (!value.empty()) query = query.with(name, Value::string(value));
  };
  const auto flag = [&query](const char* name, bool value) {
    if (value) query = query.with(name, Value::boolean(true));
  };
  text("workflow", order.workflow);
  text("state", order.state);
  text("life", order.life);
  text("key", order.key);
  text("root", order.root);
  flag("incident", order.incident);
  flag("dead_calls", order.dead_calls);
  flag("all", order.all);
  if (order.version != 0) query = query.with("version", Value::integer(order.version));
  Value body =
      Value::object({{"operation", Value::string(order.operation)}, {"query", std::move(query)}});
  if (order.to_version != 0) body = body.with("to_version", Value::integer(order.to_version));
  if (order.rate != 0) body = body.with("rate", Value::integer(order.rate));
  if (!order.reason.empty()) body = body.with("reason", Value::string(order.reason));
  if (!order.target.empty()) body = body.with("target", Value::string(order.target));
  if (order.data.empty()) return body;
  const auto data = json_argument(order.data);
  if (!data) return Failure(data.error());
  return body.with("data", *data);
}

int wrong_argument(const Error& error) {
  say_error(error);
  return k_usage;
}

int plan(const ClientSettings& settings, const Order& order) {
  const auto asked = body_of(order);
  if (!asked) return wrong_argument(asked.error());
  return finish(Client(settings).send("POST", "/v1/batches/plan", *asked), [&](const Value& body) {
    if (settings.output() != Format::table) return print_object(body, settings.output());
    print_list(member(body, "lines"),
               Format::table,
               {"workflow", "version", "state", "count", "would", "code"});
    say(cell_text(member(body, "matched")) + " match, " + cell_text(member(body, "would")) +
        " would be done, " + cell_text(member(body, "refused")) + " refused");
    if (cell_text(member(body, "would")) == "0") return;
    say("next: vozex batch run " + order.operation + " ... --reason WHY");
  });
}

void print_batch(const ClientSettings& settings, const Value& body) {
  if (settings.output() != Format::table) return print_object(body, settings.output());
  print_list(Value::list({body}),
             Format::table,
             {"id", "operation", "state", "total", "applied", "refused", "failed", "waiting"});
}

bool has_ended(const Value& batch) {
  return batch.text_at("state") == "done" || batch.text_at("state") == "cancelled";
}

// 9 when something was refused or failed, or the batch was cancelled before it was done.
int ended_code(const Value& batch) {
  const bool all = batch.text_at("state") == "done" &&
                   cell_text(member(batch, "applied")) == cell_text(member(batch, "total"));
  return all ? k_ok : k_partly;
}

int wait_for(const ClientSettings& settings, const std::string& id) {
  const Client client(settings);
  for (;;) {
    const auto reply = client.send("GET", "/v1/batches/" + url_encode(id));
    if (const int code = complain(reply); code != 0) return code;
    if (has_ended(reply->body)) {
      print_batch(settings, reply->body);
      return ended_code(reply->body);
    }
    std::this_thread::sleep_for(k_look);
  }
}

int run_order(const ClientSettings& settings, const Order& order) {
  const auto asked = body_of(order);
  if (!asked) return wrong_argument(asked.error());
  const auto reply = Client(settings).send("POST", "/v1/batches", *asked);
  if (const int code = complain(reply); code != 0) return code;
  const std::string id(reply->body.text_at("id"));
  if (order.wait) return wait_for(settings, id);
  print_batch(settings, reply->body);
  say("next: vozex batch show " + id);
  return k_ok;
}

int show(const ClientSettings& settings, const std::string& id, const std::string& items) {
  const Client client(settings);
  const std::string path = "/v1/batches/" + url_encode(id);
  const auto reply = client.send("GET", path);
  if (const int code = complain(reply); code != 0) return code;
  if (items.empty()) {
    print_batch(settings, reply->body);
    say("next: vozex batch show " + id + " --items refused");
    return k_ok;
  }
  Value::List all;
  std::string after;
  do {
    const auto page = client.send(
        "GET",
        path + "/items" +
            query_of({{"state", items == "all" ? "" : items}, {"after", after}, {"limit", "200"}}));
    if (const int code = complain(page); code != 0) return code;
    for (const Value& item : member(page->body, "items").as_list()) all.push_back(item);
    after = std::string(page->body.text_at("next"));
  } while (!after.empty());
  print_list(
      Value::list(std::move(all)), settings.output(), {"instance", "state", "code", "note", "at"});
  return k_ok;
}

std::shared_ptr<Order> add_migration(CLI::App& command) {
  auto order = std::make_shared<Order>();
  order->operation = "migrate";
  command.add_option("workflow", order->workflow, "of this name")->required();
  command.add_option("--to", order->to_version, "the version that they shall have")
      ->required()
      ->check(CLI::PositiveNumber);
  command.add_option("--from", order->version, "those of this version only")
      ->check(CLI::PositiveNumber);
  command.add_option("--in-state", order->state, "in this state, or in one below it");
  return order;
}

void add_run_options(CLI::App& command, ClientSettings& settings, Order& order) {
  command.add_option("--reason", order.reason, "stands in the history of each")->required();
  command
      .add_option("--rate",
                  order.rate,
                  "instances a second; without: as many as live traffic leaves room for")
      ->check(CLI::PositiveNumber);
  command.add_flag("--wait", order.wait, "until it has ended");
  command.add_option(
      "--idempotency-key", settings.idempotency_key, "the same key again is the same batch");
}

void add_show(CLI::App& group, Program& program) {
  CLI::App* show_one = group.add_subcommand(
      "show", "How far it is, or what became of each\n\n  vozex batch show ID --items refused\n");
  auto settings = add_client_options(*show_one);
  auto id = std::make_shared<std::string>();
  auto items = std::make_shared<std::string>();
  show_one->add_option("id", *id, "as `batch ls` has it")->required();
  show_one->add_option("--items", *items, "all, waiting, applied, refused or failed")
      ->check(CLI::IsMember({"all", "waiting", "applied", "refused", "failed"}));
  show_one->callback(
      [&program, settings, id, items] { program.exit_code = show(*settings, *id, *items); });
  CLI::App* ls = group.add_subcommand("ls", "The newest\n\n  vozex batch ls\n");
  auto ls_settings = add_client_options(*ls);
  ls->callback([&program, ls_settings] {
    program.exit_code =
        finish(every_page(Client(*ls_settings), "/v1/batches", {}), [&](const Value& body) {
          print_list(
              member(body, "items"),
              ls_settings->output(),
              {"id", "operation", "state", "total", "applied", "refused", "failed", "reason"});
        });
  });
}

// `plan` and `run`, which take the same order; `add` adds its options.
struct PlanAndRun {
  const char* plan_help;
  const char* run_help;
  std::shared_ptr<Order> (*add)(CLI::App& command);
};

void add_plan_and_run(CLI::App& group, Program& program, const PlanAndRun& what) {
  CLI::App* plan_it = group.add_subcommand("plan", what.plan_help);
  auto plan_settings = add_client_options(*plan_it);
  auto planned = what.add(*plan_it);
  plan_it->callback(
      [&program, plan_settings, planned] { program.exit_code = plan(*plan_settings, *planned); });
  CLI::App* run_it = group.add_subcommand("run", what.run_help);
  auto run_settings = add_client_options(*run_it);
  auto order = what.add(*run_it);
  add_run_options(*run_it, *run_settings, *order);
  run_it->callback(
      [&program, run_settings, order] { program.exit_code = run_order(*run_settings, *order); });
}

int change(const ClientSettings& settings, const std::string& id, const std::string& verb) {
  const auto reply =
      Client(settings).send("POST", "/v1/batches/" + url_encode(id) + "/" + verb, Value::map({}));
  return finish(reply, [&](const Value& body) { print_batch(settings, body); });
}

}  // namespace

void add_batch(CLI::App& app, Program& program) {
  CLI::App* group = app.add_subcommand("batch", "One operation on many instances");
  group->require_subcommand(1);
  add_plan_and_run(
      *group,
      program,
      {"What it would do; writes nothing\n\n  vozex batch plan retry --workflow order "
       "--dead-calls\n",
       "Do it in the server, at a rate, with a result for each\n\n  vozex batch run cancel "
       "--workflow order --in-state paying --rate 50 --reason 'shop closed'\n",
       add_order});
  for (const std::string verb : {"pause", "resume", "cancel"}) {
    add_one_argument(*group,
                     program,
                     verb,
                     fmt::format("A batch that runs: {0} it\n\n  vozex batch {0} ID\n", verb),
                     "id",
                     "as `batch ls` has it",
                     [verb](const ClientSettings& settings, const std::string& id) {
                       return change(settings, id, verb);
                     });
  }
  add_show(*group, program);
}

void add_migrate_instances(CLI::App& app, Program& program) {
  CLI::App* group =
      app.add_subcommand("migrate-instances", "Live instances become ones of another version");
  group->require_subcommand(1);
  add_plan_and_run(
      *group,
      program,
      {"Who could, and who could not and why; writes nothing\n\n  vozex migrate-instances plan "
       "order --to 4\n",
       "As a batch: see `vozex batch`\n\n  vozex migrate-instances run order --to 4 --from 3 "
       "--rate 100 --reason 'new refund rules'\n",
       add_migration});
}

}  // namespace vozex::cli
