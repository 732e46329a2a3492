// SPDX-License-Identifier: Apache-2.0
//
// The part of Core that owes webhooks: what happened becomes events of its gateway, in order or in
// the disorder that was asked for.
#include <algorithm>

#include "api/sandbox/core.h"
#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

constexpr int k_late_ms = 500;
constexpr int k_max_delay_ms = 3'600'000;
constexpr int k_max_copies = 100;
constexpr std::string_view k_dodo = "/dodo";

}  // namespace

// Named for this gateway; else beside Dodo's door, where that is called so.
std::string Core::webhook_url(const Gateway& gateway) const {
  const auto named = webhook_urls_.find(std::string(gateway.name()));
  if (named != webhook_urls_.end()) return named->second;
  std::string url = options_.webhook_url;
  if (gateway.name() == "dodo") return url;
  if (url.ends_with(k_dodo)) url.resize(url.size() - k_dodo.size());
  return url + "/" + std::string(gateway.name());
}

WebhookAttempt Core::attempt(std::uint64_t seq, Timestamp now) const {
  const Delivery* delivery = deliveries_.find(seq);
  VOZEX_ASSERT(delivery != nullptr);
  const Gateway* gateway = gateway_named(delivery->gateway);
  WebhookAttempt out;
  out.url = webhook_url(*gateway);
  out.body = !delivery->body.empty()
                 ? delivery->body
                 : gateway->body(
                       delivery->id, {delivery->type, delivery->object_id}, delivery->created_at);
  out.headers = gateway->sign(delivery->id, out.body, now);
  return out;
}

void Core::settle(Gateway& gateway,
                  Timestamp now,
                  const Disorder& disorder,
                  std::optional<Timestamp> at) {
  auto happenings = gateway.world().take_happenings();
  if (disorder.reversed) std::reverse(happenings.begin(), happenings.end());
  for (const auto& happening : happenings)
    owe(gateway, happening, at.value_or(world_time(now)), disorder);
}

void Core::owe(const Gateway& gateway,
               const Happening& happening,
               Timestamp at,
               const Disorder& disorder) {
  Disorder how = disorder;
  // What was asked for when the buyer agreed holds for the money that is taken later, too.
  if (const Session* session = gateway.session_of(happening)) {
    const auto kept = disorder_of_.find(session->id);
    if (kept != disorder_of_.end()) how = kept->second;
  }
  auto events = happening.what < What::subscription_started
                    ? gateway.told(happening)
                    : gateway.told_of_subscription(happening);
  if (how.reversed) std::reverse(events.begin(), events.end());
  const json metadata = gateway.metadata_of(happening);
  for (const auto& event : events) owe(gateway, event, metadata, at, how);
}

void Core::owe(
    const Gateway& gateway, const Event& event, const json& metadata, Timestamp at, Disorder how) {
  const Subject subject{std::string(gateway.name()), "", "", event.type, metadata};
  Delivery delivery;
  delivery.gateway = gateway.name();
  delivery.id = gateway.new_webhook_id();
  delivery.type = event.type;
  delivery.object_id = event.object_id;
  delivery.metadata = metadata;
  delivery.created_at = at;
  if (!gateway.shows_latest())
    delivery.body = gateway.body(delivery.id, event, delivery.created_at);
  if (faults_.take(FaultKind::lost_webhook, subject)) {
    delivery.state = DeliveryState::lost;
  } else if (faults_.take(FaultKind::held_webhook, subject)) {
    delivery.state = DeliveryState::held;
  }
  if (const auto late = faults_.take(FaultKind::late_webhook, subject)) {
    how.delay += std::chrono::milliseconds(
        std::clamp(late->rule.value("delay_ms", k_late_ms), 0, k_max_delay_ms));
  }
  if (const auto repeated = faults_.take(FaultKind::repeated_webhook, subject))
    how.copies = std::clamp(repeated->rule.value("copies", 2), 1, k_max_copies);
  for (int i = 0; i < how.copies; ++i) {
    const auto seq = deliveries_.add(delivery);
    if (seq && delivery.state == DeliveryState::pending) owed_.push_back({*seq, how.delay});
    if (delivery.state == DeliveryState::lost) return;
  }
}

}  // namespace vozex::sandbox
