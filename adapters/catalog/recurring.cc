// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/recurring.h"

#include <algorithm>

#include "adapters/payments/router.h"
#include "engine/base/text.h"

namespace vozex::catalog {
namespace {

using payments::RecurringSale;
using types::Value;

// What the gateway calls the item's plan; "" when the catalogue has no name for these terms.
std::string ref_at(const Quote& quote, const std::string& gateway) {
  const Product& product = quote.products.front();
  const Choice* plan = find_choice(product.plans, quote.items.front().selection.plan);
  const Value* found = plan == nullptr ? nullptr : plan->document.find("sold_as");
  for (const std::string& step :
       {gateway, cycle_of(product, quote.request.terms), quote.request.terms.currency}) {
    if (found != nullptr) found = found->find(step);
  }
  return found == nullptr || !found->is_string() ? "" : found->as_string();
}

// Lines that cost or save something beyond the plan by itself.
std::vector<std::string> beside_the_plan(const PricedItem& item) {
  std::vector<std::string> kinds;
  for (const Line& line : item.lines) {
    const bool of_plan = line.kind == "base" || line.kind == "plan" || line.kind == "annual";
    if (of_plan || line.minor == 0) continue;
    std::string name = line.kind;
    std::replace(name.begin(), name.end(), '_', ' ');
    kinds.push_back("the " + name + " " + line.ref);
  }
  return kinds;
}

std::string terms_text(const Quote& quote) {
  return quote.items.front().selection.plan + " " +
         cycle_of(quote.products.front(), quote.request.terms) + " in " +
         quote.request.terms.currency;
}

}  // namespace

RecurringPrice recurring_price(const PricedItem& item) {
  const std::int64_t quantity = std::max<std::int64_t>(item.selection.quantity, 1);
  if (item.total() % quantity != 0) return {item.total(), 1};
  return {item.total() / quantity, quantity};
}

bool is_recurring(const Quote& quote) {
  return std::any_of(quote.products.begin(), quote.products.end(), [](const Product& product) {
    return product.recurring;
  });
}

std::optional<std::string> cannot_recur_at(const Quote& quote, const std::string& gateway) {
  if (!is_recurring(quote) || quote.items.size() != 1) return std::nullopt;
  const auto sale = payments::recurring_sale(gateway);
  if (!sale || *sale == RecurringSale::by_amount) return std::nullopt;
  if (ref_at(quote, gateway).empty()) {
    return gateway + " has no name for " + terms_text(quote) +
           ": see sold_as of the plan in the catalogue";
  }
  if (*sale == RecurringSale::by_plan) return std::nullopt;
  const PricedItem& item = quote.items.front();
  if (const auto beside = beside_the_plan(item); !beside.empty()) {
    return gateway + " charges what its own product costs, so it sells the plan alone, not with " +
           join_or(beside);
  }
  if (recurring_price(item).quantity != item.selection.quantity)
    return gateway + " can't charge this total as " + std::to_string(item.selection.quantity) +
           " equal parts";
  return std::nullopt;
}

std::vector<PlanOffer> plan_offers(const Product& product) {
  std::vector<PlanOffer> offers;
  if (!product.recurring) return offers;
  Product plain = product;  // a plan by itself, with nothing that is chosen beside it
  plain.license_types.clear();
  plain.packages.clear();
  for (const Choice& plan : product.plans) {
    if (plan.retired) continue;
    for (const auto& [gateway, cycles] : plan.document.find("sold_as")->as_map()) {
      for (const auto& [cycle, refs] : cycles.as_map()) {
        for (const auto& [currency, ref] : refs.as_map()) {
          Selection alone;
          alone.product = product.id;
          alone.plan = plan.id;
          Refusals refusals;
          const PricedItem item =
              price(plain, alone, {currency.as_string(), cycle.as_string()}, "/plans", refusals);
          if (!refusals.empty()) continue;  // its name is kept for who has it
          offers.push_back({gateway.as_string(),
                            plan.id,
                            cycle.as_string(),
                            {ref.as_string(),
                             {item.total(), currency.as_string()},
                             1,
                             months_of(cycle.as_string()),
                             product.trial_days,
                             true}});
        }
      }
    }
  }
  return offers;
}

std::optional<payments::Promise> promise_of(const Quote& quote, const std::string& gateway) {
  if (!is_recurring(quote) || quote.items.size() != 1) return std::nullopt;
  const std::string ref = ref_at(quote, gateway);
  if (ref.empty()) return std::nullopt;
  const Product& product = quote.products.front();
  const RecurringPrice price = recurring_price(quote.items.front());
  return payments::Promise{ref,
                           {price.unit_minor, quote.request.terms.currency},
                           price.quantity,
                           months_of(cycle_of(product, quote.request.terms)),
                           product.trial_days,
                           true};
}

Value recurring_of(const Quote& quote) {
  if (!is_recurring(quote) || quote.items.size() != 1) return Value();
  const Product& product = quote.products.front();
  const PricedItem& item = quote.items.front();
  const RecurringPrice price = recurring_price(item);
  const Choice* plan = find_choice(product.plans, item.selection.plan);
  Value refs = Value::map({});
  for (const std::string& gateway : quote.gateways)
    refs = refs.with(gateway, Value::string(ref_at(quote, gateway)));
  return Value::object(
      {{"plan",
        Value::object(
            {{"product_ref", Value::string("")},
             {"title", Value::string(product.title + (plan == nullptr ? "" : ": " + plan->title))},
             {"price",
              Value::object({{"minor", Value::integer(price.unit_minor)},
                             {"currency", Value::string(quote.request.terms.currency)}})},
             {"quantity", Value::integer(price.quantity)},
             {"months", Value::integer(months_of(cycle_of(product, quote.request.terms)))}})},
       {"trial_days", Value::integer(product.trial_days)},
       {"product_refs", std::move(refs)}});
}

}  // namespace vozex::catalog
