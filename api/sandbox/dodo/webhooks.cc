// SPDX-License-Identifier: Apache-2.0
//
// The part of Dodo that tells the shop: Standard Webhooks.
#include "api/sandbox/crypto.h"
#include "api/sandbox/dodo/dodo.h"

namespace vozex::sandbox {
namespace {

json data_of(const World& world, const Event& event) {
  json data = json::object();
  if (const Refund* refund = world.refund(event.object_id)) {
    data = dodo_refund(world, *refund);
    data["payload_type"] = "Refund";
  } else if (const Dispute* dispute = world.dispute(event.object_id)) {
    data = dodo_dispute(*dispute);
    data["payload_type"] = "Dispute";
  } else if (const Subscription* subscription = world.subscription(event.object_id)) {
    data = dodo_subscription(*subscription);
    data["payload_type"] = "Subscription";
  } else if (const Payment* payment = world.payment(event.object_id)) {
    data = dodo_payment(world, *payment);
    data["payload_type"] = "Payment";
  }
  return data;
}

}  // namespace

std::vector<Event> Dodo::told(const Happening& happening) const {
  const What what = happening.what;
  if (what == What::payment_processing) return {{"payment.processing", happening.id}};
  if (what == What::payment_succeeded) return {{"payment.succeeded", happening.id}};
  if (what == What::payment_failed) return {{"payment.failed", happening.id}};
  if (what == What::payment_cancelled) return {{"payment.cancelled", happening.id}};
  if (what == What::refund_made || what == What::refund_settled) {
    const auto status = world().refund(happening.id)->status;
    if (status == RefundStatus::pending) return {};
    return {{std::string("refund.") + to_string(status), happening.id}};
  }
  if (what == What::dispute_changed) {
    const auto& state = world().dispute(happening.id)->state;
    return {{"dispute." + (state == "inquiry" ? std::string("opened") : state), happening.id}};
  }
  return {};
}

std::string Dodo::new_webhook_id() const { return new_id("msg_"); }

std::string Dodo::body(const std::string&, const Event& event, Timestamp created_at) const {
  return json{{"business_id", "bus_sandbox"},
              {"type", event.type},
              {"timestamp", format_timestamp(created_at)},
              {"data", data_of(world(), event)}}
      .dump();
}

WireHeaders Dodo::sign(const std::string& webhook_id,
                       const std::string& body,
                       Timestamp sent_at) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(sent_at).time_since_epoch().count();
  const std::string timestamp = std::to_string(seconds);
  const std::string content = webhook_id + "." + timestamp + "." + body;
  return {{"webhook-id", webhook_id},
          {"webhook-timestamp", timestamp},
          {"webhook-signature", "v1," + base64(hmac_sha256(key_, content))}};
}

json Dodo::shape(const Dispute& dispute) const { return dodo_dispute(dispute); }

}  // namespace vozex::sandbox
