// SPDX-License-Identifier: Apache-2.0
#include "api/handlers/checkout_input.h"

#include <cstdint>
#include <vector>

#include "engine/types/currency.h"

namespace vozex::handlers {
namespace {

using types::Fault;
using types::Value;

// The sum of the items' prices, as far as they are prices of one currency; what isn't is a fault.
class Sum {
 public:
  void add(const Value& item, const std::string& place, std::vector<Fault>& faults) {
    const Value* price = item.find("price");
    const Value* minor = price == nullptr ? nullptr : price->find("minor");
    if (minor == nullptr || minor->kind() != types::Kind::integer) {
      faults.push_back({place + "/price", "expected {minor: int, currency: string}"});
      return;
    }
    const std::string currency(price->text_at("currency"));
    if (currency_.empty()) currency_ = currency;
    if (!types::is_currency(currency)) {
      faults.push_back({place + "/price/currency",
                        "expected a currency of ISO 4217, such as USD, got " + currency});
    }
    if (currency != currency_) {
      faults.push_back({place + "/price/currency",
                        "expected " + currency_ + " as in the first item, got " + currency});
    }
    if (minor->as_integer() < 0) faults.push_back({place + "/price/minor", "a price is 0 or more"});
    if (__builtin_add_overflow(minor_, minor->as_integer(), &minor_)) {
      faults.push_back({place + "/price/minor", "the sum is too large"});
    }
  }

  bool is_zero() const { return minor_ == 0; }

  Value total() const {
    return Value::object(
        {{"minor", Value::integer(minor_)}, {"currency", Value::string(currency_)}});
  }

 private:
  std::int64_t minor_ = 0;
  std::string currency_;
};

Value with_default(const Value& object, const char* member, const std::string& text) {
  const Value* present = object.find(member);
  if (present != nullptr && !present->is_null()) return object;
  return object.with(member, Value::string(text));
}

std::string derived(const char* prefix, std::initializer_list<std::string_view> parts) {
  return prefix + uuid_text(digest128(parts));
}

Value items_of(const Value& body,
               const std::string& order_id,
               Sum& sum,
               std::vector<Fault>& faults) {
  const Value* items = body.find("items");
  if (items == nullptr || !items->is_list() || items->as_list().empty()) {
    faults.push_back({"/items", "expected a list with at least one item"});
    return Value::list({});
  }
  Value::List out;
  for (const Value& item : items->as_list()) {
    const std::string place = "/items/" + std::to_string(out.size());
    if (!item.is_map()) {
      faults.push_back(
          {place, "expected an item: an object with product_id, title, driver, price"});
      continue;
    }
    sum.add(item, place, faults);
    Value named =
        with_default(item, "order_item_id", order_id + "-" + std::to_string(out.size() + 1));
    if (named.find("config") == nullptr) named = named.with("config", Value::map({}));
    out.push_back(std::move(named));
  }
  return Value::list(std::move(out));
}

}  // namespace

Asked<CheckoutInput> checkout_input(const Value& body, const std::string& new_id) {
  std::vector<Fault> faults;
  if (!body.is_map()) return Refusal(invalid_body({{"", "expected an object"}}));
  Value input = with_default(body, "order_id", new_id);
  const std::string order_id(input.text_at("order_id"));
  if (order_id.empty() || order_id.size() > 200)
    faults.push_back({"/order_id", "expected a string of 1 to 200 bytes"});
  if (const Value* customer = input.find("customer"); customer != nullptr && customer->is_map()) {
    // The same address is the same customer, however its letters are written: else a limit for each
    // customer would be one for each spelling.
    const std::string email = http::ascii_lower(customer->text_at("email"));
    input = input.with(
        "customer", with_default(*customer, "customer_id", derived("cus_", {"customer", email})));
  } else {
    faults.push_back({"/customer", "expected an object with an email"});
  }
  Sum sum;
  input = input.with("items", items_of(input, order_id, sum, faults));
  if (faults.empty() && sum.is_zero())
    faults.push_back({"/items", "expected prices that make more than 0: no gateway takes nothing"});
  const Value* total = input.find("total");
  if (total == nullptr || total->is_null()) {
    input = input.with("total", sum.total());
  } else if (faults.empty() && !(*total == sum.total())) {
    const Value expected = sum.total();
    faults.push_back({"/total",
                      "expected the sum of the items, " +
                          std::to_string(expected.find("minor")->as_integer()) + " " +
                          std::string(expected.text_at("currency"))});
  }
  if (!faults.empty()) return Refusal(invalid_body(faults));
  return CheckoutInput{order_id, std::move(input)};
}

}  // namespace vozex::handlers
