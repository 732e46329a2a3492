// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/quote_request.h"

#include "adapters/catalog/entry_types.h"
#include "engine/types/declare.h"

namespace vozex::catalog {
namespace {

using types::Value;

constexpr std::int64_t k_three_days = 3 * 24 * 3600;
constexpr double k_most_days = 90 * 24 * 3600;

types::TypeRef make_type() {
  const types::Constraints id = {.max_length = 64};
  types::Declarations declare;
  declare.object("selection",
                 {{"product", "string", {.min_length = 1, .max_length = 64}},
                  {"plan", "optional<string>", id},
                  {"features", "list<string>", {.max_length = 200}, Value::list({})},
                  {"license_type", "optional<string>", id},
                  {"support_plan", "optional<string>", id},
                  {"package", "optional<string>", id},
                  {"timeline", "optional<string>", id},
                  {"path", "optional<string>", id},
                  {"quantity",
                   "int",
                   {.min = 1, .max = static_cast<double>(k_max_quantity)},
                   Value::integer(1)}});
  declare.object("buyer",
                 {{"country", "optional<string>", {.pattern = "[A-Z]{2}"}},
                  {"tax_id", "optional<string>", {.min_length = 1, .max_length = 64}},
                  {"customer_id", "optional<string>", {.max_length = 200}}});
  return declare.object("quote_request",
                        {{"items", "list<selection>", {.min_length = 1, .max_length = 50}},
                         {"currency", "string", {.pattern = "[A-Z]{3}"}},
                         {"cycle", "optional<enum(monthly|quarterly|annual)>"},
                         {"coupon", "optional<string>", {.min_length = 1, .max_length = 64}},
                         {"buyer", "optional<buyer>"},
                         {"gateway", "optional<string>", id},
                         {"expires_in_seconds",
                          "int",
                          {.min = 1, .max = k_most_days},
                          Value::integer(k_three_days)}});
}

}  // namespace

const types::Type& quote_request_type() {
  static const types::TypeRef k_type = make_type();
  return *k_type;
}

QuoteRequest read_quote_request(const Value& body) {
  QuoteRequest request;
  for (const Value& item : body.find("items")->as_list())
    request.items.push_back(read_selection(item));
  request.terms.currency = std::string(body.text_at("currency"));
  request.terms.cycle = std::string(body.text_at("cycle"));
  request.coupon = std::string(body.text_at("coupon"));
  request.gateway = std::string(body.text_at("gateway"));
  request.expires_in_seconds = body.find("expires_in_seconds")->as_integer();
  if (const Value* buyer = body.find("buyer")) {
    request.country = std::string(buyer->text_at("country"));
    request.tax_id = std::string(buyer->text_at("tax_id"));
    request.customer_id = std::string(buyer->text_at("customer_id"));
  }
  return request;
}

}  // namespace vozex::catalog
