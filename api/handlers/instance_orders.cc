// SPDX-License-Identifier: Apache-2.0
// What people do to one instance: actions of its workflow, and orders of ops (cancel, retry,
// suspend, move, patch), each with a reason.
#include <functional>

#include "api/handlers/body.h"
#include "api/handlers/call_retry.h"
#include "api/handlers/instance_value.h"
#include "api/handlers/orders.h"
#include "api/handlers/routes.h"

namespace vozex::handlers {
namespace {

using runtime::EventAnswer;
using types::Value;

void act(const Services& services, const http::Request& request, const http::Responder& respond) {
  static const types::TypeRef k_body = body_type(
      {{"form", "optional<json>"}, {"actor", "optional<json>"}, {"reason", "optional<string>"}});
  const auto id = instance_id(request);
  if (!id) return respond(id.error());
  const auto body = json_body(request, *k_body);
  if (!body) return respond(body.error());
  runtime::ActionOrder order;
  order.instance = *id;
  order.action = std::string(request.parameter("action"));
  order.actor = actor_of(request, body->find("actor"));
  const Value* form = body->find("form");
  order.form = form == nullptr || form->is_null() ? Value::map({}) : *form;
  order.reason = std::string(body->text_at("reason"));
  if (const auto key = request.header("idempotency-key"); !key.empty())
    order.id = request.caller + "/" + std::string(key);
  order.fingerprint = fingerprint_of(request);
  const machine::Actor actor = order.actor;
  services.engine->act(std::move(order), answering(services, *id, actor, respond));
}

struct Ops {
  const char* word;
  types::TypeRef body;
  // The event that the body asks for.
  machine::Event (*event)(const Services&,
                          const http::Request&,
                          const Value& body,
                          const machine::Actor&);
};

std::string reason_of(const Value& body) { return std::string(body.text_at("reason")); }

machine::Event cancel_event(const Services& services,
                            const http::Request& request,
                            const Value& body,
                            const machine::Actor& actor) {
  machine::Event event = ops_event(services, request, "cancel", machine::External{});
  event.data = Value::object(
      {{"actor", Value::string(actor.id)}, {"reason", Value::string(reason_of(body))}});
  return event;
}

machine::Event suspend_event(const Services& services,
                             const http::Request& request,
                             const Value& body,
                             const machine::Actor& actor) {
  return ops_event(services, request, "suspend", machine::Suspended{actor, reason_of(body)});
}

machine::Event resume_event(const Services& services,
                            const http::Request& request,
                            const Value& body,
                            const machine::Actor& actor) {
  return ops_event(services, request, "resume", machine::Resumed{actor, reason_of(body)});
}

machine::Event move_event(const Services& services,
                          const http::Request& request,
                          const Value& body,
                          const machine::Actor& actor) {
  return ops_event(services,
                   request,
                   "move",
                   machine::Moved{std::string(body.text_at("target")), actor, reason_of(body)});
}

// Moved nowhere: the event at the head of the queue is dropped.
machine::Event skip_event(const Services& services,
                          const http::Request& request,
                          const Value& body,
                          const machine::Actor& actor) {
  return ops_event(services, request, "skip", machine::Moved{"", actor, reason_of(body)});
}

machine::Event patch_event(const Services& services,
                           const http::Request& request,
                           const Value& body,
                           const machine::Actor& actor) {
  return ops_event(
      services, request, "patch", machine::Patched{*body.find("data"), actor, reason_of(body)});
}

void operate(const Services& services,
             const Ops& ops,
             const http::Request& request,
             const http::Responder& respond) {
  const auto id = instance_id(request);
  if (!id) return respond(id.error());
  const auto body = order_body(request, *ops.body);
  if (!body) return respond(body.error());
  const machine::Actor actor = actor_of(request, body->find("actor"));
  services.engine->operate(
      {*id, ops.event(services, request, *body, actor), fingerprint_of(request)},
      answering(services, *id, actor, respond));
}

// The dead calls of one instance. `resumed` is what came of resuming it before, or null.
void retry_calls(const Services& services,
                 const InstanceId& id,
                 const machine::Actor& actor,
                 const std::string& reason,
                 const Value& resumed,
                 const http::Responder& respond) {
  const auto dead = services.queries->calls({ports::CallState::dead, id, {}, {}}, k_max_page);
  if (!dead) return respond(http::problem(dead.error()));
  if (dead->empty() && !resumed.is_null()) return respond(answer(200, resumed));
  if (dead->empty()) {
    return respond(
        http::problem(Error{ErrorClass::refused,
                            "nothing_to_retry",
                            "The instance is running and has no dead calls: there is nothing to "
                            "retry.",
                            {}}));
  }
  retry_all(services, *dead, actor, reason, [id, resumed, respond](Value calls) {
    Value value = resumed.is_null() ? Object().text("id", id.text()).done() : resumed;
    respond(answer(202, value.with("calls", std::move(calls))));
  });
}

// Whatever keeps the instance from going on: it goes on if it was held, and its dead calls go out
// again. What ops suspended stays so, as in batches. A held one looks at its queue first: the
// failures that wait there decide which calls are dead.
void retry(const Services& services,
           const Ops& resume,
           const http::Request& request,
           const http::Responder& respond) {
  const auto id = instance_id(request);
  if (!id) return respond(id.error());
  const auto body = order_body(request, *resume.body);
  if (!body) return respond(body.error());
  const auto view = services.engine->find(*id);
  if (!view) return respond(http::problem(view.error()));
  if (!*view) {
    return respond(http::problem(Error{ErrorClass::not_found,
                                       "instance_not_found",
                                       "There is no instance " + id->text() + ".",
                                       {}}));
  }
  const machine::Actor actor = actor_of(request, body->find("actor"));
  const machine::Life life = (*view)->row.life;
  if (life == machine::Life::suspended) {
    return respond(http::problem(Error{ErrorClass::refused,
                                       "suspended",
                                       "The instance is suspended, and retrying leaves it so: "
                                       "`resume` it first.",
                                       {}}));
  }
  if (life == machine::Life::held) {
    const auto go_on = [&services, id = *id, actor, reason = reason_of(*body), respond](
                           Result<EventAnswer> resumed) {
      if (!resumed) return answering(services, id, actor, respond)(std::move(resumed));
      run_or_refuse(*services.workers, respond, [&services, id, actor, reason, respond, resumed] {
        retry_calls(services, id, actor, reason, runtime::to_value(*resumed), respond);
      });
    };
    services.engine->operate({*id, resume.event(services, request, *body, actor), ""}, go_on);
    return;
  }
  retry_calls(services, *id, actor, reason_of(*body), Value(), respond);
}

}  // namespace

void add_instance_orders(http::Router& router, const Services& services) {
  router.add({"POST",
              "/v1/instances/{id}/actions/{action}",
              once_at_a_time(services.in_flight, std::bind_front(act, std::cref(services))),
              false,
              http::k_default_body_limit});
  const auto plain = body_type({{"reason", "string"}, {"actor", "optional<json>"}});
  const auto with_target =
      body_type({{"reason", "string"}, {"actor", "optional<json>"}, {"target", "string"}});
  const auto with_data =
      body_type({{"reason", "string"}, {"actor", "optional<json>"}, {"data", "json"}});
  for (const Ops& ops : {Ops{"cancel", plain, cancel_event},
                         Ops{"suspend", plain, suspend_event},
                         Ops{"resume", plain, resume_event},
                         Ops{"skip", plain, skip_event},
                         Ops{"move", with_target, move_event},
                         Ops{"patch", with_data, patch_event}}) {
    router.add(
        {"POST",
         "/v1/instances/{id}/" + std::string(ops.word),
         once_at_a_time(services.in_flight, std::bind_front(operate, std::cref(services), ops)),
         false,
         http::k_default_body_limit});
  }
  const Ops resume{"retry", plain, resume_event};
  router.add({"POST",
              "/v1/instances/{id}/retry",
              [&services, resume](http::Request request, const http::Responder& respond) {
                auto held = std::make_shared<http::Request>(std::move(request));
                run_or_refuse(*services.workers, respond, [&services, resume, held, respond] {
                  retry(services, resume, *held, respond);
                });
              },
              false,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers
