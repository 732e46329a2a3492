// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/paypal/paypal.h"

#include <algorithm>

#include "api/sandbox/crypto.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_max_tokens = 1000;
constexpr std::size_t k_max_kept = 200'000;
constexpr std::string_view k_certificates = "/v1/notifications/certs/";
constexpr std::string_view k_token = "/v1/oauth2/token";

std::string paypal_id(Kind kind) {
  constexpr std::string_view k_letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  if (kind == Kind::dispute) return "PP-D-" + random_letters("0123456789", 8);
  if (kind == Kind::subscription) return "I-" + random_letters(k_letters, 12);
  return random_letters(k_letters, 17);
}

std::string key_of(const Incoming& request) {
  const auto key = request.headers.find("paypal-request-id");
  if (request.method != "POST" || key == request.headers.end()) return {};
  return request.path + " " + key->second;
}

Outgoing unprocessable(const std::string& issue, const std::string& description) {
  return paypal_error(422, "UNPROCESSABLE_ENTITY", issue, description);
}

Outgoing refused(Refusal refusal) {
  switch (refusal) {
    case Refusal::not_found: return paypal_missing();
    case Refusal::not_paid: return unprocessable("PENDING_CAPTURE", "the capture isn't completed");
    case Refusal::already_refunded:
      return unprocessable("CAPTURE_FULLY_REFUNDED", "the capture has been refunded");
    case Refusal::too_much:
      return unprocessable("REFUND_AMOUNT_EXCEEDED", "more than is left of the capture");
    case Refusal::disputed:
      return unprocessable("TRANSACTION_DISPUTED", "a dispute of the capture is open");
    case Refusal::full: return paypal_error(503, "SERVICE_UNAVAILABLE", "", "restart the sandbox");
    case Refusal::declined:
      return unprocessable("INSTRUMENT_DECLINED", "the card or account was declined");
    case Refusal::wrong_state: break;
  }
  return unprocessable("INVALID_STATE", "not as things stand");
}

}  // namespace

Outgoing paypal_error(int status,
                      const std::string& name,
                      const std::string& issue,
                      const std::string& description) {
  json details = json::array();
  if (!issue.empty()) details.push_back({{"issue", issue}, {"description", description}});
  return json_answer(status,
                     {{"name", name},
                      {"message", description},
                      {"debug_id", random_letters("0123456789abcdef", 13)},
                      {"details", std::move(details)}});
}

