// SPDX-License-Identifier: Apache-2.0
//
// The part of PayPal that tells the shop: events whose signature covers a CRC-32 of their body.
#include <boost/crc.hpp>

#include "api/sandbox/crypto.h"
#include "api/sandbox/paypal/paypal.h"

namespace vozex::sandbox {
namespace {

std::vector<Event> of_dispute(const Dispute& dispute) {
  if (dispute.is_over()) return {{"CUSTOMER.DISPUTE.RESOLVED", dispute.id}};
  return {{dispute.state == "challenged" ? "CUSTOMER.DISPUTE.UPDATED" : "CUSTOMER.DISPUTE.CREATED",
           dispute.id}};
}

std::string kind_of(const std::string& type) {
  if (type.starts_with("CHECKOUT.")) return "checkout-order";
  if (type.starts_with("CUSTOMER.DISPUTE.")) return "dispute";
  if (type.starts_with("BILLING.SUBSCRIPTION.")) return "subscription";
  if (type.starts_with("PAYMENT.SALE.")) return type.ends_with(".REFUNDED") ? "refund" : "sale";
  return type.ends_with(".REFUNDED") ? "refund" : "capture";
}

}  // namespace

std::vector<Event> PayPal::told(const Happening& happening) const {
  const What what = happening.what;
  if (happening.detail == "subscription") {
    return what == What::payment_succeeded
               ? std::vector<Event>{{"PAYMENT.SALE.COMPLETED", happening.id, {}}}
               : std::vector<Event>{};
  }
  if (what == What::session_approved) return {{"CHECKOUT.ORDER.APPROVED", happening.id}};
  if (what == What::payment_processing) return {{"PAYMENT.CAPTURE.PENDING", happening.id}};
  if (what == What::payment_succeeded) return {{"PAYMENT.CAPTURE.COMPLETED", happening.id}};
  if (what == What::payment_failed) {
    return {{happening.detail == "settled" ? "PAYMENT.CAPTURE.DENIED" : "PAYMENT.CAPTURE.DECLINED",
             happening.id}};
  }
  if (what == What::refund_made || what == What::refund_settled) {
    const Refund& refund = *world().refund(happening.id);
    if (refund.status != RefundStatus::succeeded) return {};
    const bool recurs = !world().payment(refund.payment_id)->subscription_id.empty();
    return {{recurs ? "PAYMENT.SALE.REFUNDED" : "PAYMENT.CAPTURE.REFUNDED", happening.id}};
  }
  if (what == What::dispute_changed) return of_dispute(*world().dispute(happening.id));
  return {};
}

std::string PayPal::new_webhook_id() const {
  constexpr std::string_view k_letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return "WH-" + random_letters(k_letters, 17) + "-" + random_letters(k_letters, 17);
}

std::string PayPal::body(const std::string& webhook_id,
                         const Event& event,
                         Timestamp created_at) const {
  json resource;
  const bool sale = event.type.starts_with("PAYMENT.SALE.");
  if (const Subscription* subscription = world().subscription(event.object_id)) {
    resource = paypal_subscription(world(), *subscription);
  } else if (const Session* session = world().session(event.object_id)) {
    resource = order(*session);
  } else if (const Refund* refund = world().refund(event.object_id)) {
    resource =
        sale ? paypal_sale_refund(world(), *refund) : paypal_refund(world(), *refund, base_url());
  } else if (const Dispute* dispute = world().dispute(event.object_id)) {
    resource = paypal_dispute(world(), *dispute, base_url());
  } else if (const Payment* payment = world().payment(event.object_id)) {
    resource =
        sale ? paypal_sale(world(), *payment) : paypal_capture(world(), *payment, base_url());
  }
  return json{{"id", webhook_id},
              {"event_version", "1.0"},
              {"create_time", format_timestamp(created_at)},
              {"resource_type", kind_of(event.type)},
              {"event_type", event.type},
              {"summary", "Played by the sandbox"},
              {"resource", std::move(resource)},
              {"links", json::array()}}
      .dump();
}

// A repetition is the same transmission, signed anew.
WireHeaders PayPal::sign(const std::string& webhook_id,
                         const std::string& body,
                         Timestamp sent_at) const {
  boost::crc_32_type crc;
  crc.process_bytes(body.data(), body.size());
  const std::string id = "transmission-" + webhook_id;
  const std::string time = format_timestamp(std::chrono::floor<std::chrono::seconds>(sent_at));
  const std::string text =
      id + "|" + time + "|" + options().paypal_webhook_id + "|" + std::to_string(crc.checksum());
  return {{"paypal-transmission-id", id},
          {"paypal-transmission-time", time},
          {"paypal-transmission-sig", base64(authority_.sign(text))},
          {"paypal-cert-url", base_url() + "/v1/notifications/certs/" + authority_.name()},
          {"paypal-auth-algo", "SHA256withRSA"},
          {"paypal-auth-version", "v2"}};
}

json PayPal::shape(const Dispute& dispute) const {
  return paypal_dispute(world(), dispute, base_url());
}

}  // namespace vozex::sandbox
