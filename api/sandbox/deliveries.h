// SPDX-License-Identifier: Apache-2.0
//
// Deliveries: the webhooks the gateway owes, in memory and bounded. The body of an attempt shows
// the object as it is at that attempt, as Dodo's do; the webhook-id stays. Signing is Standard
// Webhooks, computed here and not by the code that verifies it. Thread rule: one thread; sender.cc
// does the I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/sandbox/journal.h"
#include "api/sandbox/world.h"

namespace vozex::sandbox {

enum class DeliveryState { pending, delivered, given_up, lost };

struct Delivery {
  std::uint64_t seq = 0;
  std::string id;         // webhook-id
  std::string type;       // "payment.succeeded"
  std::string object_id;  // payment, refund, or the payment a dispute is about
  json metadata;
  Timestamp created_at;
  DeliveryState state = DeliveryState::pending;
  std::uint32_t attempts = 0;
  int last_status = 0;
  std::string last_error;
  std::optional<Timestamp> last_at;
};

struct WebhookAttempt {
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

class Deliveries {
 public:
  // `secret`: whsec_ and base64.
  explicit Deliveries(const std::string& secret);

  // Owed from now on; the sequence number, or nothing when too many are waiting. `id` makes it a
  // copy of another.
  std::optional<std::uint64_t> owe(
      std::string type, std::string object_id, json metadata, Timestamp now, std::string id = "");
  // Recorded but never sent.
  void lose(std::string type, std::string object_id, json metadata, Timestamp now);

  WebhookAttempt attempt(std::uint64_t seq, const World& world, Timestamp now) const;
  // Records an attempt (status 0: no answer); how long to wait for the next one, nothing when it is
  // over.
  std::optional<std::chrono::milliseconds> finished(std::uint64_t seq,
                                                    int status,
                                                    std::string error,
                                                    Timestamp now);

  const Delivery* find(std::uint64_t seq) const;
  json list(const Filter& filter) const;
  std::size_t pending() const { return pending_; }
  std::uint64_t count() const { return last_seq_; }

 private:
  Delivery& add(std::string type, std::string object_id, json metadata, Timestamp now);
  Delivery* find(std::uint64_t seq);

  std::string key_;
  std::deque<Delivery> deliveries_;  // consecutive seq
  std::uint64_t last_seq_ = 0;
  std::size_t pending_ = 0;
};

const char* to_string(DeliveryState state);

}  // namespace vozex::sandbox
