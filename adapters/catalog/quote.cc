// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/quote.h"

#include <algorithm>

#include "adapters/catalog/money.h"
#include "adapters/fulfillment/config_schema.h"
#include "engine/types/object.h"

namespace vozex::catalog {
namespace {

using types::Object;
using types::Value;

Value to_value(const Line& line) {
  return Object()
      .text("kind", line.kind)
      .text("ref", line.ref)
      .text("title", line.title)
      .number("minor", line.minor)
      .text("how", line.how)
      .done();
}

// What was chosen, under the names of the request.
Object chosen(const Selection& selection) {
  Object facts;
  facts.text("plan", selection.plan)
      .text("license_type", selection.license_type)
      .text("support_plan", selection.support_plan)
      .text("package", selection.package)
      .text("timeline", selection.timeline)
      .text("path", selection.path)
      .number("quantity", selection.quantity);
  return facts;
}

Value to_value(const Quote& quote, std::size_t number) {
  const PricedItem& item = quote.items[number];
  const Product& product = quote.products[number];
  Value::List lines;
  for (const Line& line : item.lines) lines.push_back(to_value(line));
  Object facts = chosen(item.selection);
  facts.text("product", product.id)
      .text("title", product.title)
      .list("features", item.selection.features)
      .put("lines", Value::list(std::move(lines)))
      .number("net", item.net)
      .number("discount", item.discount)
      .number("tax", item.tax)
      .number("total", item.total());
  if (product.recurring) {
    facts.text("cycle", cycle_of(product, quote.request.terms));
    if (product.trial_days > 0) facts.number("trial_days", product.trial_days);
  }
  return facts.done();
}

Value totals_of(const Quote& quote) {
  std::int64_t net = 0, discount = 0, tax = 0;
  for (const PricedItem& item : quote.items) {
    net += item.net;
    discount += item.discount;
    tax += item.tax;
  }
  return Object()
      .number("net", net)
      .number("discount", discount)
      .number("tax", tax)
      .number("total", net - discount + tax)
      .done();
}

// Features that are delivered: those of the plan and those chosen beside it.
std::vector<std::string> delivered_features(const Product& product, const Selection& selection) {
  std::vector<std::string> features;
  if (const Choice* plan = find_choice(product.plans, selection.plan)) features = plan->features;
  for (const std::string& id : selection.features) {
    if (std::find(features.begin(), features.end(), id) == features.end()) features.push_back(id);
  }
  return features;
}

Value with_member(const Value& config, const char* name, const Value* value) {
  return value == nullptr ? config : config.with(name, *value);
}

// What the driver `license_download` reads: seats, features, periods, support.
Value license_terms(Value config, const Product& product, const Selection& selection) {
  std::int64_t seats = 1;
  if (const Value* given = config.find("seats")) seats = given->as_integer();
  if (const Choice* license = find_choice(product.license_types, selection.license_type)) {
    seats = license->document.find("seats")->as_integer();
    for (const char* name : {"valid_days", "updates_days"})
      config = with_member(config, name, license->document.find(name));
  }
  Value::List features;
  for (const std::string& id : delivered_features(product, selection))
    features.push_back(Value::string(id));
  config = config.with("seats", Value::integer(seats * selection.quantity))
               .with("features", Value::list(std::move(features)));
  if (!selection.support_plan.empty())
    config = config.with("support_plan", Value::string(selection.support_plan));
  return config;
}

// What every other driver gets beside the product's own configuration.
Value service_terms(const Value& config, const Product& product, const Selection& selection) {
  Object facts = chosen(selection);
  facts.list("features", delivered_features(product, selection));
  if (const Choice* plan = find_choice(product.plans, selection.plan))
    facts.put("limits", *plan->document.find("limits"));
  if (const Choice* package = find_choice(product.packages, selection.package)) {
    facts.put("days", *package->document.find("days"))
        .put("milestones", *package->document.find("milestones"));
  }
  if (!product.required_skills.empty()) facts.list("required_skills", product.required_skills);
  return config.with("terms", facts.done());
}

struct Delivery {
  std::string model;
  std::string title;
  Value config;
};

// The ways in which one item is delivered.
std::vector<Delivery> deliveries_of(const Product& product, const Selection& selection) {
  if (product.delivery_model != "hybrid")
    return {{product.delivery_model, product.title, product.config}};
  std::vector<Delivery> deliveries;
  for (const Value& path : product.config.find("paths")->as_list()) {
    if (!selection.path.empty() && path.text_at("path") != selection.path) continue;
    deliveries.push_back({std::string(path.text_at("delivery_model")),
                          product.title + ": " + std::string(path.text_at("title")),
                          *path.find("config")});
  }
  return deliveries;
}

}  // namespace

std::int64_t Quote::total() const {
  std::int64_t sum = 0;
  for (const PricedItem& item : items) sum += item.total();
  return sum;
}

Value to_value(const Quote& quote) {
  Value::List items;
  for (std::size_t i = 0; i < quote.items.size(); ++i) items.push_back(to_value(quote, i));
  return Object()
      .text("currency", quote.request.terms.currency)
      .text("coupon", quote.request.coupon)
      .put("items", Value::list(std::move(items)))
      .put("totals", totals_of(quote))
      .list("gateways", quote.gateways)
      .done();
}

Value order_items(const Quote& quote) {
  Value::List items;
  for (std::size_t i = 0; i < quote.items.size(); ++i) {
    const PricedItem& item = quote.items[i];
    const Product& product = quote.products[i];
    const auto deliveries = deliveries_of(product, item.selection);
    const auto prices = deal_out(item.total(), std::vector<std::int64_t>(deliveries.size(), 1));
    for (std::size_t d = 0; d < deliveries.size(); ++d) {
      const std::string driver(fulfillment::find_delivery_model(deliveries[d].model)->driver);
      const Value config = driver == "license_download"
                               ? license_terms(deliveries[d].config, product, item.selection)
                               : service_terms(deliveries[d].config, product, item.selection);
      items.push_back(Object()
                          .text("product_id", product.id)
                          .text("title", deliveries[d].title)
                          .text("driver", driver)
                          .money("price", prices[d], quote.request.terms.currency)
                          .put("config", config)
                          .done());
    }
  }
  return Value::list(std::move(items));
}

Value metadata_of(const Quote& quote) {
  Value::List items;
  for (std::size_t i = 0; i < quote.items.size(); ++i) {
    const Product& product = quote.products[i];
    Object facts = chosen(quote.items[i].selection);
    facts.text("product_id", product.id)
        .text("type", product.type)
        .text("category", product.category)
        .text("delivery_model", product.delivery_model)
        .list("features", delivered_features(product, quote.items[i].selection))
        .text("cycle", cycle_of(product, quote.request.terms))
        .number("trial_days", product.trial_days)
        .number("total", quote.items[i].total());
    items.push_back(facts.done());
  }
  return Object()
      .text("currency", quote.request.terms.currency)
      .text("coupon", quote.request.coupon)
      .text("country", quote.request.country)
      .text("tax_id", quote.request.tax_id)
      .number("total", quote.total())
      .put("items", Value::list(std::move(items)))
      .done();
}

}  // namespace vozex::catalog
