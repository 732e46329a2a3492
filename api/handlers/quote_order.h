// SPDX-License-Identifier: Apache-2.0
//
// From a quote to an order: whether the order's workflow takes what a quote would deliver, and the
// input of an order at the quote's price. Thread rule: any thread. Tests: tests/api/quote_test.cc.
#pragma once

#include <string>
#include <vector>

#include "api/handlers/catalog.h"
#include "api/handlers/checkout_input.h"

namespace vozex::handlers {

// What is bought, by whom: items without ids, a total {minor, currency}.
struct QuoteOrder {
  std::string quote_id;
  std::string order_id;
  std::string gateway;
  types::Value customer;
  types::Value items;
  types::Value total;
  types::Value metadata;
  types::Value recurring;  // what the quote keeps of a plan; null: paid once
  types::Value approval;   // whose people must agree; null: nobody's
};

// The order's input, its ids made, checked against the deployed workflow; the answer otherwise.
Asked<CheckoutInput> order_input(const Services& services, const QuoteOrder& order);

// Why an order of it would be refused although its price is right, by the order's workflow.
std::vector<Obstacle> order_obstacles(const Services& services, const PricedQuote& quote);

// POST /v1/quotes/{id}/checkout. Blocks at first: called on a worker.
void checkout_quote(const CatalogServices& with,
                    const http::Request& request,
                    const http::Responder& respond);

}  // namespace vozex::handlers
