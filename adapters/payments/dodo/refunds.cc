// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/dodo/refunds.h"

#include <algorithm>

#include "adapters/payments/wire.h"

namespace vozex::payments {

using types::Value;

std::int64_t refunded_of(const Value& payment) {
  std::int64_t sum = 0;
  for (const auto& refund : list_at(payment, "refunds")) {
    if (refund.text_at("status") != "failed") sum += int_at(refund, "amount").value_or(0);
  }
  if (sum == 0 && payment.text_at("refund_status") == "full")
    return int_at(payment, "total_amount").value_or(0);
  return sum;
}

bool is_disputed(const Value& payment) {
  const auto disputes = list_at(payment, "disputes");
  return std::any_of(disputes.begin(), disputes.end(), [](const Value& dispute) {
    const auto status = dispute.text_at("dispute_status");
    return status == "dispute_opened" || status == "dispute_challenged";
  });
}

std::optional<Value::List> spread_refund(const Value& line_items, std::int64_t minor) {
  Value::List out;
  for (const auto& item : list_at(line_items, "items")) {
    // Older answers have no refundable_amount; Dodo then refuses what is too much.
    const auto left =
        int_at(item, "refundable_amount").value_or(int_at(item, "amount").value_or(0));
    const auto share = std::min(left, minor);
    if (share <= 0) continue;
    out.push_back(Object()
                      .text("item_id", item.text_at("items_id"))
                      .number("amount", share)
                      .flag("tax_inclusive", true)
                      .done());
    minor -= share;
    if (minor == 0) return out;
  }
  return std::nullopt;
}

}  // namespace vozex::payments
