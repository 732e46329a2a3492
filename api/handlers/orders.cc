// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/orders.h"

#include "api/handlers/instance_value.h"

namespace vozex::handlers {

using runtime::EventAnswer;
using types::Value;

Asked<Value> order_body(const http::Request& request, const types::Type& type) {
  auto body = json_body(request, type);
  if (!body) return body;
  std::vector<types::Fault> faults;
  const auto says_nothing = [&](const char* member) {
    const Value* text = body->find(member);
    return text != nullptr && text->is_string() &&
           text->as_string().find_first_not_of(" \t\r\n") == std::string::npos;
  };
  if (says_nothing("reason"))
    faults.push_back({"/reason", "expected a sentence: it stands in the history"});
  if (says_nothing("target"))
    faults.push_back({"/target", "expected a state; what drops the queued event is `skip`"});
  if (!faults.empty()) return Refusal(invalid_body(faults));
  return body;
}

machine::Event ops_event(const Services& services,
                         const http::Request& request,
                         std::string name,
                         machine::Cause cause) {
  machine::Event event;
  const std::string_view key = request.header("idempotency-key");
  event.id = key.empty() ? services.random->new_instance_id(services.clock->now()).text()
                         : std::string(key);
  event.source = "ops:" + request.caller;
  event.name = std::move(name);
  event.time = services.clock->now();
  event.tenant = k_tenant;
  event.data = Value::map({});
  event.cause = std::move(cause);
  return event;
}

runtime::Done<EventAnswer> answering(const Services& services,
                                     const InstanceId& id,
                                     const machine::Actor& actor,
                                     const http::Responder& respond) {
  return [&services, id, actor, respond](Result<EventAnswer> result) {
    if (result) {
      http::Response response = http::Response::json(200, runtime::to_json(*result));
      if (result->disposition == machine::Disposition::duplicate)
        response.headers.emplace_back("idempotency-replayed", "true");
      return respond(std::move(response));
    }
    if (result.error().kind != ErrorClass::refused) return respond(http::problem(result.error()));
    run_or_refuse(
        *services.workers, respond, [&services, id, actor, respond, error = result.error()] {
          respond(http::problem(error, explain_refusal(services, id, actor)));
        });
  };
}

}  // namespace vozex::handlers
