// SPDX-License-Identifier: Apache-2.0
//
// Money: an amount in minor units of a currency. Thread rule: plain value.
#pragma once

#include <cstdint>
#include <string>

namespace vozex::payments {

struct Money {
  std::int64_t minor = 0;
  std::string currency;  // ISO 4217, upper case
};

}  // namespace vozex::payments
