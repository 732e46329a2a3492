// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/deliveries.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>

#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_max_kept = 200'000;
constexpr std::size_t k_max_pending = 50'000;
constexpr std::uint32_t k_max_attempts = 2000;  // over an hour, at the longest pause
constexpr std::chrono::milliseconds k_first_pause{100};
constexpr std::chrono::milliseconds k_longest_pause{2000};

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string out((size + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes, static_cast<int>(size));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

// The bytes of a `whsec_` secret; empty when it is none.
std::string secret_bytes(std::string text) {
  if (text.starts_with("whsec_")) text.erase(0, 6);
  if (text.empty() || text.size() % 4 != 0) return "";
  std::string out(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0) return "";
  out.resize(out.size() - static_cast<std::size_t>(std::count(text.end() - 2, text.end(), '=')));
  return out;
}

std::string hmac(const std::string& key, const std::string& content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  VOZEX_ASSERT(HMAC(EVP_sha256(),
                    key.data(),
                    static_cast<int>(key.size()),
                    reinterpret_cast<const unsigned char*>(content.data()),
                    content.size(),
                    digest.data(),
                    &size) != nullptr);
  return base64(digest.data(), size);
}

json data_of(const Delivery& delivery, const World& world) {
  json data;
  if (delivery.type.starts_with("refund.")) {
    const json* refund = world.refund(delivery.object_id);
    data = refund == nullptr ? json::object() : *refund;
    data["payload_type"] = "Refund";
    return data;
  }
  const Payment* payment = world.payment(delivery.object_id);
  VOZEX_ASSERT(payment != nullptr);
  if (delivery.type.starts_with("dispute.")) {
    data = payment->disputes.at(0);
    data["payload_type"] = "Dispute";
    return data;
  }
  data = world.payment_json(*payment);
  data["payload_type"] = "Payment";
  return data;
}

}  // namespace

const char* to_string(DeliveryState state) {
  switch (state) {
    case DeliveryState::pending: return "pending";
    case DeliveryState::delivered: return "delivered";
    case DeliveryState::given_up: return "given_up";
    case DeliveryState::lost: return "lost";
  }
  VOZEX_ASSERT(!"a delivery state has a word");
}

Deliveries::Deliveries(const std::string& secret) : key_(secret_bytes(secret)) {}

Delivery& Deliveries::add(std::string type, std::string object_id, json metadata, Timestamp now) {
  // Only what is over may be forgotten; what is pending is bounded by k_max_pending.
  while (deliveries_.size() >= k_max_kept && deliveries_.front().state != DeliveryState::pending) {
    deliveries_.pop_front();
  }
  Delivery delivery;
  delivery.seq = ++last_seq_;
  delivery.id = new_id("msg_");
  delivery.type = std::move(type);
  delivery.object_id = std::move(object_id);
  delivery.metadata = std::move(metadata);
  delivery.created_at = now;
  deliveries_.push_back(std::move(delivery));
  return deliveries_.back();
}

std::optional<std::uint64_t> Deliveries::owe(
    std::string type, std::string object_id, json metadata, Timestamp now, std::string id) {
  if (pending_ == k_max_pending) return std::nullopt;
  Delivery& delivery = add(std::move(type), std::move(object_id), std::move(metadata), now);
  if (!id.empty()) delivery.id = std::move(id);
  ++pending_;
  return delivery.seq;
}

void Deliveries::lose(std::string type, std::string object_id, json metadata, Timestamp now) {
  add(std::move(type), std::move(object_id), std::move(metadata), now).state = DeliveryState::lost;
}

Delivery* Deliveries::find(std::uint64_t seq) {
  if (deliveries_.empty() || seq < deliveries_.front().seq || seq > last_seq_) return nullptr;
  return &deliveries_[static_cast<std::size_t>(seq - deliveries_.front().seq)];
}

const Delivery* Deliveries::find(std::uint64_t seq) const {
  return const_cast<Deliveries*>(this)->find(seq);
}

WebhookAttempt Deliveries::attempt(std::uint64_t seq, const World& world, Timestamp now) const {
  const Delivery* delivery = find(seq);
  VOZEX_ASSERT(delivery != nullptr);
  WebhookAttempt out;
  out.body = json{{"business_id", "bus_sandbox"},
                  {"type", delivery->type},
                  {"timestamp", format_timestamp(delivery->created_at)},
                  {"data", data_of(*delivery, world)}}
                 .dump();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::string timestamp = std::to_string(seconds);
  out.headers = {
      {"webhook-id", delivery->id},
      {"webhook-timestamp", timestamp},
      {"webhook-signature", "v1," + hmac(key_, delivery->id + "." + timestamp + "." + out.body)}};
  return out;
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
                {{"type", delivery.type}, {"state", state}},
                "",
                delivery.seq))
      continue;
    out.push_back(
        {{"seq", delivery.seq},
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
