// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/gateways.h"

#include "api/handlers/body.h"

namespace vozex::handlers {
namespace {

using types::Value;

http::Response list(const GatewayDoor& door) {
  Value::List items;
  for (const std::string& name : door.names())
    items.push_back(Object().text("name", name).text("webhooks", "/webhooks/" + name).done());
  return answer(200, Object().put("items", Value::list(std::move(items))).done());
}

// 200 whatever comes out: the question was answered.
http::Response test(const GatewayDoor& door, const http::Request& request) {
  const auto told = door.test(request.parameter("name"));
  if (!told) return http::problem(told.error());
  Object body;
  body.text("gateway", request.parameter("name"))
      .put("ok", Value::boolean(told->ok))
      .text("code", told->code)
      .text("message", told->message);
  if (!told->hint.empty()) body.text("hint", told->hint);
  return answer(200, body.done());
}

}  // namespace

void add_gateways(http::Router& router, const Services& services, const GatewayDoor& door) {
  router.add({"GET",
              "/v1/gateways",
              blocking(*services.workers, [&door](const http::Request&) { return list(door); }),
              false,
              http::k_default_body_limit});
  router.add({"POST",
              "/v1/gateways/{name}/test",
              blocking(*services.workers,
                       [&door](const http::Request& request) { return test(door, request); }),
              false,
              http::k_default_body_limit});
}

void add_gateway_metrics(http::Router& router, const GatewayDoor& door) {
  router.wrap([&door](const http::Route& route) -> http::Handler {
    if (route.pattern != "/metrics") return route.handler;
    return [&door, inner = route.handler](http::Request request, const http::Responder& respond) {
      inner(std::move(request), [&door, respond](http::Response response) {
        if (response.status == 200) response.body += door.metrics();
        respond(std::move(response));
      });
    };
  });
}

}  // namespace vozex::handlers
