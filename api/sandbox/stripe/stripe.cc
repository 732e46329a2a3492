// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/stripe/stripe.h"

#include <algorithm>
#include <cstdlib>

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_default_page = 10;
constexpr std::size_t k_max_page = 100;
constexpr std::size_t k_max_kept = 200'000;

std::string stripe_id(Kind kind) {
  switch (kind) {
    case Kind::session: return new_id("cs_test_");
    case Kind::payment: return new_id("pi_");
    case Kind::charge: return new_id("ch_");
    case Kind::refund: return new_id("re_");
    case Kind::dispute: return new_id("du_");
    case Kind::subscription: return new_id("sub_");
    case Kind::invoice: return new_id("in_");
    case Kind::customer: return new_id("cus_");
  }
  return new_id("");
}

std::size_t page_size(const Filter& query) {
  const auto limit = value_of(query, "limit");
  if (limit.empty()) return k_default_page;
  return std::clamp<std::size_t>(std::strtoull(limit.c_str(), nullptr, 10), 1, k_max_page);
}

std::string key_of(const Incoming& request) {
  const auto key = request.headers.find("idempotency-key");
  return request.method != "POST" || key == request.headers.end() ? std::string() : key->second;
}

Outgoing invalid(const std::string& code, const std::string& message) {
  return stripe_error(400, "invalid_request_error", code, message);
}

Outgoing refused(Refusal refusal, const std::string& id) {
  switch (refusal) {
    case Refusal::not_found: return stripe_missing(id);
    case Refusal::not_paid:
      return invalid("payment_intent_unexpected_state",
                     "This PaymentIntent does not have a successful charge to refund.");
    case Refusal::already_refunded:
      return invalid("charge_already_refunded", "Charge has already been refunded.");
    case Refusal::too_much:
      return invalid("amount_too_large",
                     "Refund amount is greater than unrefunded amount on charge");
    case Refusal::disputed:
      return invalid("charge_disputed", "The charge has been charged back; cannot issue a refund.");
    case Refusal::full: return stripe_error(503, "api_error", "", "restart the sandbox");
    case Refusal::declined:
      return stripe_error(402, "card_error", "card_declined", "Your card was declined.");
    case Refusal::wrong_state: break;
  }
  return invalid("payment_intent_unexpected_state", "not as things stand");
}

}  // namespace

Outgoing stripe_error(int status,
                      const std::string& type,
                      const std::string& code,
                      const std::string& message) {
  json error = {{"type", type}, {"message", message}};
  if (!code.empty()) error["code"] = code;
  return json_answer(status, {{"error", std::move(error)}});
}

Outgoing stripe_missing(const std::string& id) {
  return stripe_error(404, "invalid_request_error", "resource_missing", "No such object: " + id);
}

Stripe::Stripe(const SandboxOptions& options, Faults& faults)
    : Gateway({.new_id = stripe_id,
               .attempts_share_payment = true,
               .refunds_while_disputed = false,
               .retry_days = {3, 5, 7}},
              options,
              faults) {}

// A refund says which payment it is of: the payment's references are its, too.
json Stripe::metadata_of(const Incoming& request) const {
  const Filter form = parse_form(request.body);
  json metadata = json::object();
  if (const Payment* payment = payment_named(form)) metadata = payment->metadata;
  metadata.update(stripe_metadata(form));
  return metadata;
}

bool Stripe::admits(const Incoming& request) const {
  return request.authorization == "Bearer " + options().api_key;
}

Outgoing Stripe::refusal(int status) const {
  if (status == 401)
    return stripe_error(401, "invalid_request_error", "", "Invalid API Key provided");
  if (status == 429)
    return stripe_error(429, "invalid_request_error", "rate_limit", "Too many requests");
  return stripe_error(status, "api_error", "", "the sandbox was told to fail");
}

