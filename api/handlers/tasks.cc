// SPDX-License-Identifier: Apache-2.0
// /v1/tasks: people's inbox. Lists come from the store's inbox; one task, and what is done to it,
// from its instance, which is what decides.
#include <charconv>
#include <functional>
#include <memory>
#include <utility>

#include "api/handlers/body.h"
#include "api/handlers/instance_value.h"
#include "api/handlers/orders.h"
#include "api/handlers/routes.h"
#include "engine/runtime/batch/inbox.h"
#include "engine/types/schema.h"

namespace vozex::handlers {
namespace {

using types::Value;

// Roles that one request may look for.
constexpr std::size_t k_max_roles = 50;

http::Response no_task(const std::string& what) {
  return http::problem(Error{ErrorClass::not_found,
                             "task_not_found",
                             "There is no open task " + what +
                                 ". Its instance may have gone on: the id begins with that of the "
                                 "instance.",
                             {}});
}

Asked<TaskId> task_id(const http::Request& request) {
  const std::string text(request.parameter("id"));
  if (const auto id = TaskId::parse(text)) return *id;
  return Refusal(http::problem(404,
                               "not_found",
                               "There is no such task",
                               "\"" + text + "\" names no task: expected <uuid>.<seq>.<index>."));
}

// "<microseconds>~<task>": where a page ended.
std::string cursor_of(const ports::TaskRow& row) {
  return std::to_string(ports::due_of(row).time_since_epoch().count()) + "~" + row.id.text();
}

std::optional<ports::TaskFilter::After> read_cursor(const std::string& text) {
  const std::size_t mark = text.find('~');
  if (mark == std::string::npos) return std::nullopt;
  std::int64_t micros = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + mark, micros);
  const auto id = TaskId::parse(std::string_view(text).substr(mark + 1));
  if (error != std::errc() || end != text.data() + mark || !id) return std::nullopt;
  return ports::TaskFilter::After{Timestamp{Duration{micros}}, *id};
}

Asked<std::vector<std::string>> roles_of(const http::Request& request) {
  const std::string text = request.query_value("role").value_or("");
  std::vector<std::string> roles;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find(',', from), text.size());
    if (end > from) roles.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  if (roles.size() <= k_max_roles) return roles;
  return bad_query("Expected at most " + std::to_string(k_max_roles) + " roles in `role`, got " +
                   std::to_string(roles.size()) + ".");
}

// Who asks: the key's owner, or whom `as` and `role` name.
machine::Actor asking(const http::Request& request) {
  machine::Actor actor = actor_of(request, nullptr);
  if (const auto as = request.query_value("as"); as && !as->empty()) actor.id = *as;
  if (const auto roles = roles_of(request); roles && !roles->empty()) actor.roles = *roles;
  return actor;
}

Asked<ports::TaskFilter> filter_of(const Services& services, const http::Request& request) {
  ports::TaskFilter filter;
  filter.tenant = k_tenant;
  filter.queue = request.query_value("queue").value_or("");
  filter.workflow = request.query_value("workflow").value_or("");
  filter.assignee = request.query_value("assignee").value_or("");
  auto roles = roles_of(request);
  if (!roles) return Refusal(std::move(roles.error()));
  filter.roles = *std::move(roles);
  auto mine = query_flag(request, "mine");
  auto unassigned = query_flag(request, "unassigned");
  auto overdue = query_flag(request, "overdue");
  for (auto* one : {&mine, &unassigned, &overdue}) {
    if (!*one) return Refusal(std::move(one->error()));
  }
  if (*mine) filter.assignee = asking(request).id;
  filter.unassigned = *unassigned;
  if (*overdue) filter.due_before = services.engine->database_time();
  if (const auto text = request.query_value("instance"); text && !text->empty()) {
    const auto id = InstanceId::parse(*text);
    if (!id) return bad_query("Expected `instance` to be a UUID, got \"" + *text + "\".");
    filter.of = *id;
  }
  if (const auto text = request.query_value("after"); text && !text->empty()) {
    filter.after = read_cursor(*text);
    if (!filter.after)
      return bad_query("Expected `after` to be the `next` of a page, got \"" + *text + "\".");
  }
  return filter;
}

http::Response list(const Services& services, const http::Request& request) {
  auto filter = filter_of(services, request);
  if (!filter) return std::move(filter.error());
  auto limit = page_limit(request);
  if (!limit) return std::move(limit.error());
  const auto rows = services.inbox->tasks(*filter, *limit);
  if (!rows) return http::problem(rows.error());
  Value::List items;
  for (const ports::TaskRow& row : *rows)
    items.push_back(to_value(row, services.engine->database_time()));
  Object page;
  page.put("items", Value::list(std::move(items)));
  if (rows->size() == *limit) page.text("next", cursor_of(rows->back()));
  return answer(200, page.done());
}

// ---- one

const machine::ManualAction* declared(const machine::Machine& machine,
                                      const OfferedAction& offered) {
  const machine::StateIndex state = machine.find_state(offered.state);
  for (const machine::ManualAction& action : machine.actions) {
    if (action.name == offered.name && action.state == state) return &action;
  }
  return nullptr;
}

Value approvals_value(const machine::Snapshot& snapshot, const machine::ManualAction& action) {
  std::vector<std::string> actors;
  for (const machine::Approval& approval : snapshot.approvals) {
    if (approval.state == action.state && approval.action == action.name) actors = approval.actors;
  }
  return Object().number("wanted", action.approvals).put("given_by", types::list_of(actors)).done();
}

