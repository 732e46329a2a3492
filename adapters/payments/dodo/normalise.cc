// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/dodo/normalise.h"

#include "adapters/payments/dodo/subscriptions.h"
#include "adapters/payments/normal.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

using types::Value;

constexpr std::string_view k_dispute_words =
    " opened expired accepted cancelled challenged won lost ";

// What a normaliser of one family of events gets, and what it makes.
struct Wire {
  std::string_view family;  // "payment"
  std::string_view what;    // "succeeded"
  const Value& data;
};

// Our references, put into metadata when the object was made.
void add_ours(Object& facts, const Value& data) {
  const Value metadata = map_at(data, "metadata");
  facts.text("payment_id", metadata.text_at("payment_id"))
      .text("order_id", metadata.text_at("order_id"));
}

std::string payment_truth(std::string_view what, std::string_view status) {
  if (what == "succeeded" || status == "succeeded") return "succeeded";
  if (status == "failed" || status == "cancelled") return std::string(status);
  return std::string(what);
}

Normal payment(const Wire& wire) {
  const Value& data = wire.data;
  const auto truth = payment_truth(wire.what, data.text_at("status"));
  const auto total = int_at(data, "total_amount");
  const auto currency = data.text_at("currency");
  Normal out;
  add_ours(out.facts, data);
  out.facts.text("gateway_ref", data.text_at("payment_id"))
      .text("session_ref", data.text_at("checkout_session_id"))
      .text("subscription_ref", data.text_at("subscription_id"))
      .money("amount", total, currency);
  if (data.text_at("payment_id").empty()) out.missing = "payment_id";
  if (true_at(data, "is_update_payment_method")) {
    out.type = "payment_method.updated";
    out.facts.flag("ok", truth == "succeeded");
  } else if (truth == "succeeded" && total == 0 && !data.text_at("subscription_id").empty()) {
    out.type = "payment_method.updated";  // a trial begins: what will pay is known, nothing is paid
    out.facts.flag("ok", true);
  } else if (truth == "succeeded") {
    out.type = "payment.succeeded";
    out.facts.number("captured_total", total);
    if (!total || currency.empty()) out.missing = "total_amount or currency";
    must_be_taken(out, total, "/data/total_amount");
  } else if (truth == "failed" || truth == "cancelled") {
    out.type = "payment.failed";
    const auto code = data.text_at("error_code");
    out.facts.text("reason", code.empty() ? std::string_view(truth) : code)
        .text("message", data.text_at("error_message"))
        // The buyer may try again on the same page until it is cancelled.
        .flag("final", truth == "cancelled");
  } else {
    out.type = "payment.processing";
    out.facts.text("state", data.text_at("status"));
  }
  return out;
}

Normal refund(const Wire& wire) {
  const Value& data = wire.data;
  const auto amount = int_at(data, "amount");
  const auto status = data.text_at("status");
  const bool ok = wire.what == "succeeded" ? status != "failed" : status == "succeeded";
  Normal out;
  out.type = "refund.changed";
  add_ours(out.facts, data);
  out.facts.text("gateway_ref", data.text_at("payment_id"))
      .text("refund_ref", data.text_at("refund_id"))
      .text("request_id", map_at(data, "metadata").text_at("request_id"))
      .text("reason", data.text_at("reason"))
      .money("amount", amount, data.text_at("currency"))
      .flag("ok", ok);
  if (data.text_at("payment_id").empty() || data.text_at("refund_id").empty()) {
    out.missing = "payment_id or refund_id";
  }
  // The body knows this refund only; the total of the payment is known when this one is all of it.
  if (ok && amount && !true_at(data, "is_partial")) {
    out.facts.number("refunded_total", amount);
  } else {
    out.needs_lookup = true;
  }
  return out;
}

enum class Side { undecided, seller, buyer };

// Withdrawn or won: the money stays. Accepted, lost, or the time to answer ran out: it is gone.
Side side_of(std::string_view word) {
  if (word == "won" || word == "cancelled") return Side::seller;
  if (word == "lost" || word == "accepted" || word == "expired") return Side::buyer;
  return Side::undecided;
}

// The type says what happened, the status what is true at this delivery: a late one tells the
// newest. What was decided is not undecided by a status.
std::string_view dispute_truth(const Wire& wire) {
  constexpr std::string_view k_prefix = "dispute_";
  std::string_view status = wire.data.text_at("dispute_status");
  if (!status.starts_with(k_prefix)) return wire.what;
  status.remove_prefix(k_prefix.size());
  const bool known =
      k_dispute_words.find(" " + std::string(status) + " ") != std::string_view::npos;
  const bool regress = side_of(status) == Side::undecided && side_of(wire.what) != Side::undecided;
  return known && !regress ? status : wire.what;
}

Normal dispute(const Wire& wire) {
  const Value& data = wire.data;
  Normal out;
  out.type = "dispute.changed";
  const std::string_view now = dispute_truth(wire);
  const Side side = side_of(now);
  add_ours(out.facts, data);
  out.facts.text("gateway_ref", data.text_at("payment_id"))
      .text("dispute_ref", data.text_at("dispute_id"))
      .text("state",
            side == Side::seller  ? "won"
            : side == Side::buyer ? "lost"
                                  : "opened")
      .text("detail", now)
      .text("stage", data.text_at("dispute_stage"))
      .text("reason", data.text_at("reason"))
      .money("amount", int_at(data, "amount"), data.text_at("currency"));
  if (data.text_at("payment_id").empty()) out.missing = "payment_id";
  return out;
}