std::optional<Outgoing> Stripe::replay(const Incoming& request) const {
  const auto found = kept_.find(key_of(request));
  if (found == kept_.end()) return std::nullopt;
  if (found->second.request != request.path + "\n" + request.body) {
    return stripe_error(400,
                        "idempotency_error",
                        "idempotency_error",
                        "Keys for idempotent requests can only be used with the same parameters "
                        "they were first used with.");
  }
  auto answer = found->second.answer;
  answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

// Nothing is kept of a request that was wrong in itself.
void Stripe::remember(const Incoming& request, const Outgoing& done, const Outgoing& said) {
  const Outgoing& answer = said.wire == Wire::send ? said : done;
  const auto key = key_of(request);
  if (key.empty() || (answer.status >= 400 && answer.status < 500)) return;
  if (kept_order_.size() == k_max_kept) {
    kept_.erase(kept_order_.front());
    kept_order_.pop_front();
  }
  if (kept_.try_emplace(key, Kept{request.path + "\n" + request.body, answer}).second)
    kept_order_.push_back(key);
}

Outgoing Stripe::work(const Incoming& request, Timestamp now) {
  auto parts = segments(request.path);  // "", "v1", ...
  if (parts.size() < 3 || parts[1] != "v1") return stripe_missing(request.path);
  const std::string what = parts[2];
  const std::vector<std::string> rest(parts.begin() + 3, parts.end());
  if (what == "checkout" && !rest.empty() && rest[0] == "sessions")
    return sessions(request, {rest.begin() + 1, rest.end()}, now);
  if (what == "payment_intents") return intents(request, rest, now);
  if (what == "charges") return charges(request, rest);
  if (what == "refunds") return refunds(request, rest, now);
  if (what == "subscriptions") return subscriptions(request, rest, now);
  if (what == "invoices" || what == "invoice_payments") return invoices(request, rest, now);
  if (what == "prices" && rest.size() == 1 && request.method == "GET") {
    const ListedProduct* price = on_list(rest[0]);
    return price == nullptr ? stripe_missing(rest[0])
                            : json_answer(200, stripe_price(rest[0], *price));
  }
  if (what == "balance" && rest.empty())
    return json_answer(200, {{"object", "balance"}, {"livemode", false}});
  return stripe_missing(request.path);
}

json Stripe::shown(const Session& session) const {
  return stripe_session(world(), session, page_of(session));
}

Outgoing Stripe::sessions(const Incoming& request,
                          const std::vector<std::string>& rest,
                          Timestamp now) {
  const bool post = request.method == "POST";
  if (rest.empty())
    return post ? create_session(parse_form(request.body), now) : list_sessions(request);
  Session* session = world().session(rest[0]);
  if (session == nullptr) return stripe_missing(rest[0]);
  if (post && rest.size() == 2 && rest[1] == "expire") {
    if (const auto expired = world().expire(*session); !expired)
      return invalid("", "Only Checkout Sessions with a status in [\"open\"] can be expired.");
  } else if (post || rest.size() > 1) {
    return stripe_missing(request.path);
  }
  return json_answer(200, shown(*session));
}

Outgoing Stripe::create_session(const Filter& form, Timestamp now) {
  auto wanted = read_stripe_session(form, [this](const auto& price) { return line_of(price); });
  if (!wanted) return wanted.error();
  const auto session = world().open(*std::move(wanted), now);
  return session ? json_answer(200, shown(**session)) : refused(session.error(), "");
}

// Newest first, as there.
Outgoing Stripe::list_sessions(const Incoming& request) const {
  const auto since = value_of(request.query, "created[gte]");
  const auto first = Timestamp(std::chrono::seconds(std::strtoll(since.c_str(), nullptr, 10)));
  const auto size = page_size(request.query);
  std::string after = value_of(request.query, "starting_after");
  json data = json::array();
  bool more = false;
  const auto& sessions = world().sessions();
  for (auto it = sessions.rbegin(); it != sessions.rend() && !more; ++it) {
    if (!after.empty()) {
      if (it->id == after) after.clear();
      continue;
    }
    if (it->created_at < first) break;
    more = data.size() == size;
    if (!more) data.push_back(shown(*it));
  }
  return json_answer(200, stripe_list(std::move(data), more, "/v1/checkout/sessions"));
}

Outgoing Stripe::intents(const Incoming& request,
                         const std::vector<std::string>& rest,
                         Timestamp now) {
  const Payment* payment = rest.empty() ? nullptr : world().payment(rest[0]);
  if (payment == nullptr) return stripe_missing(rest.empty() ? request.path : rest[0]);
  if (request.method == "POST" && rest.size() == 2 && rest[1] == "capture") {
    const auto captured = world().capture(payment->id, now);
    if (!captured) return refused(captured.error(), payment->id);
  } else if (request.method != "GET" || rest.size() > 1) {
    return stripe_missing(request.path);
  }
  const Filter form = parse_form(request.body);
  const bool expanded = value_of(request.query, "expand[]") == "latest_charge" ||
                        value_of(form, "expand[]") == "latest_charge";
  return json_answer(200, stripe_intent(world(), *payment, expanded));
}

Outgoing Stripe::charges(const Incoming& request, const std::vector<std::string>& rest) const {
  const Payment* payment = rest.size() == 1 ? world().payment_of_charge(rest[0]) : nullptr;
  if (payment == nullptr || request.method != "GET")
    return stripe_missing(rest.empty() ? request.path : rest[0]);
  return json_answer(200, stripe_charge(world(), *payment));
}

const Payment* Stripe::payment_named(const Filter& form) const {
  const Payment* payment = world().payment(value_of(form, "payment_intent"));
  return payment != nullptr ? payment : world().payment_of_charge(value_of(form, "charge"));
}

Outgoing Stripe::refunds(const Incoming& request,
                         const std::vector<std::string>& rest,
                         Timestamp now) {
  const bool get = request.method == "GET";
  if (rest.empty())
    return get ? list_refunds(request) : create_refund(parse_form(request.body), now);
  const Refund* refund = get && rest.size() == 1 ? world().refund(rest[0]) : nullptr;
  return refund == nullptr ? stripe_missing(rest[0])
                           : json_answer(200, stripe_refund(world(), *refund));
}

Outgoing Stripe::create_refund(const Filter& form, Timestamp now) {
  const Payment* payment = payment_named(form);
  if (payment == nullptr) return stripe_missing(value_of(form, "payment_intent"));
  RefundAsk ask;
  ask.payment_id = payment->id;
  ask.reason = value_of(form, "reason");
  ask.metadata = stripe_metadata(form);
  if (const auto amount = value_of(form, "amount"); !amount.empty())
    ask.amount = std::strtoll(amount.c_str(), nullptr, 10);
  json about = payment->metadata;
  about.update(ask.metadata);
  ask.status = refund_status(about);
  const auto refund = world().refund(ask, now);
  return refund ? json_answer(200, stripe_refund(world(), **refund))
                : refused(refund.error(), payment->id);
}

// Newest first, as there.
Outgoing Stripe::list_refunds(const Incoming& request) const {
  const Payment* payment = payment_named(request.query);
  const auto size = page_size(request.query);
  json data = json::array();
  bool more = false;
  const auto& ids = payment == nullptr ? world().refund_ids() : payment->refunds;
  for (auto it = ids.rbegin(); it != ids.rend() && !more; ++it) {
    more = data.size() == size;
    if (!more) data.push_back(stripe_refund(world(), *world().refund(*it)));
  }
  return json_answer(200, stripe_list(std::move(data), more, "/v1/refunds"));
}

std::unique_ptr<Gateway> make_stripe(const SandboxOptions& options, Faults& faults) {
  return std::make_unique<Stripe>(options, faults);
}

}  // namespace vozex::sandbox