// What people need for a button and its form.
Value action_value(const runtime::InstanceView& view, const OfferedAction& offered) {
  Value value = to_value(offered);
  const machine::ManualAction* action = declared(*view.machine, offered);
  if (action == nullptr) return value;
  value = value.with("roles", types::list_of(action->roles));
  if (action->confirm) value = value.with("confirm", Value::boolean(true));
  if (action->approvals > 1)
    value = value.with("approvals", approvals_value(view.snapshot, *action));
  if (action->form != nullptr)
    value = value.with("form", types::json_schema(*action->form, action->title));
  return value;
}

// The actions of the task's state and of those inside it.
Value actions_of(const Services& services,
                 const runtime::InstanceView& view,
                 const ports::TaskRow& task,
                 const machine::Actor& actor) {
  const machine::Machine& machine = *view.machine;
  const machine::StateIndex home = machine.find_state(task.state);
  Value::List actions;
  for (const OfferedAction& offered : services.engine->waiting_for(view, actor).actions) {
    const machine::StateIndex state = machine.find_state(offered.state);
    const bool its = state == home || (state != machine::k_no_state && home != machine::k_root &&
                                       machine.is_descendant(state, home));
    if (its) actions.push_back(action_value(view, offered));
  }
  return Value::list(std::move(actions));
}

http::Response get(const Services& services, const http::Request& request) {
  const auto id = task_id(request);
  if (!id) return id.error();
  const auto view = services.engine->find(id->instance);
  if (!view) return http::problem(view.error());
  if (!*view || !(*view)->machine) return no_task(id->text());
  for (const ports::TaskRow& row :
       runtime::task_rows(*(*view)->machine, (*view)->snapshot, (*view)->row.shard)) {
    if (row.id != *id) continue;
    const machine::StateIndex state = (*view)->machine->find_state(row.state);
    const std::string& doc = (*view)->machine->states[state].doc;
    Value value = to_value(row, services.engine->database_time());
    if (!doc.empty()) value = value.with("doc", Value::string(doc));
    return answer(200, value.with("actions", actions_of(services, **view, row, asking(request))));
  }
  return no_task(id->text());
}

// ---- orders

struct Change {
  machine::TaskChange change;
  types::TypeRef body;
};

void move(const Services& services,
          const Change& change,
          const http::Request& request,
          const http::Responder& respond) {
  const auto id = task_id(request);
  if (!id) return respond(id.error());
  const auto body = json_body(request, *change.body);
  if (!body) return respond(body.error());
  const machine::Actor actor = actor_of(request, body->find("actor"));
  machine::TaskMoved moved;
  moved.task = {id->seq, id->index};
  moved.change = change.change;
  moved.to = std::string(body->text_at("to"));
  moved.actor = actor;
  moved.reason = std::string(body->text_at("reason"));
  machine::Event event =
      ops_event(services, request, "task." + std::string(machine::to_string(change.change)), moved);
  services.engine->operate({id->instance, std::move(event), fingerprint_of(request)},
                           answering(services, id->instance, actor, respond));
}

void complete(const Services& services,
              const http::Request& request,
              const http::Responder& respond) {
  static const types::TypeRef k_body = body_type({{"action", "string"},
                                                  {"form", "optional<json>"},
                                                  {"actor", "optional<json>"},
                                                  {"reason", "optional<string>"}});
  const auto id = task_id(request);
  if (!id) return respond(id.error());
  const auto body = json_body(request, *k_body);
  if (!body) return respond(body.error());
  runtime::ActionOrder order;
  order.instance = id->instance;
  order.action = std::string(body->text_at("action"));
  order.actor = actor_of(request, body->find("actor"));
  const Value* form = body->find("form");
  order.form = form == nullptr || form->is_null() ? Value::map({}) : *form;
  if (const auto key = request.header("idempotency-key"); !key.empty())
    order.id = request.caller + "/" + std::string(key);
  order.fingerprint = fingerprint_of(request);
  order.task = machine::TaskRef{id->seq, id->index};
  order.reason = std::string(body->text_at("reason"));
  const machine::Actor actor = order.actor;
  services.engine->act(std::move(order), answering(services, id->instance, actor, respond));
}

}  // namespace

void add_tasks(http::Router& router, const Services& services) {
  add_read(router,
           services,
           "/v1/tasks",
           list,
           {"queue",
            "workflow",
            "assignee",
            "role",
            "mine",
            "as",
            "unassigned",
            "overdue",
            "instance",
            "after",
            "limit"});
  add_read(router, services, "/v1/tasks/{id}", get, {"as", "role"});
  const auto plain = body_type({{"actor", "optional<json>"}, {"reason", "optional<string>"}});
  const auto with_person =
      body_type({{"to", "string"}, {"actor", "optional<json>"}, {"reason", "optional<string>"}});
  for (const Change& change : {Change{machine::TaskChange::claim, plain},
                               Change{machine::TaskChange::release, plain},
                               Change{machine::TaskChange::assign, with_person}}) {
    router.add(
        {"POST",
         "/v1/tasks/{id}/" + std::string(machine::to_string(change.change)),
         once_at_a_time(services.in_flight, std::bind_front(move, std::cref(services), change)),
         false,
         http::k_default_body_limit});
  }
  router.add({"POST",
              "/v1/tasks/{id}/complete",
              once_at_a_time(services.in_flight, std::bind_front(complete, std::cref(services))),
              false,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers
