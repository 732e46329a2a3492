// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/sandbox/dodo/dodo.h"

namespace vozex::sandbox {
namespace {

constexpr const char* k_business = "bus_sandbox";

json member(const json& object, const char* name) {
  return object.is_object() ? object.value(name, json()) : json();
}

json cart_of(const Payment& payment) {
  json cart = json::array();
  for (const auto& line : payment.cart) {
    cart.push_back(
        {{"product_id", line.product}, {"quantity", line.quantity}, {"amount", line.unit}});
  }
  return cart;
}

}  // namespace

json dodo_session(const World& world, const Session& session) {
  const Payment* last = session.payments.empty() ? nullptr : world.payment(session.payments.back());
  for (const auto& id : session.payments) {
    if (world.payment(id)->status == PaymentStatus::succeeded) last = world.payment(id);
  }
  return {{"id", session.id},
          {"created_at", format_timestamp(session.created_at)},
          {"payment_id", last == nullptr ? json() : json(last->id)},
          {"payment_status", last == nullptr ? json() : json(to_string(last->status))},
          {"customer_email", member(session.customer, "email")},
          {"customer_name", member(session.customer, "name")}};
}

json dodo_payment(const World& world, const Payment& payment) {
  json refunds = json::array();
  for (const auto& id : payment.refunds) {
    json refund = dodo_refund(world, *world.refund(id));
    refund.erase("metadata");  // as there: listed refunds lack it
    refund.erase("customer");
    refunds.push_back(std::move(refund));
  }
  json disputes = json::array();
  for (const auto& id : payment.disputes) disputes.push_back(dodo_dispute(*world.dispute(id)));
  const auto back = world.refunded(payment);
  const json error = payment.error_code.empty() ? json() : json(payment.error_code);
  return {
      {"payment_id", payment.id},
      {"business_id", k_business},
      {"brand_id", k_business},
      {"checkout_session_id", payment.session_id},
      {"status", to_string(payment.status)},
      {"total_amount", payment.amount},
      {"currency", payment.currency},
      {"settlement_amount", payment.amount},
      {"settlement_currency", payment.currency},
      {"settlement_tax", nullptr},
      {"tax", nullptr},
      {"customer", payment.customer},
      {"billing", {{"country", "US"}, {"zipcode", "00000"}}},
      {"metadata", payment.metadata},
      {"product_cart", cart_of(payment)},
      {"payment_method", "card"},
      {"card_last_four", "4242"},
      {"error_code", error},
      {"error_message", error.is_null() ? json() : json("The card was declined.")},
      {"refunds", refunds},
      {"refund_status", back == 0 ? json() : json(back < payment.amount ? "partial" : "full")},
      {"disputes", disputes},
      {"subscription_id", payment.subscription_id.empty() ? json() : json(payment.subscription_id)},
      {"is_update_payment_method", false},
      {"created_at", format_timestamp(payment.created_at)},
      {"updated_at", nullptr}};
}

json dodo_line_items(const World& world, const Payment& payment) {
  // What was refunded is taken from the first items first.
  auto gone = world.refunded(payment);
  json items = json::array();
  std::size_t number = 0;
  for (const auto& line : payment.cart) {
    const auto amount = line.unit * line.quantity;
    const auto taken = std::min(gone, amount);
    gone -= taken;
    items.push_back({{"items_id", payment.id + "_" + std::to_string(++number)},
                     {"name", line.product},
                     {"amount", amount},
                     {"refundable_amount", amount - taken},
                     {"tax", 0}});
  }
  return {{"currency", payment.currency}, {"items", items}};
}

json dodo_refund(const World& world, const Refund& refund) {
  const Payment* payment = world.payment(refund.payment_id);
  return {{"refund_id", refund.id},
          {"payment_id", refund.payment_id},
          {"business_id", k_business},
          {"amount", refund.amount},
          {"currency", refund.currency},
          {"is_partial", refund.amount < payment->amount},
          {"status", to_string(refund.status)},
          {"reason", refund.reason.empty() ? json() : json(refund.reason)},
          {"customer", payment->customer},
          {"metadata", refund.metadata},
          {"created_at", format_timestamp(refund.created_at)}};
}

json dodo_dispute(const Dispute& dispute) {
  const std::string state = dispute.state == "inquiry" ? "opened" : dispute.state;
  return {{"dispute_id", dispute.id},
          {"payment_id", dispute.payment_id},
          {"business_id", k_business},
          {"amount", std::to_string(dispute.amount)},
          {"currency", dispute.currency},
          {"dispute_stage", dispute.was_inquiry ? "pre_dispute" : "dispute"},
          {"dispute_status", "dispute_" + state},
          {"reason", "fraudulent"},
          {"remarks", nullptr},
          {"created_at", format_timestamp(dispute.created_at)}};
}

}  // namespace vozex::sandbox
