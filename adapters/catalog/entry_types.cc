// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/entry_types.h"

#include "engine/types/declare.h"

namespace vozex::catalog {
namespace {

using types::Constraints;
using types::Declarations;
using types::Value;

const Constraints k_name = {.pattern = "[a-z][a-z0-9_]{0,63}"};
const Constraints k_title = {.min_length = 1, .max_length = 200};
const Constraints k_text = {.max_length = 5000};
const Constraints k_many = {.max_length = 200};
const Constraints k_prices = {.min_length = 1, .max_length = 50};

Value none() { return Value::list({}); }
Value no() { return Value::boolean(false); }

// What a buyer can choose: each kind has an id, a title and a price.
void declare_choices(Declarations& declare) {
  declare.object("plan",
                 {{"plan", "string", k_name},
                  {"title", "string", k_title},
                  {"summary", "optional<string>", k_text},
                  {"price", "map<int>", k_prices},
                  {"features", "list<string>", k_many, none()},
                  {"limits", "map<int>", k_many, Value::map({})},
                  {"sold_as", "map<map<map<string>>>", {.max_length = 20}, Value::map({})},
                  {"retired", "bool", {}, no()}});
  declare.object("feature",
                 {{"feature", "string", k_name},
                  {"title", "string", k_title},
                  {"price", "map<int>", k_prices},
                  {"requires", "list<string>", k_many, none()},
                  {"plans", "optional<list<string>>", {.min_length = 1, .max_length = 200}},
                  {"retired", "bool", {}, no()}});
  declare.object("license_type",
                 {{"license_type", "string", k_name},
                  {"title", "string", k_title},
                  {"price", "map<int>", k_prices},
                  {"seats", "int", {.min = 1, .max = 100000}, Value::integer(1)},
                  {"valid_days", "optional<int>", {.min = 1, .max = 36500}},
                  {"updates_days", "optional<int>", {.min = 1, .max = 36500}},
                  {"retired", "bool", {}, no()}});
  declare.object("support_plan",
                 {{"support_plan", "string", k_name},
                  {"title", "string", k_title},
                  {"price", "map<int>", k_prices},
                  {"response_hours", "int", {.min = 1, .max = 720}},
                  {"retired", "bool", {}, no()}});
  declare.object("milestone",
                 {{"title", "string", k_title}, {"percent", "int", {.min = 1, .max = 100}}});
  declare.object("service_package",
                 {{"package", "string", k_name},
                  {"title", "string", k_title},
                  {"price", "map<int>", k_prices},
                  {"days", "int", {.min = 1, .max = 730}},
                  {"milestones", "list<milestone>", {.max_length = 50}, none()},
                  {"retired", "bool", {}, no()}});
  declare.object("timeline",
                 {{"timeline", "enum(standard|expedited|rush)"},
                  {"percent", "int", {.min = 0, .max = 300}, Value::integer(0)}});
  declare.object("gateways",
                 {{"enabled", "list<string>", {.min_length = 1, .max_length = 20}},
                  {"default", "optional<string>"}});
}

types::TypeRef product_type() {
  Declarations declare;
  declare_choices(declare);
  return declare.object(
      "product",
      {{"product", "string", k_name},
       {"title", "string", k_title},
       {"summary", "optional<string>", k_text},
       {"type", "string", k_name},
       {"category", "enum(saas|self_hosted|services)"},
       {"status", "enum(draft|active|retired)", {}, Value::string("active")},
       {"delivery_model", "string"},
       {"recurring", "bool", {}, no()},
       {"cycles", "list<enum(monthly|quarterly|annual)>", {.max_length = 3}, none()},
       {"trial_days", "optional<int>", {.min = 1, .max = 90}},
       {"price", "map<int>", k_prices},
       {"max_quantity",
        "int",
        {.min = 1, .max = static_cast<double>(k_max_quantity)},
        Value::integer(100)},
       {"plans", "list<plan>", k_many, none()},
       {"features", "list<feature>", k_many, none()},
       {"license_types", "list<license_type>", k_many, none()},
       {"support_plans", "list<support_plan>", k_many, none()},
       {"service_packages", "list<service_package>", k_many, none()},
       {"timelines", "list<timeline>", {.max_length = 3}, none()},
       {"required_skills", "list<string>", {.max_length = 50}, none()},
       {"gateways", "gateways"},
       {"fulfillment_config", "json"}});
}

types::TypeRef coupon_type() {
  Declarations declare;
  return declare.object("coupon",
                        {{"coupon", "string", {.pattern = "[A-Z0-9][A-Z0-9_-]{1,63}"}},
                         {"title", "string", k_title},
                         {"status", "enum(draft|active|retired)", {}, Value::string("active")},
                         {"percent", "optional<int>", {.min = 1, .max = 100}},
                         {"amount", "optional<map<int>>", k_prices},
                         {"valid_from", "optional<timestamp>"},
                         {"valid_until", "optional<timestamp>"},
                         {"max_uses", "optional<int>", {.min = 1}},
                         {"max_uses_per_customer", "optional<int>", {.min = 1}},
                         {"products", "list<string>", k_many, none()}});
}

types::TypeRef tax_type() {
  Declarations declare;
  return declare.object("tax",
                        {{"tax", "string", {.pattern = "[A-Z]{2}"}},
                         {"title", "string", k_title},
                         {"status", "enum(draft|active|retired)", {}, Value::string("active")},
                         {"basis_points", "int", {.min = 0, .max = 10000}},
                         {"business_pays_itself", "bool", {}, no()}});
}

}  // namespace

const types::Type& entry_type(EntryKind kind) {
  static const types::TypeRef k_product = product_type();
  static const types::TypeRef k_coupon = coupon_type();
  static const types::TypeRef k_tax = tax_type();
  switch (kind) {
    case EntryKind::product: return *k_product;
    case EntryKind::coupon: return *k_coupon;
    case EntryKind::tax: return *k_tax;
  }
  return *k_product;
}

}  // namespace vozex::catalog
