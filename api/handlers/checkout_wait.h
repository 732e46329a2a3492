// SPDX-License-Identifier: Apache-2.0
//
// The answer of a checkout: whoever placed an order waits, at most k_patience, until its payment
// has a page to pay on. Nothing polls: the engine says when the order's tree has changed. Thread
// rule: any thread.
#pragma once

#include <string>

#include "api/handlers/services.h"
#include "engine/base/ids.h"

namespace vozex::handlers {

inline constexpr const char* k_order_workflow = "order";

struct PlacedOrder {
  InstanceId root;  // of the tree that the order is in: itself, or its quote
  std::string order_id;
  bool again = false;  // it was there before
};

// Answers 201 with the page, 200 where it was placed before, 202 when it takes too long; 409
// coupon_used_up where it became no order because of that.
void answer_with_page(const Services& services, PlacedOrder order, http::Responder respond);

// The answer about a quote whose coupon had no use left.
http::Response coupon_used_up();

}  // namespace vozex::handlers
