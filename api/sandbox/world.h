// SPDX-License-Identifier: Apache-2.0
//
// World: what the pretended gateway knows: checkout sessions, payments, refunds, disputes, in
// Dodo's JSON shapes (https://docs.dodopayments.com/api-reference). Bounded; the time is an
// argument. Thread rule: one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "engine/base/time.h"

namespace vozex::sandbox {

using nlohmann::json;

// An error as Dodo says it.
struct ApiError {
  int status = 400;
  std::string code;
  std::string message;
};
template <class T>
using Api = tl::expected<T, ApiError>;

struct Session {
  std::string id;
  json cart;  // [{product_id, quantity, amount}]
  json customer;
  json metadata;
  std::string currency;
  std::int64_t amount = 0;
  std::string return_url;
  Timestamp created_at;
  std::vector<std::string> payments;  // oldest first
};

struct Payment {
  std::string id;
  std::string session_id;
  std::string status;  // succeeded, failed, cancelled
  std::int64_t amount = 0;
  std::string currency;
  std::string error_code;
  json metadata;
  json customer;
  json cart;
  json refunds = json::array();   // ids
  json disputes = json::array();  // dispute objects
  Timestamp created_at;
};

// What the buyer does, and how much is taken when he pays.
struct Attempt {
  std::string status = "succeeded";
  std::int64_t amount = 0;
  std::string currency;
};

class World {
 public:
  explicit World(std::map<std::string, std::int64_t> prices) : prices_(std::move(prices)) {}

  Api<const Session*> create_session(const json& body, Timestamp now);
  const Session* session(std::string_view id) const;
  // Sessions in the order they were made.
  const std::deque<Session>& sessions() const { return sessions_; }
  bool is_paid(const Session& session) const;

  const Payment& attempt(const Session& session, const Attempt& attempt, Timestamp now);
  const Payment* payment(std::string_view id) const;
  const std::deque<Payment>& payments() const { return payments_; }

  // The refund object.
  Api<json> create_refund(const json& body, Timestamp now);
  const json* refund(std::string_view id) const;
  const std::vector<std::string>& refund_ids() const { return refund_ids_; }

  // The dispute object; a second call for the same payment changes the first dispute.
  Api<json> dispute(std::string_view payment_id, const std::string& state, Timestamp now);

  json session_json(const Session& session) const;
  json payment_json(const Payment& payment) const;
  json line_items_json(const Payment& payment) const;

 private:
  std::int64_t refunded(const Payment& payment) const;
  Payment* find_payment(std::string_view id);

  std::map<std::string, std::int64_t> prices_;
  std::deque<Session> sessions_;
  std::deque<Payment> payments_;
  std::unordered_map<std::string, std::size_t> session_at_;
  std::unordered_map<std::string, std::size_t> payment_at_;
  std::unordered_map<std::string, json> refunds_;
  std::vector<std::string> refund_ids_;
};

// `prefix` and 20 random letters and digits.
std::string new_id(std::string_view prefix);

}  // namespace vozex::sandbox
