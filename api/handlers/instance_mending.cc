// SPDX-License-Identifier: Apache-2.0
// An instance whose row can't be read: what stands there, and texts that can be read instead.
#include <functional>

#include "api/handlers/body.h"
#include "api/handlers/instance_value.h"
#include "api/handlers/orders.h"
#include "api/handlers/routes.h"
#include "engine/runtime/batch/mending.h"

namespace vozex::handlers {
namespace {

using types::Value;

// The row as it is stored, and why it can't be read, if it can't.
http::Response raw(const Services& services, const http::Request& request) {
  const auto id = instance_id(request);
  if (!id) return id.error();
  const auto row = services.queries->instance(*id);
  if (!row) return http::problem(row.error());
  if (!*row) {
    return http::problem(Error{
        ErrorClass::not_found, "instance_not_found", "There is no instance " + id->text(), {}});
  }
  Value value = summary(**row)
                    .with("version", Value::integer((*row)->version))
                    .with("input_text", Value::string((*row)->input))
                    .with("data_text", Value::string((*row)->data))
                    .with("rt_text", Value::string((*row)->rt));
  if (const auto view = services.engine->find(*id); !view) {
    value = value.with(
        "fault",
        Object().text("code", view.error().code).text("detail", view.error().message).done());
  }
  return answer(200, value);
}

bool is_given(const Value* member) { return member != nullptr && !member->is_null(); }

// {data?, rt?, states?, reason, actor?}: see runtime/mending.h.
void mend(const Services& services, const http::Request& request, const http::Responder& respond) {
  static const types::TypeRef k_body = body_type({{"data", "optional<json>"},
                                                  {"rt", "optional<json>"},
                                                  {"states", "optional<string>"},
                                                  {"reason", "string"},
                                                  {"actor", "optional<json>"}});
  const auto id = instance_id(request);
  if (!id) return respond(id.error());
  const auto body = order_body(request, *k_body);
  if (!body) return respond(body.error());
  runtime::Mending mending;
  if (const Value* data = body->find("data"); is_given(data)) mending.data = *data;
  if (const Value* rt = body->find("rt"); is_given(rt)) mending.rt = *rt;
  const Value* states = body->find("states");
  if (is_given(states)) mending.states = states->as_string();
  if (!mending.rt.is_null() && mending.states) {
    return respond(invalid_body({{"/states", "expected either `rt` or `states`, got both"}}));
  }
  mending.actor = actor_of(request, body->find("actor"));
  mending.reason = std::string(body->text_at("reason"));
  machine::Event event = runtime::mend_event(mending);
  event.id = services.random->new_instance_id(services.clock->now()).text();
  event.source = "ops:" + request.caller;
  event.time = services.clock->now();
  event.tenant = k_tenant;
  services.engine->operate({*id, std::move(event), ""},
                           [respond](Result<runtime::EventAnswer> result) {
                             if (!result) return respond(http::problem(result.error()));
                             respond(answer(200, runtime::to_value(*result)));
                           });
}

}  // namespace

void add_instance_mending(http::Router& router, const Services& services) {
  router.add(
      {"GET",
       "/v1/instances/{id}/raw",
       blocking(*services.workers,
                [&services](const http::Request& request) { return raw(services, request); }),
       false,
       http::k_default_body_limit});
  router.add({"POST",
              "/v1/instances/{id}/mend",
              std::bind_front(mend, std::cref(services)),
              false,
              http::k_default_body_limit});
}

}  // namespace vozex::handlers
