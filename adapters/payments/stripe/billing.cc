// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/families.h"
#include "adapters/payments/stripe/normalise.h"
#include "adapters/payments/stripe/stripe_amounts.h"

namespace vozex::payments {
namespace {

using types::Value;

bool is_one_of(std::string_view words, std::string_view word) {
  return !word.empty() && words.find(" " + std::string(word) + " ") != std::string_view::npos;
}

// Before 2025-03-31: invoice.subscription; since then under parent.
std::string subscription_of(const Value& invoice) {
  auto direct = id_at(invoice, "subscription");
  if (!direct.empty()) return direct;
  return id_at(map_at(map_at(invoice, "parent"), "subscription_details"), "subscription");
}

// The subscription's metadata as the invoice repeats it: where our references are.
Value subscription_metadata(const Value& invoice) {
  Value direct = map_at(map_at(invoice, "subscription_details"), "metadata");
  if (!direct.as_map().empty()) return direct;
  return map_at(map_at(map_at(invoice, "parent"), "subscription_details"), "metadata");
}

// Before 2025-03-31: invoice.payment_intent or charge; since then in payments, if at all.
std::string payment_of(const Value& invoice) {
  for (const char* name : {"payment_intent", "charge"}) {
    if (auto ref = id_at(invoice, name); !ref.empty()) return ref;
  }
  for (const auto& entry : list_at(map_at(invoice, "payments"), "data")) {
    const Value payment = map_at(entry, "payment");
    for (const char* name : {"payment_intent", "charge"}) {
      if (auto ref = id_at(payment, name); !ref.empty()) return ref;
    }
  }
  return {};
}

// Before 2025-03-31: on the subscription; since then on each of its items.
std::string period_at(const Value& subscription, std::string_view name) {
  auto moment = moment_at(subscription, name);
  if (!moment.empty()) return moment;
  const auto items = list_at(map_at(subscription, "items"), "data");
  return items.empty() ? std::string() : moment_at(items.front(), name);
}

Value first_item(const Value& subscription) {
  const auto items = list_at(map_at(subscription, "items"), "data");
  return items.empty() ? Value::map({}) : items.front();
}

// The price of the first item; `plan` in older shapes.
Value price_of(const Value& subscription) {
  const Value item = first_item(subscription);
  for (const char* name : {"price", "plan"}) {
    const Value price = map_at(item, name);
    if (!price.as_map().empty()) return price;
  }
  return map_at(subscription, "plan");
}

std::string status_of(const Value& subscription) {
  const auto status = subscription.text_at("status");
  const Value* pause = subscription.find("pause_collection");
  if (status == "active" && pause != nullptr && pause->is_map()) return "paused";
  if (status == "incomplete") return "pending";
  if (status == "incomplete_expired") return "failed";
  if (status == "unpaid") return "on_hold";
  if (status == "canceled") return "cancelled";
  return std::string(status);
}

// What `updated` was about: a new status, else the plan, else something we don't name.
std::string update_word(const StripeWire& wire) {
  if (wire.previous.find("status") != nullptr || wire.previous.find("pause_collection") != nullptr)
    return status_of(wire.object);
  if (wire.previous.find("plan") != nullptr || wire.previous.find("quantity") != nullptr)
    return "plan_changed";
  // Periods are on items since 2025-03-31: every renewal changes them, the plan or not.
  if (wire.previous.find("items") == nullptr) return "updated";
  const Value before = first_item(wire.previous);
  const Value now = first_item(wire.object);
  const auto price = map_at(before, "price").text_at("id");
  const bool same = !price.empty() && price == map_at(now, "price").text_at("id") &&
                    int_at(before, "quantity") == int_at(now, "quantity");
  return same ? "updated" : "plan_changed";
}

std::string subscription_word(const StripeWire& wire) {
  const auto what = wire.what;
  if (what == "updated") return update_word(wire);
  if (what == "deleted") return "cancelled";
  if (what == "trial_will_end") return "trial_ending";
  if (what == "pending_update_applied") return "plan_changed";
  if (what == "pending_update_expired") return "updated";
  return is_one_of(" created paused resumed ", what) ? std::string(what) : std::string();
}

constexpr std::string_view k_invoice_words =
    " created finalized finalization_failed paid payment_succeeded payment_failed "
    "payment_action_required payment_attempt_required overdue will_be_due marked_uncollectible "
    "voided upcoming updated sent overpaid ";

}  // namespace

SubscriptionState stripe_subscription_state(const Value& subscription) {
  SubscriptionState state;
  state.subscription_ref = std::string(subscription.text_at("id"));
  state.status = status_of(subscription);
  state.product_ref = std::string(price_of(subscription).text_at("id"));
  state.quantity = int_at(first_item(subscription), "quantity")
                       .value_or(int_at(subscription, "quantity").value_or(1));
  state.cancels_at_period_end = true_at(subscription, "cancel_at_period_end");
  state.next_billing_at = period_at(subscription, "current_period_end");
  state.request_id = std::string(map_at(subscription, "metadata").text_at("request_id"));
  return state;
}

Offer stripe_offer(const Value& price) {
  const Value recurring = map_at(price, "recurring");
  const auto currency = upper_currency(price.text_at("currency"));
  Offer offer;
  offer.for_sale = true_at(price, "active") && !recurring.as_map().empty();
  if (const auto minor = from_stripe(int_at(price, "unit_amount"), currency))
    offer.price = Money{*minor, currency};
  offer.months =
      months_in(recurring.text_at("interval"), int_at(recurring, "interval_count").value_or(1));
  offer.adds_tax = price.text_at("tax_behavior") == "exclusive";
  return offer;
}

StripeInvoiceOwner stripe_invoice_owner(const Value& invoice) {
  return {subscription_of(invoice),
          std::string(subscription_metadata(invoice).text_at("subscription_id"))};
}

Normal stripe_invoice(const StripeWire& wire) {
  Normal out;
  if (!is_one_of(k_invoice_words, wire.what)) return out;
  const Value& invoice = wire.object;
  const auto subscription = subscription_of(invoice);
  const bool recurs = !subscription.empty();
  const auto paid_by = payment_of(invoice);
  const Value metadata = subscription_metadata(invoice);
  add_stripe_references(out.facts, invoice);
  out.facts.text("subscription_id", metadata.text_at("subscription_id"))
      .text("subscription_ref", subscription)
      .text("invoice_ref", invoice.text_at("id"))
      .text("customer_ref", id_at(invoice, "customer"))
      .text("billing_reason", invoice.text_at("billing_reason"))
      .number("attempts", int_at(invoice, "attempt_count"))
      .text("next_attempt_at", moment_at(invoice, "next_payment_attempt"))
      .text("period_start_at", moment_at(invoice, "period_start"))
      .text("period_end_at", moment_at(invoice, "period_end"));
  if (wire.what == "paid" || wire.what == "payment_succeeded") {
    out.type = recurs ? "subscription.renewed" : "payment.succeeded";
    add_stripe_money(out.facts, "amount", invoice, "amount_paid");
    out.facts.text("gateway_ref",
                   paid_by.empty() ? invoice.text_at("id") : std::string_view(paid_by));
    out.facts.number("captured_total", stripe_amount(invoice, "amount_paid"));
    if (!int_at(invoice, "amount_paid") || invoice.text_at("currency").empty())
      out.missing = "amount_paid or currency";
    return out;
  }
  add_stripe_money(out.facts, "amount", invoice, "amount_due");
  out.facts.text("gateway_ref", paid_by);
  if (wire.what == "payment_failed") {
    out.type = recurs ? "subscription.payment_failed" : "payment.failed";
    out.facts.text("reason", "invoice_payment_failed")
        .flag("final", moment_at(invoice, "next_payment_attempt").empty());
  } else if (wire.what == "payment_action_required" || wire.what == "payment_attempt_required") {
    out.type = recurs ? "subscription.action_required" : "payment.action_required";
  } else if (wire.what == "upcoming" && recurs) {
    out.type = "subscription.renewal_upcoming";
  } else {
    out.type = "invoice.changed";
    out.facts.text("state", wire.what).text("status", invoice.text_at("status"));
  }
  return out;
}

Normal stripe_invoice_payment(const StripeWire& wire) {
  Normal out;
  if (wire.what != "paid") return out;
  const Value payment = map_at(wire.object, "payment");
  const auto intent = id_at(payment, "payment_intent");
  out.type = "invoice.changed";
  out.facts.text("invoice_ref", id_at(wire.object, "invoice"))
      .text("gateway_ref", intent.empty() ? id_at(payment, "charge") : intent)
      .text("state", "payment_paid");
  add_stripe_money(out.facts, "amount", wire.object, "amount_paid");
  return out;
}

Normal stripe_subscription(const StripeWire& wire) {
  Normal out;
  const auto word = subscription_word(wire);
  if (word.empty()) return out;
  const Value& subscription = wire.object;
  const auto state = stripe_subscription_state(subscription);
  const Value price = price_of(subscription);
  out.type = "subscription." + word;
  add_stripe_references(out.facts, subscription);
  out.facts.text("subscription_ref", state.subscription_ref)
      .text("subscription_id", map_at(subscription, "metadata").text_at("subscription_id"))
      .text("status", state.status)
      .text("product_ref", state.product_ref)
      .text("customer_ref", id_at(subscription, "customer"))
      .number("quantity", state.quantity)
      .text("previous_billing_at", period_at(subscription, "current_period_start"))
      .text("next_billing_at", state.next_billing_at)
      .text("cancelled_at", moment_at(subscription, "canceled_at"))
      .text("expires_at", moment_at(subscription, "ended_at"))
      .text("trial_ends_at", moment_at(subscription, "trial_end"))
      .flag("cancels_at_period_end", state.cancels_at_period_end);
  const auto currency = price.text_at("currency");
  const auto unit =
      int_at(price, "unit_amount") ? int_at(price, "unit_amount") : int_at(price, "amount");
  out.facts.money("recurring", from_stripe(unit, currency), currency);
  if (state.subscription_ref.empty()) out.missing = "id";
  return out;
}

Normal stripe_schedule(const StripeWire& wire) {
  Normal out;
  out.type = "subscription.schedule_changed";
  out.facts.text("subscription_ref", id_at(wire.object, "subscription"))
      .text("schedule_ref", wire.object.text_at("id"))
      .text("state", wire.what)
      .text("status", wire.object.text_at("status"));
  return out;
}

Normal stripe_entitlements(const StripeWire& wire) {
  Normal out;
  out.type = "entitlement.changed";
  out.facts.text("customer_ref", id_at(wire.object, "customer")).text("state", wire.what);
  return out;
}

Normal stripe_warning(const StripeWire& wire) {
  Normal out;
  out.type = "payment.flagged";
  out.facts.text("gateway_ref", charge_ref_of(wire.object))
      .text("state", wire.what)
      .text("reason", wire.object.text_at("fraud_type"));
  return out;
}

Normal stripe_review(const StripeWire& wire) {
  Normal out;
  out.type = "payment.flagged";
  out.facts.text("gateway_ref", charge_ref_of(wire.object))
      .text("state", wire.what)
      .text("reason", wire.object.text_at("reason"));
  return out;
}

}  // namespace vozex::payments
