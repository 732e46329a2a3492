// SPDX-License-Identifier: Apache-2.0
//
// The amount ledger of one payment: what was authorised, captured, refunded and is disputed, in
// minor units of one currency. Gateways tell cumulative amounts, so a value is set, never added;
// what is older than what set it is passed over. The status is derived from the amounts, so no
// order of events can make the two disagree. Thread rule: pure. Tests:
// tests/unit/payments/ledger_test.cc.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/time.h"
#include "engine/types/value.h"

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

  // What is still ours: captured, less what went back or is in question.
  std::int64_t kept() const { return captured - refunded - disputed - charged_back; }
  Standing standing() const;
};

// A ledger with the time of what set each amount.
class Books {
 public:
  // Sets what an event of our vocabulary (README.md) says about its payment. Capturing never goes
  // back: a failure or a lower amount after it changes nothing. False when nothing changed.
  bool book(std::string_view type, const types::Value& data, Timestamp at);
  const Ledger& ledger() const { return ledger_; }

 private:
  bool set(std::int64_t& amount, Timestamp& set_at, std::int64_t value, Timestamp at);

  Ledger ledger_;
  Timestamp authorised_at_ = Timestamp::min();
  Timestamp refunded_at_ = Timestamp::min();
  Timestamp disputed_at_ = Timestamp::min();
};

}  // namespace vozex::payments
