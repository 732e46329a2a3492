// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/quoter.h"

#include <algorithm>
#include <set>

#include "adapters/catalog/money.h"
#include "adapters/catalog/recurring.h"
#include "adapters/payments/router.h"
#include "engine/types/currency.h"
#include "engine/types/validate.h"

namespace vozex::catalog {
namespace {

using types::Kind;
using types::Value;

constexpr Duration k_patience = std::chrono::seconds{10};

Value text_or_none(const std::string& text) { return text.empty() ? Value() : Value::string(text); }

// What is asked of `coupons` and `tax`: the items with what is left to pay.
Value items_of(const Quote& quote) {
  Value::List items;
  for (std::size_t i = 0; i < quote.items.size(); ++i) {
    items.push_back(
        Value::object({{"item", Value::integer(static_cast<std::int64_t>(i))},
                       {"product_id", Value::string(quote.products[i].id)},
                       {"category", Value::string(quote.products[i].category)},
                       {"minor", Value::integer(quote.items[i].net - quote.items[i].discount)}}));
  }
  return Value::list(std::move(items));
}

Failure unavailable(std::string_view adapter, const std::string& message) {
  return fail(ErrorClass::unavailable,
              "pricing_unavailable",
              "The price can't be told now, " + std::string(adapter) + ": " + message);
}

// Codes that any call can have, which say nothing about what was asked.
bool is_trouble(const std::string& code) {
  static const std::set<std::string> k_codes = {"timeout",
                                                "unavailable",
                                                "rate_limited",
                                                "bad_reply",
                                                "outcome_unknown",
                                                "not_configured",
                                                "internal",
                                                "withdrawn"};
  return k_codes.contains(code);
}

// One item of an answer: its number, and 0 <= minor <= `most(number)`; nothing otherwise.
struct Rated {
  std::size_t item = 0;
  std::int64_t minor = 0;
  std::string how;
};
template <class Most>
std::optional<std::vector<Rated>> read_answer(const Value& answer, std::size_t count, Most most) {
  const Value* items = answer.find("items");
  if (items == nullptr || !items->is_list()) return std::nullopt;
  std::vector<Rated> out;
  std::set<std::int64_t> seen;
  for (const Value& one : items->as_list()) {
    const Value* item = one.find("item");
    const Value* minor = one.find("minor");
    if (item == nullptr || item->kind() != Kind::integer || minor == nullptr ||
        minor->kind() != Kind::integer)
      return std::nullopt;
    const std::int64_t number = item->as_integer();
    if (number < 0 || static_cast<std::size_t>(number) >= count || !seen.insert(number).second)
      return std::nullopt;
    const auto at = static_cast<std::size_t>(number);
    if (minor->as_integer() < 0 || minor->as_integer() > most(at)) return std::nullopt;
    out.push_back({at, minor->as_integer(), std::string(one.text_at("how"))});
  }
  return out;
}

ports::CallRequest call_of(std::string_view tenant, const char* operation, Value input) {
  ports::CallRequest request;
  request.operation = operation;
  request.input = std::move(input);
  request.timeout = k_patience;
  request.tenant = std::string(tenant);
  request.workflow = "quote";
  return request;
}

Failure invalid(const std::vector<types::Fault>& faults) {
  Error error{
      ErrorClass::invalid, "invalid_body", "The body doesn't fit: " + types::describe(faults), {}};
  for (const types::Fault& fault : faults) error.details.push_back({fault.pointer, fault.message});
  return Failure(std::move(error));
}

}  // namespace

Result<Quoter::Outcome> Quoter::quote(std::string_view tenant, const Value& body) const {
  const auto shaped = types::validate(body, quote_request_type(), types::Unknown::refuse);
  if (!shaped) return invalid(shaped.error());
  Outcome outcome;
  outcome.quote.request = read_quote_request(*shaped);
  if (const std::string& currency = outcome.quote.request.terms.currency;
      !types::is_currency(currency)) {
    return invalid(
        {{"/currency", "expected a currency of ISO 4217, such as USD, got " + currency}});
  }
  auto good = price_items(tenant, outcome);
  if (!good) return Failure(good.error());
  if (is_recurring(outcome.quote) && outcome.quote.request.items.size() > 1) {
    outcome.refusals.push_back(
        {"recurring_alone",
         "/items",
         "what is paid again and again is bought by itself: a gateway's page takes one plan"});
  }
  choose_gateways(outcome);
  // A coupon that nobody knows is said at once, too; a tax on prices that aren't right would only
  // confuse.
  const bool is_priced = *good;
  if (!outcome.quote.items.empty()) {
    if (good = apply_coupon(tenant, outcome); !good) return Failure(good.error());
  }
  if (!is_priced) return outcome;
  if (good = assess_tax(tenant, outcome); !good) return Failure(good.error());
  if (outcome.quote.total() == 0) {
    outcome.refusals.push_back(
        {"nothing_to_pay", "", "the total is 0, and no gateway takes a payment of nothing"});
  }
  keep_gateways_that_recur(outcome);
  return outcome;
}

Result<bool> Quoter::price_items(std::string_view tenant, Outcome& outcome) const {
  Quote& quote = outcome.quote;
  bool good = true;
  for (std::size_t i = 0; i < quote.request.items.size(); ++i) {
    const Selection& wanted = quote.request.items[i];
    const std::string place = "/items/" + std::to_string(i);
    const auto entry = outside_.catalog.get(tenant, {EntryKind::product, wanted.product});
    if (!entry) return Failure(entry.error());
    if (!*entry) {
      outcome.refusals.push_back({"unknown_product",
                                  place + "/product",
                                  "there is no product " + wanted.product + " in the catalogue"});
      good = false;
      continue;
    }
    const auto document = document_of(**entry);
    if (!document) return Failure(document.error());
    Product product = read_product(*document);
    if (product.status != "active") {
      outcome.refusals.push_back(
          {"product_not_for_sale", place + "/product", product.id + " is " + product.status});
    }
    const std::size_t before = outcome.refusals.size();
    quote.items.push_back(price(product, wanted, quote.request.terms, place, outcome.refusals));
    quote.products.push_back(std::move(product));
    good = good && outcome.refusals.size() == before;
  }
  return good;
}

Result<bool> Quoter::apply_coupon(std::string_view tenant, Outcome& outcome) const {
  Quote& quote = outcome.quote;
  if (quote.request.coupon.empty()) return true;
  ports::Adapter* coupons = outside_.adapter("coupons");
  if (coupons == nullptr) return unavailable("coupons", "there is no such adapter");
  const auto reply = coupons->call(
      call_of(tenant,
              "apply",
              Value::object({{"code", Value::string(quote.request.coupon)},
                             {"currency", Value::string(quote.request.terms.currency)},
                             {"customer_id", text_or_none(quote.request.customer_id)},
                             {"items", items_of(quote)}})));
  if (!reply && is_trouble(reply.error().code))
    return unavailable("coupons", reply.error().message);
  if (!reply) {
    outcome.refusals.push_back({reply.error().code, "/coupon", reply.error().message});
    return false;
  }
  const auto off =
      read_answer(*reply, quote.items.size(), [&](std::size_t at) { return quote.items[at].net; });
  if (!off) return unavailable("coupons", "its answer takes off more than there is, or of nothing");
  for (const Rated& one : *off) {
    take_off(quote.items[one.item],
             {"coupon",
              quote.request.coupon,
              std::string(reply->text_at("title")),
              one.minor,
              one.how.empty() ? "coupon " + quote.request.coupon : one.how});
  }
  return true;
}

Result<bool> Quoter::assess_tax(std::string_view tenant, Outcome& outcome) const {
  Quote& quote = outcome.quote;
  if (quote.request.country.empty()) return true;
  ports::Adapter* tax = outside_.adapter("tax");
  if (tax == nullptr) return unavailable("tax", "there is no such adapter");
  const auto reply =
      tax->call(call_of(tenant,
                        "assess",
                        Value::object({{"country", Value::string(quote.request.country)},
                                       {"tax_id", text_or_none(quote.request.tax_id)},
                                       {"currency", Value::string(quote.request.terms.currency)},
                                       {"items", items_of(quote)}})));
  if (!reply && is_trouble(reply.error().code)) return unavailable("tax", reply.error().message);
  if (!reply) {
    outcome.refusals.push_back({reply.error().code, "/buyer", reply.error().message});
    return false;
  }
  const auto taxes =
      read_answer(*reply, quote.items.size(), [](std::size_t) { return k_max_amount; });
  if (!taxes) return unavailable("tax", "its answer is of nothing that was asked");
  for (const Rated& one : *taxes) {
    add_tax(
        quote.items[one.item],
        {"tax", quote.request.country, std::string(reply->text_at("title")), one.minor, one.how});
  }
  return true;
}

void Quoter::choose_gateways(Outcome& outcome) const {
  Quote& quote = outcome.quote;
  if (quote.products.empty()) return;
  payments::GatewayChoice choice;
  choice.configured = outside_.gateways;
  for (const Product& product : quote.products) choice.enabled.push_back(product.gateways);
  choice.chosen = quote.request.gateway;
  const auto first = payments::pick_gateway(choice);
  if (!first) {
    const char* place = choice.chosen.empty() ? "" : "/gateway";
    outcome.refusals.push_back({first.error().code, place, first.error().message});
    return;
  }
  quote.gateways = {*first};
  for (const std::string& name : outside_.gateways) {
    choice.chosen = name;
    if (name != *first && payments::pick_gateway(choice)) quote.gateways.push_back(name);
  }
}

// Which can charge what the lines say, each period. The rest is left out, and why is said where
// nobody remains, or where it was asked for.
void Quoter::keep_gateways_that_recur(Outcome& outcome) const {
  Quote& quote = outcome.quote;
  std::string reasons;
  const std::vector<std::string> candidates = quote.gateways;
  std::erase_if(quote.gateways, [&](const std::string& gateway) {
    const auto why = cannot_recur_at(quote, gateway);
    if (why) reasons += (reasons.empty() ? "" : "; ") + *why;
    if (why && gateway == quote.request.gateway)
      outcome.refusals.push_back({"gateway_cannot_recur", "/gateway", *why});
    return why.has_value();
  });
  if (quote.gateways.empty() && !candidates.empty() && quote.request.gateway.empty())
    outcome.refusals.push_back({"gateway_cannot_recur", "", reasons});
}

}  // namespace vozex::catalog
