// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/dodo/dodo.h"

#include <algorithm>
#include <cstdlib>

#include "api/sandbox/crypto.h"
#include "api/sandbox/dodo/checkout_input.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_default_page = 10;
constexpr std::size_t k_max_page = 100;

std::string dodo_id(Kind kind) {
  switch (kind) {
    case Kind::session: return new_id("cks_");
    case Kind::payment: return new_id("pay_");
    case Kind::charge: return new_id("chg_");
    case Kind::refund: return new_id("ref_");
    case Kind::dispute: return new_id("dp_");
    case Kind::subscription: return new_id("sub_");
    case Kind::invoice: return new_id("inv_");
    case Kind::customer: return new_id("cus_");
  }
  return new_id("");
}

struct Page {
  std::size_t size = k_default_page;
  std::size_t number = 0;
};

std::size_t number_of(const Filter& query, const std::string& name, std::size_t otherwise) {
  const auto found = query.find(name);
  return found == query.end() ? otherwise : std::strtoull(found->second.c_str(), nullptr, 10);
}

Page page_wanted(const Filter& query) {
  return {std::min(k_max_page, number_of(query, "page_size", k_default_page)),
          number_of(query, "page_number", 0)};
}

std::optional<Timestamp> time_of(const Filter& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? std::nullopt : parse_timestamp(found->second);
}

bool text_passes(const Filter& query, const std::string& name, const std::string& value) {
  const auto found = query.find(name);
  return found == query.end() || found->second == value;
}

Outgoing not_found() { return dodo_error(404, "NOT_FOUND", "there is no such thing here"); }

Outgoing refused(Refusal refusal) {
  switch (refusal) {
    case Refusal::not_found: return dodo_error(404, "PAYMENT_NOT_FOUND", "no such payment");
    case Refusal::not_paid: return dodo_error(409, "PAYMENT_NOT_SUCCEEDED", "nothing was taken");
    case Refusal::already_refunded:
      return dodo_error(409, "PAYMENT_ALREADY_REFUNDED", "the payment has been refunded");
    case Refusal::too_much:
      return dodo_error(422, "REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT", "more than is left of it");
    case Refusal::full: return dodo_error(503, "SANDBOX_FULL", "restart the sandbox");
    case Refusal::declined: return dodo_error(409, "CARD_DECLINED", "the card was declined");
    case Refusal::disputed:
    case Refusal::wrong_state: break;
  }
  return dodo_error(409, "INVALID_STATE", "not as things stand");
}

}  // namespace

Outgoing dodo_error(int status, const std::string& code, const std::string& message) {
  return json_answer(status, {{"code", code}, {"message", message}});
}

Dodo::Dodo(const SandboxOptions& options, Faults& faults)
    : Gateway({.new_id = dodo_id,
               .attempts_share_payment = false,
               .refunds_while_disputed = true,
               .retry_days = {}},
              options,
              faults) {
  std::string secret = options.webhook_secret;
  if (secret.starts_with("whsec_")) secret.erase(0, 6);
  key_ = from_base64(secret);
}

json Dodo::metadata_of(const Incoming& request) const {
  return object_at(json::parse(request.body, nullptr, false), "metadata");
}

bool Dodo::admits(const Incoming& request) const {
  return request.authorization == "Bearer " + options().api_key;
}

Outgoing Dodo::refusal(int status) const {
  if (status == 401) return dodo_error(401, "UNAUTHORIZED", "the API key is missing or wrong");
  if (status == 429) return dodo_error(429, "TOO_MANY_REQUESTS", "slow down");
  return dodo_error(status, "INTERNAL_SERVER_ERROR", "the sandbox was told to fail");
}

void Dodo::cancel(Session& session, Timestamp now) {
  attempt(session, PaymentStatus::cancelled, now);
}

