// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/tax_adapter.h"

#include "adapters/catalog/money.h"
#include "adapters/catalog/rated_items.h"
#include "adapters/payments/amounts.h"

namespace vozex::catalog {
namespace {

using types::Value;

constexpr std::int64_t k_whole = 10'000;  // basis points

Value answer(const Value& title, Value::List items) {
  return Value::object({{"title", title}, {"items", Value::list(std::move(items))}});
}

// 1900 = "19 %", 775 = "7.75 %".
std::string rate_text(std::int64_t basis_points) {
  std::string text = payments::format_decimal(basis_points, 2);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text + " %";
}

}  // namespace

ports::CallReply TaxAdapter::call(const ports::CallRequest& request) {
  if (request.operation != "assess") {
    return tl::unexpected(
        rating_error("invalid_input", "the adapter tax has no operation " + request.operation));
  }
  const std::string country(request.input.text_at("country"));
  const std::string currency(request.input.text_at("currency"));
  const auto items = read_items(request.input);
  if (!items) return tl::unexpected(items.error());
  const auto tax = active_document(catalog_, request.tenant, {EntryKind::tax, country});
  if (!tax) return tl::unexpected(tax.error());
  if (!*tax) return answer(Value::string("No tax is known for " + country), {});
  const std::int64_t rate = (*tax)->find("basis_points")->as_integer();
  const bool pays_itself = (*tax)->find("business_pays_itself")->as_boolean() &&
                           !request.input.text_at("tax_id").empty();
  Value::List out;
  for (const RatedItem& item : *items) {
    const std::int64_t minor = pays_itself ? 0 : share_of(item.minor, rate, k_whole);
    const std::string how = pays_itself
                                ? "the business pays the tax itself"
                                : rate_text(rate) + " of " + money_text(item.minor, currency);
    out.push_back(Value::object({{"item", Value::integer(item.item)},
                                 {"minor", Value::integer(minor)},
                                 {"how", Value::string(how)}}));
  }
  return answer(*(*tax)->find("title"), std::move(out));
}

}  // namespace vozex::catalog
