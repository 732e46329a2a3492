// SPDX-License-Identifier: Apache-2.0
// POST /webhooks/{source}: signed by those who send it, so no API key. 2xx only after the commit:
// whatever else comes back makes the sender try again.
#include <spdlog/spdlog.h>

#include "api/handlers/body.h"
#include "api/handlers/routes.h"
#include "engine/types/storable.h"

namespace vozex::handlers {
namespace {

constexpr std::size_t k_max_webhook_bytes = 1u << 20;

WebhookSource* find(const Services& services, std::string_view name) {
  for (WebhookSource* source : services.webhooks) {
    if (source->name() == name) return source;
  }
  return nullptr;
}

http::Response refused(const Error& error) {
  // Nobody we know, or a message from long ago: the sender must prove itself again.
  if (error.kind == ErrorClass::refused)
    return http::problem(401, error.code, "The signature is not valid", error.message);
  return http::problem(error);
}

// Who sends it can't be asked to say it otherwise, and would send the same again for days.
void make_storable(machine::Event& event) {
  if (types::is_storable(event.id) && types::is_storable(event.data)) return;
  event.id = types::storable(event.id);
  event.data = types::storable(std::move(event.data));
  spdlog::warn("webhook source={} event_id={} type={} has U+0000 in its texts: U+FFFD in its place",
               event.source,
               event.id,
               event.name);
}

void post(const Services& services, machine::Event event, const http::Responder& respond) {
  make_storable(event);
  const std::string id = event.id;
  const std::string name = event.name;
  const std::string source = event.source;
  // One that no workflow has a word for is kept until a workflow has, or its time is over.
  services.engine->keep(
      std::move(event), [id, name, source, respond](Result<runtime::EventAnswer> result) {
        if (result) {
          const char* outcome = machine::to_string(result->disposition);
          spdlog::info(
              "webhook source={} event_id={} type={} outcome={}", source, id, name, outcome);
          return respond(answer(
              200, Object().text("id", id).text("type", name).text("outcome", outcome).done()));
        }
        spdlog::error("webhook source={} event_id={} type={} refused: {} {}",
                      source,
                      id,
                      name,
                      result.error().code,
                      result.error().message);
        respond(http::problem(result.error()));
      });
}

}  // namespace

void add_webhooks(http::Router& router, const Services& services) {
  router.add(
      {"POST",
       "/webhooks/{source}",
       [&services](http::Request request, const http::Responder& respond) {
         WebhookSource* source = find(services, request.parameter("source"));
         if (source == nullptr) {
           return respond(http::problem(404,
                                        "not_found",
                                        "There is no such source",
                                        "No source of webhooks is named \"" +
                                            std::string(request.parameter("source")) + "\" here."));
         }
         auto held = std::make_shared<http::Request>(std::move(request));
         run_or_refuse(*services.workers, respond, [&services, source, held, respond] {
           auto event = source->receive(*held);
           if (!event) {
             spdlog::warn("webhook source={} refused: {}", source->name(), event.error().code);
             return respond(refused(event.error()));
           }
           event->tenant = k_tenant;
           post(services, *std::move(event), respond);
         });
       },
       true,
       k_max_webhook_bytes});
}

}  // namespace vozex::handlers
