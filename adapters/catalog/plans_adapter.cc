// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/plans_adapter.h"

#include <algorithm>

#include "adapters/catalog/rated_items.h"
#include "adapters/catalog/recurring.h"
#include "engine/base/text.h"

namespace vozex::catalog {
namespace {

using types::Value;

constexpr std::size_t k_most_searched = 1000;

std::int64_t int_at(const Value& object, std::string_view name, std::int64_t otherwise) {
  const Value* found = object.find(name);
  return found != nullptr && found->kind() == types::Kind::integer ? found->as_integer()
                                                                   : otherwise;
}

// What was bought with the subscription: the one item of its metadata; an empty map for one that
// wasn't bought from the catalogue.
Value bought(const Value& terms, const std::string& product) {
  const Value* items = terms.is_map() ? terms.find("items") : nullptr;
  if (items == nullptr || !items->is_list() || items->as_list().size() != 1) return Value::map({});
  const Value& item = items->as_list().front();
  return item.is_map() && item.text_at("product_id") == product ? item : Value::map({});
}

// Features that were chosen beside the plan: those of the old plan go with it.
Value features_beside(const Value& item, const Product& product) {
  const Choice* old_plan = find_choice(product.plans, item.text_at("plan"));
  Value::List kept;
  for (const std::string& id : texts(item.find("features"))) {
    const bool of_plan = old_plan != nullptr &&
                         std::find(old_plan->features.begin(), old_plan->features.end(), id) !=
                             old_plan->features.end();
    if (!of_plan) kept.push_back(Value::string(id));
  }
  return Value::list(std::move(kept));
}

std::string cycle_word(const Value& input) {
  std::string wanted(input.text_at("cycle"));
  if (!wanted.empty()) return wanted;
  const std::int64_t months = int_at(input, "months", 1);
  for (const char* word : {"monthly", "quarterly", "annual"}) {
    if (months_of(word) == months) return word;
  }
  return "";
}

// The quote that somebody would ask for who bought the same with another plan.
Value request_of(const Value& input, const Product& product, const std::string& cycle) {
  const Value* given = input.find("terms");
  const Value terms = given != nullptr && given->is_map() ? *given : Value::map({});
  const Value item = bought(terms, product.id);
  Value selection = Value::object({{"product", Value::string(product.id)},
                                   {"plan", *input.find("plan")},
                                   {"features", features_beside(item, product)},
                                   {"quantity", Value::integer(int_at(input, "quantity", 1))}});
  for (const char* name : {"license_type", "support_plan", "path"}) {
    if (!item.text_at(name).empty()) selection = selection.with(name, *item.find(name));
  }
  Value body = Value::object({{"currency", *input.find("currency")},
                              {"cycle", Value::string(cycle)},
                              {"gateway", *input.find("gateway")},
                              {"items", Value::list({selection})}});
  if (!terms.text_at("coupon").empty()) body = body.with("coupon", *terms.find("coupon"));
  if (!terms.text_at("country").empty()) {
    Value buyer = Value::object({{"country", *terms.find("country")}});
    if (!terms.text_at("tax_id").empty()) buyer = buyer.with("tax_id", *terms.find("tax_id"));
    body = body.with("buyer", buyer);
  }
  return body;
}

// A quote's words for it in those of a change.
std::string code_of(const Refusal& refusal) {
  if (refusal.code.starts_with("gateway_") || refusal.code == "no_common_gateway")
    return "not_sold_by_gateway";
  for (const char* same : {"currency_not_sold", "cycle_not_offered", "quantity_out_of_range"}) {
    if (refusal.code == same) return same;
  }
  return refusal.code == "product_not_for_sale" ? "plan_not_for_sale" : "not_sellable";
}

ports::CallReply told(const Quote& quote, const std::string& gateway) {
  const Value recurring = recurring_of(quote);
  if (recurring.is_null())
    return tl::unexpected(rating_error("not_sellable", "the product isn't paid again and again"));
  const Value& plan = *recurring.find("plan");
  return plan.with("product_ref", *recurring.find("product_refs")->find(gateway))
      .with("trial_days", *recurring.find("trial_days"));
}

}  // namespace

std::string PlansAdapter::owner_of(std::string_view tenant,
                                   const std::string& plan,
                                   const std::string& product) const {
  const auto entries = catalog_.list(tenant, EntryKind::product, "", k_most_searched);
  if (!entries) return "";
  for (const Entry& entry : *entries) {
    const auto document = document_of(entry);
    if (!document || entry.id.id == product) continue;
    if (find_choice(read_product(*document).plans, plan) != nullptr) return entry.id.id;
  }
  return "";
}

std::optional<ports::CallError> PlansAdapter::unsellable(std::string_view tenant,
                                                         const Product& product,
                                                         const std::string& plan) const {
  const Choice* choice = find_choice(product.plans, plan);
  if (choice != nullptr && choice->retired)
    return rating_error("plan_not_for_sale", "the plan " + plan + " isn't sold any more");
  if (choice != nullptr) return std::nullopt;
  const std::string owner = owner_of(tenant, plan, product.id);
  if (!owner.empty()) {
    return rating_error(
        "plan_of_another_product",
        "the plan " + plan + " is of " + owner + ", and this subscription is of " + product.id);
  }
  std::vector<std::string> names;
  for (const Choice& one : product.plans) {
    if (!one.retired) names.push_back(one.id);
  }
  return rating_error("unknown_plan",
                      product.id + " has no plan " + plan + ": " +
                          (names.empty() ? "it has none" : "expected " + join_or(names)));
}

ports::CallReply PlansAdapter::call(const ports::CallRequest& request) {
  const Value& input = request.input;
  if (request.operation != "price") {
    return tl::unexpected(
        rating_error("invalid_input", "the adapter plans has no operation " + request.operation));
  }
  const std::string id(input.text_at("product_id"));
  const std::string plan(input.text_at("plan"));
  const std::string gateway(input.text_at("gateway"));
  if (id.empty() || plan.empty() || gateway.empty() || input.text_at("currency").empty()) {
    return tl::unexpected(
        rating_error("invalid_input", "expected product_id, plan, gateway and currency"));
  }
  const auto document = active_document(catalog_, request.tenant, {EntryKind::product, id});
  if (!document) return tl::unexpected(document.error());
  if (!*document) {
    return tl::unexpected(rating_error("unknown_product",
                                       "there is no product " + id + " for sale in the catalogue"));
  }
  const Product product = read_product(**document);
  if (const auto error = unsellable(request.tenant, product, plan)) return tl::unexpected(*error);
  const std::string cycle = cycle_word(input);
  if (cycle.empty()) {
    return tl::unexpected(
        rating_error("cycle_not_offered", "no plan is paid for so many months: name a cycle"));
  }
  const Value body = request_of(input, product, cycle);
  auto outcome = quoter_.quote(request.tenant, body);
  const auto of_coupon = [](const Refusal& one) { return one.pointer == "/coupon"; };
  if (outcome && std::any_of(outcome->refusals.begin(), outcome->refusals.end(), of_coupon))
    outcome = quoter_.quote(request.tenant, body.with("coupon", Value()));
  if (!outcome) {
    const bool later = outcome.error().kind == ErrorClass::unavailable;
    return tl::unexpected(
        rating_error(later ? "unavailable" : "not_sellable", outcome.error().message));
  }
  if (!outcome->refusals.empty()) {
    const Refusal& first = outcome->refusals.front();
    return tl::unexpected(rating_error(code_of(first), first.message));
  }
  return told(outcome->quote, gateway);
}

}  // namespace vozex::catalog