Outgoing Dodo::work(const Incoming& request, Timestamp now) {
  const bool get = request.method == "GET";
  const std::string& path = request.path;
  if (request.method == "POST") {
    const json body = json::parse(request.body, nullptr, false);
    if (path == "/checkouts") return create_checkout(body, now);
    if (path == "/refunds") return create_refund(body, now);
  }
  if (path.starts_with("/subscriptions/")) {
    const auto parts = segments(path.substr(15));
    const json body = json::parse(request.body, nullptr, false);
    const bool plan = parts.size() == 2 && parts[1] == "change-plan" && request.method == "POST";
    if (plan || (parts.size() == 1 && request.method == "PATCH"))
      return change_subscription(parts[0], body, plan, now);
    const Subscription* found = get && parts.size() == 1 ? world().subscription(parts[0]) : nullptr;
    return found == nullptr ? not_found() : json_answer(200, dodo_subscription(*found));
  }
  if (get && path.starts_with("/products/")) {
    const std::string id = path.substr(10);
    const ListedProduct* product = on_list(id);
    return product == nullptr ? not_found() : json_answer(200, dodo_product(id, *product));
  }
  if (get && path == "/payments") return list_payments(request);
  if (get && path == "/refunds") return list_refunds(request);
  if (get && path.starts_with("/payments/")) return one_payment(path.substr(10));
  if (get && path.starts_with("/refunds/")) {
    const Refund* refund = world().refund(path.substr(9));
    return refund == nullptr ? not_found() : json_answer(200, dodo_refund(world(), *refund));
  }
  if (get && path.starts_with("/checkouts/")) {
    const Session* session = world().session(path.substr(11));
    return session == nullptr ? not_found() : json_answer(200, dodo_session(world(), *session));
  }
  return not_found();
}

Outgoing Dodo::create_checkout(const json& body, Timestamp now) {
  auto wanted = read_dodo_checkout(body, [this](const auto& product) { return line_of(product); });
  if (!wanted) return wanted.error();
  const auto session = world().open(*std::move(wanted), now);
  if (!session) return refused(session.error());
  return json_answer(200,
                     {{"session_id", (*session)->id},
                      {"checkout_url", page_of(**session)},
                      {"payment_id", nullptr},
                      {"client_secret", nullptr},
                      {"publishable_key", nullptr}});
}

Outgoing Dodo::create_refund(const json& body, Timestamp now) {
  auto ask = read_dodo_refund(body);
  if (!ask) return ask.error();
  const Payment* payment = world().payment(ask->payment_id);
  if (payment != nullptr && !ask->amount) {
    const auto back = world().refunded(*payment);
    if (back > 0 && back < payment->amount) {
      return dodo_error(
          422, "REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT", "a part has been refunded: name the items");
    }
  }
  ask->status = refund_status(ask->metadata);
  const auto refund = world().refund(*ask, now);
  return refund ? json_answer(200, dodo_refund(world(), **refund)) : refused(refund.error());
}

Outgoing Dodo::one_payment(const std::string& rest) const {
  const auto slash = rest.find('/');
  const Payment* payment = world().payment(rest.substr(0, slash));
  if (payment == nullptr) return not_found();
  if (slash == std::string::npos) return json_answer(200, dodo_payment(world(), *payment));
  if (rest.substr(slash) == "/line-items")
    return json_answer(200, dodo_line_items(world(), *payment));
  return not_found();
}

Outgoing Dodo::list_payments(const Incoming& request) const {
  const Page page = page_wanted(request.query);
  const auto since = time_of(request.query, "created_at_gte");
  const auto until = time_of(request.query, "created_at_lte");
  std::size_t skip = page.size * page.number;
  json items = json::array();
  const auto& payments = world().payments();  // made in order of time
  for (auto it = payments.rbegin(); it != payments.rend() && items.size() < page.size; ++it) {
    if (since && it->created_at < *since) break;
    if (until && it->created_at > *until) continue;
    if (!text_passes(request.query, "status", to_string(it->status))) continue;
    if (skip > 0) {
      --skip;
      continue;
    }
    items.push_back(dodo_payment(world(), *it));
  }
  return json_answer(200, {{"items", std::move(items)}});
}

Outgoing Dodo::list_refunds(const Incoming& request) const {
  const Page page = page_wanted(request.query);
  std::size_t skip = page.size * page.number;
  json items = json::array();
  const auto& ids = world().refund_ids();
  for (auto it = ids.rbegin(); it != ids.rend() && items.size() < page.size; ++it) {
    if (skip > 0) {
      --skip;
      continue;
    }
    items.push_back(dodo_refund(world(), *world().refund(*it)));
  }
  return json_answer(200, {{"items", std::move(items)}});
}

std::unique_ptr<Gateway> make_dodo(const SandboxOptions& options, Faults& faults) {
  return std::make_unique<Dodo>(options, faults);
}

}  // namespace vozex::sandbox
