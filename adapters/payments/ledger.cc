// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/ledger.h"

#include "adapters/payments/wire.h"
#include "engine/base/assert.h"

namespace vozex::payments {

using types::Value;

const char* to_string(Standing standing) {
  switch (standing) {
    case Standing::none: return "none";
    case Standing::pending: return "pending";
    case Standing::authorised: return "authorised";
    case Standing::captured: return "captured";
    case Standing::partially_refunded: return "partially_refunded";
    case Standing::refunded: return "refunded";
    case Standing::disputed: return "disputed";
    case Standing::charged_back: return "charged_back";
    case Standing::failed: return "failed";
    case Standing::cancelled: return "cancelled";
  }
  VOZEX_ASSERT(!"a standing has a word");
}

Standing Ledger::standing() const {
  if (disputed > 0) return Standing::disputed;
  if (charged_back > 0) return Standing::charged_back;
  if (captured > 0) {
    if (refunded <= 0) return Standing::captured;
    return refunded < captured ? Standing::partially_refunded : Standing::refunded;
  }
  if (authorised > 0) return Standing::authorised;
  switch (attempt) {
    case Attempt::none: return Standing::none;
    case Attempt::pending: return Standing::pending;
    case Attempt::failed: return Standing::failed;
    case Attempt::cancelled: return Standing::cancelled;
  }
  VOZEX_ASSERT(!"an attempt has a standing");
}

bool Books::set(std::int64_t& amount, Timestamp& set_at, std::int64_t value, Timestamp at) {
  if (at < set_at) return false;
  set_at = at;
  const bool changed = amount != value;
  amount = value;
  return changed;
}

bool Books::book(std::string_view type, const Value& data, Timestamp at) {
  const auto amount = int_at(map_at(data, "amount"), "minor").value_or(0);
  if (type == "payment.succeeded") {
    const auto total = int_at(data, "captured_total").value_or(0);
    if (total <= ledger_.captured) return false;
    ledger_.captured = total;
    ledger_.authorised = 0;
    return true;
  }
  if (type == "payment.authorised")
    return ledger_.captured == 0 && set(ledger_.authorised, authorised_at_, amount, at);
  if (type == "payment.failed") {
    const auto attempt = true_at(data, "final") ? Attempt::cancelled : Attempt::failed;
    if (ledger_.captured > 0 || ledger_.attempt == attempt) return false;
    ledger_.attempt = attempt;
    if (attempt == Attempt::cancelled) set(ledger_.authorised, authorised_at_, 0, at);
    return true;
  }
  if (type == "payment.processing" || type == "payment.approved" ||
      type == "payment.action_required") {
    if (ledger_.attempt == Attempt::pending) return false;
    ledger_.attempt = Attempt::pending;
    return true;
  }
  if (type == "refund.changed") {
    const auto total = int_at(data, "refunded_total");
    return total && set(ledger_.refunded, refunded_at_, *total, at);
  }
  if (type == "dispute.changed") {
    const auto state = data.text_at("state");
    if (at < disputed_at_) return false;
    const auto open = state == "opened" ? amount : 0;
    const auto lost = state == "lost" ? amount : 0;
    disputed_at_ = at;
    if (ledger_.disputed == open && ledger_.charged_back == lost) return false;
    ledger_.disputed = open;
    ledger_.charged_back = lost;
    return true;
  }
  return false;
}

}  // namespace vozex::payments
