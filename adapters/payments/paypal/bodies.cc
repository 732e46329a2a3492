// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/paypal/bodies.h"

#include "adapters/payments/paypal/resources.h"
#include "adapters/payments/wire.h"

namespace vozex::payments {
namespace {

using types::Value;

constexpr std::size_t k_max_reference = 127;
constexpr std::size_t k_max_note = 255;

std::string_view cut(std::string_view text, std::size_t longest) { return text.substr(0, longest); }

Answer<Value> amount_of(const Money& money) {
  const auto decimal = paypal_decimal(money);
  if (decimal) return paypal_money_value(money, *decimal);
  return tl::unexpected(call_error("invalid_input",
                                   "PayPal has no amount of " + std::to_string(money.minor) +
                                       " minor units of " + money.currency));
}

// The plan's own price replaced, for this subscription. Its regular periods come second where a
// trial comes first (API Subscriptions v1, plan override).
Answer<Value> regular_price(const Money& price, bool after_trial) {
  auto amount = amount_of(price);
  if (!amount) return amount;
  return Object()
      .put("billing_cycles",
           Value::list({Object()
                            .number("sequence", after_trial ? 2 : 1)
                            .number("total_cycles", 0)
                            .put("pricing_scheme", Object().put("fixed_price", *amount).done())
                            .done()}))
      .done();
}

const std::string& back_to(const CheckoutRequest& request, const PaypalConfig& config) {
  return request.return_url.empty() ? config.return_url : request.return_url;
}

}  // namespace

Answer<Value> order_body(const CheckoutRequest& request, const PaypalConfig& config) {
  auto amount = amount_of(request.amount);
  if (!amount) return amount;
  const Value unit = Object()
                         .text("reference_id", request.order_id)
                         .text("custom_id", cut(request.payment_id, k_max_reference))
                         .text("invoice_id", cut(request.payment_id, k_max_reference))
                         .text("description", cut(request.title, k_max_reference))
                         .put("amount", *amount)
                         .done();
  const Value context = Object()
                            .text("return_url", back_to(request, config))
                            .text("cancel_url", back_to(request, config))
                            .text("brand_name", config.brand_name)
                            .text("user_action", "PAY_NOW")
                            .text("payment_method_preference", "IMMEDIATE_PAYMENT_REQUIRED")
                            .done();
  return Object()
      .text("intent", "CAPTURE")
      .put("purchase_units", Value::list({unit}))
      .put("payment_source",
           Object().put("paypal", Object().put("experience_context", context).done()).done())
      .done();
}

Answer<Value> subscription_body(const CheckoutRequest& request, const PaypalConfig& config) {
  if (request.items.size() != 1) {
    return tl::unexpected(
        call_error("invalid_input",
                   "a subscription at PayPal has one item, a plan; the order has " +
                       std::to_string(request.items.size())));
  }
  const CartItem& item = request.items.front();
  if (item.product_ref.empty()) {
    return tl::unexpected(call_error(
        "invalid_input", "PayPal sells what recurs by a plan, and the order names none"));
  }
  Object body;
  if (item.unit_minor) {
    auto price = regular_price({*item.unit_minor, request.amount.currency},
                               request.recurring->trial_days > 0);
    if (!price) return price;
    body.put("plan", *price);
  }
  body.text("plan_id", item.product_ref)
      .text("quantity", std::to_string(item.quantity))
      .text("custom_id", cut(request.recurring->subscription_id, k_max_reference))
      .put("application_context",
           Object()
               .text("return_url", back_to(request, config))
               .text("cancel_url", back_to(request, config))
               .text("brand_name", config.brand_name)
               .text("user_action", "SUBSCRIBE_NOW")
               .done());
  if (!request.customer_email.empty()) {
    body.put("subscriber", Object().text("email_address", request.customer_email).done());
  }
  return body.done();
}

Answer<Value> revision_body(const SubscriptionChange& change) {
  Object body;
  if (change.price) {
    auto price = regular_price(*change.price, change.after_trial);
    if (!price) return price;
    body.put("plan", *price);
  }
  return body.text("plan_id", change.product_ref)
      .text("quantity", std::to_string(change.quantity))
      .done();
}

Answer<Value> refund_body(const RefundRequest& request, const std::string& currency) {
  auto amount = amount_of({request.minor, currency});
  if (!amount) return amount;
  return Object()
      .put("amount", *amount)
      .text("custom_id", cut(request.request_id, k_max_reference))
      .text("note_to_payer", cut(request.reason, k_max_note))
      .done();
}

}  // namespace vozex::payments
