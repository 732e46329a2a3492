// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/paypal/normalise.h"

#include <cstdlib>

#include "adapters/payments/normal.h"
#include "adapters/payments/paypal/resources.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

using types::Value;

struct Wire {
  std::string_view what;  // the event's type after its family: "COMPLETED"
  const Value& resource;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool is_one_of(std::string_view words, std::string_view word) {
  return !word.empty() && words.find(" " + std::string(word) + " ") != std::string_view::npos;
}

void add_money(Object& facts, std::string_view name, const Value& money) {
  if (const auto read = paypal_money(money)) facts.money(name, read->minor, read->currency);
}

// Our references: custom_id is the payment's, in v1 it is called custom.
void add_ours(Object& facts, const Value& resource) {
  for (const char* name : {"custom_id", "custom", "invoice_id", "invoice_number"}) {
    if (const auto text = resource.text_at(name); !text.empty()) {
      facts.text("payment_id", text);
      return;
    }
  }
}

// Of a payment in one of PayPal's words, whatever the kind of resource.
void tell_payment(Normal& out,
                  std::string_view status,
                  std::string_view what,
                  const Value& amount) {
  const auto money = paypal_money(amount);
  if (money) out.facts.money("amount", money->minor, money->currency);
  if (is_one_of(" COMPLETED PARTIALLY_REFUNDED REFUNDED ", status)) {
    out.type = "payment.succeeded";
    if (money) out.facts.number("captured_total", money->minor);
    if (!money) out.missing = "an amount that can be read exactly";
    if (money) must_be_taken(out, money->minor, "/resource/amount");
  } else if (is_one_of(" DECLINED DENIED FAILED ", status)) {
    out.type = "payment.failed";
    out.facts.text("reason", lower(status)).flag("final", what == "DENIED");
  } else {
    out.type = "payment.processing";
    out.facts.text("state", lower(status));
  }
}

Normal capture(const Wire& wire) {
  const Value& it = wire.resource;
  Normal out;
  add_ours(out.facts, it);
  out.facts.text("gateway_ref", it.text_at("id"))
      .text("session_ref", order_of(it))
      .text("attempt_ref", it.text_at("id"))
      .text("detail", map_at(it, "status_details").text_at("reason"));
  const auto status = it.text_at("status");
  tell_payment(out, status.empty() ? wire.what : status, wire.what, map_at(it, "amount"));
  if (it.text_at("id").empty()) out.missing = "resource.id";
  return out;
}

// REFUNDED is ours, REVERSED is PayPal taking it back: either way the money has left. The refund
// names its capture only by a link.
Normal refund(const Wire& wire) {
  const Value& it = wire.resource;
  const auto status = it.text_at("status");
  Normal out;
  out.type = "refund.changed";
  add_money(out.facts, "amount", map_at(it, "amount"));
  const auto total =
      paypal_money(map_at(map_at(it, "seller_payable_breakdown"), "total_refunded_amount"));
  const auto amount = paypal_money(map_at(it, "amount"));
  if (total) out.facts.number("refunded_total", total->minor);
  if (!total && amount) out.facts.number("refunded_total", amount->minor);
  out.facts.text("gateway_ref", linked_id(it, "up", "/captures/"))
      .text("refund_ref", it.text_at("id"))
      .text("request_id", it.text_at("custom_id"))
      .text("state", lower(status.empty() ? "COMPLETED" : status))
      .flag("reversed", wire.what == "REVERSED")
      .flag("ok", status.empty() || status == "COMPLETED");
  if (it.text_at("id").empty()) out.missing = "resource.id";
  return out;
}

Normal captures(const Wire& wire) {
  if (wire.what == "REFUNDED" || wire.what == "REVERSED") return refund(wire);
  return is_one_of(" PENDING COMPLETED DENIED DECLINED ", wire.what) ? capture(wire) : Normal{};
}

Normal authorisation(const Wire& wire) {
  const Value& it = wire.resource;
  Normal out;
  add_ours(out.facts, it);
  add_money(out.facts, "amount", map_at(it, "amount"));
  out.facts.text("gateway_ref", it.text_at("id")).text("session_ref", order_of(it));
  const auto status = it.text_at("status");
  if (wire.what == "VOIDED" || is_one_of(" VOIDED DENIED ", status)) {
    out.type = "payment.failed";
    out.facts.text("reason", "authorisation_voided")
        .text("attempt_ref", it.text_at("id"))
        .flag("final", true);
  } else if (wire.what == "CREATED") {
    out.type = "payment.authorised";
  }
  return out;
}

// A sale of v1: the payments of subscriptions come so.
Normal sale(const Wire& wire) {
  const Value& it = wire.resource;
  Normal out;
  const auto subscription = it.text_at("billing_agreement_id");
  if (subscription.empty()) {
    add_ours(out.facts, it);
  } else {
    out.facts.text("subscription_id", it.text_at("custom"));  // what the subscription was made with
  }
  const auto amount = paypal_money(map_at(it, "amount"));
  if (wire.what == "REFUNDED" || wire.what == "REVERSED") {
    const auto total = paypal_money(map_at(it, "total_refunded_amount"));
    out.type = "refund.changed";
    if (amount) out.facts.money("amount", std::abs(amount->minor), amount->currency);
    const auto sum = total ? total : amount;
    if (sum) out.facts.number("refunded_total", std::abs(sum->minor));
    out.facts.text("gateway_ref", it.text_at("sale_id"))
        .text("refund_ref", it.text_at("id"))
        .text("state", it.text_at("state"))
        .flag("reversed", wire.what == "REVERSED")
        .flag("ok", it.text_at("state") != "failed");
    return out;
  }
  if (!is_one_of(" COMPLETED PENDING DENIED ", wire.what)) return out;
  const auto state = upper_currency(it.text_at("state"));
  out.facts.text("gateway_ref", it.text_at("id"))
      .text("attempt_ref", it.text_at("id"))
      .text("subscription_ref", subscription);
  tell_payment(out, state.empty() ? wire.what : state, wire.what, map_at(it, "amount"));
  if (!subscription.empty() && out.type == "payment.succeeded") {
    out.type = "subscription.renewed";
    out.facts.text("invoice_ref", it.text_at("id"));
  } else if (!subscription.empty() && out.type == "payment.failed") {
    out.type = "subscription.payment_failed";
  }
  if (it.text_at("id").empty()) out.missing = "resource.id";
  return out;
}

Normal order(const Wire& wire) {
  const Value& it = wire.resource;
  const auto units = list_at(it, "purchase_units");
  const Value unit = units.empty() ? Value::map({}) : units.front();
  const auto state = state_of_order(it);
  Normal out;
  add_ours(out.facts, unit);
  if (unit.text_at("reference_id") != "default")  // PayPal's word for none
    out.facts.text("order_id", unit.text_at("reference_id"));
  out.facts.text("session_ref", it.text_at("id")).text("gateway_ref", state.gateway_ref);
  if (state.amount.minor > 0) out.facts.money("amount", state.amount.minor, state.amount.currency);
  if (state.status == PaymentStatus::captured) {
    out.type = "payment.succeeded";
    out.facts.number("captured_total", state.captured_total);
  } else if (state.status == PaymentStatus::cancelled) {
    out.type = "checkout.expired";
  } else if (wire.what == "APPROVED") {
    out.type = "payment.approved";
  } else if (wire.what == "COMPLETED") {
    out.type = "payment.processing";
  }
  if (it.text_at("id").empty()) out.missing = "resource.id";
  return out;
}

// Approved, and not captured in time: PayPal gave the money back.
Normal approval(const Wire& wire) {
  Normal out;
  if (wire.what != "REVERSED") return out;
  const auto units = list_at(wire.resource, "purchase_units");
  out.type = "payment.failed";
  if (!units.empty()) add_ours(out.facts, units.front());
  out.facts.text("session_ref", wire.resource.text_at("order_id"))
      .text("attempt_ref", wire.resource.text_at("order_id"))
      .text("reason", "approval_reversed")
      .flag("final", true);
  return out;
}

std::string subscription_word(std::string_view what, const std::string& status) {
  if (what == "ACTIVATED") return "active";
  if (what == "RE-ACTIVATED") return "resumed";
  if (what == "SUSPENDED") return status == "on_hold" ? "on_hold" : "paused";
  if (what == "PAYMENT.FAILED") return "payment_failed";
  return is_one_of(" CREATED UPDATED EXPIRED CANCELLED ", what) ? lower(what) : std::string();
}

Normal subscription(const Wire& wire) {
  const Value& it = wire.resource;
  const auto state = paypal_subscription_state(it);
  const auto word = subscription_word(wire.what, state.status);
  Normal out;
  if (word.empty()) return out;
  const Value billing = map_at(it, "billing_info");
  const Value failed = map_at(billing, "last_failed_payment");
  out.type = "subscription." + word;
  out.facts.text("subscription_ref", state.subscription_ref)
      .text("subscription_id", it.text_at("custom_id"))
      .text("status", state.status)
      .text("product_ref", state.product_ref)
      .text("customer_ref", map_at(it, "subscriber").text_at("payer_id"))
      .number("quantity", int_at(it, "quantity"))
      .moment("next_billing_at", state.next_billing_at)
      .moment("previous_billing_at", map_at(billing, "last_payment").text_at("time"))
      .number("failed_payments", int_at(billing, "failed_payments_count"))
      .flag("cancels_at_period_end", false);
  add_money(out.facts, "outstanding", map_at(billing, "outstanding_balance"));
  if (word == "payment_failed") {
    add_money(out.facts, "amount", map_at(failed, "amount"));
    const auto again = failed.text_at("next_payment_retry_date");
    out.facts.text("reason", lower(failed.text_at("reason_code")))
        .text("next_attempt_at", again)
        .flag("final", again.empty());
  }
  if (state.subscription_ref.empty()) out.missing = "resource.id";
  return out;
}

std::string_view dispute_state(const Value& dispute) {
  if (dispute.text_at("status") != "RESOLVED") return "opened";
  const auto outcome = map_at(dispute, "dispute_outcome").text_at("outcome_code");
  if (is_one_of(" RESOLVED_BUYER_FAVOUR ACCEPTED ", outcome)) return "lost";
  if (is_one_of(" RESOLVED_SELLER_FAVOUR RESOLVED_WITH_PAYOUT CANCELED_BY_BUYER DENIED ", outcome))
    return "won";
  return "opened";  // nothing that says who has the money: people look
}

Normal dispute(const Wire& wire) {
  Normal out;
  if (!is_one_of(" CREATED UPDATED RESOLVED ", wire.what)) return out;
  const Value& it = wire.resource;
  const auto about = list_at(it, "disputed_transactions");
  const Value first = about.empty() ? Value::map({}) : about.front();
  out.type = "dispute.changed";
  add_ours(out.facts, first);
  add_money(out.facts, "amount", map_at(it, "dispute_amount"));
  out.facts.text("gateway_ref", first.text_at("seller_transaction_id"))
      .text("dispute_ref", it.text_at("dispute_id"))
      .text("state", dispute_state(it))
      .text("detail", lower(it.text_at("status")))
      .text("stage", lower(it.text_at("dispute_life_cycle_stage")))
      .text("reason", lower(it.text_at("reason")));
  // A date that is none must not keep the event away.
  const auto due = it.text_at("seller_response_due_date");
  if (parse_timestamp(due)) out.facts.text("respond_by", due);
  if (it.text_at("dispute_id").empty()) out.missing = "resource.dispute_id";
  return out;
}

struct Family {
  std::string_view prefix;  // of event_type, with its dot
  Normal (*normalise)(const Wire&);
  std::string_view path;  // where its resources are read; "" = not at all
};

constexpr Family k_families[] = {
    {"PAYMENT.CAPTURE.", captures, "/v2/payments/captures/"},
    {"PAYMENT.AUTHORIZATION.", authorisation, "/v2/payments/authorizations/"},
    {"PAYMENT.SALE.", sale, "/v1/payments/sale/"},
    {"CHECKOUT.ORDER.", order, "/v2/checkout/orders/"},
    {"CHECKOUT.PAYMENT-APPROVAL.", approval, ""},
    {"BILLING.SUBSCRIPTION.", subscription, "/v1/billing/subscriptions/"},
    {"CUSTOMER.DISPUTE.", dispute, "/v1/customer/disputes/"},
};

const Family* family_of(std::string_view type) {
  for (const auto& family : k_families) {
    if (type.starts_with(family.prefix)) return &family;
  }
  return nullptr;
}

}  // namespace

