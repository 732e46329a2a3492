// SPDX-License-Identifier: Apache-2.0
//
// The part of PayPal that recurs: subscriptions to a plan, and the sales (of API v1) that pay for
// them. A plan that is listed with trial days, or named "...-TRIAL-14D", begins with free days:
// there, the plan itself says so. Its price may be replaced for one subscription.
#include <algorithm>
#include <cstdlib>

#include "api/sandbox/currency.h"
#include "api/sandbox/paypal/paypal.h"

namespace vozex::sandbox {
namespace {

constexpr std::string_view k_trial = "-TRIAL-";

const char* status_of(const Subscription& it) {
  switch (it.status) {
    case SubscriptionStatus::pending: return "APPROVAL_PENDING";
    case SubscriptionStatus::trialing:
    case SubscriptionStatus::active:
    case SubscriptionStatus::past_due: return "ACTIVE";  // billing_info counts the failures
    case SubscriptionStatus::on_hold:
    case SubscriptionStatus::paused: return "SUSPENDED";
    case SubscriptionStatus::cancelled: return "CANCELLED";
    case SubscriptionStatus::expired: return "EXPIRED";
  }
  return "APPROVAL_PENDING";
}

std::int64_t trial_days_in(const std::string& name) {
  const auto at = name.find(k_trial);
  return at == std::string::npos ? 0 : std::strtol(name.c_str() + at + k_trial.size(), nullptr, 10);
}

std::int64_t quantity_of(const json& body) {
  const auto text = text_at(body, "quantity");
  return text.empty() ? 1 : std::max(1L, std::strtol(text.c_str(), nullptr, 10));
}

// What is asked for instead of the plan's own price, for its regular cycle.
tl::expected<Line, Outgoing> with_price(Line line,
                                        const json& body,
                                        bool trial,
                                        std::string& currency) {
  const json cycles = object_at(body, "plan").value("billing_cycles", json::array());
  for (const json& cycle : cycles) {
    const json price = object_at(object_at(cycle, "pricing_scheme"), "fixed_price");
    const bool regular = cycle.is_object() && cycle.value("sequence", json()) == (trial ? 2 : 1);
    const auto minor = minor_of(text_at(price, "value"), text_at(price, "currency_code"));
    if (!regular || !minor) {
      return tl::unexpected(paypal_error(422,
                                         "UNPROCESSABLE_ENTITY",
                                         "INVALID_BILLING_CYCLE_SEQUENCE",
                                         "the plan has no such regular cycle with a price"));
    }
    line.unit = *minor;
    currency = text_at(price, "currency_code");
  }
  return line;
}

Outgoing no_content() {
  Outgoing answer;
  answer.status = 204;
  return answer;
}

}  // namespace

json paypal_subscription(const World& world, const Subscription& it) {
  json billing = {
      {"outstanding_balance",
       paypal_money(it.failed_attempts > 0 ? it.plan.unit * it.plan.quantity : 0, it.currency)},
      {"failed_payments_count", it.failed_attempts}};
  if (!it.cancelled_at) billing["next_billing_time"] = format_timestamp(it.period_end);
  for (const auto& id : it.payments) {
    const Payment& payment = *world.payment(id);
    const json told = {{"amount", paypal_money(payment.amount, payment.currency)},
                       {"time", format_timestamp(payment.created_at)}};
    if (payment.status == PaymentStatus::succeeded) {
      billing["last_payment"] = told;
    } else {
      billing["last_failed_payment"] = told;
      billing["last_failed_payment"]["reason_code"] = "PAYMENT_DENIED";
      if (it.next_attempt)
        billing["last_failed_payment"]["next_payment_retry_date"] =
            format_timestamp(*it.next_attempt);
    }
  }
  return {{"id", it.id},
          {"status", status_of(it)},
          {"plan_id", it.plan.product},
          {"quantity", std::to_string(it.plan.quantity)},
          {"custom_id", it.metadata.value("subscription_id", "")},
          {"subscriber", {{"payer_id", it.customer.at("id")}}},
          {"create_time", format_timestamp(it.created_at)},
          {"billing_info", std::move(billing)}};
}

json paypal_plan(const std::string& id, const ListedProduct& plan) {
  json cycles = json::array();
  if (plan.trial_days > 0) {
    cycles.push_back(
        {{"tenure_type", "TRIAL"},
         {"sequence", 1},
         {"total_cycles", 1},
         {"frequency", {{"interval_unit", "DAY"}, {"interval_count", plan.trial_days}}}});
  }
  cycles.push_back(
      {{"tenure_type", "REGULAR"},
       {"sequence", cycles.size() + 1},
       {"total_cycles", 0},
       {"frequency", {{"interval_unit", "MONTH"}, {"interval_count", plan.months}}},
       {"pricing_scheme", {{"fixed_price", paypal_money(plan.price, plan.currency)}}}});
  return {{"id", id},
          {"status", "ACTIVE"},
          {"quantity_supported", true},
          {"billing_cycles", std::move(cycles)}};
}

json paypal_sale(const World& world, const Payment& payment) {
  const bool taken = payment.status == PaymentStatus::succeeded;
  const bool back = taken && world.refunded(payment) == payment.amount;
  const Subscription* subscription = world.subscription(payment.subscription_id);
  return {
      {"id", payment.id},
      {"state",
       back    ? "refunded"
       : taken ? "completed"
               : "denied"},
      {"amount",
       {{"total", decimal_text(payment.amount, payment.currency)}, {"currency", payment.currency}}},
      {"billing_agreement_id", payment.subscription_id},
      {"custom",
       subscription == nullptr ? "" : subscription->metadata.value("subscription_id", "")},
      {"create_time", format_timestamp(payment.created_at)}};
}

json paypal_sale_refund(const World& world, const Refund& refund) {
  const Payment& payment = *world.payment(refund.payment_id);
  return {
      {"id", refund.id},
      {"sale_id", refund.payment_id},
      {"state", refund.status == RefundStatus::failed ? "failed" : "completed"},
      {"amount",
       {{"total", decimal_text(refund.amount, refund.currency)}, {"currency", refund.currency}}},
      {"total_refunded_amount", paypal_money(world.refunded(payment), refund.currency)},
      {"create_time", format_timestamp(refund.created_at)}};
}

std::vector<Event> PayPal::told_of_subscription(const Happening& happening) const {
  const auto event = [&](const char* word) {
    return std::vector<Event>{{std::string("BILLING.SUBSCRIPTION.") + word, happening.id, {}}};
  };
  const What what = happening.what;
  if (what == What::subscription_started || what == What::subscription_resumed)
    return event("ACTIVATED");
  if (what == What::subscription_charge_failed) return event("PAYMENT.FAILED");
  if (what == What::subscription_on_hold || what == What::subscription_paused)
    return event("SUSPENDED");
  if (what == What::subscription_changed) return event("UPDATED");
  if (what == What::subscription_cancelled) return event("CANCELLED");
  return {};
}

Outgoing PayPal::create_subscription(const json& body, Timestamp now) {
  Session session;
  const std::string plan = text_at(body, "plan_id");
  if (plan.empty())
    return paypal_error(400, "INVALID_REQUEST", "MISSING_REQUIRED_PARAMETER", "plan_id is missing");
  session.currency = "USD";
  const std::int64_t trial_days = std::max(listed(plan).trial_days, trial_days_in(plan));
  auto line = with_price(line_of(plan), body, trial_days > 0, session.currency);
  if (!line) return line.error();
  line->quantity = quantity_of(body);
  session.cart = {*line};
  session.amount = line->unit * line->quantity;
  session.metadata = {{"subscription_id", text_at(body, "custom_id")}};
  session.return_url = text_at(object_at(body, "application_context"), "return_url");
  session.id = world().rules().new_id(Kind::subscription);
  session.terms = Terms{trial_days, session.metadata, session.id};
  const auto opened = world().open(std::move(session), now);
  if (!opened) return paypal_error(503, "SERVICE_UNAVAILABLE", "", "restart the sandbox");
  return json_answer(
      201,
      {{"id", (*opened)->id},
       {"status", "APPROVAL_PENDING"},
       {"links", {{{"href", page_of(**opened)}, {"rel", "approve"}, {"method", "GET"}}}}});
}

Outgoing PayPal::subscriptions(const Incoming& request,
                               const std::vector<std::string>& rest,
                               Timestamp now) {
  const bool post = request.method == "POST";
  const json body = json::parse(request.body, nullptr, false);
  if (post && rest.empty()) return create_subscription(body, now);
  const Subscription* it = rest.empty() ? nullptr : world().subscription(rest[0]);
  if (it == nullptr) {
    const Session* waiting = rest.size() == 1 ? world().session(rest[0]) : nullptr;
    if (waiting == nullptr || post) return paypal_missing();
    return json_answer(200, {{"id", waiting->id}, {"status", "APPROVAL_PENDING"}});
  }
  if (!post) return json_answer(200, paypal_subscription(world(), *it));
  Change change;
  change.subscription_id = it->id;
  if (rest.size() == 2 && rest[1] == "capture") {  // what is still to be paid
    change.action = "charge";
    if (!world().change(change, now)) return paypal_missing();
    const Payment& attempt = *world().payment(it->payments.back());
    const bool taken = attempt.status == PaymentStatus::succeeded;
    return json_answer(202, {{"id", attempt.id}, {"status", taken ? "COMPLETED" : "DECLINED"}});
  }
  const std::string verb = rest.size() == 2 ? rest[1] : std::string();
  if (verb == "suspend") change.action = "pause";
  if (verb == "activate") change.action = "resume";
  if (verb == "cancel") change.action = "cancel";
  if (verb == "revise") {
    change.action = "change_plan";
    const std::string plan = text_at(body, "plan_id");
    const bool trial = std::max(listed(plan).trial_days, trial_days_in(plan)) > 0;
    std::string currency = it->currency;
    const auto line = with_price(line_of(plan), body, trial, currency);
    if (!line) return line.error();
    if (currency != it->currency) {
      return paypal_error(
          422, "UNPROCESSABLE_ENTITY", "CURRENCY_MISMATCH", "a subscription stays in its currency");
    }
    change.plan = *line;
    change.plan.quantity = quantity_of(body);
    change.prorate = false;  // PayPal charges the new price from the next period on
  }
  if (change.action.empty()) return paypal_missing();
  if (!world().change(change, now)) {
    return paypal_error(422,
                        "UNPROCESSABLE_ENTITY",
                        "SUBSCRIPTION_STATUS_INVALID",
                        "not as the subscription stands");
  }
  return verb == "revise" ? json_answer(200, paypal_subscription(world(), *it)) : no_content();
}

}  // namespace vozex::sandbox
