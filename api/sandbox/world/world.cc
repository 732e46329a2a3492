// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/world/world.h"

#include <openssl/rand.h>

#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_max_sessions = 500'000;
constexpr std::chrono::hours k_session_life{24};

template <class Things>
auto* at(Things& things,
         const std::unordered_map<std::string, std::size_t>& index,
         std::string_view id) {
  const auto found = index.find(std::string(id));
  return found == index.end() ? nullptr : &things[found->second];
}

What what_of(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::processing: return What::payment_processing;
    case PaymentStatus::authorised: return What::payment_authorised;
    case PaymentStatus::succeeded: return What::payment_succeeded;
    case PaymentStatus::failed: return What::payment_failed;
    case PaymentStatus::cancelled: return What::payment_cancelled;
  }
  VOZEX_ASSERT(!"a status of a payment happened");
}

}  // namespace

std::string random_letters(std::string_view letters, std::size_t count) {
  std::vector<unsigned char> bytes(count);
  VOZEX_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(count)) == 1);
  std::string text;
  for (const auto byte : bytes) text += letters[byte % letters.size()];
  return text;
}

std::string new_id(std::string_view prefix) {
  constexpr std::string_view k_letters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return std::string(prefix) + random_letters(k_letters, 20);
}

const char* to_string(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::processing: return "processing";
    case PaymentStatus::authorised: return "authorised";
    case PaymentStatus::succeeded: return "succeeded";
    case PaymentStatus::failed: return "failed";
    case PaymentStatus::cancelled: return "cancelled";
  }
  VOZEX_ASSERT(!"a status of a payment has a word");
}

void World::happened(What what, const std::string& id, std::string detail) {
  happenings_.push_back({what, id, std::move(detail)});
}

Granted<Session*> World::open(Session session, Timestamp now) {
  if (sessions_.size() == k_max_sessions) return tl::unexpected(Refusal::full);
  if (session.id.empty()) session.id = rules_.new_id(Kind::session);
  session.created_at = now;
  session.expires_at = now + k_session_life;
  if (!session.customer.contains("id")) session.customer["id"] = rules_.new_id(Kind::customer);
  session_at_[session.id] = sessions_.size();
  sessions_.push_back(std::move(session));
  return &sessions_.back();
}

Session* World::session(std::string_view id) { return at(sessions_, session_at_, id); }
const Session* World::session(std::string_view id) const { return at(sessions_, session_at_, id); }

bool World::is_paid(const Session& session) const {
  for (const auto& id : session.payments) {
    if (payment(id)->status == PaymentStatus::succeeded) return true;
  }
  return false;
}

void World::approve(Session& session, bool declines) {
  session.status = SessionStatus::approved;
  session.declines = declines;
  happened(What::session_approved, session.id);
}

Granted<void> World::expire(Session& session) {
  if (session.status == SessionStatus::complete || session.status == SessionStatus::expired)
    return tl::unexpected(Refusal::wrong_state);
  session.status = SessionStatus::expired;
  happened(What::session_expired, session.id);
  return {};
}

Payment& World::new_payment(const Session& session, Timestamp now) {
  Payment payment;
  payment.id = rules_.new_id(Kind::payment);
  payment.session_id = session.id;
  payment.metadata = session.payment_metadata;
  payment.customer = session.customer;
  payment.cart = session.cart;
  payment.created_at = now;
  payment_at_[payment.id] = payments_.size();
  payments_.push_back(std::move(payment));
  return payments_.back();
}

const Payment& World::attempt(Session& session, const Attempt& attempt, Timestamp now) {
  Payment* payment = nullptr;
  if (rules_.attempts_share_payment && !session.payments.empty() && !is_paid(session))
    payment = find_payment(session.payments.back());
  if (payment == nullptr) {
    payment = &new_payment(session, now);
    session.payments.push_back(payment->id);
  }
  payment->charge_id = rules_.new_id(Kind::charge);
  charge_at_[payment->charge_id] = payment_at_.at(payment->id);
  payment->status = attempt.status;
  payment->amount = attempt.amount;
  payment->currency = attempt.currency;
  payment->error_code = attempt.status == PaymentStatus::failed ? "CARD_DECLINED" : "";
  if (attempt.status == PaymentStatus::succeeded) {
    succeeded(*payment, "");
  } else {
    if (attempt.status == PaymentStatus::processing || attempt.status == PaymentStatus::authorised)
      session.status = SessionStatus::complete;
    happened(what_of(attempt.status), payment->id);
  }
  return *payment;
}

void World::succeeded(Payment& payment, std::string detail) {
  payment.status = PaymentStatus::succeeded;
  if (Session* session = this->session(payment.session_id))
    session->status = SessionStatus::complete;
  happened(What::payment_succeeded, payment.id, std::move(detail));
}

Granted<void> World::settle(std::string_view payment_id, bool ok, Timestamp) {
  Payment* payment = find_payment(payment_id);
  if (payment == nullptr) return tl::unexpected(Refusal::not_found);
  if (payment->status != PaymentStatus::processing) return tl::unexpected(Refusal::wrong_state);
  if (ok) {
    succeeded(*payment, "settled");
  } else {
    payment->status = PaymentStatus::failed;
    payment->error_code = "CARD_DECLINED";
    happened(What::payment_failed, payment->id, "settled");
  }
  return {};
}

Granted<const Payment*> World::capture(std::string_view payment_id, Timestamp) {
  Payment* payment = find_payment(payment_id);
  if (payment == nullptr) return tl::unexpected(Refusal::not_found);
  if (payment->status != PaymentStatus::authorised) return tl::unexpected(Refusal::wrong_state);
  succeeded(*payment, "captured");
  return payment;
}

Payment* World::find_payment(std::string_view id) { return at(payments_, payment_at_, id); }
const Payment* World::payment(std::string_view id) const { return at(payments_, payment_at_, id); }
const Payment* World::payment_of_charge(std::string_view id) const {
  return at(payments_, charge_at_, id);
}

}  // namespace vozex::sandbox
