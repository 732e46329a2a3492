// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/fact.h"

#include "adapters/payments/wire.h"

namespace vozex::payments {
namespace {

using types::Value;

std::string number(std::optional<std::int64_t> value) {
  return value ? std::to_string(*value) : std::string("-");
}

}  // namespace

std::string fact_of(const WebhookEvent& event) {
  const Value& data = event.data;
  const auto part = [&](std::string_view name) { return std::string(data.text_at(name)); };
  const std::string ref = part("gateway_ref");
  if (event.type == "payment.succeeded" && !ref.empty()) {
    // Our reference is part of it: an event that can find its payment is not the repetition of one
    // that can't.
    return event.type + "/" + ref + "/" + number(int_at(data, "captured_total")) +
           std::string(map_at(data, "amount").text_at("currency")) + "/" + part("payment_id");
  }
  if (event.type == "payment.failed" && !part("attempt_ref").empty())
    return event.type + "/" + ref + "/" + part("attempt_ref") +
           (true_at(data, "final") ? "/final" : "");
  if (event.type == "refund.changed" && !part("refund_ref").empty()) {
    return event.type + "/" + part("refund_ref") + "/" + (true_at(data, "ok") ? "ok" : "not_ok") +
           "/" + part("state") + "/" + number(int_at(data, "refunded_total"));
  }
  if (event.type == "dispute.changed" && !part("dispute_ref").empty()) {
    return event.type + "/" + part("dispute_ref") + "/" + part("state") + "/" + part("detail") +
           "/" + number(int_at(map_at(data, "amount"), "minor"));
  }
  if (event.type == "subscription.renewed" && !part("invoice_ref").empty())
    return event.type + "/" + part("invoice_ref");
  return event.id;
}

}  // namespace vozex::payments
