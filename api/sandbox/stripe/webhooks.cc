// SPDX-License-Identifier: Apache-2.0
//
// The part of Stripe that tells the shop: one fact in several events, signed by `Stripe-Signature`.
#include "api/sandbox/crypto.h"
#include "api/sandbox/stripe/stripe.h"

namespace vozex::sandbox {
namespace {

constexpr const char* k_version = "2026-10-28.endive";

std::int64_t seconds_of(Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::vector<Event> of_payment(const Payment& payment,
                              const std::string& charge,
                              const std::string& intent,
                              const std::string& session) {
  std::vector<Event> events;
  if (!charge.empty()) events.push_back({"charge." + charge, payment.id});
  events.push_back({"payment_intent." + intent, payment.id});
  if (!session.empty() && !payment.session_id.empty() && payment.subscription_id.empty())
    events.push_back({"checkout.session." + session, payment.session_id});
  return events;
}

std::vector<Event> of_refund(const Refund& refund, bool made) {
  const bool failed = refund.status == RefundStatus::failed;
  if (!made) return {{failed ? "refund.failed" : "refund.updated", refund.id}};
  std::vector<Event> events = {{"refund.created", refund.id}};
  if (refund.status == RefundStatus::succeeded)
    events.push_back({"charge.refunded", refund.payment_id});
  if (failed) events.push_back({"refund.failed", refund.id});
  return events;
}

std::vector<Event> of_dispute(const Dispute& dispute) {
  if (dispute.state == "inquiry") return {{"charge.dispute.created", dispute.id}};
  if (dispute.state == "opened")
    return {{"charge.dispute.created", dispute.id}, {"charge.dispute.funds_withdrawn", dispute.id}};
  if (dispute.state == "challenged") return {{"charge.dispute.updated", dispute.id}};
  const bool stays = dispute.state == "won" || dispute.state == "cancelled";
  std::vector<Event> events = {{"charge.dispute.closed", dispute.id}};
  if (stays && !dispute.was_inquiry)
    events.push_back({"charge.dispute.funds_reinstated", dispute.id});
  return events;
}

}  // namespace

std::vector<Event> Stripe::told(const Happening& happening) const {
  const bool settled = happening.detail == "settled";
  const auto payment = [&]() -> const Payment& { return *world().payment(happening.id); };
  const What what = happening.what;
  if (happening.detail == "subscription") {
    const bool paid = what == What::payment_succeeded;
    auto events = of_payment(
        payment(), paid ? "succeeded" : "failed", paid ? "succeeded" : "payment_failed", "");
    events.push_back({paid ? "invoice.paid" : "invoice.payment_failed", payment().invoice_id, {}});
    return events;
  }
  if (what == What::session_expired) return {{"checkout.session.expired", happening.id}};
  if (what == What::payment_processing) return of_payment(payment(), "", "processing", "completed");
  if (what == What::payment_authorised)
    return of_payment(payment(), "succeeded", "amount_capturable_updated", "completed");
  if (what == What::payment_succeeded && happening.detail == "captured")
    return of_payment(payment(), "captured", "succeeded", "");
  if (what == What::payment_succeeded)
    return of_payment(
        payment(), "succeeded", "succeeded", settled ? "async_payment_succeeded" : "completed");
  if (what == What::payment_failed)
    return of_payment(payment(), "failed", "payment_failed", settled ? "async_payment_failed" : "");
  if (what == What::payment_cancelled) return of_payment(payment(), "", "canceled", "");
  if (what == What::refund_made) return of_refund(*world().refund(happening.id), true);
  if (what == What::refund_settled) return of_refund(*world().refund(happening.id), false);
  if (what == What::dispute_changed) return of_dispute(*world().dispute(happening.id));
  return {};
}

std::string Stripe::new_webhook_id() const { return new_id("evt_"); }

std::string Stripe::body(const std::string& webhook_id,
                         const Event& event,
                         Timestamp created_at) const {
  json object;
  if (const Session* session = world().session(event.object_id)) {
    object = shown(*session);
  } else if (const Refund* refund = world().refund(event.object_id)) {
    object = stripe_refund(world(), *refund);
  } else if (const Dispute* dispute = world().dispute(event.object_id)) {
    object = stripe_dispute(world(), *dispute);
  } else if (const Subscription* subscription = world().subscription(event.object_id)) {
    object = stripe_subscription(world(), *subscription);
  } else if (const Payment* billed = world().payment_of_invoice(event.object_id)) {
    object = stripe_invoice(world(), *billed);
  } else if (const Payment* payment = world().payment(event.object_id)) {
    object = event.type.starts_with("charge.") ? stripe_charge(world(), *payment)
                                               : stripe_intent(world(), *payment, false);
  }
  json data = {{"object", std::move(object)}};
  if (!event.previous.is_null()) data["previous_attributes"] = event.previous;
  return json{{"id", webhook_id},
              {"object", "event"},
              {"api_version", k_version},
              {"created", seconds_of(created_at)},
              {"data", std::move(data)},
              {"livemode", false},
              {"pending_webhooks", 1},
              {"request", {{"id", nullptr}, {"idempotency_key", nullptr}}},
              {"type", event.type}}
      .dump();
}

WireHeaders Stripe::sign(const std::string&, const std::string& body, Timestamp sent_at) const {
  const std::string timestamp = std::to_string(seconds_of(sent_at));
  return {{"Stripe-Signature",
           "t=" + timestamp +
               ",v1=" + hex(hmac_sha256(options().webhook_secret, timestamp + "." + body))}};
}

json Stripe::shape(const Dispute& dispute) const { return stripe_dispute(world(), dispute); }

}  // namespace vozex::sandbox
