// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/check.h"

#include <algorithm>

#include "adapters/catalog/entry_types.h"
#include "adapters/catalog/product.h"
#include "adapters/fulfillment/config_schema.h"
#include "engine/base/text.h"

namespace vozex::catalog {
namespace {

using types::Value;

std::vector<std::string> model_names() {
  std::vector<std::string> names;
  for (const auto& model : fulfillment::delivery_models()) names.emplace_back(model.name);
  return names;
}

// The configuration is looked at even when the rest is wrong: the two are written by two people.
Value with_config(const Value& document, Faults& faults) {
  const Value* model = document.find("delivery_model");
  const Value* config = document.find("fulfillment_config");
  if (model == nullptr || !model->is_string()) return document;
  if (fulfillment::find_delivery_model(model->as_string()) == nullptr) {
    faults.push_back(
        {"/delivery_model", "expected " + join_or(model_names()) + ", got " + model->as_string()});
    return document;
  }
  if (config == nullptr) return document;
  auto checked = fulfillment::check_config(model->as_string(), *config);
  if (checked) return document.with("fulfillment_config", *std::move(checked));
  for (types::Fault& fault : checked.error())
    faults.push_back({"/fulfillment_config" + fault.pointer, std::move(fault.message)});
  return document;
}

void check_product(const Value& product, const std::vector<std::string>& gateways, Faults& faults) {
  check_combinations(product, faults);
  check_references(product, faults);
  check_prices(product, faults);
  check_gateways(product, gateways, faults);
  check_recurring(product, gateways, faults);
}

std::optional<EntryKind> kind_of(const Value& document) {
  for (const EntryKind kind : {EntryKind::product, EntryKind::coupon, EntryKind::tax}) {
    if (document.find(to_string(kind)) != nullptr) return kind;
  }
  return std::nullopt;
}

void add(Faults& faults, Faults more) {
  for (types::Fault& fault : more) {
    if (faults.size() < types::k_max_faults) faults.push_back(std::move(fault));
  }
}

}  // namespace

tl::expected<Checked, Faults> check_entry(const Value& given,
                                          const std::vector<std::string>& gateways) {
  const auto kind = given.is_map() ? kind_of(given) : std::nullopt;
  if (!kind) {
    return tl::unexpected(
        Faults{{"", "expected a document that begins with product, coupon or tax and its id"}});
  }
  Faults faults;
  Value document = given;
  if (*kind == EntryKind::product) document = with_config(document, faults);
  auto shaped = types::validate(document, entry_type(*kind), types::Unknown::refuse);
  if (!shaped) {
    add(faults, std::move(shaped.error()));
    return tl::unexpected(std::move(faults));
  }
  Faults wrong;
  if (*kind == EntryKind::product) check_product(*shaped, gateways, wrong);
  if (*kind == EntryKind::coupon) check_coupon(*shaped, wrong);
  add(faults, std::move(wrong));
  if (!faults.empty()) return tl::unexpected(std::move(faults));
  return Checked{{*kind, std::string(shaped->text_at(to_string(*kind)))}, *std::move(shaped)};
}

}  // namespace vozex::catalog
