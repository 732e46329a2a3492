// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/shapes.h"

#include "adapters/payments/wire.h"
#include "engine/base/assert.h"

namespace vozex::payments {
namespace {

using types::Value;

Money read_money(const Value& money) {
  return {int_at(money, "minor").value_or(0), upper_currency(money.text_at("currency"))};
}

const char* word(Outcome outcome) {
  switch (outcome) {
    case Outcome::happened: return "happened";
    case Outcome::not_happened: return "not_happened";
    case Outcome::unclear: return "unclear";
  }
  VOZEX_ASSERT(!"an outcome has a word");
}

template <class T>
Value settled_value(const Settled<T>& settled) {
  Object facts;
  facts.text("outcome", word(settled.outcome));
  if (settled.result) facts.put("result", to_value(*settled.result));
  return facts.done();
}

}  // namespace

const char* to_string(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::none: return "none";
    case PaymentStatus::pending: return "pending";
    case PaymentStatus::captured: return "captured";
    case PaymentStatus::failed: return "failed";
    case PaymentStatus::cancelled: return "cancelled";
    case PaymentStatus::authorised: return "authorised";
  }
  VOZEX_ASSERT(!"a payment status has a word");
}

std::optional<CheckoutRequest> read_checkout_request(const Value& input) {
  CheckoutRequest request;
  request.payment_id = std::string(input.text_at("payment_id"));
  request.order_id = std::string(input.text_at("order_id"));
  request.amount = read_money(map_at(input, "amount"));
  if (request.payment_id.empty() || request.amount.minor <= 0 || request.amount.currency.empty())
    return std::nullopt;
  const Value terms = map_at(input, "recurring");
  if (!terms.text_at("subscription_id").empty()) {
    request.recurring = Recurring{std::string(terms.text_at("subscription_id")),
                                  int_at(terms, "trial_days").value_or(0),
                                  int_at(terms, "months").value_or(1)};
  }
  for (const auto& item : list_at(input, "items")) {
    CartItem line{std::string(item.text_at("product_ref")),
                  int_at(item, "quantity").value_or(1),
                  int_at(item, "unit_minor")};
    const bool told = request.recurring && line.unit_minor;  // some gateways need no more
    if ((line.product_ref.empty() && !told) || line.quantity < 1) return std::nullopt;
    request.items.push_back(std::move(line));
  }
  const Value customer = map_at(input, "customer");
  request.customer_email = std::string(customer.text_at("email"));
  request.customer_name = std::string(customer.text_at("name"));
  request.title = std::string(input.text_at("title"));
  request.return_url = std::string(input.text_at("return_url"));
  return request;
}

std::optional<PaymentQuery> read_payment_query(const Value& input) {
  PaymentQuery query{std::string(input.text_at("gateway_ref")),
                     std::string(input.text_at("session_ref")),
                     std::string(input.text_at("payment_id"))};
  if (query.gateway_ref.empty() && query.session_ref.empty() && query.payment_id.empty())
    return std::nullopt;
  return query;
}

std::optional<RefundRequest> read_refund_request(const Value& input) {
  RefundRequest request;
  request.gateway_ref = std::string(input.text_at("gateway_ref"));
  request.request_id = std::string(input.text_at("request_id"));
  const Money amount = read_money(map_at(input, "amount"));
  request.minor = amount.minor;
  request.currency = amount.currency;
  request.reason = std::string(input.text_at("reason"));
  if (request.gateway_ref.empty() || request.request_id.empty() || request.minor <= 0)
    return std::nullopt;
  return request;
}

std::optional<CaptureRequest> read_capture_request(const Value& input) {
  CaptureRequest request{std::string(input.text_at("payment_id")),
                         std::string(input.text_at("gateway_ref")),
                         std::string(input.text_at("session_ref")),
                         ""};
  if (request.gateway_ref.empty() && request.session_ref.empty()) return std::nullopt;
  return request;
}

