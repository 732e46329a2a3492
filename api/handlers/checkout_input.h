// SPDX-License-Identifier: Apache-2.0
//
// What a shop sends to /v1/checkouts -> the input of the workflow `order`: ids made where they are
// absent, the total checked against its items. The same request makes the same ids, so that a
// repetition is known for what it is. Thread rule: pure. Tests: tests/unit/handlers.
#pragma once

#include <string>

#include "api/handlers/body.h"

namespace vozex::handlers {

struct CheckoutInput {
  std::string order_id;
  types::Value input;
};

// `new_id` names the order when the client doesn't.
Asked<CheckoutInput> checkout_input(const types::Value& body, const std::string& new_id);

}  // namespace vozex::handlers
