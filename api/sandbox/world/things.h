// SPDX-License-Identifier: Apache-2.0
//
// What a pretended gateway knows, whatever its name: sessions, payments, refunds, disputes,
// subscriptions, and what happened to them. Money is integers of the gateway's own smallest unit;
// times are the sandbox's own, which may run ahead of ours. Thread rule: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/time.h"

namespace vozex::sandbox {

using nlohmann::json;

// What needs a name; each gateway has its own way to make one.
enum class Kind { session, payment, charge, refund, dispute, subscription, invoice, customer };

struct Line {
  std::string product;
  std::int64_t quantity = 1;
  std::int64_t unit = 0;
  std::int64_t months = 1;  // of a period, where it recurs
};

// What makes a session the beginning of a subscription.
struct Terms {
  std::int64_t trial_days = 0;
  json metadata;   // of the subscription
  std::string id;  // "" = a new one
};

enum class SessionStatus { open, approved, complete, expired };

struct Session {
  std::string id;
  std::vector<Line> cart;
  json customer = json::object();
  json metadata = json::object();          // as it was given
  json payment_metadata = json::object();  // what its payments get
  std::string currency;
  std::int64_t amount = 0;
  std::string return_url;
  bool manual_capture = false;  // money is held until the shop takes it
  std::optional<Terms> terms;
  json extra = json::object();  // what only its gateway cares for
  SessionStatus status = SessionStatus::open;
  bool declines = false;  // the buyer agreed with a card that won't pay
  Timestamp created_at;
  Timestamp expires_at;
  std::vector<std::string> payments;  // oldest first
  std::string subscription_id;
};

enum class PaymentStatus { processing, authorised, succeeded, failed, cancelled };

struct Payment {
  std::string id;
  std::string charge_id;  // of the last attempt
  std::string session_id;
  std::string subscription_id;
  std::string invoice_id;
  PaymentStatus status = PaymentStatus::succeeded;
  std::int64_t amount = 0;
  std::string currency;
  std::string error_code;
  json metadata = json::object();
  json customer = json::object();
  std::vector<Line> cart;
  std::vector<std::string> refunds;
  std::vector<std::string> disputes;
  Timestamp created_at;
};

enum class RefundStatus { pending, succeeded, failed };

struct Refund {
  std::string id;
  std::string payment_id;
  std::int64_t amount = 0;
  std::string currency;
  RefundStatus status = RefundStatus::succeeded;
  std::string reason;
  json metadata = json::object();
  Timestamp created_at;
};

struct Dispute {
  std::string id;
  std::string payment_id;
  std::int64_t amount = 0;
  std::string currency;
  std::string state;  // inquiry, opened, challenged, won, lost, accepted, expired, cancelled
  bool was_inquiry = false;
  Timestamp created_at;
  Timestamp respond_by;

  bool is_over() const { return state != "opened" && state != "inquiry" && state != "challenged"; }
};

enum class SubscriptionStatus {
  pending,
  trialing,
  active,
  past_due,
  on_hold,
  paused,
  cancelled,
  expired
};

struct Subscription {
  std::string id;
  std::string session_id;
  SubscriptionStatus status = SubscriptionStatus::pending;
  Line plan;
  std::string currency;
  json customer = json::object();
  json metadata = json::object();
  std::int64_t trial_days = 0;
  Timestamp created_at;
  Timestamp period_start;
  Timestamp period_end;  // when the next charge is due
  std::optional<Timestamp> trial_end;
  std::optional<Timestamp> cancelled_at;
  std::optional<Timestamp> next_attempt;  // of a charge that failed
  std::optional<Line> next_plan;          // takes effect when the period ends
  bool cancels_at_period_end = false;
  bool card_declines = false;
  bool trial_end_told = false;
  int failed_attempts = 0;
  std::vector<std::string> payments;
};

// What happened, in the order it did; a gateway tells it in events of its own.
enum class What {
  session_approved,
  session_expired,
  payment_processing,
  payment_authorised,
  payment_succeeded,
  payment_failed,
  payment_cancelled,
  refund_made,
  refund_settled,
  dispute_changed,
  subscription_started,
  subscription_trial_ending,
  subscription_renewed,  // `detail`: the payment
  subscription_charge_failed,
  subscription_past_due,
  subscription_on_hold,
  subscription_recovered,
  subscription_changed,  // its plan
  subscription_cancel_scheduled,
  subscription_paused,
  subscription_resumed,
  subscription_cancelled,
};

struct Happening {
  What what = What::payment_succeeded;
  std::string id;      // of the session, payment, refund, dispute or subscription
  std::string detail;  // "settled": after it was processing
};

}  // namespace vozex::sandbox
