// SPDX-License-Identifier: Apache-2.0
// What refers to what in a product: ids are unique, features know what they need, and what a plan
// includes works by itself.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "adapters/catalog/entry_types.h"
#include "adapters/catalog/product.h"
#include "adapters/catalog/product_rules.h"
#include "engine/base/text.h"
#include "engine/types/currency.h"

namespace vozex::catalog {
namespace {

using types::Value;

std::string at(const char* list, std::size_t number, const std::string& rest = "") {
  return std::string("/") + list + "/" + std::to_string(number) + rest;
}

std::string known_text(const std::vector<Choice>& choices) {
  std::vector<std::string> ids;
  ids.reserve(choices.size());
  for (const Choice& choice : choices) ids.push_back(choice.id);
  return ids.empty() ? "there is none" : "expected " + join_or(ids);
}

void check_unique(const Value& product, const ChoiceList& where, Faults& faults) {
  std::set<std::string_view> seen;
  std::size_t number = 0;
  for (const Value& one : product.find(where.list)->as_list()) {
    if (!seen.insert(one.text_at(where.id)).second) {
      faults.push_back({at(where.list, number, std::string("/") + where.id),
                        "two of the " + std::string(where.list) + " have this id"});
    }
    ++number;
  }
}

// The names of `list` (a member of item `number`) that aren't among `choices`.
void check_names(const char* list,
                 std::size_t number,
                 const char* member,
                 const std::vector<std::string>& names,
                 const std::vector<Choice>& choices,
                 Faults& faults) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (find_choice(choices, names[i]) != nullptr) continue;
    faults.push_back({at(list, number, std::string("/") + member + "/" + std::to_string(i)),
                      "no such " +
                          std::string(member == std::string("plans") ? "plan" : "feature") + ": " +
                          names[i] + "; " + known_text(choices)});
  }
}

// Whether `from` needs itself, over however many others.
bool needs_itself(const Product& product, const Choice& from) {
  std::set<std::string> seen;
  const std::function<bool(const Choice&)> leads_back = [&](const Choice& feature) {
    return std::any_of(feature.needs.begin(), feature.needs.end(), [&](const std::string& name) {
      if (name == from.id) return true;
      const Choice* next = find_choice(product.features, name);
      return next != nullptr && seen.insert(name).second && leads_back(*next);
    });
  };
  return leads_back(from);
}

bool is_sold_with(const Choice& feature, const std::string& plan) {
  return feature.plans.empty() ||
         std::find(feature.plans.begin(), feature.plans.end(), plan) != feature.plans.end();
}

void check_features(const Product& product, Faults& faults) {
  for (std::size_t i = 0; i < product.features.size(); ++i) {
    const Choice& feature = product.features[i];
    check_names("features", i, "requires", feature.needs, product.features, faults);
    check_names("features", i, "plans", feature.plans, product.plans, faults);
    if (needs_itself(product, feature)) {
      faults.push_back({at("features", i, "/requires"),
                        "the feature " + feature.id + " needs itself, so nobody could buy it"});
    }
    // What is sold with a plan must find what it needs there.
    for (std::size_t n = 0; n < feature.needs.size(); ++n) {
      const Choice* other = find_choice(product.features, feature.needs[n]);
      if (other == nullptr) continue;
      for (const Choice& plan : product.plans) {
        if (is_sold_with(feature, plan.id) && !is_sold_with(*other, plan.id)) {
          faults.push_back({at("features", i, "/requires/" + std::to_string(n)),
                            "with the plan " + plan.id + " " + feature.id + " is sold and " +
                                other->id + ", which it needs, is not"});
        }
      }
    }
  }
}

void check_plans(const Product& product, Faults& faults) {
  for (std::size_t i = 0; i < product.plans.size(); ++i) {
    const Choice& plan = product.plans[i];
    check_names("plans", i, "features", plan.features, product.features, faults);
    for (std::size_t n = 0; n < plan.features.size(); ++n) {
      const Choice* feature = find_choice(product.features, plan.features[n]);
      if (feature == nullptr) continue;
      const std::string place = at("plans", i, "/features/" + std::to_string(n));
      if (!is_sold_with(*feature, plan.id)) {
        faults.push_back(
            {place, "the feature " + feature->id + " isn't sold with this plan: see its plans"});
      }
      for (const std::string& need : feature->needs) {
        const auto& included = plan.features;
        if (std::find(included.begin(), included.end(), need) == included.end()) {
          faults.push_back(
              {place, feature->id + " needs " + need + ": include that in the plan, too"});
        }
      }
    }
  }
}

using Currencies = std::set<std::string, std::less<>>;

Currencies currencies_of(const Value& prices) {
  Currencies names;
  for (const auto& [name, minor] : prices.as_map()) names.insert(name.as_string());
  return names;
}

std::string listed(const Currencies& names) {
  return join_or(std::vector<std::string>(names.begin(), names.end()));
}

}  // namespace

void check_price_map(const Value& prices, const std::string& place, Faults& faults) {
  for (const auto& [name, minor] : prices.as_map()) {
    const std::string& currency = name.as_string();
    const std::string at_currency = fmt::format("{}/{}", place, currency);
    if (!types::is_currency(currency)) {
      faults.push_back({at_currency, "expected a currency of ISO 4217 in capitals, such as USD"});
    }
    if (minor.as_integer() < 0 || minor.as_integer() > k_max_price) {
      faults.push_back(
          {at_currency, "expected minor units from 0 to " + std::to_string(k_max_price)});
    }
  }
}

void check_prices(const Value& product, Faults& faults) {
  const Value& base = *product.find("price");
  check_price_map(base, "/price", faults);
  const Currencies sold = currencies_of(base);
  for (const ChoiceList& where : choice_lists()) {
    std::size_t number = 0;
    for (const Value& one : product.find(where.list)->as_list()) {
      const std::string place = at(where.list, number++, "/price");
      const Value& price = *one.find("price");
      check_price_map(price, place, faults);
      if (currencies_of(price) == sold) continue;
      faults.push_back({place,
                        "expected prices in the currencies of /price: " + listed(sold) + "; got " +
                            listed(currencies_of(price))});
    }
  }
}

void check_references(const Value& document, Faults& faults) {
  for (const ChoiceList& where : choice_lists()) check_unique(document, where, faults);
  check_unique(document, {"timelines", "timeline"}, faults);
  const Product product = read_product(document);
  check_features(product, faults);
  check_plans(product, faults);
}

}  // namespace vozex::catalog
