// SPDX-License-Identifier: Apache-2.0
//
// The part of Core in which somebody acts: a buyer on the page, a bank, people on the gateway's own
// site, a script.
#include <algorithm>
#include <cstdlib>

#include "api/sandbox/core.h"

namespace vozex::sandbox {
namespace {

constexpr int k_max_copies = 100;
constexpr int k_max_delay_ms = 3'600'000;
constexpr int k_chaos_delay_ms = 500;

int int_of(const json& body, const char* name, int otherwise, int most) {
  const auto found = body.find(name);
  if (found == body.end() || !found->is_number_integer()) return otherwise;
  return static_cast<int>(std::clamp<std::int64_t>(found->get<std::int64_t>(), 0, most));
}

bool is_true(const json& body, const char* name) { return body.value(name, json()) == true; }

std::optional<std::int64_t> amount_of(const json& body) {
  const auto found = body.find("amount");
  if (found == body.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

Disorder disorder_of(const json& body, int usual_delay_ms) {
  return {
      std::chrono::milliseconds(int_of(body, "webhook_delay_ms", usual_delay_ms, k_max_delay_ms)),
      std::max(1, int_of(body, "copies", 1, k_max_copies)),
      is_true(body, "reversed")};
}

}  // namespace

Outgoing control_refusal(Refusal refusal) {
  switch (refusal) {
    case Refusal::not_found: return no_such_thing();
    case Refusal::not_paid: return control_error(409, "NOT_PAID", "nothing was taken");
    case Refusal::already_refunded: return control_error(409, "REFUNDED", "all of it went back");
    case Refusal::too_much: return control_error(422, "TOO_MUCH", "more than is left of it");
    case Refusal::disputed: return control_error(409, "DISPUTED", "a dispute of it is open");
    case Refusal::full: return control_error(503, "SANDBOX_FULL", "restart the sandbox");
    case Refusal::declined: return control_error(409, "DECLINED", "the card is declined");
    case Refusal::wrong_state: break;
  }
  return control_error(422, "WRONG_STATE", "there is no such state, or it can't be reached now");
}

Outgoing Core::act_on(const std::vector<std::string>& parts, const json& body, Timestamp now) {
  const std::string& things = parts[0];
  const std::string& id = parts[1];
  if (things == "deliveries" && id == "release" && parts.size() == 2) {
    const auto released = deliveries_.release(is_true(body, "reversed"));
    const std::chrono::milliseconds apart(int_of(body, "apart_ms", 0, k_max_delay_ms));
    std::chrono::milliseconds delay{0};
    for (const auto seq : released) {
      owed_.push_back({seq, delay});
      delay += apart;
    }
    return json_answer(200, {{"released", released.size()}});
  }
  if (parts.size() != 3) return no_such_thing();
  if (things == "deliveries" && parts[2] == "resend") return resend(id, now);
  if (things == "checkouts") {
    Gateway* gateway = gateway_of_session(id);
    return gateway == nullptr
               ? no_such_thing()
               : on_session(*gateway, *gateway->world().session(id), parts[2], body, now);
  }
  if (things == "payments") {
    Gateway* gateway = gateway_of_payment(id);
    return gateway == nullptr ? no_such_thing() : on_payment(*gateway, id, parts[2], body, now);
  }
  if (things == "subscriptions") {
    for (const auto& gateway : gateways_) {
      if (gateway->world().subscription(id) != nullptr)
        return on_subscription(*gateway, id, parts[2], now);
    }
  }
  if (things == "refunds" && parts[2] == "settle") {
    for (const auto& gateway : gateways_) {
      if (gateway->world().refund(id) == nullptr) continue;
      const auto refund = gateway->world().settle_refund(id, body.value("ok", json(true)) == true);
      if (!refund) return control_refusal(refund.error());
      settle(*gateway, now, disorder_of(body, 0));
      return json_answer(200, {{"refund_id", id}, {"status", to_string((*refund)->status)}});
    }
  }
  return no_such_thing();
}

Outgoing Core::on_session(Gateway& gateway,
                          Session& session,
                          const std::string& action,
                          const json& body,
                          Timestamp now) {
  constexpr std::string_view k_actions = " pay decline cancel chaos expire ";
  if (k_actions.find(" " + action + " ") == std::string_view::npos) return no_such_thing();
  World& world = gateway.world();
  if (world.is_paid(session) && !is_true(body, "again")) {
    return control_error(
        409, "SESSION_COMPLETED", "this session has been paid; say \"again\": true to pay twice");
  }
  if (session.status == SessionStatus::expired)
    return control_error(409, "SESSION_EXPIRED", "this session has expired");
  const auto disorder = disorder_of(body, action == "chaos" ? k_chaos_delay_ms : 0);
  const auto time = world_time(now);
  if (action == "chaos") {
    chaos(gateway, session, disorder, now);
  } else if (action == "expire") {
    if (const auto expired = world.expire(session); !expired)
      return control_refusal(expired.error());
  } else if (action == "pay") {
    gateway.pay(session, is_true(body, "delayed"), time);
  } else if (action == "decline") {
    gateway.decline(session, time);
  } else {
    gateway.cancel(session, time);
  }
  if (session.status == SessionStatus::approved && disorder.is_any())
    disorder_of_[session.id] = disorder;
  settle(gateway, now, disorder);
  const Payment* last = session.payments.empty() ? nullptr : world.payment(session.payments.back());
  const std::string status = last != nullptr                             ? to_string(last->status)
                             : session.status == SessionStatus::approved ? "approved"
                             : session.status == SessionStatus::expired  ? "expired"
                                                                         : "open";
  return json_answer(200,
                     {{"gateway", gateway.name()},
                      {"session_id", session.id},
                      {"payment_id", last == nullptr ? json() : json(last->id)},
                      {"status", status},
                      {"total_amount", last == nullptr ? session.amount : last->amount},
                      {"currency", last == nullptr ? session.currency : last->currency}});
}

// What a bad day looks like: an attempt fails, the buyer pays, sees an error page and pays again;
// the news of it all come twice and the wrong way round.
void Core::chaos(Gateway& gateway, Session& session, const Disorder& disorder, Timestamp now) {
  const auto time = world_time(now);
  const auto delay = disorder.delay;
  gateway.decline(session, time);
  settle(gateway, now, {delay * 3, 2, false});
  gateway.pay(session, false, time);
  const std::string first = session.payments.empty() ? "" : session.payments.back();
  settle(gateway, now, {delay * 2, 2, false});
  if (!first.empty())
    owe(gateway, {What::payment_processing, first, ""}, time, {delay + delay / 2, 1, false});
  gateway.pay(session, false, time);
  settle(gateway, now, {delay, 2, false});
}

Outgoing Core::on_payment(Gateway& gateway,
                          const std::string& id,
                          const std::string& action,
                          const json& body,
                          Timestamp now) {
  World& world = gateway.world();
  const auto time = world_time(now);
  json answer;
  if (action == "dispute") {
    const json state = body.value("state", json("opened"));
    const auto dispute =
        world.dispute(id, state.is_string() ? state.get<std::string>() : "", amount_of(body), time);
    if (!dispute) return control_refusal(dispute.error());
    answer = gateway.shape(**dispute);
    answer["dispute_id"] = (*dispute)->id;
    answer["payment_id"] = id;
    answer["state"] = (*dispute)->state;
  } else if (action == "refund") {
    // By somebody on the gateway's own site.
    RefundAsk ask;
    ask.payment_id = id;
    ask.amount = amount_of(body);
    ask.reason = text_at(body, "reason");
    const auto refund = world.refund(ask, time);
    if (!refund) return control_refusal(refund.error());
    answer = {{"refund_id", (*refund)->id}, {"amount", (*refund)->amount}};
  } else if (action == "settle") {
    const auto settled = world.settle(id, body.value("ok", json(true)) == true, time);
    if (!settled) return control_refusal(settled.error());
    answer = plain_payment(world, *world.payment(id));
  } else {
    return no_such_thing();
  }
  settle(gateway, now, disorder_of(body, 0));
  return json_answer(200, answer);
}

Outgoing Core::resend(const std::string& seq, Timestamp now) {
  const Deliveries& kept = deliveries_;
  const Delivery* delivery = kept.find(std::strtoull(seq.c_str(), nullptr, 10));
  if (delivery == nullptr) return no_such_thing();
  Delivery again = *delivery;
  again.state = DeliveryState::pending;
  again.attempts = 0;
  again.last_status = 0;
  again.last_error.clear();
  again.last_at = now;
  const auto number = deliveries_.add(std::move(again));
  if (!number) return control_error(503, "SANDBOX_FULL", "too many webhooks are waiting");
  owed_.push_back({*number, std::chrono::milliseconds(0)});
  return json_answer(200, {{"seq", *number}});
}

}  // namespace vozex::sandbox
