// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/paypal/resources.h"

#include "adapters/payments/amounts.h"
#include "adapters/payments/wire.h"

namespace vozex::payments {
namespace {

using types::Value;

// https://developer.paypal.com/reference/currency-codes/: no decimals there.
bool takes_no_decimals(std::string_view currency) {
  return currency == "HUF" || currency == "JPY" || currency == "TWD";
}

constexpr std::int64_t k_longest_trial_days = 3660;

// What a cycle that is counted in days or weeks lasts in all; 0 for other units and what is no
// number of days that anybody means.
std::int64_t days_of(const Value& cycle) {
  const Value frequency = map_at(cycle, "frequency");
  const auto interval = frequency.text_at("interval_unit");
  const std::int64_t unit = interval == "DAY" ? 1 : interval == "WEEK" ? 7 : 0;
  const auto count = int_at(frequency, "interval_count").value_or(1);
  const auto times = int_at(cycle, "total_cycles").value_or(1);
  if (count < 0 || count > k_longest_trial_days || times < 0 || times > k_longest_trial_days)
    return 0;
  return unit * count * times;
}

std::string_view first_of(std::string_view a, std::string_view b) { return a.empty() ? b : a; }

PaymentStatus capture_status(std::string_view word) {
  if (word == "COMPLETED" || word == "PARTIALLY_REFUNDED" || word == "REFUNDED")
    return PaymentStatus::captured;
  if (word == "DECLINED" || word == "FAILED") return PaymentStatus::failed;
  return PaymentStatus::pending;
}

PaymentStatus order_status(std::string_view word) {
  if (word == "APPROVED") return PaymentStatus::authorised;
  if (word == "VOIDED") return PaymentStatus::cancelled;
  if (word == "COMPLETED") return PaymentStatus::pending;  // its captures know better
  return PaymentStatus::none;
}

// A captured payment says more than one that is pending, and that more than one that failed.
int rank(PaymentStatus status) {
  if (status == PaymentStatus::captured) return 2;
  return status == PaymentStatus::pending ? 1 : 0;
}

std::int64_t refunded_of(const Value& payments, const std::string& capture_id) {
  std::int64_t sum = 0;
  for (const auto& refund : list_at(payments, "refunds")) {
    const auto status = refund.text_at("status");
    if (linked_id(refund, "up", "/captures/") != capture_id || status == "FAILED" ||
        status == "CANCELLED")
      continue;
    if (const auto money = paypal_money(map_at(refund, "amount"))) sum += money->minor;
  }
  return sum;
}

// In a row, until one succeeds.
std::int64_t failed_payments(const Value& subscription) {
  return int_at(map_at(subscription, "billing_info"), "failed_payments_count")
      .value_or(
          int_at(map_at(subscription, "agreement_details"), "failed_payment_count").value_or(0));
}

// SUSPENDED means paused by somebody, or given up after payments failed. ACTIVE stays while PayPal
// tries again.
std::string status_word(const Value& subscription) {
  const std::string status =
      upper_currency(first_of(subscription.text_at("status"), subscription.text_at("state")));
  if (status == "SUSPENDED") {
    return failed_payments(subscription) > 0 ? "on_hold" : "paused";
  }
  if (status == "ACTIVE") return failed_payments(subscription) > 0 ? "past_due" : "active";
  if (status == "CANCELLED" || status == "CANCELED") return "cancelled";
  return status == "EXPIRED" ? "expired" : "pending";
}

}  // namespace

std::optional<Money> paypal_money(const Value& money) {
  const auto currency =
      upper_currency(first_of(money.text_at("currency_code"), money.text_at("currency")));
  const auto text = first_of(money.text_at("value"), money.text_at("total"));
  if (currency.empty() || text.empty()) return std::nullopt;
  const auto minor = parse_decimal(text, currency_exponent(currency));
  if (!minor) return std::nullopt;
  return Money{*minor, currency};
}

std::optional<std::string> paypal_decimal(const Money& money) {
  const int exponent = currency_exponent(money.currency);
  auto text = format_decimal(money.minor, exponent);
  if (exponent == 0 || !takes_no_decimals(money.currency)) return text;
  const auto point = text.find('.');
  if (text.find_first_not_of('0', point + 1) != std::string::npos) return std::nullopt;
  return text.substr(0, point);
}

Value paypal_money_value(const Money& money, const std::string& decimal) {
  return Object().text("currency_code", money.currency).text("value", decimal).done();
}

std::string link_at(const Value& resource, std::string_view rel) {
  for (const auto& link : list_at(resource, "links")) {
    if (link.text_at("rel") == rel) return std::string(link.text_at("href"));
  }
  return {};
}

std::string linked_id(const Value& resource, std::string_view rel, std::string_view collection) {
  const std::string href = link_at(resource, rel);
  const auto at = href.find(collection);
  if (at == std::string::npos) return {};
  const auto id = href.substr(at + collection.size());
  return id.substr(0, id.find_first_of("/?#"));
}

std::string order_of(const Value& capture) {
  const auto related =
      map_at(map_at(capture, "supplementary_data"), "related_ids").text_at("order_id");
  return related.empty() ? linked_id(capture, "up", "/orders/") : std::string(related);
}

PaymentState state_of_capture(const Value& capture) {
  PaymentState state;
  state.gateway_ref = std::string(capture.text_at("id"));
  state.session_ref = order_of(capture);
  state.status = capture_status(capture.text_at("status"));
  state.amount = paypal_money(map_at(capture, "amount")).value_or(Money{});
  if (state.status != PaymentStatus::captured) return state;
  state.captured_total = state.amount.minor;
  if (capture.text_at("status") == "REFUNDED") state.refunded_total = state.amount.minor;
  return state;
}

PaymentState state_of_order(const Value& order) {
  PaymentState best;
  best.status = order_status(order.text_at("status"));
  const auto units = list_at(order, "purchase_units");
  if (!units.empty()) best.amount = paypal_money(map_at(units.front(), "amount")).value_or(Money{});
  if (best.status == PaymentStatus::authorised) best.authorised_total = best.amount.minor;
  bool found = false;
  for (const auto& unit : units) {
    const Value payments = map_at(unit, "payments");
    for (const auto& capture : list_at(payments, "captures")) {
      auto state = state_of_capture(capture);
      if (state.status == PaymentStatus::captured)
        state.refunded_total =
            std::max(state.refunded_total, refunded_of(payments, state.gateway_ref));
      if (!found || rank(state.status) > rank(best.status)) best = std::move(state);
      found = true;
    }
  }
  best.session_ref = std::string(order.text_at("id"));
  return best;
}

SubscriptionState paypal_subscription_state(const Value& subscription) {
  SubscriptionState state;
  state.subscription_ref = std::string(subscription.text_at("id"));
  state.status = status_word(subscription);
  state.product_ref = std::string(subscription.text_at("plan_id"));
  state.quantity = int_at(subscription, "quantity").value_or(1);
  state.next_billing_at =
      std::string(map_at(subscription, "billing_info").text_at("next_billing_time"));
  return state;
}

Offer paypal_offer(const Value& plan) {
  Offer offer;
  offer.for_sale = plan.text_at("status") == "ACTIVE";
  offer.takes_many = true_at(plan, "quantity_supported");
  for (const Value& cycle : list_at(plan, "billing_cycles")) {
    if (cycle.text_at("tenure_type") == "REGULAR") {
      const Value frequency = map_at(cycle, "frequency");
      offer.months = months_in(frequency.text_at("interval_unit"),
                               int_at(frequency, "interval_count").value_or(1));
      offer.price = paypal_money(map_at(map_at(cycle, "pricing_scheme"), "fixed_price"));
    } else {
      offer.trial_days += days_of(cycle);
    }
  }
  const Value taxes = map_at(plan, "taxes");
  offer.adds_tax = !taxes.as_map().empty() && !true_at(taxes, "inclusive");
  return offer;
}

}  // namespace vozex::payments
