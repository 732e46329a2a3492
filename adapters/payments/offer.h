// SPDX-License-Identifier: Apache-2.0
//
// Offer: what a gateway's own product or plan says of a subscription, and where that differs from
// what we promised a buyer. Who says price and period differs by gateway (RecurringSale): what the
// gateway is told isn't compared. Thread rule: pure. Tests: tests/unit/payments/offer_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/payments/money.h"
#include "adapters/payments/subscription.h"

namespace vozex::payments {

struct Offer {
  bool for_sale = true;        // and paid again and again
  std::optional<Money> price;  // of one for a period; nothing where it isn't one fixed price
  std::int64_t months = 0;     // of a period; 0: no whole number of months
  std::int64_t trial_days = 0;
  bool adds_tax = false;   // on top of the price
  bool takes_many = true;  // more than one can be bought
};

// What a buyer was promised.
struct Promise {
  std::string product_ref;
  Money price;  // of one for a period
  std::int64_t quantity = 1;
  std::int64_t months = 1;
  std::int64_t trial_days = 0;
  bool quoted =
      false;  // the total was told to the buyer, and the gateway is told it where it can be
};

// Sentences, each with what was expected and what the gateway has; none: it fits.
std::vector<std::string> differences(RecurringSale sale,
                                     const Promise& promise,
                                     const Offer& offer);

// Periods as gateways count them, in months: ("MONTH", 3) = 3, ("year", 1) = 12; 0 for days and
// weeks.
std::int64_t months_in(std::string_view interval, std::int64_t count);

}  // namespace vozex::payments