Outgoing paypal_missing() {
  return paypal_error(
      404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID", "the resource does not exist");
}

PayPal::PayPal(const SandboxOptions& options, Faults& faults)
    : Gateway({.new_id = paypal_id,
               .attempts_share_payment = false,
               .refunds_while_disputed = false,
               .retry_days = {5, 5}},
              options,
              faults) {}

// Of an order its own; of what follows, those of the order or the capture that the path names.
json PayPal::metadata_of(const Incoming& request) const {
  const json body = json::parse(request.body, nullptr, false);
  const auto parts = segments(request.path);
  json metadata = json::object();
  if (parts.size() > 4) {
    if (const Session* session = world().session(parts[4])) metadata = session->payment_metadata;
    if (const Payment* payment = world().payment(parts[4])) metadata = payment->metadata;
  }
  if (request.method != "POST") return metadata;
  if (const auto asked = read_paypal_order(body)) metadata = asked->payment_metadata;
  if (request.path.ends_with("/refund")) metadata["request_id"] = text_at(body, "custom_id");
  return metadata;
}

bool PayPal::admits(const Incoming& request) const {
  if (request.path == k_token || request.path.starts_with(k_certificates)) return true;
  for (const auto& token : tokens_) {
    if (request.authorization == "Bearer " + token) return true;
  }
  return false;
}

Outgoing PayPal::refusal(int status) const {
  if (status == 401)
    return json_answer(401, {{"error", "invalid_token"}, {"error_description", "Token signature"}});
  if (status == 429) return paypal_error(429, "RATE_LIMIT_REACHED", "", "too many requests");
  return paypal_error(status, "INTERNAL_SERVER_ERROR", "", "the sandbox was told to fail");
}

// What was done is not done again: 200 instead of 201.
std::optional<Outgoing> PayPal::replay(const Incoming& request) const {
  const auto key = key_of(request);
  const auto found = key.empty() ? kept_.end() : kept_.find(key);
  if (found == kept_.end()) return std::nullopt;
  Outgoing answer;
  answer.body = found->second;
  return answer;
}

void PayPal::remember(const Incoming& request, const Outgoing& done, const Outgoing&) {
  const auto key = key_of(request);
  if (key.empty() || done.status >= 300) return;
  if (kept_order_.size() == k_max_kept) {
    kept_.erase(kept_order_.front());
    kept_order_.pop_front();
  }
  if (kept_.try_emplace(key, done.body).second) kept_order_.push_back(key);
}

void PayPal::pay(Session& session, bool delayed, Timestamp now) {
  if (session.terms) {
    world().subscribe(session, now);
    return;
  }
  session.extra["delayed"] = delayed;
  world().approve(session, false);
}

void PayPal::decline(Session& session, Timestamp) { world().approve(session, true); }

Outgoing PayPal::work(const Incoming& request, Timestamp now) {
  const bool get = request.method == "GET";
  const auto parts = segments(request.path);  // "", "v2", ...
  if (request.path == k_token) return token(request);
  if (get && request.path.starts_with(k_certificates)) {
    if (request.path.substr(k_certificates.size()) != authority_.name()) return paypal_missing();
    Outgoing answer;
    answer.type = "text/plain";
    answer.body = authority_.certificate();
    return answer;
  }
  if (parts.size() < 4) return paypal_missing();
  const std::string what = parts[1] + "/" + parts[2] + "/" + parts[3];
  const std::vector<std::string> rest(parts.begin() + 4, parts.end());
  if (what == "v2/checkout/orders") return orders(request, rest, now);
  if (what == "v1/billing/subscriptions") return subscriptions(request, rest, now);
  if (get && rest.size() == 1 && what == "v1/billing/plans") {
    const ListedProduct* plan = on_list(rest[0]);
    return plan == nullptr ? paypal_missing() : json_answer(200, paypal_plan(rest[0], *plan));
  }
  if (get && rest.size() == 1 && what == "v1/payments/sale") {
    const Payment* payment = world().payment(rest[0]);
    return payment == nullptr ? paypal_missing() : json_answer(200, paypal_sale(world(), *payment));
  }
  if (what == "v2/payments/captures") return captures(request, rest, now);
  if (get && rest.size() == 1 && what == "v2/payments/refunds") {
    const Refund* refund = world().refund(rest[0]);
    return refund == nullptr ? paypal_missing()
                             : json_answer(200, paypal_refund(world(), *refund, base_url()));
  }
  if (get && rest.size() == 1 && what == "v1/payments/refund") {  // of a sale
    const Refund* refund = world().refund(rest[0]);
    return refund == nullptr ? paypal_missing()
                             : json_answer(200, paypal_sale_refund(world(), *refund));
  }
  if (get && rest.size() == 1 && what == "v1/customer/disputes") {
    const Dispute* dispute = world().dispute(rest[0]);
    return dispute == nullptr ? paypal_missing()
                              : json_answer(200, paypal_dispute(world(), *dispute, base_url()));
  }
  return paypal_missing();
}

Outgoing PayPal::token(const Incoming& request) {
  constexpr std::string_view k_basic = "Basic ";
  std::string credentials;
  if (request.authorization.starts_with(k_basic))
    credentials = from_base64(request.authorization.substr(k_basic.size()));
  if (!credentials.ends_with(":" + options().api_key)) {
    return json_answer(
        401, {{"error", "invalid_client"}, {"error_description", "Client Authentication failed"}});
  }
  if (tokens_.size() == k_max_tokens) tokens_.pop_front();
  tokens_.push_back(new_id("A21AA"));
  return json_answer(200,
                     {{"access_token", tokens_.back()},
                      {"token_type", "Bearer"},
                      {"app_id", "APP-SANDBOX"},
                      {"expires_in", 28800},
                      {"scope", "https://uri.paypal.com/services/payments/realtimepayment"}});
}

json PayPal::order(const Session& session) const {
  return paypal_order(world(), session, base_url(), page_of(session));
}

Outgoing PayPal::orders(const Incoming& request,
                        const std::vector<std::string>& rest,
                        Timestamp now) {
  const bool post = request.method == "POST";
  if (post && rest.empty()) return create_order(json::parse(request.body, nullptr, false), now);
  Session* session = rest.empty() ? nullptr : world().session(rest[0]);
  if (session == nullptr || session->status == SessionStatus::expired) return paypal_missing();
  if (post && rest.size() == 2 && rest[1] == "capture") return capture_order(*session, now);
  if (post || rest.size() > 1) return paypal_missing();
  return json_answer(200, order(*session));
}

Outgoing PayPal::create_order(const json& body, Timestamp now) {
  auto wanted = read_paypal_order(body);
  if (!wanted) return wanted.error();
  const auto session = world().open(*std::move(wanted), now);
  return session ? json_answer(201, order(**session)) : refused(session.error());
}

Outgoing PayPal::capture_order(Session& session, Timestamp now) {
  if (session.status == SessionStatus::complete)
    return unprocessable("ORDER_ALREADY_CAPTURED", "the order has been captured");
  if (session.status != SessionStatus::approved)
    return unprocessable("ORDER_NOT_APPROVED", "the buyer hasn't agreed yet");
  if (session.declines) {
    attempt(session, PaymentStatus::failed, now);
    session.status = SessionStatus::open;  // the buyer may come back with another card
    return unprocessable("INSTRUMENT_DECLINED", "the card or account was declined");
  }
  const bool delayed = session.extra.value("delayed", false);
  attempt(session, delayed ? PaymentStatus::processing : PaymentStatus::succeeded, now);
  return json_answer(201, order(session));
}

Outgoing PayPal::captures(const Incoming& request,
                          const std::vector<std::string>& rest,
                          Timestamp now) {
  const bool post = request.method == "POST";
  const Payment* payment = rest.empty() ? nullptr : world().payment(rest[0]);
  if (payment == nullptr) return paypal_missing();
  if (post && rest.size() == 2 && rest[1] == "refund")
    return create_refund(*payment, json::parse(request.body, nullptr, false), now);
  if (post || rest.size() > 1) return paypal_missing();
  return json_answer(200, paypal_capture(world(), *payment, base_url()));
}

Outgoing PayPal::create_refund(const Payment& payment, const json& body, Timestamp now) {
  auto ask = read_paypal_refund(body, payment);
  if (!ask) return ask.error();
  json about = payment.metadata;
  about.update(ask->metadata);
  ask->status = refund_status(about);
  const auto refund = world().refund(*ask, now);
  return refund ? json_answer(201, paypal_refund(world(), **refund, base_url()))
                : refused(refund.error());
}

std::unique_ptr<Gateway> make_paypal(const SandboxOptions& options, Faults& faults) {
  return std::make_unique<PayPal>(options, faults);
}

}  // namespace vozex::sandbox
