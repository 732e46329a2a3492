// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/currency.h"
#include "api/sandbox/paypal/paypal.h"

namespace vozex::sandbox {
namespace {

json link(const std::string& href, const char* rel, const char* method) {
  return {{"href", href}, {"rel", rel}, {"method", method}};
}

std::string captures_of(const std::string& base) { return base + "/v2/payments/captures/"; }

const char* capture_status(const World& world, const Payment& payment) {
  if (payment.status == PaymentStatus::processing) return "PENDING";
  if (payment.status != PaymentStatus::succeeded) return "DECLINED";
  const auto back = world.refunded(payment);
  if (back == 0) return "COMPLETED";
  return back < payment.amount ? "PARTIALLY_REFUNDED" : "REFUNDED";
}

const char* refund_status(const Refund& refund) {
  if (refund.status == RefundStatus::pending) return "PENDING";
  return refund.status == RefundStatus::failed ? "FAILED" : "COMPLETED";
}

const char* order_status(const Session& session) {
  if (session.status == SessionStatus::approved) return "APPROVED";
  return session.status == SessionStatus::complete ? "COMPLETED" : "PAYER_ACTION_REQUIRED";
}

const char* dispute_outcome(const Dispute& dispute) {
  if (dispute.state == "won") return "RESOLVED_SELLER_FAVOUR";
  if (dispute.state == "accepted") return "ACCEPTED";
  return dispute.state == "cancelled" ? "CANCELED_BY_BUYER" : "RESOLVED_BUYER_FAVOUR";
}

}  // namespace

json paypal_money(std::int64_t minor, const std::string& currency) {
  return {{"currency_code", currency}, {"value", decimal_text(minor, currency)}};
}

json paypal_order(const World& world,
                  const Session& session,
                  const std::string& base,
                  const std::string& page) {
  json captures = json::array();
  json refunds = json::array();
  for (const auto& id : session.payments) {
    const Payment& payment = *world.payment(id);
    captures.push_back(paypal_capture(world, payment, base));
    for (const auto& refund : payment.refunds)
      refunds.push_back(paypal_refund(world, *world.refund(refund), base));
  }
  json unit = {{"reference_id", session.payment_metadata.value("order_id", "default")},
               {"custom_id", session.payment_metadata.value("payment_id", "")},
               {"invoice_id", text_at(session.extra, "invoice_id")},
               {"amount", paypal_money(session.amount, session.currency)}};
  if (!captures.empty()) unit["payments"] = {{"captures", captures}, {"refunds", refunds}};
  const std::string self = base + "/v2/checkout/orders/" + session.id;
  return {{"id", session.id},
          {"intent", "CAPTURE"},
          {"status", order_status(session)},
          {"create_time", format_timestamp(session.created_at)},
          {"purchase_units", {std::move(unit)}},
          {"links",
           {link(self, "self", "GET"),
            link(page, "payer-action", "GET"),
            link(self + "/capture", "capture", "POST")}}};
}

json paypal_capture(const World& world, const Payment& payment, const std::string& base) {
  const std::string self = captures_of(base) + payment.id;
  json out = {{"id", payment.id},
              {"status", capture_status(world, payment)},
              {"amount", paypal_money(payment.amount, payment.currency)},
              {"final_capture", true},
              {"custom_id", payment.metadata.value("payment_id", "")},
              {"invoice_id", payment.metadata.value("payment_id", "")},
              {"supplementary_data", {{"related_ids", {{"order_id", payment.session_id}}}}},
              {"seller_receivable_breakdown",
               {{"gross_amount", paypal_money(payment.amount, payment.currency)},
                {"paypal_fee", paypal_money(0, payment.currency)},
                {"net_amount", paypal_money(payment.amount, payment.currency)}}},
              {"create_time", format_timestamp(payment.created_at)},
              {"links",
               {link(self, "self", "GET"),
                link(self + "/refund", "refund", "POST"),
                link(base + "/v2/checkout/orders/" + payment.session_id, "up", "GET")}}};
  if (payment.status == PaymentStatus::processing) out["status_details"] = {{"reason", "ECHECK"}};
  return out;
}

json paypal_refund(const World& world, const Refund& refund, const std::string& base) {
  const Payment& payment = *world.payment(refund.payment_id);
  return {{"id", refund.id},
          {"status", refund_status(refund)},
          {"amount", paypal_money(refund.amount, refund.currency)},
          {"custom_id", refund.metadata.value("request_id", "")},
          {"note_to_payer", refund.reason},
          {"seller_payable_breakdown",
           {{"gross_amount", paypal_money(refund.amount, refund.currency)},
            {"total_refunded_amount", paypal_money(world.refunded(payment), refund.currency)}}},
          {"create_time", format_timestamp(refund.created_at)},
          {"links",
           {link(base + "/v2/payments/refunds/" + refund.id, "self", "GET"),
            link(captures_of(base) + payment.id, "up", "GET")}}};
}

json paypal_dispute(const World& world, const Dispute& dispute, const std::string& base) {
  const Payment& payment = *world.payment(dispute.payment_id);
  json out = {{"dispute_id", dispute.id},
              {"create_time", format_timestamp(dispute.created_at)},
              {"disputed_transactions",
               {{{"seller_transaction_id", dispute.payment_id},
                 {"custom", payment.metadata.value("payment_id", "")}}}},
              {"dispute_amount", paypal_money(dispute.amount, dispute.currency)},
              {"dispute_life_cycle_stage", dispute.was_inquiry ? "INQUIRY" : "CHARGEBACK"},
              {"reason", "UNAUTHORISED"},
              {"seller_response_due_date", format_timestamp(dispute.respond_by)},
              {"status",
               dispute.is_over()               ? "RESOLVED"
               : dispute.state == "challenged" ? "UNDER_REVIEW"
                                               : "WAITING_FOR_SELLER_RESPONSE"},
              {"links", {link(base + "/v1/customer/disputes/" + dispute.id, "self", "GET")}}};
  if (dispute.is_over()) out["dispute_outcome"] = {{"outcome_code", dispute_outcome(dispute)}};
  return out;
}

}  // namespace vozex::sandbox