std::string lookup_path(const Value& envelope) {
  const auto type = envelope.text_at("event_type");
  const Family* family = family_of(type);
  const Value resource = map_at(envelope, "resource");
  std::string id(resource.text_at("id"));
  if (id.empty()) id = std::string(resource.text_at("dispute_id"));
  if (id.empty()) return {};  // an approval that was taken back names an order that is gone
  if (family == nullptr) return {};
  const auto what = type.substr(family->prefix.size());
  std::string path(family->path);
  if (what == "REFUNDED" || what == "REVERSED") {
    if (family->prefix == "PAYMENT.CAPTURE.") path = "/v2/payments/refunds/";
    if (family->prefix == "PAYMENT.SALE.") path = "/v1/payments/refund/";
  }
  if (envelope.text_at("resource_type") == "Agreement") path = "/v1/payments/billing-agreements/";
  return path + http::percent_encode(id);
}

Result<WebhookEvent> normalise_paypal(std::string_view id, const Value& envelope, Timestamp now) {
  const std::string type(envelope.text_at("event_type"));
  if (type.empty()) return malformed("a PayPal webhook must have an event_type");
  const Value resource = map_at(envelope, "resource");
  Normal normal;
  if (const Family* family = family_of(type)) {
    normal = family->normalise({std::string_view(type).substr(family->prefix.size()), resource});
  }
  if (normal.type.empty()) {
    normal = unknown_event(resource);
  } else {
    normal.needs_lookup = !lookup_path(envelope).empty();
  }
  return finished(std::move(normal),
                  {"paypal",
                   std::string(id),
                   type,
                   parse_timestamp(envelope.text_at("create_time")).value_or(now)});
}

Result<WebhookEvent> normalise_paypal(std::string_view id, std::string_view body, Timestamp now) {
  const auto envelope = types::parse_json(body);
  if (!envelope)
    return malformed("the body of a PayPal webhook must be JSON: " + envelope.error().message);
  if (!envelope->is_map()) return malformed("the body of a PayPal webhook must be an object");
  return normalise_paypal(id, *envelope, now);
}

}  // namespace vozex::payments
