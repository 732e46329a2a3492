// SPDX-License-Identifier: Apache-2.0
//
// Product: a checked document of the catalogue, as pricing and checkout read it. Prices are integer
// minor units by currency; in a recurring product each price is per month, else it is paid once.
// Thread rule: plain values. Tests: tests/unit/catalog.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/types/value.h"

namespace vozex::catalog {

using Prices = std::map<std::string, std::int64_t, std::less<>>;

// What a buyer can choose: a plan, a feature, a licence type, a support plan, a service package.
struct Choice {
  std::string id;
  std::string title;
  Prices prices;
  bool retired = false;               // nobody buys it anew
  std::vector<std::string> features;  // of a plan: included
  std::vector<std::string> needs;     // of a feature: other features
  std::vector<std::string> plans;     // of a feature: only with these; empty: with all
  types::Value document;              // whole, for what only one kind has
};

struct Timeline {
  std::string id;
  std::int64_t percent = 0;  // on top of the package
};

struct Product {
  std::string id;
  std::string title;
  std::string type;
  std::string category;
  std::string status;
  std::string delivery_model;
  bool recurring = false;
  std::vector<std::string> cycles;  // the first is the default
  std::int64_t trial_days = 0;
  Prices prices;
  std::int64_t max_quantity = 1;
  std::vector<Choice> plans;
  std::vector<Choice> features;
  std::vector<Choice> license_types;
  std::vector<Choice> support_plans;
  std::vector<Choice> packages;
  std::vector<Timeline> timelines;
  std::vector<std::string> required_skills;
  std::vector<std::string> gateways;  // the default first
  types::Value config;                // fulfillment_config
};

// `document` fits entry_type(product).
Product read_product(const types::Value& document);

const Choice* find_choice(const std::vector<Choice>& choices, std::string_view id);

// The lists of a product's document whose items a buyer names: {"plans", "plan"}, ...
struct ChoiceList {
  const char* list;
  const char* id;
};
const std::vector<ChoiceList>& choice_lists();

std::vector<std::string> texts(const types::Value* list);

}  // namespace vozex::catalog
