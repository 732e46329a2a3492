// SPDX-License-Identifier: Apache-2.0
//
// What must hold in a document of the catalogue beyond its types: which parts go with which
// delivery model, what refers to what, prices in the same currencies. Every fault has its place.
// Thread rule: pure. Tests: tests/unit/catalog/product_rules_test.cc, one for each refusal.
#pragma once

#include <string>
#include <vector>

#include "engine/types/validate.h"

namespace vozex::catalog {

using Faults = std::vector<types::Fault>;

// Each takes a document that fits its type, and adds what is wrong.
void check_combinations(const types::Value& product, Faults& faults);
void check_references(const types::Value& product, Faults& faults);
void check_prices(const types::Value& product, Faults& faults);
// `known`: every gateway that this program can talk to.
void check_gateways(const types::Value& product,
                    const std::vector<std::string>& known,
                    Faults& faults);
// What gateways call the plans of what is paid again and again: recurring_rules.cc.
void check_recurring(const types::Value& product,
                     const std::vector<std::string>& known,
                     Faults& faults);
void check_coupon(const types::Value& coupon, Faults& faults);

// Whether each of a map's names is a currency and each number a price.
void check_price_map(const types::Value& prices, const std::string& place, Faults& faults);

}  // namespace vozex::catalog
