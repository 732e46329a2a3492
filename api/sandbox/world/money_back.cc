// SPDX-License-Identifier: Apache-2.0
//
// The part of World in which money goes back: refunds and disputes.
#include "api/sandbox/world/world.h"
#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

constexpr std::string_view k_states =
    " inquiry opened challenged won lost accepted expired cancelled ";
constexpr std::chrono::hours k_time_to_answer{24 * 4};

}  // namespace

const char* to_string(RefundStatus status) {
  switch (status) {
    case RefundStatus::pending: return "pending";
    case RefundStatus::succeeded: return "succeeded";
    case RefundStatus::failed: return "failed";
  }
  VOZEX_ASSERT(!"a status of a refund has a word");
}

std::int64_t World::refunded(const Payment& payment) const {
  std::int64_t sum = 0;
  for (const auto& id : payment.refunds) {
    const auto& refund = refunds_.at(id);
    if (refund.status != RefundStatus::failed) sum += refund.amount;
  }
  return sum;
}

bool World::is_disputed(const Payment& payment) const {
  for (const auto& id : payment.disputes) {
    const auto& dispute = disputes_.at(id);
    if (!dispute.is_over() && dispute.state != "inquiry") return true;
  }
  return false;
}

Granted<const Refund*> World::refund(const RefundAsk& ask, Timestamp now) {
  Payment* payment = find_payment(ask.payment_id);
  if (payment == nullptr) return tl::unexpected(Refusal::not_found);
  if (payment->status != PaymentStatus::succeeded) return tl::unexpected(Refusal::not_paid);
  if (!rules_.refunds_while_disputed && is_disputed(*payment))
    return tl::unexpected(Refusal::disputed);
  const auto left = payment->amount - refunded(*payment);
  if (left <= 0) return tl::unexpected(Refusal::already_refunded);
  const auto amount = ask.amount.value_or(left);
  if (amount < 1 || amount > left) return tl::unexpected(Refusal::too_much);
  Refund refund;
  refund.id = rules_.new_id(Kind::refund);
  refund.payment_id = payment->id;
  refund.amount = amount;
  refund.currency = payment->currency;
  refund.status = ask.status;
  refund.reason = ask.reason;
  refund.metadata = ask.metadata;
  refund.created_at = now;
  payment->refunds.push_back(refund.id);
  refund_ids_.push_back(refund.id);
  happened(What::refund_made, refund.id);
  auto& kept = refunds_[refund.id];
  kept = std::move(refund);
  return &kept;
}

Granted<const Refund*> World::settle_refund(std::string_view id, bool ok) {
  const auto found = refunds_.find(std::string(id));
  if (found == refunds_.end()) return tl::unexpected(Refusal::not_found);
  Refund& refund = found->second;
  if (refund.status == RefundStatus::failed || (ok && refund.status == RefundStatus::succeeded))
    return tl::unexpected(Refusal::wrong_state);
  refund.status = ok ? RefundStatus::succeeded : RefundStatus::failed;
  happened(What::refund_settled, refund.id);
  return &refund;
}

const Refund* World::refund(std::string_view id) const {
  const auto found = refunds_.find(std::string(id));
  return found == refunds_.end() ? nullptr : &found->second;
}

Granted<const Dispute*> World::dispute(std::string_view payment_id,
                                       const std::string& state,
                                       std::optional<std::int64_t> amount,
                                       Timestamp now) {
  Payment* payment = find_payment(payment_id);
  if (payment == nullptr) return tl::unexpected(Refusal::not_found);
  if (payment->status != PaymentStatus::succeeded) return tl::unexpected(Refusal::not_paid);
  if (state.empty() || k_states.find(" " + state + " ") == std::string_view::npos)
    return tl::unexpected(Refusal::wrong_state);
  Dispute* dispute = payment->disputes.empty() ? nullptr : &disputes_.at(payment->disputes.back());
  const bool opens = state == "opened" || state == "inquiry";
  if (dispute != nullptr && dispute->is_over()) {
    if (!opens) return tl::unexpected(Refusal::wrong_state);
    dispute = nullptr;
  }
  if (dispute == nullptr) {
    Dispute made;
    made.id = rules_.new_id(Kind::dispute);
    made.payment_id = payment->id;
    made.amount = amount.value_or(payment->amount);
    made.currency = payment->currency;
    made.created_at = now;
    made.respond_by = now + k_time_to_answer;
    payment->disputes.push_back(made.id);
    dispute = &disputes_[made.id];
    *dispute = std::move(made);
  }
  if (state == "inquiry") dispute->was_inquiry = true;
  if (state == "opened") dispute->was_inquiry = false;
  dispute->state = state;
  happened(What::dispute_changed, dispute->id);
  return dispute;
}

const Dispute* World::dispute(std::string_view id) const {
  const auto found = disputes_.find(std::string(id));
  return found == disputes_.end() ? nullptr : &found->second;
}

}  // namespace vozex::sandbox
