// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/deliveries.h"

#include <algorithm>

#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_max_kept = 200'000;
constexpr std::size_t k_max_pending = 50'000;
constexpr std::size_t k_bodies_kept = 10'000;   // of what is over, so that it can be sent again
constexpr std::uint32_t k_max_attempts = 2000;  // over an hour, at the longest pause
constexpr std::chrono::milliseconds k_first_pause{100};
constexpr std::chrono::milliseconds k_longest_pause{2000};

}  // namespace

const char* to_string(DeliveryState state) {
  switch (state) {
    case DeliveryState::pending: return "pending";
    case DeliveryState::held: return "held";
    case DeliveryState::delivered: return "delivered";
    case DeliveryState::given_up: return "given_up";
    case DeliveryState::lost: return "lost";
  }
  VOZEX_ASSERT(!"a delivery state has a word");
}

std::optional<std::uint64_t> Deliveries::add(Delivery delivery) {
  const bool waits =
      delivery.state == DeliveryState::pending || delivery.state == DeliveryState::held;
  if (waits && pending_ == k_max_pending) return std::nullopt;
  // Only what is over may be forgotten; what is pending is bounded by k_max_pending.
  while (deliveries_.size() >= k_max_kept && deliveries_.front().state != DeliveryState::pending &&
         deliveries_.front().state != DeliveryState::held) {
    deliveries_.pop_front();
  }
  if (deliveries_.size() >= k_bodies_kept) {
    Delivery& old = deliveries_[deliveries_.size() - k_bodies_kept];
    if (old.state != DeliveryState::pending && old.state != DeliveryState::held) old.body.clear();
  }
  delivery.seq = ++last_seq_;
  if (waits) ++pending_;
  deliveries_.push_back(std::move(delivery));
  return last_seq_;
}

std::vector<std::uint64_t> Deliveries::release(bool reversed) {
  std::vector<std::uint64_t> released;
  for (auto& delivery : deliveries_) {
    if (delivery.state != DeliveryState::held) continue;
    delivery.state = DeliveryState::pending;
    released.push_back(delivery.seq);
  }
  if (reversed) std::reverse(released.begin(), released.end());
  return released;
}

Delivery* Deliveries::find(std::uint64_t seq) {
  if (deliveries_.empty() || seq < deliveries_.front().seq || seq > last_seq_) return nullptr;
  return &deliveries_[static_cast<std::size_t>(seq - deliveries_.front().seq)];
}

const Delivery* Deliveries::find(std::uint64_t seq) const {
  return const_cast<Deliveries*>(this)->find(seq);
}

std::optional<std::chrono::milliseconds> Deliveries::finished(std::uint64_t seq,
                                                              int status,
                                                              std::string error,
                                                              Timestamp now) {
  Delivery* delivery = find(seq);
  VOZEX_ASSERT(delivery != nullptr && delivery->state == DeliveryState::pending);
  ++delivery->attempts;
  delivery->last_status = status;
  delivery->last_error = std::move(error);
  delivery->last_at = now;
  if (status >= 200 && status < 300) {
    delivery->state = DeliveryState::delivered;
  } else if (delivery->attempts == k_max_attempts) {
    delivery->state = DeliveryState::given_up;
  } else {
    const auto doublings = std::min<std::uint32_t>(delivery->attempts - 1, 10);
    return std::min(k_longest_pause, k_first_pause * (1 << doublings));
  }
  --pending_;
  return std::nullopt;
}

json Deliveries::list(const Filter& filter) const {
  json out = json::array();
  const auto limit = limit_of(filter);
  for (const auto& delivery : deliveries_) {
    if (out.size() == limit) break;
    const std::string state = to_string(delivery.state);
    if (!passes(filter,
                delivery.metadata,
                {{"type", delivery.type}, {"state", state}, {"gateway", delivery.gateway}},
                "",
                delivery.seq))
      continue;
    out.push_back(
        {{"seq", delivery.seq},
         {"gateway", delivery.gateway},
         {"webhook_id", delivery.id},
         {"type", delivery.type},
         {"object_id", delivery.object_id},
         {"metadata", delivery.metadata},
         {"state", state},
         {"attempts", delivery.attempts},
         {"last_status", delivery.last_status == 0 ? json() : json(delivery.last_status)},
         {"last_error", delivery.last_error.empty() ? json() : json(delivery.last_error)},
         {"created_at", format_timestamp(delivery.created_at)},
         {"last_at", delivery.last_at ? json(format_timestamp(*delivery.last_at)) : json()}});
  }
  return {{"deliveries", std::move(out)}, {"total", last_seq_}, {"pending", pending_}};
}

}  // namespace vozex::sandbox
