// SPDX-License-Identifier: Apache-2.0
//
// World: what one pretended gateway knows and does, without the shapes of its interface. What
// happens is left in `take_happenings`, in order, for whoever tells the shop. Bounded; the time is
// an argument. Thread rule: one thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "api/sandbox/world/things.h"

namespace vozex::sandbox {

// In what gateways differ.
struct Rules {
  std::string (*new_id)(Kind kind) = nullptr;
  // A session has one payment, and each attempt is another charge of it.
  bool attempts_share_payment = false;
  bool refunds_while_disputed = false;
  std::vector<int> retry_days;  // after which a charge that failed is tried again
};

enum class Refusal {
  not_found,
  full,
  not_paid,
  already_refunded,
  too_much,
  disputed,
  declined,
  wrong_state
};
template <class T>
using Granted = tl::expected<T, Refusal>;

struct Attempt {
  PaymentStatus status = PaymentStatus::succeeded;
  std::int64_t amount = 0;
  std::string currency;
};

struct RefundAsk {
  std::string payment_id;
  std::optional<std::int64_t> amount;  // nothing: what is left
  std::string reason;
  json metadata = json::object();
  RefundStatus status = RefundStatus::succeeded;
};

struct Change {
  std::string subscription_id;
  // pause, resume, cancel, cancel_later, stay, change_plan; and what happens outside: charge (now),
  // decline and accept (what the card does from now on)
  std::string action;
  Line plan;
  bool at_period_end = false;
  bool prorate = true;
  json metadata = json::object();  // added to the subscription's
};

class World {
 public:
  explicit World(Rules rules) : rules_(std::move(rules)) {}

  // Gives it an id and its times. Refused: full.
  Granted<Session*> open(Session session, Timestamp now);
  Session* session(std::string_view id);
  const Session* session(std::string_view id) const;
  const std::deque<Session>& sessions() const { return sessions_; }  // as they were made
  bool is_paid(const Session& session) const;
  void approve(Session& session, bool declines);
  // Refused: wrong_state (it isn't open any more).
  Granted<void> expire(Session& session);

  // The payment, new or tried again; a success completes the session and starts its subscription.
  const Payment& attempt(Session& session, const Attempt& attempt, Timestamp now);
  // What was processing succeeds or fails. Refused: not_found, wrong_state.
  Granted<void> settle(std::string_view payment_id, bool ok, Timestamp now);
  // Takes what is held. Refused: not_found, wrong_state.
  Granted<const Payment*> capture(std::string_view payment_id, Timestamp now);
  const Payment* payment(std::string_view id) const;
  const Payment* payment_of_charge(std::string_view charge_id) const;
  const std::deque<Payment>& payments() const { return payments_; }
  // Given back, or on its way.
  std::int64_t refunded(const Payment& payment) const;
  bool is_disputed(const Payment& payment) const;

  // Refused: not_found, not_paid, disputed, already_refunded, too_much.
  Granted<const Refund*> refund(const RefundAsk& ask, Timestamp now);
  // What is pending succeeds or fails; what succeeded may fail, too. Refused: not_found,
  // wrong_state.
  Granted<const Refund*> settle_refund(std::string_view id, bool ok);
  const Refund* refund(std::string_view id) const;
  const std::vector<std::string>& refund_ids() const { return refund_ids_; }

  // Of a payment's dispute that isn't over, or of a new one. `amount`: nothing = all of it.
  // Refused: not_found, not_paid, wrong_state (no such state, or it is over).
  Granted<const Dispute*> dispute(std::string_view payment_id,
                                  const std::string& state,
                                  std::optional<std::int64_t> amount,
                                  Timestamp now);
  const Dispute* dispute(std::string_view id) const;

  // ---- what recurs (recurring.cc) ----
  // The session's subscription begins: with a trial, or with its first charge.
  void subscribe(Session& session, Timestamp now);
  // Refused: not_found, wrong_state, declined.
  Granted<const Subscription*> change(const Change& change, Timestamp now);
  const Subscription* subscription(std::string_view id) const;
  const std::vector<std::string>& subscription_ids() const { return subscription_order_; }
  const Payment* payment_of_invoice(std::string_view id) const;
  // The first moment up to `until` at which something is due; then `run_due` of that moment.
  std::optional<Timestamp> next_due(Timestamp until) const;
  void run_due(Timestamp now);

  const Rules& rules() const { return rules_; }
  std::vector<Happening> take_happenings() { return std::exchange(happenings_, {}); }

 private:
  Payment* find_payment(std::string_view id);
  Payment& new_payment(const Session& session, Timestamp now);
  void happened(What what, const std::string& id, std::string detail = "");
  void succeeded(Payment& payment, std::string detail);
  Payment& bill(Subscription& subscription, std::int64_t amount, bool ok, Timestamp now);
  void charge(Subscription& subscription, Timestamp now);
  void end(Subscription& subscription, Timestamp now);
  Granted<const Subscription*> change_plan(Subscription& subscription,
                                           const Change& change,
                                           Timestamp now);

  Rules rules_;
  std::vector<Happening> happenings_;
  std::deque<Session> sessions_;
  std::deque<Payment> payments_;
  std::unordered_map<std::string, std::size_t> session_at_;
  std::unordered_map<std::string, std::size_t> payment_at_;
  std::unordered_map<std::string, std::size_t> charge_at_;
  std::unordered_map<std::string, Refund> refunds_;
  std::unordered_map<std::string, Dispute> disputes_;
  std::vector<std::string> refund_ids_;
  std::unordered_map<std::string, Subscription> subscriptions_;
  std::vector<std::string> subscription_order_;
  std::unordered_map<std::string, std::size_t> invoice_at_;
};

// `count` random characters of `letters`.
std::string random_letters(std::string_view letters, std::size_t count);
// `prefix` and 20 random letters and digits.
std::string new_id(std::string_view prefix);

const char* to_string(PaymentStatus status);
const char* to_string(RefundStatus status);

}  // namespace vozex::sandbox
