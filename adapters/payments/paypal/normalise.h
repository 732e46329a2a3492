// SPDX-License-Identifier: Apache-2.0
//
// PayPal's events in the vocabulary of README.md, from resources of v1 (sales, agreements) and v2
// (captures, orders, subscriptions). `event_type` says what happened, the resource's status what is
// true. A signature covers only a CRC of the body, so every event that has a resource to look up
// needs its look-up. A time that is none doesn't refuse an event: samples of PayPal's own have one.
// Specification: https://developer.paypal.com/api/rest/webhooks/event-names/. Thread rule: pure.
#pragma once

#include "adapters/payments/gateway.h"
#include "engine/types/value.h"

namespace vozex::payments {

Result<WebhookEvent> normalise_paypal(std::string_view id, std::string_view body, Timestamp now);
// The same of an envelope that has been read.
Result<WebhookEvent> normalise_paypal(std::string_view id,
                                      const types::Value& envelope,
                                      Timestamp now);

// Where the event's resource is read at PayPal ("/v2/payments/captures/..."); empty when the event
// is about nothing that can be.
std::string lookup_path(const types::Value& envelope);

}  // namespace vozex::payments
