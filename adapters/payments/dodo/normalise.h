// SPDX-License-Identifier: Apache-2.0
//
// Dodo's webhook bodies in the vocabulary of README.md. Dodo sends the object as it is now, not as
// it was when the event arose: `type` says what happened, the object's status what is true, and a
// payment that succeeded stays so. Fields are read tolerantly (older samples lack newer ones); a
// type we don't know becomes `gateway.unknown`. Specification:
// https://docs.dodopayments.com/developer-resources/webhooks. Thread rule: pure.
#pragma once

#include "adapters/payments/gateway.h"

namespace vozex::payments {

Result<WebhookEvent> normalise_dodo(std::string_view id, std::string_view body, Timestamp now);

}  // namespace vozex::payments
