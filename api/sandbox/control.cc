// SPDX-License-Identifier: Apache-2.0
//
// The part of Core that scripts and tests steer by; README.md has its requests.
#include "api/sandbox/core.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_max_products = 1000;
constexpr std::int64_t k_longest_months = 36;
constexpr std::int64_t k_longest_trial_days = 730;

Outgoing invalid(const std::string& message) {
  return control_error(422, "INVALID_REQUEST_BODY", message);
}

}  // namespace

Outgoing control_error(int status, const std::string& code, const std::string& message) {
  return json_answer(status, {{"code", code}, {"message", message}});
}

Outgoing no_such_thing() { return control_error(404, "NOT_FOUND", "there is no such thing here"); }

json plain_payment(const World& world, const Payment& payment) {
  json disputes = json::array();
  for (const auto& id : payment.disputes) {
    const Dispute& dispute = *world.dispute(id);
    disputes.push_back({{"dispute_id", id}, {"state", dispute.state}, {"amount", dispute.amount}});
  }
  return {{"payment_id", payment.id},
          {"session_id", payment.session_id},
          {"subscription_id", payment.subscription_id},
          {"status", to_string(payment.status)},
          {"amount", payment.amount},
          {"captured", payment.status == PaymentStatus::succeeded ? payment.amount : 0},
          {"refunded", world.refunded(payment)},
          {"refunds", payment.refunds},
          {"disputes", disputes},
          {"currency", payment.currency},
          {"metadata", payment.metadata}};
}

Outgoing Core::control(const Incoming& request, Timestamp now) {
  const auto parts = segments(std::string_view(request.path).substr(9));
  const json body =
      request.body.empty() ? json::object() : json::parse(request.body, nullptr, false);
  if (!body.is_object()) return invalid("expected a JSON object");
  if (parts.size() == 1 && request.method == "GET") return look(parts[0], request, now);
  if (parts.size() == 1 && request.method == "DELETE" && parts[0] == "faults") {
    faults_.clear();
    return json_answer(200, {{"faults", faults_.list()}});
  }
  if (parts.size() == 1 && request.method == "POST") return change(parts[0], body, now);
  if (parts.size() >= 2 && request.method == "POST") return act_on(parts, body, now);
  return no_such_thing();
}

Outgoing Core::look(const std::string& what, const Incoming& request, Timestamp now) {
  if (what == "requests") return json_answer(200, journal_.list(request.query));
  if (what == "deliveries") return json_answer(200, deliveries_.list(request.query));
  if (what == "faults") return json_answer(200, {{"faults", faults_.list()}});
  if (what == "checkouts") return list_sessions(request.query);
  if (what == "payments") return list_payments(request.query);
  if (what == "subscriptions") return list_subscriptions(request.query);
  if (what == "ca.pem") {
    Outgoing answer;
    answer.type = "application/x-pem-file";
    for (const auto& gateway : gateways_) answer.body += gateway->authority();
    return answer;
  }
  if (what == "clock") return json_answer(200, {{"now", format_timestamp(world_time(now))}});
  if (what == "health") {
    return json_answer(200,
                       {{"ok", true},
                        {"requests", journal_.count()},
                        {"deliveries", deliveries_.count()},
                        {"pending_deliveries", deliveries_.pending()},
                        {"webhook_url", webhook_url(*gateways_.front())}});
  }
  return no_such_thing();
}

Outgoing Core::change(const std::string& what, const json& body, Timestamp now) {
  if (what == "clock") return move_clock(body, now);
  if (what == "faults") {
    if (const auto wrong = faults_.add(body)) return invalid(*wrong);
    return json_answer(200, {{"faults", faults_.list()}});
  }
  if (what == "products") return list_product(body);
  if (what == "webhook") {
    const std::string url = text_at(body, "url");
    if (url.empty()) return invalid("expected url");
    const std::string name = text_at(body, "gateway");
    if (name.empty()) {
      webhook_urls_.clear();
      options_.webhook_url = url;
    } else {
      if (gateway_named(name) == nullptr) return invalid("gateway must be one of those there are");
      webhook_urls_[name] = url;
    }
    return json_answer(200, {{"url", url}});
  }
  return no_such_thing();
}

// What a product or plan of the gateways costs from now on, and how it recurs.
Outgoing Core::list_product(const json& body) {
  const auto number = [&](const char* name, std::int64_t otherwise) -> std::int64_t {
    const json given = body.value(name, json(otherwise));
    return given.is_number_integer() ? given.get<std::int64_t>() : -1;
  };
  const std::string name = text_at(body, "product");
  const std::string currency = text_at(body, "currency");
  const ListedProduct listed{number("price", ListedProduct().price),
                             number("months", 1),
                             number("trial_days", 0),
                             currency.empty() ? ListedProduct().currency : currency};
  if (name.empty() || listed.price < 0 || listed.months < 1 || listed.months > k_longest_months ||
      listed.trial_days < 0 || listed.trial_days > k_longest_trial_days) {
    return invalid(
        "expected product, and price (minor units), months (1 to 36), trial_days (0 to 730)");
  }
  if (options_.products.size() >= k_max_products && !options_.products.contains(name))
    return invalid("there are too many products: restart the sandbox");
  options_.products[name] = listed;
  return json_answer(200,
                     {{"product", name},
                      {"price", listed.price},
                      {"months", listed.months},
                      {"trial_days", listed.trial_days},
                      {"currency", listed.currency}});
}

Outgoing Core::list_sessions(const Filter& filter) const {
  json out = json::array();
  const auto limit = limit_of(filter);
  for (const auto& gateway : gateways_) {
    for (const auto& session : gateway->world().sessions()) {
      if (out.size() == limit) break;
      const std::string name(gateway->name());
      if (!passes(filter, session.metadata, {{"gateway", name}}, "", 0)) continue;
      out.push_back({{"id", session.id},
                     {"gateway", name},
                     {"url", gateway->page_of(session)},
                     {"created_at", format_timestamp(session.created_at)},
                     {"metadata", session.metadata},
                     {"amount", session.amount},
                     {"currency", session.currency},
                     {"payments", session.payments}});
    }
  }
  return json_answer(200, {{"checkouts", std::move(out)}});
}

Outgoing Core::list_payments(const Filter& filter) const {
  json out = json::array();
  const auto limit = limit_of(filter);
  for (const auto& gateway : gateways_) {
    for (const auto& payment : gateway->world().payments()) {
      if (out.size() == limit) break;
      const std::string name(gateway->name());
      if (!passes(filter, payment.metadata, {{"gateway", name}}, "", 0)) continue;
      out.push_back(plain_payment(gateway->world(), payment));
      out.back()["gateway"] = name;
    }
  }
  return json_answer(200, {{"payments", std::move(out)}});
}

}  // namespace vozex::sandbox