Normal subscription(const Wire& wire) {
  Normal out;
  out.type = "subscription." + subscription_word(wire.what);
  add_ours(out.facts, wire.data);
  add_subscription(out.facts, wire.data);
  if (wire.data.text_at("subscription_id").empty()) out.missing = "subscription_id";
  return out;
}

Normal license_key(const Wire& wire) {
  Normal out;
  out.type = "license_key." + std::string(wire.what);
  // Never the key itself: events are kept and shown.
  out.facts.text("license_ref", wire.data.text_at("id"))
      .text("status", wire.data.text_at("status"))
      .text("gateway_ref", wire.data.text_at("payment_id"))
      .text("subscription_ref", wire.data.text_at("subscription_id"))
      .text("product_ref", wire.data.text_at("product_id"))
      .text("customer_ref", wire.data.text_at("customer_id"));
  return out;
}

Normal payout(const Wire& wire) {
  Normal out;
  out.type = "payout.changed";
  out.facts.text("payout_ref", wire.data.text_at("payout_id"))
      .text("state", wire.what)
      .text("status", wire.data.text_at("status"))
      .money("amount", int_at(wire.data, "amount"), wire.data.text_at("currency"));
  return out;
}

Normal credit(const Wire& wire) {
  Normal out;
  out.type = "credit.changed";
  out.facts.text("customer_ref", wire.data.text_at("customer_id"))
      .text("credit_ref", wire.data.text_at("credit_entitlement_id"))
      .text("state", wire.what)
      .text("amount", wire.data.text_at("amount"))
      .text("balance_after", wire.data.text_at("balance_after"));
  return out;
}

Normal abandoned_checkout(const Wire& wire) {
  Normal out;
  out.type = "checkout.abandoned";
  out.facts.text("gateway_ref", wire.data.text_at("payment_id"))
      .text("recovered_ref", wire.data.text_at("recovered_payment_id"))
      .text("customer_ref", wire.data.text_at("customer_id"))
      .text("state", wire.what)
      .text("reason", wire.data.text_at("abandonment_reason"));
  return out;
}

Normal dunning(const Wire& wire) {
  Normal out;
  out.type = "dunning.changed";
  out.facts.text("subscription_ref", wire.data.text_at("subscription_id"))
      .text("gateway_ref", wire.data.text_at("payment_id"))
      .text("customer_ref", wire.data.text_at("customer_id"))
      .text("state", wire.what)
      .text("trigger", wire.data.text_at("trigger_state"));
  return out;
}

Normal entitlement_grant(const Wire& wire) {
  Normal out;
  out.type = "entitlement.changed";
  add_ours(out.facts, wire.data);
  out.facts.text("grant_ref", wire.data.text_at("id"))
      .text("entitlement_ref", wire.data.text_at("entitlement_id"))
      .text("gateway_ref", wire.data.text_at("payment_id"))
      .text("subscription_ref", wire.data.text_at("subscription_id"))
      .text("customer_ref", wire.data.text_at("customer_id"))
      .text("kind", wire.data.text_at("integration_type"))
      .text("state", wire.what)
      .text("reason",
            wire.what == "failed" ? wire.data.text_at("error_code")
                                  : wire.data.text_at("revocation_reason"));
  return out;
}

// The words each family may carry; any other is a type we don't know.
struct Family {
  std::string_view name;
  std::string_view words;  // each between blanks
  Normal (*normalise)(const Wire&);
};

constexpr Family k_families[] = {
    {"payment", " succeeded failed processing cancelled ", payment},
    {"refund", " succeeded failed ", refund},
    {"dispute", k_dispute_words, dispute},
    {"subscription", k_subscription_words, subscription},
    {"license_key", " created ", license_key},
    {"payout", " created not_initiated on_hold in_progress failed success ", payout},
    {"credit",
     " added deducted expired rolled_over rollover_forfeited overage_charged overage_reset "
     "manual_adjustment "
     "balance_low ",
     credit},
    {"abandoned_checkout", " detected recovered ", abandoned_checkout},
    {"dunning", " started recovered ", dunning},
    {"entitlement_grant", " created delivered failed revoked ", entitlement_grant},
};

const Family* family_of(std::string_view name, std::string_view what) {
  for (const auto& family : k_families) {
    if (family.name == name && !what.empty() && what.find(' ') == std::string_view::npos &&
        family.words.find(" " + std::string(what) + " ") != std::string_view::npos) {
      return &family;
    }
  }
  return nullptr;
}

}  // namespace

Result<WebhookEvent> normalise_dodo(std::string_view id, std::string_view body, Timestamp now) {
  const auto envelope = types::parse_json(body);
  if (!envelope)
    return malformed("the body of a Dodo webhook must be JSON: " + envelope.error().message);
  const std::string type(envelope->text_at("type"));
  if (type.empty()) return malformed("a Dodo webhook must have a type");
  const Value data = map_at(*envelope, "data");
  const auto dot = type.find('.');
  const std::string_view family = std::string_view(type).substr(0, dot);
  const std::string_view what =
      dot == std::string::npos ? std::string_view{} : std::string_view(type).substr(dot + 1);
  const Family* known = family_of(family, what);
  Normal normal = known == nullptr ? unknown_event(data) : known->normalise({family, what, data});
  return finished(std::move(normal),
                  {"dodo",
                   std::string(id),
                   type,
                   parse_timestamp(envelope->text_at("timestamp")).value_or(now)});
}

}  // namespace vozex::payments
