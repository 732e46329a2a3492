// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/stripe/stripe.h"

namespace vozex::sandbox {
namespace {

std::int64_t seconds_of(Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

json or_null(const std::string& text) { return text.empty() ? json() : json(text); }

const char* intent_status(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::processing: return "processing";
    case PaymentStatus::authorised: return "requires_capture";
    case PaymentStatus::succeeded: return "succeeded";
    case PaymentStatus::cancelled: return "canceled";
    case PaymentStatus::failed: return "requires_payment_method";
  }
  return "requires_payment_method";
}

json decline_of(const Payment& payment) {
  if (payment.status != PaymentStatus::failed) return {};
  return {{"type", "card_error"},
          {"code", "card_declined"},
          {"decline_code", "generic_decline"},
          {"charge", payment.charge_id},
          {"message", "Your card was declined."}};
}

// As Stripe has them; an inquiry is no dispute yet.
std::string dispute_status(const Dispute& dispute) {
  if (dispute.state == "inquiry") return "warning_needs_response";
  if (dispute.state == "opened") return "needs_response";
  if (dispute.state == "challenged")
    return dispute.was_inquiry ? "warning_under_review" : "under_review";
  if (dispute.state == "lost" || dispute.state == "accepted" || dispute.state == "expired")
    return "lost";
  return dispute.was_inquiry ? "warning_closed" : "won";
}

}  // namespace

json stripe_list(json data, bool has_more, const std::string& url) {
  return {{"object", "list"}, {"data", std::move(data)}, {"has_more", has_more}, {"url", url}};
}

json stripe_session(const World& world, const Session& session, const std::string& page) {
  const Payment* payment =
      session.payments.empty() ? nullptr : world.payment(session.payments.back());
  const bool open = session.status == SessionStatus::open;
  const bool paid = world.is_paid(session);
  const bool free = session.terms && payment == nullptr && !open;
  return {{"id", session.id},
          {"object", "checkout.session"},
          {"amount_subtotal", session.amount},
          {"amount_total", payment != nullptr && paid ? payment->amount : session.amount},
          {"currency", lower(payment != nullptr && paid ? payment->currency : session.currency)},
          {"client_reference_id", or_null(text_at(session.extra, "client_reference_id"))},
          {"cancel_url", or_null(text_at(session.extra, "cancel_url"))},
          {"success_url", session.return_url},
          {"created", seconds_of(session.created_at)},
          {"expires_at", seconds_of(session.expires_at)},
          {"customer", session.customer.at("id")},
          {"customer_email", session.customer.value("email", json())},
          {"customer_details", {{"email", session.customer.value("email", json())}}},
          {"livemode", false},
          {"metadata", session.metadata},
          {"mode", session.extra.value("mode", "payment")},
          {"payment_intent", payment == nullptr || session.terms ? json() : json(payment->id)},
          {"payment_status",
           paid   ? "paid"
           : free ? "no_payment_required"
                  : "unpaid"},
          {"status",
           open                                       ? "open"
           : session.status == SessionStatus::expired ? "expired"
                                                      : "complete"},
          {"subscription", or_null(session.subscription_id)},
          {"url", open ? json(page) : json()}};
}

json stripe_intent(const World& world, const Payment& payment, bool with_charge) {
  const bool taken = payment.status == PaymentStatus::succeeded;
  const bool held = payment.status == PaymentStatus::authorised;
  return {{"id", payment.id},
          {"object", "payment_intent"},
          {"amount", payment.amount},
          {"amount_capturable", held ? payment.amount : 0},
          {"amount_received", taken ? payment.amount : 0},
          {"capture_method", held ? "manual" : "automatic_async"},
          {"created", seconds_of(payment.created_at)},
          {"currency", lower(payment.currency)},
          {"customer", payment.customer.at("id")},
          {"last_payment_error", decline_of(payment)},
          {"latest_charge", with_charge ? stripe_charge(world, payment) : json(payment.charge_id)},
          {"livemode", false},
          {"metadata", payment.metadata},
          {"payment_method_types", {"card"}},
          {"status", intent_status(payment.status)}};
}

json stripe_charge(const World& world, const Payment& payment) {
  const bool taken = payment.status == PaymentStatus::succeeded;
  const bool failed = payment.status == PaymentStatus::failed;
  const auto back = taken ? world.refunded(payment) : 0;
  return {{"id", payment.charge_id},
          {"object", "charge"},
          {"amount", payment.amount},
          {"amount_captured", taken ? payment.amount : 0},
          {"amount_refunded", back},
          {"captured", taken},
          {"created", seconds_of(payment.created_at)},
          {"currency", lower(payment.currency)},
          {"customer", payment.customer.at("id")},
          {"disputed", !payment.disputes.empty() && world.is_disputed(payment)},
          {"failure_code", failed ? json("card_declined") : json()},
          {"failure_message", failed ? json("Your card was declined.") : json()},
          {"livemode", false},
          {"metadata", payment.metadata},
          {"paid", taken || payment.status == PaymentStatus::authorised},
          {"payment_intent", payment.id},
          {"refunded", taken && back == payment.amount},
          {"status",
           failed                                        ? "failed"
           : payment.status == PaymentStatus::processing ? "pending"
                                                         : "succeeded"}};
}

json stripe_refund(const World& world, const Refund& refund) {
  const Payment* payment = world.payment(refund.payment_id);
  const bool failed = refund.status == RefundStatus::failed;
  return {{"id", refund.id},
          {"object", "refund"},
          {"amount", refund.amount},
          {"charge", payment->charge_id},
          {"created", seconds_of(refund.created_at)},
          {"currency", lower(refund.currency)},
          {"failure_reason", failed ? json("expired_or_canceled_card") : json()},
          {"metadata", refund.metadata},
          {"payment_intent", refund.payment_id},
          {"reason", or_null(refund.reason)},
          {"status", to_string(refund.status)}};
}

json stripe_dispute(const World& world, const Dispute& dispute) {
  const Payment* payment = world.payment(dispute.payment_id);
  return {{"id", dispute.id},
          {"object", "dispute"},
          {"amount", dispute.amount},
          {"charge", payment->charge_id},
          {"created", seconds_of(dispute.created_at)},
          {"currency", lower(dispute.currency)},
          {"evidence_details",
           {{"due_by", seconds_of(dispute.respond_by)},
            {"has_evidence", dispute.state == "challenged"},
            {"past_due", dispute.state == "expired"},
            {"submission_count", dispute.state == "challenged" ? 1 : 0}}},
          {"is_charge_refundable", dispute.was_inquiry},
          {"livemode", false},
          {"metadata", json::object()},
          {"payment_intent", dispute.payment_id},
          {"reason", "fraudulent"},
          {"status", dispute_status(dispute)}};
}

}  // namespace vozex::sandbox
