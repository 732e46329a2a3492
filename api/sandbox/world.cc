// SPDX-License-Identifier: Apache-2.0
#include "api/sandbox/world.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "engine/base/assert.h"

namespace vozex::sandbox {
namespace {

constexpr std::size_t k_max_sessions = 500'000;
constexpr std::size_t k_max_cart = 20;
constexpr std::int64_t k_default_price = 4900;
constexpr const char* k_business = "bus_sandbox";

tl::unexpected<ApiError> refused(int status, std::string code, std::string message) {
  return tl::unexpected(ApiError{status, std::move(code), std::move(message)});
}

std::string text_at(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

json object_at(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_object() ? *found : json::object();
}

// Dodo's limits on metadata: 50 pairs, keys of 40 and values of 500 characters, no objects.
bool metadata_fits(const json& metadata) {
  if (metadata.size() > 50) return false;
  for (const auto& [key, value] : metadata.items()) {
    if (key.size() > 40 || value.is_structured() || value.is_null()) return false;
    if (value.is_string() && value.get_ref<const std::string&>().size() > 500) return false;
  }
  return true;
}

}  // namespace

std::string new_id(std::string_view prefix) {
  constexpr std::string_view k_letters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::array<unsigned char, 20> bytes{};
  VOZEX_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  std::string id(prefix);
  for (const auto byte : bytes) id += k_letters[byte % k_letters.size()];
  return id;
}

Api<const Session*> World::create_session(const json& body, Timestamp now) {
  if (!body.is_object()) return refused(400, "INVALID_REQUEST_BODY", "expected a JSON object");
  const auto cart = body.find("product_cart");
  if (cart == body.end() || !cart->is_array() || cart->empty() || cart->size() > k_max_cart) {
    return refused(422, "INVALID_REQUEST_BODY", "product_cart must hold 1 to 20 items");
  }
  Session session;
  session.cart = json::array();
  for (const auto& item : *cart) {
    const auto product = item.is_object() ? text_at(item, "product_id") : std::string();
    const auto quantity = item.is_object() ? item.value("quantity", json(0)) : json(0);
    const auto price = item.is_object() ? item.find("amount") : item.end();
    if (product.empty() || !quantity.is_number_integer() || quantity.get<std::int64_t>() < 1) {
      return refused(
          422, "INVALID_REQUEST_BODY", "each item needs product_id and a quantity of at least 1");
    }
    const auto listed = prices_.find(product);
    std::int64_t amount = listed == prices_.end() ? k_default_price : listed->second;
    if (price != item.end() && !price->is_null()) {
      if (!price->is_number_integer())
        return refused(422, "INVALID_REQUEST_BODY", "amount must be an integer");
      amount = price->get<std::int64_t>();
    }
    session.amount += amount * quantity.get<std::int64_t>();
    session.cart.push_back({{"product_id", product}, {"quantity", quantity}, {"amount", amount}});
  }
  session.metadata = object_at(body, "metadata");
  if (!metadata_fits(session.metadata))
    return refused(422, "INVALID_REQUEST_BODY", "metadata is too large");
  if (sessions_.size() == k_max_sessions)
    return refused(503, "SANDBOX_FULL", "restart the sandbox");
  session.id = new_id("cks_");
  session.customer = object_at(body, "customer");
  session.currency = text_at(body, "billing_currency");
  if (session.currency.empty()) session.currency = "USD";
  session.return_url = text_at(body, "return_url");
  session.created_at = now;
  session_at_[session.id] = sessions_.size();
  sessions_.push_back(std::move(session));
  return &sessions_.back();
}

const Session* World::session(std::string_view id) const {
  const auto found = session_at_.find(std::string(id));
  return found == session_at_.end() ? nullptr : &sessions_[found->second];
}

bool World::is_paid(const Session& session) const {
  for (const auto& id : session.payments) {
    if (payment(id)->status == "succeeded") return true;
  }
  return false;
}

const Payment& World::attempt(const Session& session, const Attempt& attempt, Timestamp now) {
  Payment payment;
  payment.id = new_id("pay_");
  payment.session_id = session.id;
  payment.status = attempt.status;
  payment.amount = attempt.amount;
  payment.currency = attempt.currency;
  if (attempt.status == "failed") payment.error_code = "CARD_DECLINED";
  payment.metadata = session.metadata;
  payment.customer = session.customer;
  payment.cart = session.cart;
  payment.created_at = now;
  sessions_[session_at_.at(session.id)].payments.push_back(payment.id);
  payment_at_[payment.id] = payments_.size();
  payments_.push_back(std::move(payment));
  return payments_.back();
}

const Payment* World::payment(std::string_view id) const {
  const auto found = payment_at_.find(std::string(id));
  return found == payment_at_.end() ? nullptr : &payments_[found->second];
}

Payment* World::find_payment(std::string_view id) {
  const auto found = payment_at_.find(std::string(id));
  return found == payment_at_.end() ? nullptr : &payments_[found->second];
}

std::int64_t World::refunded(const Payment& payment) const {
  std::int64_t sum = 0;
  for (const auto& id : payment.refunds)
    sum += refunds_.at(id.get<std::string>()).at("amount").get<std::int64_t>();
  return sum;
}

Api<json> World::create_refund(const json& body, Timestamp now) {
  Payment* payment = body.is_object() ? find_payment(text_at(body, "payment_id")) : nullptr;
  if (payment == nullptr) return refused(404, "PAYMENT_NOT_FOUND", "there is no such payment");
  if (payment->status != "succeeded")
    return refused(409, "PAYMENT_NOT_SUCCEEDED", "nothing was taken");
  const auto before = refunded(*payment);
  if (before >= payment->amount)
    return refused(409, "PAYMENT_ALREADY_REFUNDED", "the payment has been refunded");
  auto amount = payment->amount - before;
  const auto items = body.find("items");
  const bool partial = items != body.end() && items->is_array() && !items->empty();
  if (partial) {
    amount = 0;
    for (const auto& item : *items) {
      const auto share = item.is_object() ? item.value("amount", json()) : json();
      if (!share.is_number_integer() || share.get<std::int64_t>() < 1) {
        return refused(
            422, "INVALID_REQUEST_BODY", "each item needs item_id and a positive amount");
      }
      amount += share.get<std::int64_t>();
    }
  } else if (before > 0) {
    return refused(
        422, "REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT", "a part has been refunded: name the items");
  }
  if (before + amount > payment->amount) {
    return refused(422, "REFUND_AMOUNT_EXCEEDS_PAID_AMOUNT", "more than was paid");
  }
  json refund = {{"refund_id", new_id("ref_")},
                 {"payment_id", payment->id},
                 {"business_id", k_business},
                 {"amount", amount},
                 {"currency", payment->currency},
                 {"is_partial", amount < payment->amount},
                 {"status", "succeeded"},
                 {"reason", body.value("reason", json())},
                 {"customer", payment->customer},
                 {"metadata", object_at(body, "metadata")},
                 {"created_at", format_timestamp(now)}};
  const auto id = refund["refund_id"].get<std::string>();
  payment->refunds.push_back(id);
  refund_ids_.push_back(id);
  refunds_[id] = refund;
  return refund;
}

const json* World::refund(std::string_view id) const {
  const auto found = refunds_.find(std::string(id));
  return found == refunds_.end() ? nullptr : &found->second;
}

Api<json> World::dispute(std::string_view payment_id, const std::string& state, Timestamp now) {
  constexpr std::string_view k_states = " opened expired accepted cancelled challenged won lost ";
  Payment* payment = find_payment(payment_id);
  if (payment == nullptr) return refused(404, "PAYMENT_NOT_FOUND", "there is no such payment");
  if (state.empty() || k_states.find(" " + state + " ") == std::string_view::npos) {
    return refused(422, "INVALID_REQUEST_BODY", "state must be one of" + std::string(k_states));
  }
  if (payment->disputes.empty()) {
    payment->disputes.push_back({{"dispute_id", new_id("dp_")},
                                 {"payment_id", payment->id},
                                 {"business_id", k_business},
                                 {"amount", std::to_string(payment->amount)},
                                 {"currency", payment->currency},
                                 {"dispute_stage", "dispute"},
                                 {"reason", "fraudulent"},
                                 {"remarks", nullptr},
                                 {"created_at", format_timestamp(now)}});
  }
  payment->disputes[0]["dispute_status"] = "dispute_" + state;
  return payment->disputes[0];
}

json World::session_json(const Session& session) const {
  const Payment* last = session.payments.empty() ? nullptr : payment(session.payments.back());
  for (const auto& id : session.payments) {
    if (payment(id)->status == "succeeded") last = payment(id);
  }
  return {{"id", session.id},
          {"created_at", format_timestamp(session.created_at)},
          {"payment_id", last == nullptr ? json() : json(last->id)},
          {"payment_status", last == nullptr ? json() : json(last->status)},
          {"customer_email", session.customer.value("email", json())},
          {"customer_name", session.customer.value("name", json())}};
}

json World::payment_json(const Payment& payment) const {
  json refunds = json::array();
  for (const auto& id : payment.refunds) {
    json refund = refunds_.at(id.get<std::string>());
    refund.erase("metadata");  // as there: listed refunds lack it
    refund.erase("customer");
    refunds.push_back(std::move(refund));
  }
  const auto back = refunded(payment);
  const json error = payment.error_code.empty() ? json() : json(payment.error_code);
  return {{"payment_id", payment.id},
          {"business_id", k_business},
          {"brand_id", k_business},
          {"checkout_session_id", payment.session_id},
          {"status", payment.status},
          {"total_amount", payment.amount},
          {"currency", payment.currency},
          {"settlement_amount", payment.amount},
          {"settlement_currency", payment.currency},
          {"settlement_tax", nullptr},
          {"tax", nullptr},
          {"customer", payment.customer},
          {"billing", {{"country", "US"}, {"zipcode", "00000"}}},
          {"metadata", payment.metadata},
          {"product_cart", payment.cart},
          {"payment_method", "card"},
          {"card_last_four", "4242"},
          {"error_code", error},
          {"error_message", error.is_null() ? json() : json("The card was declined.")},
          {"refunds", refunds},
          {"refund_status", back == 0 ? json() : json(back < payment.amount ? "partial" : "full")},
          {"disputes", payment.disputes},
          {"subscription_id", nullptr},
          {"is_update_payment_method", false},
          {"created_at", format_timestamp(payment.created_at)},
          {"updated_at", nullptr}};
}

json World::line_items_json(const Payment& payment) const {
  // What was refunded is taken from the first items first.
  auto gone = refunded(payment);
  json items = json::array();
  std::size_t number = 0;
  for (const auto& line : payment.cart) {
    const auto amount =
        line.at("amount").get<std::int64_t>() * line.at("quantity").get<std::int64_t>();
    const auto taken = std::min(gone, amount);
    gone -= taken;
    items.push_back({{"items_id", payment.id + "_" + std::to_string(++number)},
                     {"name", line.at("product_id")},
                     {"amount", amount},
                     {"refundable_amount", amount - taken},
                     {"tax", 0}});
  }
  return {{"currency", payment.currency}, {"items", items}};
}

}  // namespace vozex::sandbox
