// SPDX-License-Identifier: Apache-2.0
//
// Quote: what somebody wants, priced: items with their lines, the sums, the gateways that can take
// the money, and what an order would deliver. Thread rule: plain values; the functions are pure.
// Tests: tests/unit/catalog/quote_test.cc.
#pragma once

#include <string>
#include <vector>

#include "adapters/catalog/pricing.h"
#include "adapters/catalog/quote_request.h"

namespace vozex::catalog {

struct Quote {
  QuoteRequest request;
  std::vector<Product> products;  // one for each item
  std::vector<PricedItem> items;
  std::vector<std::string> gateways;  // configured, and enabled by every product; the default first

  std::int64_t total() const;
};

// As the API shows it: {currency, coupon?, items: [{product, title, quantity, lines, net, discount,
// tax, total, cycle?, trial_days?}], totals: {net, discount, tax, total}, gateways}. Amounts are
// minor units.
types::Value to_value(const Quote& quote);

// What an order delivers: items of the workflow `order` without their ids, their prices summing up
// to the quote's total. A hybrid product of which all paths are taken makes one item for each.
types::Value order_items(const Quote& quote);

// What is kept with an order for accounting and support: who bought what on which terms, in one
// form whatever the product: {currency, total, cycle, coupon, country, tax_id, items: [{product_id,
// type, category, delivery_model, plan, ...}]}.
types::Value metadata_of(const Quote& quote);

}  // namespace vozex::catalog
