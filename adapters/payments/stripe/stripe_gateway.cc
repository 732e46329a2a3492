// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/stripe/stripe_gateway.h"

#include "adapters/payments/stripe/forms.h"
#include "adapters/payments/stripe/normalise.h"
#include "adapters/payments/stripe/signature.h"
#include "adapters/payments/stripe/states.h"
#include "adapters/payments/stripe/stripe_amounts.h"
#include "adapters/payments/wire.h"
#include "engine/types/json.h"

namespace vozex::payments {
namespace {

using http::percent_encode;
using types::Value;

constexpr int k_page_size = 100;
constexpr int k_max_pages = 5;
// A session lives 24 hours; the rest is slack for clocks.
constexpr std::chrono::seconds k_session_life = std::chrono::hours{26};

tl::unexpected<ports::CallError> cannot_say(const Money& money) {
  return tl::unexpected(call_error("invalid_input",
                                   "Stripe has no amount of " + std::to_string(money.minor) +
                                       " minor units of " + money.currency));
}

}  // namespace

StripeGateway::StripeGateway(StripeConfig config, const Surroundings& outside)
    : api_(std::move(config), outside) {}

Answer<Checkout> StripeGateway::create_checkout(const CheckoutRequest& request, Deadline deadline) {
  const auto form = session_form(request, api_.config().return_url);
  if (!form) return tl::unexpected(form.error());
  const auto answer =
      api_.post("/v1/checkout/sessions", *form, "checkout/" + request.payment_id, deadline);
  if (!answer) return tl::unexpected(answer.error());
  Checkout checkout{std::string(answer->text_at("url")),
                    std::string(answer->text_at("id")),
                    id_at(*answer, "payment_intent")};
  if (checkout.url.empty() || checkout.session_ref.empty())
    return tl::unexpected(bad_reply("Stripe's new session lacks id or url", Effect::changes));
  return checkout;
}

Answer<std::optional<Value>> StripeGateway::session_of(const std::string& payment_id,
                                                       Deadline deadline) const {
  const auto since = std::chrono::floor<std::chrono::seconds>(api_.outside().clock.now()) -
                     std::chrono::sys_seconds{} - k_session_life;
  std::string after;
  for (int page = 0; page < k_max_pages; ++page) {
    const auto answer =
        api_.get("/v1/checkout/sessions?limit=" + std::to_string(k_page_size) +
                     "&created%5Bgte%5D=" + std::to_string(since.count()) +
                     (after.empty() ? std::string() : "&starting_after=" + percent_encode(after)),
                 deadline);
    if (!answer) return tl::unexpected(answer.error());
    for (const auto& session : list_at(*answer, "data")) {
      if (map_at(session, "metadata").text_at("payment_id") == payment_id)
        return std::optional(session);
      after = std::string(session.text_at("id"));
    }
    if (!true_at(*answer, "has_more")) break;
  }
  return std::optional<Value>();
}

// Also when there were too many to look through: asking again carries the same key, so Stripe gives
// back the session it made, if it made one.
Answer<Settled<Checkout>> StripeGateway::find_checkout(const CheckoutRequest& request,
                                                       Deadline deadline) {
  const auto session = session_of(request.payment_id, deadline);
  if (!session) return tl::unexpected(session.error());
  if (!session->has_value()) return Settled<Checkout>{Outcome::not_happened, std::nullopt};
  return Settled<Checkout>{Outcome::happened,
                           Checkout{std::string((*session)->text_at("url")),
                                    std::string((*session)->text_at("id")),
                                    id_at(**session, "payment_intent")}};
}

Answer<PaymentState> StripeGateway::payment_of_session(const Value& session, Deadline deadline) {
  const auto intent = id_at(session, "payment_intent");
  if (intent.empty()) return state_of_session(session);
  auto state = payment({intent, "", ""}, deadline);
  if (state) state->session_ref = std::string(session.text_at("id"));
  return state;
}

Answer<PaymentState> StripeGateway::payment(const PaymentQuery& query, Deadline deadline) {
  if (!query.gateway_ref.empty()) {
    const bool is_charge = query.gateway_ref.starts_with("ch_");
    const auto answer = is_charge ? api_.get(stripe_path("charges", query.gateway_ref), deadline)
                                  : api_.get(stripe_path("payment_intents", query.gateway_ref) +
                                                 "?expand%5B%5D=latest_charge",
                                             deadline);
    if (!answer) return tl::unexpected(answer.error());
    auto state = is_charge ? state_of_charge(*answer) : state_of_intent(*answer);
    state.session_ref = query.session_ref;
    return state;
  }
  if (!query.session_ref.empty()) {
    const auto session = api_.get(stripe_path("checkout/sessions", query.session_ref), deadline);
    if (!session) return tl::unexpected(session.error());
    return payment_of_session(*session, deadline);
  }
  const auto session = session_of(query.payment_id, deadline);
  if (!session) return tl::unexpected(session.error());
  if (!session->has_value()) return PaymentState{};
  return payment_of_session(**session, deadline);
}

Answer<PaymentState> StripeGateway::capture(const CaptureRequest& request, Deadline deadline) {
  const auto state =
      payment({request.gateway_ref, request.session_ref, request.payment_id}, deadline);
  if (!state || state->status == PaymentStatus::captured) return state;
  if (state->status != PaymentStatus::authorised) {
    return tl::unexpected(
        call_error("not_approved", "the payment holds no money that could be captured"));
  }
  const auto answer = api_.post(stripe_path("payment_intents", state->gateway_ref) + "/capture",
                                {{"expand[]", "latest_charge"}},
                                "capture/" + state->gateway_ref + "/" + request.attempt,
                                deadline);
  if (!answer) return tl::unexpected(answer.error());
  auto captured = state_of_intent(*answer);
  captured.session_ref = state->session_ref;
  return captured;
}

Answer<Refund> StripeGateway::refund(const RefundRequest& request, Deadline deadline) {
  const auto before = payment({request.gateway_ref, "", ""}, deadline);
  if (!before) return tl::unexpected(before.error());
  if (auto refusal = refuse_refund(request, *before)) return tl::unexpected(*std::move(refusal));
  const auto amount = to_stripe(request.minor, before->amount.currency);
  if (!amount) return cannot_say({request.minor, before->amount.currency});
  const auto answer = api_.post("/v1/refunds",
                                refund_form(request, *amount),
                                "refund/" + request.gateway_ref + "/" + request.request_id,
                                deadline);
  if (!answer) return tl::unexpected(answer.error());
  auto refund = refund_of(*answer);
  if (refund.refund_ref.empty())
    return tl::unexpected(bad_reply("Stripe's refund lacks an id", Effect::changes));
  refund.refunded_total = before->refunded_total + (refund.status == "failed" ? 0 : refund.minor);
  return refund;
}

Answer<Settled<Refund>> StripeGateway::find_refund(const RefundRequest& request,
                                                   Deadline deadline) {
  const bool is_charge = request.gateway_ref.starts_with("ch_");
  const auto answer = api_.get("/v1/refunds?limit=" + std::to_string(k_page_size) + "&" +
                                   (is_charge ? "charge=" : "payment_intent=") +
                                   percent_encode(request.gateway_ref),
                               deadline);
  if (!answer) return tl::unexpected(answer.error());
  for (const auto& listed : list_at(*answer, "data")) {
    if (map_at(listed, "metadata").text_at("request_id") != request.request_id) continue;
    const auto now = payment({request.gateway_ref, "", ""}, deadline);
    if (!now) return tl::unexpected(now.error());
    auto found = refund_of(listed);
    found.refunded_total = now->refunded_total;
    return Settled<Refund>{Outcome::happened, std::move(found)};
  }
  if (true_at(*answer, "has_more")) return Settled<Refund>{Outcome::unclear, std::nullopt};
  return Settled<Refund>{Outcome::not_happened, std::nullopt};
}

Result<std::string> StripeGateway::verify_webhook(const http::Headers& headers,
                                                  std::string_view body,
                                                  Timestamp now) const {
  std::vector<std::string> secrets;
  for (const auto& name : api_.config().webhook_secrets) {
    if (auto secret = api_.outside().secrets.get(name)) secrets.push_back(*std::move(secret));
  }
  if (auto genuine = verify_stripe(secrets, headers, body, now); !genuine)
    return tl::unexpected(genuine.error());
  const auto event = types::parse_json(body);
  const std::string id(event ? event->text_at("id") : std::string_view());
  if (id.empty()) {
    return fail(ErrorClass::invalid,
                "webhook_payload_invalid",
                "the body of a Stripe webhook must be a JSON object with an id");
  }
  const auto ours = api_.environment();
  if (event->find("livemode") != nullptr && ours != Environment::unknown &&
      true_at(*event, "livemode") != (ours == Environment::live)) {
    return fail(ErrorClass::refused,
                "webhook_wrong_environment",
                ours == Environment::live ? "a test event has no place in a live system"
                                          : "a live event has no place in a test system");
  }
  return id;
}

Result<WebhookEvent> StripeGateway::normalise_webhook(std::string_view id,
                                                      std::string_view body,
                                                      Timestamp now) const {
  return normalise_stripe(id, body, now);
}

Answer<WebhookEvent> StripeGateway::complete_webhook(WebhookEvent event,
                                                     std::string_view,
                                                     Deadline deadline) {
  if (event.type.starts_with("payment.")) return with_subscription(std::move(event), deadline);
  std::string ref(event.data.text_at("charge_ref"));
  if (ref.empty()) ref = std::string(event.data.text_at("gateway_ref"));
  const auto known = payment({ref, "", ""}, deadline);
  if (!known && known.error().code != "not_found") return tl::unexpected(known.error());
  if (known) event.data = event.data.with("gateway_ref", Value::string(known->gateway_ref));
  if (event.type == "refund.changed") {
    // A payment that Stripe doesn't know has nothing but this refund: a test delivery.
    const auto of_this =
        true_at(event.data, "ok") ? int_at(map_at(event.data, "amount"), "minor").value_or(0) : 0;
    event.data =
        event.data.with("refunded_total", Value::integer(known ? known->refunded_total : of_this));
  }
  event.needs_lookup = false;
  return event;
}

Answer<bool> StripeGateway::check(Deadline deadline) {
  const auto answer = api_.get("/v1/balance", deadline);
  if (!answer) return tl::unexpected(answer.error());
  const auto wanted = api_.config().environment;
  if (wanted != Environment::unknown &&
      true_at(*answer, "livemode") != (wanted == Environment::live)) {
    return tl::unexpected(
        call_error("wrong_environment", "the key is not of the environment that is configured"));
  }
  return true;
}

Result<std::unique_ptr<Gateway>> make_stripe(const Value& config, const Surroundings& outside) {
  auto parsed = parse_stripe_config(config);
  if (!parsed) return tl::unexpected(parsed.error());
  return std::make_unique<StripeGateway>(*std::move(parsed), outside);
}

}  // namespace vozex::payments
