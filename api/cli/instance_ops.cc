// SPDX-License-Identifier: Apache-2.0
#include "api/cli/instance_ops.h"

#include <iostream>

#include "api/cli/exit_codes.h"

namespace vozex::cli {
namespace {

using types::Value;

void line(const std::string& what, const std::string& text) {
  std::cout << "  " << what << ' ' << text << '\n';
}

std::string task_text(const Value& task) {
  const Value assignee = member(task, "assignee");
  const Value due = member(task, "due");
  const bool overdue = member(task, "overdue") == Value::boolean(true);
  return cell_text(member(task, "id")) + ": \"" + cell_text(member(task, "title")) +
         "\" in the queue " + cell_text(member(task, "queue")) + ", " +
         (assignee.is_null() ? "nobody has it" : cell_text(assignee) + " has it") +
         (due.is_null() ? "" : (overdue ? ", was due " : ", due ") + cell_text(due));
}

void print_waiting(const Value& body) {
  const Value waiting = member(body, "waiting_for");
  std::cout << "in " << cell_text(member(body, "state")) << " (" << cell_text(member(body, "life"))
            << ") since " << cell_text(member(body, "since")) << ", waits for\n";
  bool anything = false;
  const auto each = [&](const char* name, auto print) {
    const Value list = member(waiting, name);
    if (!list.is_list()) return;
    for (const Value& one : list.as_list()) {
      print(one);
      anything = true;
    }
  };
  each("events", [](const Value& one) { line("event", cell_text(one)); });
  each("timers", [](const Value& one) {
    line("timer",
         "due " + cell_text(member(one, "due")) + " in " + cell_text(member(one, "state")));
  });
  each("calls", [](const Value& one) { line("call", cell_text(one)); });
  each("children", [](const Value& one) { line("child", cell_text(one)); });
  each("tasks", [](const Value& one) { line("task", task_text(one)); });
  each("actions", [](const Value& one) {
    line(
        "action",
        cell_text(member(one, "name")) + ": " + cell_text(member(one, "title")) +
            (member(one, "reason").is_null() ? "" : " (" + cell_text(member(one, "reason")) + ")"));
  });
  if (anything) return;
  const std::string life = cell_text(member(body, "life"));
  const bool lives = life == "running" || life == "held" || life == "suspended";
  std::cout << (lives ? "  nothing that comes by itself: look at `vozex incident ls`\n"
                      : "  nothing: it has ended\n");
}

// Nothing of the above comes about before what holds it is mended.
void print_holding(const Client& client, const std::string& id) {
  const auto reply = client.send("GET", "/v1/instances/" + id);
  if (!reply || reply->status >= 300) return;
  const Value incidents = member(reply->body, "incidents");
  if (!incidents.is_list()) return;
  for (const Value& one : incidents.as_list())
    line("held by", cell_text(member(one, "code")) + ": " + cell_text(member(one, "message")));
  say("next: vozex instance retry " + id + " --reason '...'; or skip, move, patch, then resume");
}

}  // namespace

Value actor_value(const std::string& id, const std::vector<std::string>& roles) {
  Value actor = Value::map({});
  if (!id.empty()) actor = actor.with("id", Value::string(id));
  if (roles.empty()) return actor;
  Value::List list;
  for (const std::string& role : roles) list.push_back(Value::string(role));
  return actor.with("roles", Value::list(std::move(list)));
}

void print_answer(const ClientSettings& settings, const Value& body) {
  if (settings.output() != Format::table) return print_object(body, settings.output());
  const Value deliveries = member(body, "deliveries");
  if (!deliveries.is_list()) return print_object(body, Format::table);
  print_list(
      deliveries, Format::table, {"workflow", "key", "outcome", "from", "to", "seq", "note"});
}

std::string path_of(const std::string& instance) {
  const std::size_t slash = instance.find('/');
  if (slash == std::string::npos) return "/v1/instances/" + url_encode(instance);
  return "/v1/instances/" + url_encode(instance.substr(0, slash)) + "/" +
         url_encode(instance.substr(slash + 1));
}

Result<Resolved> resolve(const Client& client, const std::string& instance) {
  if (instance.find('/') == std::string::npos) return Resolved{url_encode(instance), 0};
  const auto reply = client.send("GET", path_of(instance));
  if (!reply) return tl::unexpected(reply.error());
  if (reply->status >= 300) return Resolved{"", complain(reply)};
  return Resolved{std::string(reply->body.text_at("id")), 0};
}

int why(const ClientSettings& settings, const std::string& instance) {
  const Client client(settings);
  const auto id = resolve(client, instance);
  if (!id) return complain(tl::unexpected(id.error()));
  if (id->code != 0) return id->code;
  return finish(client.send("GET", "/v1/instances/" + id->id + "/waiting-for"),
                [&](const Value& body) {
                  if (settings.output() != Format::table)
                    return print_object(body, settings.output());
                  print_waiting(body);
                  if (cell_text(member(body, "life")) == "held") print_holding(client, id->id);
                });
}

int act(const ClientSettings& settings, const InstanceOrder& order) {
  const auto form = json_argument(order.form);
  if (!form) {
    say_error(form.error());
    return k_usage;
  }
  const Client client(settings);
  const auto id = resolve(client, order.instance);
  if (!id) return complain(tl::unexpected(id.error()));
  if (id->code != 0) return id->code;
  const Value actor = actor_value(order.actor, order.roles);
  Value body = Value::object({{"form", *form}, {"actor", actor}});
  if (!order.reason.empty()) body = body.with("reason", Value::string(order.reason));
  return finish(
      client.send("POST", "/v1/instances/" + id->id + "/actions/" + url_encode(order.action), body),
      [&](const Value& answer) { print_answer(settings, answer); });
}

int order_one(const ClientSettings& settings,
              const InstanceOrder& order,
              const std::string& verb,
              const Value& more) {
  const Client client(settings);
  const auto id = resolve(client, order.instance);
  if (!id) return complain(tl::unexpected(id.error()));
  if (id->code != 0) return id->code;
  Value body = more.is_map() ? more : Value::map({});
  body = body.with("reason", Value::string(order.reason));
  return finish(client.send("POST", "/v1/instances/" + id->id + "/" + verb, body),
                [&](const Value& answer) { print_answer(settings, answer); });
}

}  // namespace vozex::cli
