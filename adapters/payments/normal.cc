// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/normal.h"

namespace vozex::payments {

Normal unknown_event(const types::Value& payload) {
  Normal out;
  out.type = "gateway.unknown";
  out.facts.put("payload", payload);
  return out;
}

Failure malformed(const std::string& message) {
  return fail(ErrorClass::invalid, "webhook_payload_invalid", message);
}

void must_be_taken(Normal& normal, std::optional<std::int64_t> minor, std::string pointer) {
  if (minor && *minor <= 0)
    normal.wrong = {std::move(pointer), "expected more than 0, got " + std::to_string(*minor)};
}

Result<WebhookEvent> finished(Normal normal, Origin origin) {
  if (!normal.missing.empty()) {
    return malformed("the event " + origin.wire_type + " of " + origin.gateway + " lacks " +
                     normal.missing);
  }
  if (normal.wrong) {
    auto error = malformed("the event " + origin.wire_type + " of " + origin.gateway +
                           " tells of money that is none: " + normal.wrong->pointer + ": " +
                           normal.wrong->message);
    error.value().details.push_back({normal.wrong->pointer, normal.wrong->message});
    return error;
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
