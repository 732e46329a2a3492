// SPDX-License-Identifier: Apache-2.0
//
// What recurs of a quote: one plan, at the price of its lines for each period, and what each
// gateway needs to sell it. Who says the price differs by gateway (payments::RecurringSale): one
// that charges what its own product costs sells the plan alone. Thread rule: pure. Tests:
// tests/unit/catalog/recurring_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/catalog/quote.h"
#include "adapters/payments/offer.h"

namespace vozex::catalog {

// Minor units of one for a period; `quantity` of them make an item's total. Where that can't be
// split into equal parts the whole is one.
struct RecurringPrice {
  std::int64_t unit_minor = 0;
  std::int64_t quantity = 1;
};
RecurringPrice recurring_price(const PricedItem& item);

// Whether something of it is paid again and again. It is then bought by itself.
bool is_recurring(const Quote& quote);

// Why `gateway` can't take what the quote asks for each period, a sentence; nothing when it can, or
// when nothing recurs.
std::optional<std::string> cannot_recur_at(const Quote& quote, const std::string& gateway);

// A plan as one gateway sells it by itself, in one cycle and currency.
struct PlanOffer {
  std::string gateway;
  std::string plan;
  std::string cycle;
  payments::Promise promise;
};
// What the gateways of a product should charge for its plans: every name of `sold_as` that can
// still be bought.
std::vector<PlanOffer> plan_offers(const Product& product);

// The quote's plan as `gateway` must charge it; nothing where the gateway is told all of it.
std::optional<payments::Promise> promise_of(const Quote& quote, const std::string& gateway);

// What the workflow `quote` keeps of it: {plan: {product_ref, title, price, quantity, months},
// trial_days, product_refs: {gateway: ref}} for quote.gateways; null when nothing recurs.
types::Value recurring_of(const Quote& quote);

}  // namespace vozex::catalog
