// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/families.h"
#include "adapters/payments/stripe/normalise.h"
#include "adapters/payments/stripe/stripe_amounts.h"

namespace vozex::payments {
namespace {

using types::Value;

// The event in which a payment fails. `final`: nothing more can come of it at the gateway.
void fail_payment(Normal& out, std::string_view reason, bool final) {
  out.type = "payment.failed";
  out.facts.text("reason", reason.empty() ? "failed" : reason).flag("final", final);
}

void succeed(Normal& out, const Value& object, std::string_view total) {
  out.type = "payment.succeeded";
  const auto captured = stripe_amount(object, total);
  out.facts.number("captured_total", captured);
  if (!captured || object.text_at("currency").empty())
    out.missing = std::string(total) + " or currency";
  const bool free = total == "amount_total" && captured == 0;  // a session: nothing was to be paid
  if (!free) must_be_taken(out, captured, "/data/object/" + std::string(total));
}

// Money that doesn't say what it is for may be an invoice's: its look-up finds the subscription.
void look_for_invoice(Normal& out, const Value& object, std::string_view gateway_ref) {
  const auto invoice = id_at(object, "invoice");  // before 2025-03-31
  out.facts.text("invoice_ref", invoice);
  const bool can_be_found = !invoice.empty() || gateway_ref.starts_with("pi_");
  if (can_be_found && map_at(object, "metadata").text_at("payment_id").empty())
    out.needs_lookup = true;
}

std::string charge_ref(const Value& charge) {
  const auto intent = id_at(charge, "payment_intent");
  return intent.empty() ? std::string(charge.text_at("id")) : intent;
}

// The dispute is won where the money stays: withdrawn, prevented, or an inquiry that ended.
std::string_view dispute_state(std::string_view status) {
  if (status == "won" || status == "warning_closed" || status == "prevented") return "won";
  return status == "lost" ? "lost" : "opened";
}

}  // namespace

void add_stripe_references(Object& facts, const Value& object) {
  const Value metadata = map_at(object, "metadata");
  facts.text("payment_id", metadata.text_at("payment_id"))
      .text("order_id", metadata.text_at("order_id"));
}

std::optional<std::int64_t> stripe_amount(const Value& object, std::string_view name) {
  return from_stripe(int_at(object, name), object.text_at("currency"));
}

void add_stripe_money(Object& facts,
                      std::string_view fact,
                      const Value& object,
                      std::string_view name) {
  facts.money(fact, stripe_amount(object, name), object.text_at("currency"));
}

Normal stripe_session(const StripeWire& wire) {
  const Value& session = wire.object;
  Normal out;
  add_stripe_references(out.facts, session);
  add_stripe_money(out.facts, "amount", session, "amount_total");
  if (map_at(session, "metadata").text_at("payment_id").empty())
    out.facts.text("payment_id", session.text_at("client_reference_id"));
  out.facts.text("session_ref", session.text_at("id"))
      .text("gateway_ref", id_at(session, "payment_intent"))
      .text("subscription_ref", id_at(session, "subscription"))
      .text("customer_ref", id_at(session, "customer"));
  if (session.text_at("id").empty()) out.missing = "id";
  const bool paid = session.text_at("payment_status") != "unpaid";
  if (wire.what == "expired") {
    out.type = "checkout.expired";
  } else if (wire.what == "async_payment_failed") {
    fail_payment(out, "async_payment_failed", true);
    out.facts.text("attempt_ref", session.text_at("id"));
  } else if (wire.what == "completed" || wire.what == "async_payment_succeeded") {
    if (session.text_at("mode") == "setup") {
      out.type = "payment_method.updated";
      out.facts.flag("ok", true);
    } else if (session.text_at("mode") == "subscription") {
      out.type = "checkout.completed";  // the subscription's own events say the rest
      out.facts.flag("paid", paid);
    } else if (!paid) {
      out.type = "payment.processing";  // a delayed method: deliver only when it was paid
    } else {
      succeed(out, session, "amount_total");
      if (id_at(session, "payment_intent").empty())  // nothing was to be paid
        out.facts.text("gateway_ref", session.text_at("id"));
    }
  }
  return out;
}

Normal stripe_intent(const StripeWire& wire) {
  const Value& intent = wire.object;
  const Value problem = map_at(intent, "last_payment_error");
  Normal out;
  add_stripe_references(out.facts, intent);
  out.facts.text("gateway_ref", intent.text_at("id"))
      .text("customer_ref", id_at(intent, "customer"));
  if (intent.text_at("id").empty()) out.missing = "id";
  if (wire.what == "succeeded") {
    add_stripe_money(out.facts, "amount", intent, "amount_received");
    succeed(out, intent, "amount_received");
    look_for_invoice(out, intent, intent.text_at("id"));
    return out;
  }
  if (wire.what == "amount_capturable_updated") {
    out.type = "payment.authorised";
    add_stripe_money(out.facts, "amount", intent, "amount_capturable");
    return out;
  }
  add_stripe_money(out.facts, "amount", intent, "amount");
  if (wire.what == "created" || wire.what == "processing" || wire.what == "partially_funded") {
    out.type = "payment.processing";
    out.facts.text("state", intent.text_at("status"));
  } else if (wire.what == "requires_action") {
    out.type = "payment.action_required";
  } else if (wire.what == "payment_failed") {
    // Not the end: the intent waits for another payment method.
    const auto decline = problem.text_at("decline_code");
    fail_payment(out, decline.empty() ? problem.text_at("code") : decline, false);
    look_for_invoice(out, intent, intent.text_at("id"));
    const auto charge = id_at(intent, "latest_charge");
    out.facts.text("message", problem.text_at("message"))
        .text("attempt_ref", charge.empty() ? std::string(problem.text_at("charge")) : charge);
  } else if (wire.what == "canceled") {
    const auto reason = intent.text_at("cancellation_reason");
    fail_payment(out, reason.empty() ? "cancelled" : reason, true);
    out.facts.text("attempt_ref", intent.text_at("id"));
  }
  return out;
}

Normal stripe_charge(const StripeWire& wire) {
  const Value& charge = wire.object;
  const Value* held = charge.find("captured");
  // Only a body that says so: an absent flag is no authorisation.
  const bool uncaptured = held != nullptr && !true_at(charge, "captured");
  Normal out;
  add_stripe_references(out.facts, charge);
  out.facts.text("gateway_ref", charge_ref(charge))
      .text("charge_ref", charge.text_at("id"))
      .text("customer_ref", id_at(charge, "customer"));
  add_stripe_money(out.facts, "amount", charge, "amount");
  if (charge.text_at("id").empty()) out.missing = "id";
  // Older shapes have no amount_captured: a capture took all of it.
  const std::string_view taken =
      int_at(charge, "amount_captured") ? "amount_captured" : std::string_view("amount");
  if (wire.what == "captured" || (wire.what == "succeeded" && !uncaptured)) {
    succeed(out, charge, taken);
    look_for_invoice(out, charge, charge_ref(charge));
  } else if (wire.what == "succeeded") {
    out.type = "payment.authorised";
  } else if (wire.what == "pending") {
    out.type = "payment.processing";
  } else if (wire.what == "updated") {
    out.type = "payment.updated";
  } else if (wire.what == "failed") {
    fail_payment(out, charge.text_at("failure_code"), false);
    look_for_invoice(out, charge, charge_ref(charge));
    out.facts.text("message", charge.text_at("failure_message"))
        .text("attempt_ref", charge.text_at("id"));
  } else if (wire.what == "expired" || (wire.what == "refunded" && uncaptured)) {
    // Money that was held and never taken is let go: no refund.
    fail_payment(
        out, wire.what == "expired" ? "authorisation_expired" : "authorisation_released", true);
    out.facts.text("attempt_ref", charge.text_at("id"));
  } else if (wire.what == "refunded") {
    out.type = "refund.changed";
    const auto refunds = list_at(map_at(charge, "refunds"), "data");  // older shapes, newest first
    if (!refunds.empty()) {
      out.facts.text("refund_ref", refunds.front().text_at("id"))
          .text("request_id", map_at(refunds.front(), "metadata").text_at("request_id"));
    }
    out.facts.flag("ok", true)
        .text("state", "succeeded")
        .number("captured_total", stripe_amount(charge, taken))
        .number("refunded_total", stripe_amount(charge, "amount_refunded"));
    if (!int_at(charge, "amount_refunded")) out.missing = "amount_refunded";
  }
  return out;
}

Normal stripe_refund(const StripeWire& wire) {
  Normal out;
  if (wire.what != "created" && wire.what != "updated" && wire.what != "failed") return out;
  const Value& refund = wire.object;
  const auto status = refund.text_at("status");
  out.type = "refund.changed";
  out.needs_lookup = true;  // the body knows this refund only
  add_stripe_references(out.facts, refund);
  add_stripe_money(out.facts, "amount", refund, "amount");
  out.facts.text("refund_ref", refund.text_at("id"))
      .text("gateway_ref", charge_ref_of(refund))
      .text("charge_ref", id_at(refund, "charge"))
      .text("request_id", map_at(refund, "metadata").text_at("request_id"))
      .text("reason", refund.text_at("reason"))
      .text("failure", refund.text_at("failure_reason"))
      .text("state", status)
      .flag("ok", status == "succeeded");
  if (refund.text_at("id").empty() || charge_ref_of(refund).empty())
    out.missing = "id, payment_intent or charge";
  return out;
}

Normal stripe_dispute(const StripeWire& wire) {
  Normal out;
  constexpr std::string_view k_words = " created updated funds_withdrawn funds_reinstated closed ";
  if (k_words.find(" " + std::string(wire.what) + " ") == std::string_view::npos) return out;
  const Value& dispute = wire.object;
  const auto status = dispute.text_at("status");
  out.type = "dispute.changed";
  add_stripe_references(out.facts, dispute);
  add_stripe_money(out.facts, "amount", dispute, "amount");
  out.facts.text("gateway_ref", charge_ref_of(dispute))
      .text("charge_ref", id_at(dispute, "charge"))
      .text("dispute_ref", dispute.text_at("id"))
      .text("state", dispute_state(status))
      .text("detail", wire.what.starts_with("funds_") ? wire.what : status)
      .text("stage", status.starts_with("warning_") ? "inquiry" : "dispute")
      .text("reason", dispute.text_at("reason"))
      .text("respond_by", moment_at(map_at(dispute, "evidence_details"), "due_by"));
  if (dispute.text_at("id").empty() || charge_ref_of(dispute).empty())
    out.missing = "id, payment_intent or charge";
  // Before payment intents were named here: the charge knows which it belongs to.
  out.needs_lookup = id_at(dispute, "payment_intent").empty();
  return out;
}

std::string charge_ref_of(const Value& object) {
  const auto intent = id_at(object, "payment_intent");
  return intent.empty() ? id_at(object, "charge") : intent;
}

}  // namespace vozex::payments
