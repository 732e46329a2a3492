// SPDX-License-Identifier: Apache-2.0
//
// The amounts of one payment as its gateway has them now, in minor units of one currency, and the
// standing that follows from them: `payments.get` tells both. What was told over time, cumulative
// and in any order, is kept by the lifecycle `payment` (workflows/commerce/payment.yaml), and
// nowhere else. Thread rule: pure. Tests: tests/unit/payments/ledger_test.cc.
#pragma once

#include <cstdint>

namespace vozex::payments {

enum class Attempt : std::uint8_t { none = 1, pending = 2, failed = 3, cancelled = 4 };

enum class Standing : std::uint8_t {
  none = 1,
  pending = 2,
  authorised = 3,
  captured = 4,
  partially_refunded = 5,
  refunded = 6,
  disputed = 7,      // a dispute is open: it decides about the money
  charged_back = 8,  // lost
  failed = 9,
  cancelled = 10
};
const char* to_string(Standing standing);

struct Ledger {
  std::int64_t authorised = 0;  // held and not yet captured
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  std::int64_t disputed = 0;      // in open disputes
  std::int64_t charged_back = 0;  // in lost ones
  Attempt attempt = Attempt::none;
  Standing standing() const;
};

}  // namespace vozex::payments
