// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/dodo/checkout_input.h"

#include "api/sandbox/dodo/dodo.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_max_cart = 20;

tl::unexpected<Outgoing> invalid(const std::string& message, int status = 422) {
  return tl::unexpected(dodo_error(status, "INVALID_REQUEST_BODY", message));
}

bool metadata_fits(const json& metadata) {
  if (metadata.size() > 50) return false;
  for (const auto& [key, value] : metadata.items()) {
    if (key.size() > 40 || value.is_structured() || value.is_null()) return false;
    if (value.is_string() && value.get_ref<const std::string&>().size() > 500) return false;
  }
  return true;
}

tl::expected<Line, Outgoing> read_line(const json& item, const LineOf& line_of) {
  Line line = line_of(text_at(item, "product_id"));
  const auto quantity = item.is_object() ? item.value("quantity", json(0)) : json(0);
  if (line.product.empty() || !quantity.is_number_integer() || quantity.get<std::int64_t>() < 1)
    return invalid("each item needs product_id and a quantity of at least 1");
  line.quantity = quantity.get<std::int64_t>();
  const auto price = item.value("amount", json());
  if (!price.is_null() && !price.is_number_integer()) return invalid("amount must be an integer");
  if (!price.is_null()) line.unit = price.get<std::int64_t>();
  return line;
}

}  // namespace

tl::expected<Session, Outgoing> read_dodo_checkout(const json& body, const LineOf& line_of) {
  if (!body.is_object()) return invalid("expected a JSON object", 400);
  const auto cart = body.find("product_cart");
  if (cart == body.end() || !cart->is_array() || cart->empty() || cart->size() > k_max_cart)
    return invalid("product_cart must hold 1 to 20 items");
  Session session;
  for (const auto& item : *cart) {
    const auto line = read_line(item, line_of);
    if (!line) return tl::unexpected(line.error());
    session.cart.push_back(*line);
  }
  session.metadata = session.payment_metadata = object_at(body, "metadata");
  if (!metadata_fits(session.metadata)) return invalid("metadata is too large");
  session.customer = object_at(body, "customer");
  session.currency = text_at(body, "billing_currency");
  if (session.currency.empty()) session.currency = "USD";
  session.return_url = text_at(body, "return_url");
  const json terms = object_at(body, "subscription_data");
  // There, a product says whether it recurs; here our own reference does.
  if (body.contains("subscription_data") || session.metadata.contains("subscription_id")) {
    const json days = terms.value("trial_period_days", json(0));
    if (!days.is_number_integer() || days < 0) return invalid("trial_period_days must be a number");
    session.terms = Terms{days.get<std::int64_t>(), session.metadata, ""};
    // The seller's amount counts for what is paid once; what recurs costs what its product costs.
    for (Line& line : session.cart) line.unit = line_of(line.product).unit;
  }
  for (const Line& line : session.cart) session.amount += line.unit * line.quantity;
  return session;
}

tl::expected<RefundAsk, Outgoing> read_dodo_refund(const json& body) {
  if (!body.is_object()) return invalid("expected a JSON object", 400);
  RefundAsk ask;
  ask.payment_id = text_at(body, "payment_id");
  ask.reason = text_at(body, "reason");
  ask.metadata = object_at(body, "metadata");
  const auto items = body.find("items");
  if (items == body.end() || !items->is_array() || items->empty()) return ask;
  std::int64_t amount = 0;
  for (const auto& item : *items) {
    const auto share = item.is_object() ? item.value("amount", json()) : json();
    if (!share.is_number_integer() || share.get<std::int64_t>() < 1)
      return invalid("each item needs item_id and a positive amount");
    amount += share.get<std::int64_t>();
  }
  ask.amount = amount;
  return ask;
}

}  // namespace vozex::sandbox
