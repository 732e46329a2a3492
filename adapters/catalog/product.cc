// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/product.h"

#include <algorithm>

namespace vozex::catalog {
namespace {

using types::Kind;
using types::Value;

bool flag(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member != nullptr && member->kind() == Kind::boolean && member->as_boolean();
}

std::int64_t number(const Value& object, std::string_view name, std::int64_t otherwise) {
  const Value* member = object.find(name);
  return member != nullptr && member->kind() == Kind::integer ? member->as_integer() : otherwise;
}

Prices read_prices(const Value& object) {
  Prices prices;
  const Value* given = object.find("price");
  if (given == nullptr || !given->is_map()) return prices;
  for (const auto& [currency, minor] : given->as_map())
    prices.emplace(currency.as_string(), minor.as_integer());
  return prices;
}

std::vector<Choice> read_choices(const Value& document, const ChoiceList& from) {
  std::vector<Choice> choices;
  for (const Value& one : document.find(from.list)->as_list()) {
    Choice choice;
    choice.id = std::string(one.text_at(from.id));
    choice.title = std::string(one.text_at("title"));
    choice.prices = read_prices(one);
    choice.retired = flag(one, "retired");
    choice.features = texts(one.find("features"));
    choice.needs = texts(one.find("requires"));
    choice.plans = texts(one.find("plans"));
    choice.document = one;
    choices.push_back(std::move(choice));
  }
  return choices;
}

std::vector<std::string> read_gateways(const Value& gateways) {
  auto names = texts(gateways.find("enabled"));
  const auto first = std::find(names.begin(), names.end(), gateways.text_at("default"));
  if (first != names.end()) std::rotate(names.begin(), first, first + 1);
  return names;
}

}  // namespace

const std::vector<ChoiceList>& choice_lists() {
  static const std::vector<ChoiceList> lists = {{"plans", "plan"},
                                                {"features", "feature"},
                                                {"license_types", "license_type"},
                                                {"support_plans", "support_plan"},
                                                {"service_packages", "package"}};
  return lists;
}

std::vector<std::string> texts(const Value* list) {
  std::vector<std::string> out;
  if (list == nullptr || !list->is_list()) return out;
  for (const Value& item : list->as_list()) {
    if (item.is_string()) out.push_back(item.as_string());
  }
  return out;
}

const Choice* find_choice(const std::vector<Choice>& choices, std::string_view id) {
  const auto found = std::find_if(
      choices.begin(), choices.end(), [&](const Choice& choice) { return choice.id == id; });
  return found == choices.end() ? nullptr : &*found;
}

Product read_product(const Value& document) {
  const auto& lists = choice_lists();
  Product product;
  product.id = std::string(document.text_at("product"));
  product.title = std::string(document.text_at("title"));
  product.type = std::string(document.text_at("type"));
  product.category = std::string(document.text_at("category"));
  product.status = std::string(document.text_at("status"));
  product.delivery_model = std::string(document.text_at("delivery_model"));
  product.recurring = flag(document, "recurring");
  product.cycles = texts(document.find("cycles"));
  product.trial_days = number(document, "trial_days", 0);
  product.prices = read_prices(document);
  product.max_quantity = number(document, "max_quantity", 1);
  product.plans = read_choices(document, lists[0]);
  product.features = read_choices(document, lists[1]);
  product.license_types = read_choices(document, lists[2]);
  product.support_plans = read_choices(document, lists[3]);
  product.packages = read_choices(document, lists[4]);
  for (const Value& one : document.find("timelines")->as_list())
    product.timelines.push_back({std::string(one.text_at("timeline")), number(one, "percent", 0)});
  product.required_skills = texts(document.find("required_skills"));
  product.gateways = read_gateways(*document.find("gateways"));
  product.config = *document.find("fulfillment_config");
  return product;
}

}  // namespace vozex::catalog
