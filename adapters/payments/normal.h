// SPDX-License-Identifier: Apache-2.0
//
// What normalisers of all gateways share: the event in the making, its end, and the refusals.
// Thread rule: pure.
#pragma once

#include <optional>
#include <string>

#include "adapters/payments/gateway.h"
#include "adapters/payments/wire.h"
#include "engine/types/validate.h"

namespace vozex::payments {

struct Normal {
  std::string type;
  Object facts;
  std::string missing;  // the member without which the event means nothing; empty when all is there
  bool needs_lookup = false;
  std::optional<types::Fault> wrong;  // a member that can't be what it is
};

// Money that was taken is more than nothing: notes at `pointer` of the payload that it isn't.
void must_be_taken(Normal& normal, std::optional<std::int64_t> minor, std::string pointer);

// Where a normalised event comes from.
struct Origin {
  std::string gateway;  // "stripe"
  std::string id;
  std::string wire_type;
  Timestamp time;
};

// A type we don't know: kept, acknowledged.
Normal unknown_event(const types::Value& payload);

// Error webhook_payload_invalid.
Failure malformed(const std::string& message);

// Error webhook_payload_invalid when something is missing or wrong (details: its place).
Result<WebhookEvent> finished(Normal normal, Origin origin);

}  // namespace vozex::payments
