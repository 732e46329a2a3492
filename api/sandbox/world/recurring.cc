// SPDX-License-Identifier: Apache-2.0
//
// The part of World that recurs: subscriptions that begin, are charged when they are due, fail, are
// tried again, change and end. A period is months of the calendar.
#include <algorithm>

#include "api/sandbox/world/world.h"

namespace vozex::sandbox {
namespace {

constexpr std::chrono::days k_trial_end_notice{3};

Timestamp after_a_period(const Subscription& it, Timestamp at) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  year_month_day date = year_month_day(day) + months{it.plan.months};
  if (!date.ok()) date = date.year() / date.month() / last;
  return sys_days(date) + (at - day);
}

bool is_billed(SubscriptionStatus status) {
  return status == SubscriptionStatus::trialing || status == SubscriptionStatus::active ||
         status == SubscriptionStatus::paused;
}

bool is_over(SubscriptionStatus status) {
  return status == SubscriptionStatus::cancelled || status == SubscriptionStatus::expired;
}

// The next moment at which something happens to it by itself.
std::optional<Timestamp> due_of(const Subscription& it) {
  if (it.status == SubscriptionStatus::past_due) return it.next_attempt;
  if (!is_billed(it.status)) return std::nullopt;
  if (it.status == SubscriptionStatus::trialing && !it.trial_end_told)
    return std::min(it.period_end, *it.trial_end - k_trial_end_notice);
  return it.period_end;
}

}  // namespace

void World::subscribe(Session& session, Timestamp now) {
  Subscription made;
  made.id = session.terms->id.empty() ? rules_.new_id(Kind::subscription) : session.terms->id;
  made.session_id = session.id;
  made.plan = session.cart.front();
  made.currency = session.currency;
  made.customer = session.customer;
  made.metadata = session.terms->metadata;
  made.trial_days = session.terms->trial_days;
  made.created_at = made.period_start = now;
  made.card_declines = session.declines;
  const bool trial = made.trial_days > 0;
  made.status = trial ? SubscriptionStatus::trialing : SubscriptionStatus::active;
  made.period_end = trial ? now + std::chrono::days(made.trial_days) : after_a_period(made, now);
  if (trial) made.trial_end = made.period_end;
  session.subscription_id = made.id;
  session.status = SessionStatus::complete;
  subscription_order_.push_back(made.id);
  auto& kept = subscriptions_[made.id];
  kept = std::move(made);
  happened(What::subscription_started, kept.id);
  if (trial) return;
  const auto& payment = bill(kept, kept.plan.unit * kept.plan.quantity, true, now);
  session.payments.push_back(payment.id);
  happened(What::subscription_renewed, kept.id, payment.id);
}

Payment& World::bill(Subscription& subscription, std::int64_t amount, bool ok, Timestamp now) {
  Session session;
  if (const Session* first = this->session(subscription.session_id)) session = *first;
  Payment& payment = new_payment(session, now);
  payment.subscription_id = subscription.id;
  payment.invoice_id = rules_.new_id(Kind::invoice);
  payment.charge_id = rules_.new_id(Kind::charge);
  charge_at_[payment.charge_id] = payment_at_.at(payment.id);
  invoice_at_[payment.invoice_id] = payment_at_.at(payment.id);
  payment.amount = amount;
  payment.currency = subscription.currency;
  payment.cart = {subscription.plan};
  subscription.payments.push_back(payment.id);
  payment.status = ok ? PaymentStatus::succeeded : PaymentStatus::failed;
  if (!ok) payment.error_code = "CARD_DECLINED";
  happened(ok ? What::payment_succeeded : What::payment_failed, payment.id, "subscription");
  return payment;
}

// The charge of a period. When it fails it is tried again on the gateway's days; then it is on
// hold.
void World::charge(Subscription& it, Timestamp now) {
  const auto amount = it.plan.unit * it.plan.quantity;
  const bool ok = !it.card_declines;
  const Payment& payment = bill(it, amount, ok, now);
  if (ok) {
    const bool recovered = it.failed_attempts > 0;
    it.failed_attempts = 0;
    it.next_attempt.reset();
    it.status = SubscriptionStatus::active;
    it.period_start = std::max(it.period_end, it.period_start);
    it.period_end = after_a_period(it, it.period_start);
    if (it.period_end <= now) {
      it.period_start = now;
      it.period_end = after_a_period(it, now);
    }
    happened(What::subscription_renewed, it.id, payment.id);
    if (recovered) happened(What::subscription_recovered, it.id);
    return;
  }
  const auto tried = static_cast<std::size_t>(it.failed_attempts++);
  const bool again = tried < rules_.retry_days.size();
  it.next_attempt.reset();
  if (again) it.next_attempt = now + std::chrono::days(rules_.retry_days[tried]);
  const auto before = it.status;
  it.status = again ? SubscriptionStatus::past_due : SubscriptionStatus::on_hold;
  happened(What::subscription_charge_failed, it.id, payment.id);
  if (it.status != before)
    happened(again ? What::subscription_past_due : What::subscription_on_hold, it.id);
}

