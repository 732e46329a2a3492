// SPDX-License-Identifier: Apache-2.0
//
// The part of Dodo that recurs. It has no word for a trial, and is on hold after one failure.
#include "api/sandbox/dodo/dodo.h"

namespace vozex::sandbox {
namespace {

const char* status_of(const Subscription& it) {
  switch (it.status) {
    case SubscriptionStatus::pending: return "pending";
    case SubscriptionStatus::trialing:
    case SubscriptionStatus::active: return "active";
    case SubscriptionStatus::past_due: return "past_due";
    case SubscriptionStatus::on_hold: return "on_hold";
    case SubscriptionStatus::paused: return "paused";
    case SubscriptionStatus::cancelled: return "cancelled";
    case SubscriptionStatus::expired: return "expired";
  }
  return "pending";
}

}  // namespace

json dodo_subscription(const Subscription& it) {
  return {{"subscription_id", it.id},
          {"status", status_of(it)},
          {"product_id", it.plan.product},
          {"quantity", it.plan.quantity},
          {"recurring_pre_tax_amount", it.plan.unit * it.plan.quantity},
          {"tax_inclusive", false},
          {"currency", it.currency},
          {"customer", it.customer},
          {"metadata", it.metadata},
          {"created_at", format_timestamp(it.created_at)},
          {"previous_billing_date", format_timestamp(it.period_start)},
          {"next_billing_date", format_timestamp(it.period_end)},
          {"cancel_at_next_billing_date", it.cancels_at_period_end},
          {"cancelled_at", it.cancelled_at ? json(format_timestamp(*it.cancelled_at)) : json()},
          {"expires_at", nullptr},
          {"trial_period_days", it.trial_days},
          {"payment_frequency_count", it.plan.months},
          {"payment_frequency_interval", "Month"},
          {"subscription_period_count", 10},
          {"subscription_period_interval", "Year"},
          {"on_demand", false},
          {"addons", json::array()}};
}

json dodo_product(const std::string& id, const ListedProduct& product) {
  return {{"product_id", id},
          {"is_recurring", true},
          {"price",
           {{"type", "recurring_price"},
            {"currency", product.currency},
            {"price", product.price},
            {"discount", 0},
            {"purchasing_power_parity", false},
            {"tax_inclusive", true},
            {"payment_frequency_count", product.months},
            {"payment_frequency_interval", "Month"},
            {"subscription_period_count", 10},
            {"subscription_period_interval", "Year"},
            {"trial_period_days", product.trial_days}}}};
}

std::vector<Event> Dodo::told_of_subscription(const Happening& happening) const {
  const auto event = [&](const char* word) {
    return std::vector<Event>{{std::string("subscription.") + word, happening.id, {}}};
  };
  const What what = happening.what;
  if (what == What::subscription_started || what == What::subscription_recovered)
    return event("active");
  if (what == What::subscription_renewed) return event("renewed");
  if (what == What::subscription_past_due) return event("past_due");
  if (what == What::subscription_on_hold) return event("on_hold");
  if (what == What::subscription_changed) return event("plan_changed");
  if (what == What::subscription_cancel_scheduled) return event("updated");
  if (what == What::subscription_paused) return event("paused");
  if (what == What::subscription_resumed) return event("unpaused");
  if (what == What::subscription_cancelled) return event("cancelled");
  return {};
}

// PATCH /subscriptions/{id} or POST /subscriptions/{id}/change-plan.
Outgoing Dodo::change_subscription(const std::string& id,
                                   const json& body,
                                   bool plan,
                                   Timestamp now) {
  Change change;
  change.subscription_id = id;
  const std::string status = text_at(body, "status");
  const json later = body.is_object() ? body.value("cancel_at_next_billing_date", json()) : json();
  if (plan) {
    const json quantity = body.is_object() ? body.value("quantity", json()) : json();
    change.action = "change_plan";
    change.plan = line_of(text_at(body, "product_id"));
    if (change.plan.product.empty() || !quantity.is_number_integer())
      return dodo_error(422, "INVALID_REQUEST_BODY", "expected product_id and quantity");
    change.plan.quantity = quantity.get<std::int64_t>();
    change.prorate = text_at(body, "proration_billing_mode") != "do_not_bill";
    change.at_period_end = text_at(body, "effective_at") == "next_billing_date";
  } else if ((status == "paused" || status == "active") && body.size() > 1) {
    return dodo_error(422, "INVALID_REQUEST_BODY", "status must be the only field");
  } else if (status == "paused" || status == "active") {
    change.action = status == "paused" ? "pause" : "resume";
  } else if (status == "cancelled") {
    change.action = "cancel";
  } else if (later.is_boolean()) {
    change.action = later == true ? "cancel_later" : "stay";
  } else {
    return dodo_error(422, "INVALID_REQUEST_BODY", "nothing that can be changed");
  }
  const auto changed = world().change(change, now);
  if (!changed && changed.error() == Refusal::not_found)
    return dodo_error(404, "SUBSCRIPTION_NOT_FOUND", "no such subscription");
  if (!changed) return dodo_error(409, "INVALID_STATE", "not as things stand");
  return json_answer(200, dodo_subscription(**changed));
}

}  // namespace vozex::sandbox
