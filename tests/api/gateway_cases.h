// SPDX-License-Identifier: Apache-2.0
//
// What can happen to one order's money, each a case that needs nothing but an order of its own: so
// they run side by side. Thread rule: any thread.
#pragma once

#include <span>
#include <string>

#include "tests/api/market.h"

namespace vozex::api_test {

struct Case {
  const char* name;  // and the order's
  void (*run)(const Market& market, const std::string& id);
};
std::span<const Case> gateway_cases();

}  // namespace vozex::api_test
