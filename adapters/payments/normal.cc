// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/normal.h"

namespace vozex::payments {

Normal unknown_event(const types::Value& payload) {
  Normal out;
  out.type = "gateway.unknown";
  out.facts.value("payload", payload);
  return out;
}

Failure malformed(const std::string& message) {
  return fail(ErrorClass::invalid, "webhook_payload_invalid", message);
}

Result<WebhookEvent> finished(Normal normal, Origin origin) {
  if (!normal.missing.empty()) {
    return malformed("the event " + origin.wire_type + " of " + origin.gateway + " lacks " +
                     normal.missing);
  }
  WebhookEvent event;
  event.id = std::move(origin.id);
  event.source = "gateway:" + origin.gateway;
  event.type = std::move(normal.type);
  event.time = origin.time;
  event.data =
      normal.facts.text("gateway", origin.gateway).text("gateway_event", origin.wire_type).done();
  event.wire_type = std::move(origin.wire_type);
  event.needs_lookup = normal.needs_lookup;
  return event;
}

}  // namespace vozex::payments
