// SPDX-License-Identifier: Apache-2.0
//
// Quoter: a request -> a quote, with every refusal that a checkout of it would give. Reads the
// catalogue, asks the adapters `coupons` and `tax` (the built-in ones, or what a file declares),
// and the router of payments for gateways. Writes nothing. Thread rule: any thread; blocks. Tests:
// tests/unit/catalog/quoter_test.cc.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "adapters/catalog/catalog.h"
#include "adapters/catalog/quote.h"
#include "engine/ports/adapter.h"

namespace vozex::catalog {

class Quoter {
 public:
  struct Outside {
    Catalog& catalog;
    std::function<ports::Adapter*(std::string_view name)> adapter;  // coupons, tax
    std::vector<std::string> gateways;  // configured, in the order of preference
  };
  explicit Quoter(Outside outside) : outside_(std::move(outside)) {}

  struct Outcome {
    Quote quote;
    Refusals refusals;  // none: it can be bought as it is
  };
  // Errors: invalid_body (invalid, details with places), pricing_unavailable (unavailable: coupons
  // or taxes can't be asked), and the store's.
  Result<Outcome> quote(std::string_view tenant, const types::Value& body) const;

 private:
  Result<bool> price_items(std::string_view tenant, Outcome& outcome) const;
  Result<bool> apply_coupon(std::string_view tenant, Outcome& outcome) const;
  Result<bool> assess_tax(std::string_view tenant, Outcome& outcome) const;
  void choose_gateways(Outcome& outcome) const;
  void keep_gateways_that_recur(Outcome& outcome) const;

  const Outside outside_;
};

}  // namespace vozex::catalog
