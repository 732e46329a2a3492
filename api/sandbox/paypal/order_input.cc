// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/currency.h"
#include "api/sandbox/paypal/paypal.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_longest_reference = 127;

tl::unexpected<Outgoing> invalid(const std::string& issue, const std::string& description) {
  return tl::unexpected(paypal_error(400, "INVALID_REQUEST", issue, description));
}

tl::unexpected<Outgoing> unprocessable(const std::string& issue, const std::string& description) {
  return tl::unexpected(paypal_error(422, "UNPROCESSABLE_ENTITY", issue, description));
}

}  // namespace

tl::expected<Session, Outgoing> read_paypal_order(const json& body) {
  if (!body.is_object()) return invalid("MALFORMED_REQUEST_JSON", "expected a JSON object");
  const auto units = body.find("purchase_units");
  if (text_at(body, "intent") != "CAPTURE" || units == body.end() || !units->is_array() ||
      units->size() != 1)
    return invalid("MISSING_REQUIRED_PARAMETER", "intent CAPTURE with one purchase unit is played");
  const json& unit = units->front();
  const json amount = object_at(unit, "amount");
  Session session;
  session.currency = text_at(amount, "currency_code");
  const auto minor = minor_of(text_at(amount, "value"), session.currency);
  if (session.currency.size() != 3 || !minor || *minor < 1)
    return unprocessable("DECIMAL_PRECISION", "the amount can't be read in its currency");
  const std::string custom = text_at(unit, "custom_id");
  const std::string reference = text_at(unit, "reference_id");
  if (custom.size() > k_longest_reference)
    return invalid("INVALID_STRING_MAX_LENGTH", "custom_id is too long");
  session.amount = *minor;
  const std::string title = text_at(unit, "description");
  session.cart = {{title.empty() ? "Order" : title, 1, *minor}};
  session.payment_metadata = {{"payment_id", custom}, {"order_id", reference}};
  session.metadata = session.payment_metadata;
  session.extra = {{"invoice_id", text_at(unit, "invoice_id")}};
  session.return_url = text_at(
      object_at(object_at(object_at(body, "payment_source"), "paypal"), "experience_context"),
      "return_url");
  return session;
}

tl::expected<RefundAsk, Outgoing> read_paypal_refund(const json& body, const Payment& payment) {
  if (!body.is_object()) return invalid("MALFORMED_REQUEST_JSON", "expected a JSON object");
  RefundAsk ask;
  ask.payment_id = payment.id;
  ask.reason = text_at(body, "note_to_payer");
  ask.metadata = {{"request_id", text_at(body, "custom_id")}};
  if (!body.contains("amount")) return ask;
  const json amount = object_at(body, "amount");
  if (text_at(amount, "currency_code") != payment.currency)
    return unprocessable("REFUND_CAPTURE_CURRENCY_MISMATCH", "another currency than the capture's");
  ask.amount = minor_of(text_at(amount, "value"), payment.currency);
  if (!ask.amount) return unprocessable("DECIMAL_PRECISION", "the amount can't be read");
  return ask;
}

}  // namespace vozex::sandbox
