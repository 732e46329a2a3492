// SPDX-License-Identifier: Apache-2.0
//
// What a buyer asks a price for: {items: [{product, plan?, features?, license_type?, support_plan?,
// package?, timeline?, path?, quantity}], currency, cycle?, coupon?, buyer?: {country?, tax_id?,
// customer_id?}, gateway?, expires_in_seconds}. Thread rule: pure. Tests: tests/unit/catalog.
#pragma once

#include <string>
#include <vector>

#include "adapters/catalog/pricing.h"
#include "engine/types/type.h"

namespace vozex::catalog {

struct QuoteRequest {
  std::vector<Selection> items;
  Terms terms;
  std::string coupon;
  std::string country;  // ISO 3166, two letters; "" = not known, no tax
  std::string tax_id;   // of a business; "" = a private buyer
  std::string customer_id;
  std::string gateway;  // "" = whichever fits
  std::int64_t expires_in_seconds = 0;
};

const types::Type& quote_request_type();
// `body` fits the type.
QuoteRequest read_quote_request(const types::Value& body);

}  // namespace vozex::catalog