void World::end(Subscription& it, Timestamp now) {
  it.status = SubscriptionStatus::cancelled;
  it.cancelled_at = now;
  it.next_attempt.reset();
  happened(What::subscription_cancelled, it.id);
}

std::optional<Timestamp> World::next_due(Timestamp until) const {
  std::optional<Timestamp> first;
  const auto consider = [&](std::optional<Timestamp> at) {
    if (at && *at <= until && (!first || *at < *first)) first = at;
  };
  for (const auto& [id, subscription] : subscriptions_) consider(due_of(subscription));
  for (const auto& session : sessions_) {
    if (session.status == SessionStatus::open || session.status == SessionStatus::approved)
      consider(session.expires_at);
  }
  return first;
}

void World::run_due(Timestamp now) {
  for (const auto& id : subscription_order_) {
    Subscription& it = subscriptions_.at(id);
    const auto due = due_of(it);
    if (!due || *due > now) continue;
    if (it.status == SubscriptionStatus::trialing && !it.trial_end_told) {
      it.trial_end_told = true;
      happened(What::subscription_trial_ending, it.id);
      if (it.period_end > now) continue;
    }
    if (it.cancels_at_period_end && it.status != SubscriptionStatus::past_due) {
      end(it, now);
      continue;
    }
    if (it.next_plan) {
      it.plan = *std::exchange(it.next_plan, std::nullopt);
      happened(What::subscription_changed, it.id);
    }
    if (it.status == SubscriptionStatus::paused) {  // a period without a charge
      it.period_start = it.period_end;
      it.period_end = after_a_period(it, it.period_start);
    } else {
      charge(it, now);
    }
  }
  for (auto& session : sessions_) {
    if (session.expires_at <= now) (void)expire(session);
  }
}

Granted<const Subscription*> World::change(const Change& change, Timestamp now) {
  const auto found = subscriptions_.find(change.subscription_id);
  if (found == subscriptions_.end()) return tl::unexpected(Refusal::not_found);
  Subscription& it = found->second;
  if (is_over(it.status)) return tl::unexpected(Refusal::wrong_state);
  if (change.action == "pause") {
    if (!is_billed(it.status)) return tl::unexpected(Refusal::wrong_state);
    it.status = SubscriptionStatus::paused;
    happened(What::subscription_paused, it.id);
  } else if (change.action == "resume") {
    if (it.status != SubscriptionStatus::paused && it.status != SubscriptionStatus::on_hold)
      return tl::unexpected(Refusal::wrong_state);
    it.status = SubscriptionStatus::active;
    it.failed_attempts = 0;
    happened(What::subscription_resumed, it.id);
    if (it.period_end <= now) charge(it, now);
  } else if (change.action == "cancel") {
    end(it, now);
  } else if (change.action == "cancel_later" || change.action == "stay") {
    it.cancels_at_period_end = change.action == "cancel_later";
    happened(What::subscription_cancel_scheduled, it.id);
  } else if (change.action == "change_plan") {
    if (change.at_period_end) {
      it.next_plan = change.plan;
      return &it;
    }
    return change_plan(it, change, now);
  } else if (change.action == "charge") {
    charge(it, now);
  } else if (change.action == "decline" || change.action == "accept") {
    it.card_declines = change.action == "decline";
  } else {
    return tl::unexpected(Refusal::wrong_state);
  }
  return &it;
}

// The difference for what is left of the period is charged at once; what would be given back isn't.
Granted<const Subscription*> World::change_plan(Subscription& it,
                                                const Change& change,
                                                Timestamp now) {
  const auto difference = change.plan.unit * change.plan.quantity - it.plan.unit * it.plan.quantity;
  const auto seconds = [](auto span) {
    return std::chrono::duration_cast<std::chrono::seconds>(span).count();
  };
  const auto whole = seconds(it.period_end - it.period_start);
  const auto left = std::clamp<std::int64_t>(seconds(it.period_end - now), 0, whole);
  const auto due = change.prorate && whole > 0 ? difference * left / whole : 0;
  const bool trial = it.status == SubscriptionStatus::trialing;
  if (due > 0 && !trial && it.card_declines) return tl::unexpected(Refusal::declined);
  it.plan = change.plan;
  it.metadata.update(change.metadata);
  if (due > 0 && !trial) bill(it, due, true, now);
  happened(What::subscription_changed, it.id);
  return &it;
}

const Subscription* World::subscription(std::string_view id) const {
  const auto found = subscriptions_.find(std::string(id));
  return found == subscriptions_.end() ? nullptr : &found->second;
}

const Payment* World::payment_of_invoice(std::string_view id) const {
  const auto found = invoice_at_.find(std::string(id));
  return found == invoice_at_.end() ? nullptr : &payments_[found->second];
}

}  // namespace vozex::sandbox
