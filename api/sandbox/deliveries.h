// SPDX-License-Identifier: Apache-2.0
//
// Deliveries: the webhooks that gateways owe, in memory and bounded: what each says, whether it is
// held back, and what came of it. Thread rule: one thread; sender.cc does the I/O.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/sandbox/journal.h"

namespace vozex::sandbox {

enum class DeliveryState { pending, held, delivered, given_up, lost };

using nlohmann::json;

struct Delivery {
  std::uint64_t seq = 0;
  std::string gateway;
  std::string id;         // the event's; copies have the same
  std::string type;       // "payment.succeeded"
  std::string object_id;  // what it is about
  json metadata;
  std::string body;      // "" = made anew for each attempt
  Timestamp created_at;  // the sandbox's time
  DeliveryState state = DeliveryState::pending;
  std::uint32_t attempts = 0;
  int last_status = 0;
  std::string last_error;
  std::optional<Timestamp> last_at;
};

class Deliveries {
 public:
  // Takes one in; its seq is given here. Pending ones are to be sent. Nothing when too many are
  // waiting.
  std::optional<std::uint64_t> add(Delivery delivery);
  // What is held becomes pending: the last that came first when `reversed`. Their seqs, in the
  // order they are to be sent.
  std::vector<std::uint64_t> release(bool reversed);

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
  Delivery* find(std::uint64_t seq);

  std::deque<Delivery> deliveries_;  // consecutive seq
  std::uint64_t last_seq_ = 0;
  std::size_t pending_ = 0;
};

const char* to_string(DeliveryState state);

}  // namespace vozex::sandbox
