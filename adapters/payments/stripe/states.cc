// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/states.h"

#include "adapters/payments/stripe/families.h"
#include "adapters/payments/stripe/normalise.h"

namespace vozex::payments {
namespace {

using types::Value;

PaymentStatus intent_status(std::string_view word) {
  if (word == "succeeded") return PaymentStatus::captured;
  if (word == "requires_capture") return PaymentStatus::authorised;
  if (word == "canceled") return PaymentStatus::cancelled;
  return PaymentStatus::pending;
}

Money money_of(const Value& object, std::string_view name) {
  return {stripe_amount(object, name).value_or(0), upper_currency(object.text_at("currency"))};
}

}  // namespace

PaymentState state_of_charge(const Value& charge) {
  PaymentState state;
  const auto intent = id_at(charge, "payment_intent");
  state.gateway_ref = intent.empty() ? std::string(charge.text_at("id")) : intent;
  state.amount = money_of(charge, "amount");
  const bool captured = true_at(charge, "captured");
  const auto status = charge.text_at("status");
  state.status = status == "failed"    ? PaymentStatus::failed
                 : status == "pending" ? PaymentStatus::pending
                 : captured            ? PaymentStatus::captured
                                       : PaymentStatus::authorised;
  if (state.status == PaymentStatus::captured) {
    state.captured_total = stripe_amount(charge, "amount_captured").value_or(state.amount.minor);
    state.refunded_total = stripe_amount(charge, "amount_refunded").value_or(0);
  }
  if (state.status == PaymentStatus::authorised) state.authorised_total = state.amount.minor;
  state.disputed = true_at(charge, "disputed");
  return state;
}

PaymentState state_of_intent(const Value& intent) {
  const Value charge = map_at(intent, "latest_charge");
  PaymentState state;
  state.gateway_ref = std::string(intent.text_at("id"));
  state.status = intent_status(intent.text_at("status"));
  state.amount = money_of(intent, "amount");
  if (state.status == PaymentStatus::captured) {
    state.captured_total = stripe_amount(intent, "amount_received").value_or(state.amount.minor);
    state.refunded_total = stripe_amount(charge, "amount_refunded").value_or(0);
    state.disputed = true_at(charge, "disputed");
  }
  if (state.status == PaymentStatus::authorised)
    state.authorised_total = stripe_amount(intent, "amount_capturable").value_or(0);
  return state;
}

PaymentState state_of_session(const Value& session) {
  PaymentState state;
  state.session_ref = std::string(session.text_at("id"));
  state.amount = money_of(session, "amount_total");
  if (session.text_at("status") == "expired") state.status = PaymentStatus::cancelled;
  return state;
}

Refund refund_of(const Value& refund) {
  Refund out;
  out.refund_ref = std::string(refund.text_at("id"));
  const auto status = refund.text_at("status");
  out.status = status == "succeeded"                        ? "succeeded"
               : status == "failed" || status == "canceled" ? "failed"
                                                            : "pending";
  out.minor = stripe_amount(refund, "amount").value_or(0);
  return out;
}

}  // namespace vozex::payments