std::optional<SubscriptionChange> read_subscription_change(const Value& input) {
  const auto action = parse_subscription_action(input.text_at("action"));
  SubscriptionChange change;
  change.subscription_ref = std::string(input.text_at("subscription_ref"));
  change.request_id = std::string(input.text_at("request_id"));
  if (!action || change.subscription_ref.empty() || change.request_id.empty()) return std::nullopt;
  change.action = *action;
  change.product_ref = std::string(input.text_at("product_ref"));
  change.quantity = int_at(input, "quantity").value_or(1);
  change.at_period_end = true_at(input, "at_period_end");
  const Value* prorate = input.find("prorate");
  change.prorate = prorate == nullptr || true_at(input, "prorate");
  change.reason = std::string(input.text_at("reason"));
  if (const Money price = read_money(map_at(input, "price")); price.minor > 0) change.price = price;
  change.months = int_at(input, "months").value_or(1);
  change.after_trial = true_at(input, "after_trial");
  if (change.action == SubscriptionAction::change_plan &&
      ((change.product_ref.empty() && !change.price) || change.quantity < 1))
    return std::nullopt;
  return change;
}

std::optional<Promise> read_promise(const Value& input) {
  Promise promise;
  promise.product_ref = std::string(input.text_at("product_ref"));
  promise.price = read_money(map_at(input, "price"));
  promise.quantity = int_at(input, "quantity").value_or(1);
  promise.months = int_at(input, "months").value_or(1);
  promise.trial_days = int_at(input, "trial_days").value_or(0);
  promise.quoted = true_at(input, "quoted");
  if (promise.product_ref.empty() || promise.price.currency.empty()) return std::nullopt;
  return promise;
}

std::optional<CollectRequest> read_collect_request(const Value& input) {
  CollectRequest request{std::string(input.text_at("subscription_ref")),
                         std::string(input.text_at("request_id"))};
  if (request.subscription_ref.empty() || request.request_id.empty()) return std::nullopt;
  return request;
}

Ledger PaymentState::ledger() const {
  Ledger ledger;
  ledger.authorised = authorised_total;
  ledger.captured = captured_total;
  ledger.refunded = refunded_total;
  ledger.disputed = disputed ? captured_total - refunded_total : 0;
  if (status == PaymentStatus::pending || status == PaymentStatus::authorised)
    ledger.attempt = Attempt::pending;
  if (status == PaymentStatus::failed) ledger.attempt = Attempt::failed;
  if (status == PaymentStatus::cancelled) ledger.attempt = Attempt::cancelled;
  return ledger;
}

Value to_value(const Checkout& checkout) {
  return Object()
      .put("url", Value::string(checkout.url))
      .put("session_ref", Value::string(checkout.session_ref))
      .text("gateway_ref", checkout.gateway_ref)
      .done();
}

Value to_value(const PaymentState& state) {
  Object facts;
  facts.text("status", to_string(state.status))
      .text("gateway_ref", state.gateway_ref)
      .text("session_ref", state.session_ref)
      .text("standing", to_string(state.ledger().standing()))
      .number("authorised_total", state.authorised_total)
      .number("captured_total", state.captured_total)
      .number("refunded_total", state.refunded_total)
      .flag("disputed", state.disputed);
  facts.money("amount", state.amount.minor, state.amount.currency);
  return facts.done();
}

Value to_value(const Refund& refund) {
  return Object()
      .text("refund_ref", refund.refund_ref)
      .text("status", refund.status)
      .number("amount", refund.minor)
      .number("refunded_total", refund.refunded_total)
      .done();
}

Value to_value(const SubscriptionState& state) {
  return Object()
      .text("subscription_ref", state.subscription_ref)
      .text("status", state.status)
      .text("product_ref", state.product_ref)
      .number("quantity", state.quantity)
      .flag("cancels_at_period_end", state.cancels_at_period_end)
      .moment("next_billing_at", state.next_billing_at)
      .text("approval_url", state.approval_url)
      .done();
}

Value to_value(const Collected& collected) {
  return Object()
      .text("status", collected.status)
      .text("gateway_ref", collected.gateway_ref)
      .done();
}

Value to_value(const std::vector<std::string>& differences) {
  return Object().flag("fits", differences.empty()).list("differences", differences).done();
}

Value to_value(const Settled<Checkout>& settled) { return settled_value(settled); }
Value to_value(const Settled<Refund>& settled) { return settled_value(settled); }
Value to_value(const Settled<SubscriptionState>& settled) { return settled_value(settled); }

}  // namespace vozex::payments
