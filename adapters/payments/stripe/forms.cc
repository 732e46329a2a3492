// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/forms.h"

#include "adapters/payments/stripe/normalise.h"
#include "adapters/payments/stripe/stripe_amounts.h"
#include "adapters/payments/wire.h"

namespace vozex::payments {
namespace {

using types::Value;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

void add_metadata(StripeForm& form, const std::string& where, const CheckoutRequest& request) {
  const std::string open = where.empty() ? "metadata[" : where + "[metadata][";
  form.push_back({open + "payment_id]", request.payment_id});
  form.push_back({open + "order_id]", request.order_id});
  if (request.recurring)
    form.push_back({open + "subscription_id]", request.recurring->subscription_id});
}

// A price made for this sale: of a product of Stripe's, or of one that is only named.
bool add_price(StripeForm& form,
               const std::string& line,
               const Money& unit,
               const std::string& product,
               const std::string& title) {
  const auto amount = to_stripe(unit.minor, unit.currency);
  if (!amount) return false;
  form.push_back({line + "[price_data][currency]", lower(unit.currency)});
  form.push_back({line + "[price_data][unit_amount]", std::to_string(*amount)});
  if (product.empty()) {
    form.push_back({line + "[price_data][product_data][name]", title});
  } else {
    form.push_back({line + "[price_data][product]", product});
  }
  return true;
}

void add_period(StripeForm& form, const std::string& line, std::int64_t months) {
  form.push_back({line + "[price_data][recurring][interval]", "month"});
  form.push_back({line + "[price_data][recurring][interval_count]", std::to_string(months)});
}

bool add_lines(StripeForm& form, const CheckoutRequest& request) {
  const std::string title = request.title.empty() ? request.order_id : request.title;
  if (request.items.empty()) {
    form.push_back({"line_items[0][quantity]", "1"});
    return add_price(form, "line_items[0]", request.amount, "", title.empty() ? "Order" : title);
  }
  for (std::size_t i = 0; i < request.items.size(); ++i) {
    const auto& item = request.items[i];
    const std::string line = "line_items[" + std::to_string(i) + "]";
    form.push_back({line + "[quantity]", std::to_string(item.quantity)});
    if (!item.unit_minor) {
      form.push_back({line + "[price]", item.product_ref});
    } else if (!add_price(form,
                          line,
                          {*item.unit_minor, request.amount.currency},
                          item.product_ref,
                          title)) {
      return false;
    } else if (request.recurring) {
      add_period(form, line, request.recurring->months);
    }
  }
  return true;
}

}  // namespace

Answer<StripeForm> session_form(const CheckoutRequest& request, const std::string& return_url) {
  const std::string& back = request.return_url.empty() ? return_url : request.return_url;
  if (back.empty()) {
    return tl::unexpected(call_error(
        "not_configured",
        "the order names no return_url and payments.stripe.return_url is not configured"));
  }
  if (request.recurring && request.items.empty()) {
    return tl::unexpected(
        call_error("invalid_input",
                   "a subscription needs items: prices of Stripe that recur, or prices of ours"));
  }
  StripeForm form = {{"mode", request.recurring ? "subscription" : "payment"},
                     {"success_url", back},
                     {"cancel_url", back},
                     {"client_reference_id", request.payment_id},
                     {"customer_email", request.customer_email}};
  add_metadata(form, "", request);
  add_metadata(form, request.recurring ? "subscription_data" : "payment_intent_data", request);
  if (request.recurring && request.recurring->trial_days > 0)
    form.push_back(
        {"subscription_data[trial_period_days]", std::to_string(request.recurring->trial_days)});
  if (!add_lines(form, request)) {
    return tl::unexpected(
        call_error("invalid_input", "Stripe can't say an amount of this order in its currency"));
  }
  return form;
}

StripeForm refund_form(const RefundRequest& request, std::int64_t amount) {
  const bool is_charge = request.gateway_ref.starts_with("ch_");
  return {{is_charge ? "charge" : "payment_intent", request.gateway_ref},
          {"amount", std::to_string(amount)},
          {"reason", "requested_by_customer"},
          {"metadata[request_id]", request.request_id},
          {"metadata[reason]", request.reason.substr(0, 500)}};
}

Answer<StripeForm> subscription_form(const SubscriptionChange& change, const Value& now) {
  switch (change.action) {
    case SubscriptionAction::pause: return StripeForm{{"pause_collection[behavior]", "void"}};
    case SubscriptionAction::keep: return StripeForm{{"cancel_at_period_end", "false"}};
    case SubscriptionAction::cancel: return StripeForm{{"cancel_at_period_end", "true"}};
    case SubscriptionAction::resume:
      if (now.text_at("status") == "paused") return StripeForm{{"billing_cycle_anchor", "now"}};
      return StripeForm{{"pause_collection", k_cleared}};
    case SubscriptionAction::change_plan: break;
  }
  if (change.at_period_end) {
    return tl::unexpected(call_error(
        "refused", "Stripe changes a plan at the end of a period by a schedule: not supported"));
  }
  const auto items = list_at(map_at(now, "items"), "data");
  if (items.size() != 1) {
    return tl::unexpected(
        call_error("refused",
                   "a plan can be changed where the subscription has one item, it has " +
                       std::to_string(items.size())));
  }
  StripeForm form = {{"items[0][id]", std::string(items.front().text_at("id"))},
                     {"items[0][quantity]", std::to_string(change.quantity)},
                     {"proration_behavior", change.prorate ? "always_invoice" : "none"},
                     {"payment_behavior", "error_if_incomplete"},
                     {"metadata[request_id]", change.request_id}};
  if (!change.price) {
    form.insert(form.begin() + 1, {"items[0][price]", change.product_ref});
    return form;
  }
  // A price made for this subscription: of the product that it has, for Stripe takes no name here.
  const std::string product = id_at(map_at(items.front(), "price"), "product");
  if (product.empty())
    return tl::unexpected(bad_reply("the subscription's price names no product", Effect::reads));
  if (!add_price(form, "items[0]", *change.price, product, "")) {
    return tl::unexpected(
        call_error("invalid_input", "Stripe can't say the price of the plan in its currency"));
  }
  add_period(form, "items[0]", change.months);
  return form;
}

}  // namespace vozex::payments
