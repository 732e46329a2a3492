// SPDX-License-Identifier: Apache-2.0
//
// The part of Stripe that recurs: subscriptions and their invoices, in the shapes since 2025-03-31
// (periods on items, payments of an invoice in a collection of their own).
#include <algorithm>
#include <cstdlib>

#include "api/sandbox/stripe/stripe.h"

namespace vozex::sandbox {
namespace {

std::int64_t seconds_of(Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

const char* status_of(const Subscription& it) {
  switch (it.status) {
    case SubscriptionStatus::pending: return "incomplete";
    case SubscriptionStatus::trialing: return "trialing";
    case SubscriptionStatus::active:
    case SubscriptionStatus::paused: return "active";  // see pause_collection
    case SubscriptionStatus::past_due: return "past_due";
    case SubscriptionStatus::on_hold: return "unpaid";
    case SubscriptionStatus::cancelled:
    case SubscriptionStatus::expired: return "canceled";
  }
  return "incomplete";
}

// The product that its prices belong to, whatever they are called.
std::string product_of(const Subscription& it) { return "prod_" + it.id; }

json moment(std::optional<Timestamp> at) { return at ? json(seconds_of(*at)) : json(); }

json invoice_payment(const Payment& payment) {
  const bool paid = payment.status == PaymentStatus::succeeded;
  return {{"id", "inpay_" + payment.invoice_id},
          {"object", "invoice_payment"},
          {"invoice", payment.invoice_id},
          {"amount_paid", paid ? payment.amount : 0},
          {"currency", lower(payment.currency)},
          {"status", paid ? "paid" : "open"},
          {"payment", {{"type", "payment_intent"}, {"payment_intent", payment.id}}}};
}

}  // namespace

json stripe_subscription(const World& world, const Subscription& it) {
  const json price = {{"id", it.plan.product},
                      {"object", "price"},
                      {"product", product_of(it)},
                      {"currency", lower(it.currency)},
                      {"unit_amount", it.plan.unit},
                      {"recurring", {{"interval", "month"}, {"interval_count", it.plan.months}}}};
  const json item = {{"id", "si_" + it.id},
                     {"object", "subscription_item"},
                     {"current_period_start", seconds_of(it.period_start)},
                     {"current_period_end", seconds_of(it.period_end)},
                     {"price", price},
                     {"quantity", it.plan.quantity}};
  const bool paused = it.status == SubscriptionStatus::paused;
  return {{"id", it.id},
          {"object", "subscription"},
          {"cancel_at_period_end", it.cancels_at_period_end},
          {"canceled_at", moment(it.cancelled_at)},
          {"created", seconds_of(it.created_at)},
          {"currency", lower(it.currency)},
          {"customer", it.customer.at("id")},
          {"ended_at", moment(it.cancelled_at)},
          {"items", stripe_list({item}, false, "/v1/subscription_items")},
          {"latest_invoice",
           it.payments.empty() ? json() : json(world.payment(it.payments.back())->invoice_id)},
          {"livemode", false},
          {"metadata", it.metadata},
          {"pause_collection", paused ? json{{"behavior", "void"}} : json()},
          {"status", status_of(it)},
          {"trial_end", moment(it.trial_end)}};
}

json stripe_price(const std::string& id, const ListedProduct& price) {
  return {{"id", id},
          {"object", "price"},
          {"active", true},
          {"currency", lower(price.currency)},
          {"unit_amount", price.price},
          {"tax_behavior", "inclusive"},
          {"type", "recurring"},
          {"recurring", {{"interval", "month"}, {"interval_count", price.months}}}};
}

json stripe_invoice(const World& world, const Payment& payment) {
  const Subscription& it = *world.subscription(payment.subscription_id);
  const bool paid = payment.status == PaymentStatus::succeeded;
  const bool first = it.payments.front() == payment.id && it.trial_days == 0;
  return {{"id", payment.invoice_id},
          {"object", "invoice"},
          {"amount_due", payment.amount},
          {"amount_paid", paid ? payment.amount : 0},
          {"amount_remaining", paid ? 0 : payment.amount},
          {"attempt_count", std::max(1, it.failed_attempts)},
          {"billing_reason", first ? "subscription_create" : "subscription_cycle"},
          {"created", seconds_of(payment.created_at)},
          {"currency", lower(payment.currency)},
          {"customer", it.customer.at("id")},
          {"livemode", false},
          {"metadata", json::object()},
          {"next_payment_attempt", paid ? json() : moment(it.next_attempt)},
          {"parent",
           {{"type", "subscription_details"},
            {"subscription_details", {{"subscription", it.id}, {"metadata", it.metadata}}}}},
          {"period_start", seconds_of(it.period_start)},
          {"period_end", seconds_of(it.period_end)},
          {"status", paid ? "paid" : "open"},
          {"total", payment.amount}};
}

std::vector<Event> Stripe::told_of_subscription(const Happening& happening) const {
  const What what = happening.what;
  const std::string& id = happening.id;
  const auto updated = [&](json previous) {
    return std::vector<Event>{{"customer.subscription.updated", id, std::move(previous)}};
  };
  if (what == What::subscription_started) {
    return {{"checkout.session.completed", world().subscription(id)->session_id, {}},
            {"customer.subscription.created", id, {}}};
  }
  if (what == What::subscription_trial_ending)
    return {{"customer.subscription.trial_will_end", id, {}}};
  if (what == What::subscription_past_due || what == What::subscription_on_hold ||
      what == What::subscription_recovered)
    return updated({{"status", "active"}});
  if (what == What::subscription_changed) return updated({{"plan", {{"id", "before"}}}});
  if (what == What::subscription_cancel_scheduled)
    return updated({{"cancel_at_period_end", !world().subscription(id)->cancels_at_period_end}});
  if (what == What::subscription_paused || what == What::subscription_resumed)
    return updated({{"pause_collection", json()}});
  if (what == What::subscription_cancelled) return {{"customer.subscription.deleted", id, {}}};
  return {};
}

Outgoing Stripe::subscriptions(const Incoming& request,
                               const std::vector<std::string>& rest,
                               Timestamp now) {
  const Subscription* it = rest.empty() ? nullptr : world().subscription(rest[0]);
  if (it == nullptr) return stripe_missing(rest.empty() ? request.path : rest[0]);
  const Filter form = parse_form(request.body);
  Change change;
  change.subscription_id = it->id;
  if (request.method == "DELETE") {
    change.action = "cancel";
  } else if (request.method == "POST" && rest.size() == 2 && rest[1] == "resume") {
    change.action = "resume";
  } else if (request.method == "POST" && form.contains("pause_collection[behavior]")) {
    change.action = "pause";
  } else if (request.method == "POST" && form.contains("pause_collection")) {
    change.action = "resume";
  } else if (request.method == "POST" && form.contains("cancel_at_period_end")) {
    change.action = value_of(form, "cancel_at_period_end") == "true" ? "cancel_later" : "stay";
  } else if (request.method == "POST" && form.contains("items[0][quantity]")) {
    std::string currency = it->currency;
    const auto line = read_stripe_line(
        form, "items[0]", [this](const auto& price) { return line_of(price); }, currency);
    if (!line) return line.error();
    const bool made = form.contains("items[0][price_data][product]");  // a price for this change
    if (currency != it->currency || (made && line->product != product_of(*it)))
      return stripe_error(400, "invalid_request_error", "", "not its currency or its product");
    change.action = "change_plan";
    change.plan = *line;
    if (made) change.plan.product = new_id("price_");
    change.prorate = value_of(form, "proration_behavior") != "none";
    change.metadata = stripe_metadata(form);
  }
  if (!change.action.empty()) {
    const auto changed = world().change(change, now);
    if (!changed && changed.error() == Refusal::declined)
      return stripe_error(402, "card_error", "card_declined", "Your card was declined.");
    if (!changed)
      return stripe_error(400, "invalid_request_error", "", "This subscription can't be updated.");
  }
  return json_answer(200, stripe_subscription(world(), *it));
}

// Another attempt to take what an open invoice is about.
Outgoing Stripe::pay_invoice(const Payment& payment, Timestamp now) {
  if (payment.status == PaymentStatus::succeeded)
    return stripe_error(400, "invalid_request_error", "invoice_already_paid", "Invoice is paid");
  Change change;
  change.subscription_id = payment.subscription_id;
  change.action = "charge";
  const auto charged = world().change(change, now);
  if (!charged)
    return stripe_error(400, "invalid_request_error", "", "This invoice can no longer be paid");
  const Payment& attempt = *world().payment((*charged)->payments.back());
  if (attempt.status != PaymentStatus::succeeded)
    return stripe_error(402, "card_error", "card_declined", "Your card was declined.");
  return json_answer(200, stripe_invoice(world(), attempt));
}

// GET /v1/invoices/{id}, POST /v1/invoices/{id}/pay, and GET /v1/invoice_payments of a payment
// intent.
Outgoing Stripe::invoices(const Incoming& request,
                          const std::vector<std::string>& rest,
                          Timestamp now) {
  if (request.path.starts_with("/v1/invoice_payments")) {
    const auto* payment = world().payment(value_of(request.query, "payment[payment_intent]"));
    json data = json::array();
    if (payment != nullptr && !payment->invoice_id.empty())
      data.push_back(invoice_payment(*payment));
    return json_answer(200, stripe_list(std::move(data), false, "/v1/invoice_payments"));
  }
  const Payment* payment = rest.empty() ? nullptr : world().payment_of_invoice(rest[0]);
  if (payment == nullptr) return stripe_missing(rest.empty() ? request.path : rest[0]);
  if (request.method == "POST" && rest.size() == 2 && rest[1] == "pay")
    return pay_invoice(*payment, now);
  if (request.method != "GET" || rest.size() > 1) return stripe_missing(request.path);
  return json_answer(200, stripe_invoice(world(), *payment));
}

}  // namespace vozex::sandbox
