// SPDX-License-Identifier: Apache-2.0
#include "adapters/catalog/coupons_adapter.h"

#include <algorithm>

#include "adapters/catalog/money.h"
#include "adapters/catalog/product.h"
#include "adapters/catalog/rated_items.h"

namespace vozex::catalog {
namespace {

using types::Value;

// A timestamp of a document, which is kept as text.
std::optional<Timestamp> time_at(const Value& document, std::string_view name) {
  return parse_timestamp(document.text_at(name));
}

// What is taken off each item; the same order.
std::vector<std::int64_t> discounts(const Value& coupon,
                                    const std::vector<RatedItem>& items,
                                    const std::string& currency) {
  std::vector<std::int64_t> off;
  if (const Value* percent = coupon.find("percent")) {
    for (const RatedItem& item : items)
      off.push_back(percent_of(item.minor, percent->as_integer()));
    return off;
  }
  const Value* amount = coupon.find("amount")->find(currency);
  if (amount == nullptr) return off;
  std::vector<std::int64_t> weights;
  std::int64_t sum = 0;
  for (const RatedItem& item : items) {
    weights.push_back(item.minor);
    sum += item.minor;
  }
  return deal_out(std::min(amount->as_integer(), sum), weights);
}

// What `quota` counts for one order with this coupon. One that is gone limits nothing: quotes are
// honoured.
Value limits_of(const Value& coupon, const std::string& code, std::string_view customer) {
  Value::List limits;
  const auto add = [&](std::string_view name, const std::string& quota) {
    const Value* limit = coupon.find(name);
    if (limit == nullptr || limit->is_null()) return;
    limits.push_back(Value::object({{"quota_id", Value::string(quota)}, {"limit", *limit}}));
  };
  // The narrow one first: who may not use it again takes nothing from the others.
  if (!customer.empty())
    add("max_uses_per_customer", "coupon/" + code + "/" + std::string(customer));
  add("max_uses", "coupon/" + code);
  return Value::object({{"limits", Value::list(std::move(limits))}});
}

}  // namespace

ports::CallReply CouponsAdapter::limits(const ports::CallRequest& request) const {
  const std::string code(request.input.text_at("code"));
  const auto coupon = active_document(catalog_, request.tenant, {EntryKind::coupon, code});
  if (!coupon) return tl::unexpected(coupon.error());
  const Value none = Value::map({});
  return limits_of(*coupon ? **coupon : none, code, request.input.text_at("customer_id"));
}

ports::CallReply CouponsAdapter::call(const ports::CallRequest& request) {
  if (request.operation == "limits") return limits(request);
  if (request.operation != "apply") {
    return tl::unexpected(
        rating_error("invalid_input", "the adapter coupons has no operation " + request.operation));
  }
  const std::string code(request.input.text_at("code"));
  auto items = read_items(request.input);
  if (!items) return tl::unexpected(items.error());
  const auto coupon = active_document(catalog_, request.tenant, {EntryKind::coupon, code});
  if (!coupon) return tl::unexpected(coupon.error());
  if (!*coupon) return tl::unexpected(rating_error("unknown_coupon", "there is no coupon " + code));
  const Timestamp now = clock_.now();
  const auto from = time_at(**coupon, "valid_from");
  const auto until = time_at(**coupon, "valid_until");
  if ((from && now < *from) || (until && *until <= now))
    return tl::unexpected(rating_error("coupon_not_valid_now", "the coupon is not valid today"));
  const auto products = texts((*coupon)->find("products"));
  std::erase_if(*items, [&](const RatedItem& item) {
    return !products.empty() &&
           std::find(products.begin(), products.end(), item.product_id) == products.end();
  });
  const auto off = discounts(**coupon, *items, std::string(request.input.text_at("currency")));
  if (off.empty()) {
    return tl::unexpected(rating_error("coupon_not_applicable",
                                       "the coupon is for other products or another currency"));
  }
  Value::List out;
  for (std::size_t i = 0; i < off.size(); ++i) {
    out.push_back(Value::object(
        {{"item", Value::integer((*items)[i].item)}, {"minor", Value::integer(off[i])}}));
  }
  return Value::object(
      {{"title", *(*coupon)->find("title")}, {"items", Value::list(std::move(out))}});
}

}  // namespace vozex::catalog
