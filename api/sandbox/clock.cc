// SPDX-License-Identifier: Apache-2.0
//
// The part of Core in which time is moved: what is due until then happens at its own time, one
// after the other.
#include <algorithm>
#include <charconv>

#include "api/sandbox/core.h"

namespace vozex::sandbox {
namespace {

constexpr int k_max_due = 10'000;  // in one move
constexpr std::int64_t k_longest_days = 3660;
constexpr std::int64_t k_furthest_back_days = 366;
constexpr std::int64_t k_max_apart_ms = 10'000;

// "31d", "12h", "30m", "45s".
std::optional<Duration> span_of(const std::string& text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string unit(parsed.ptr, text.data() + text.size());
  const std::int64_t seconds = unit == "d"   ? 86'400
                               : unit == "h" ? 3600
                               : unit == "m" ? 60
                               : unit == "s" ? 1
                                             : 0;
  if (parsed.ec != std::errc() || seconds == 0 || number < 0 ||
      number > k_longest_days * 86'400 / seconds)
    return std::nullopt;
  return std::chrono::seconds(number * seconds);
}

const char* word_of(SubscriptionStatus status) {
  constexpr const char* k_words[] = {
      "pending", "trialing", "active", "past_due", "on_hold", "paused", "cancelled", "expired"};
  return k_words[static_cast<std::size_t>(status)];
}

json shown(const Gateway& gateway, const Subscription& it) {
  return {{"subscription_id", it.id},
          {"gateway", gateway.name()},
          {"status", word_of(it.status)},
          {"plan", it.plan.product},
          {"quantity", it.plan.quantity},
          {"amount", it.plan.unit * it.plan.quantity},
          {"currency", it.currency},
          {"period_start", format_timestamp(it.period_start)},
          {"period_end", format_timestamp(it.period_end)},
          {"cancels_at_period_end", it.cancels_at_period_end},
          {"card_declines", it.card_declines},
          {"failed_attempts", it.failed_attempts},
          {"next_attempt", it.next_attempt ? json(format_timestamp(*it.next_attempt)) : json()},
          {"payments", it.payments},
          {"metadata", it.metadata}};
}

}  // namespace

Outgoing Core::move_clock(const json& body, Timestamp now) {
  const auto span = span_of(text_at(body, "advance"));
  const auto to = parse_timestamp(text_at(body, "to"));
  if (!span && !to) {
    return control_error(422,
                         "INVALID_REQUEST_BODY",
                         "expected advance (\"31d\", \"12h\", \"30m\", \"45s\") or to (RFC 3339)");
  }
  const auto until = to ? *to : world_time(now) + *span;
  // What began long ago is played by beginning long ago.
  const bool untouched = std::all_of(gateways_.begin(), gateways_.end(), [](const auto& gateway) {
    return gateway->world().sessions().empty();
  });
  const auto first = untouched ? now - std::chrono::days(k_furthest_back_days) : world_time(now);
  if (until < first || until - world_time(now) > std::chrono::days(k_longest_days)) {
    return control_error(422,
                         "INVALID_REQUEST_BODY",
                         "time goes forward, by ten years at most; back, by a year at most, only "
                         "before anything has happened");
  }
  const auto apart = body.value("apart_ms", json(0));
  const std::chrono::milliseconds step(
      apart.is_number_integer()
          ? std::clamp<std::int64_t>(apart.get<std::int64_t>(), 0, k_max_apart_ms)
          : 0);
  Disorder disorder;
  int happened = 0;
  for (const auto& gateway : gateways_) {
    World& world = gateway->world();
    for (auto due = world.next_due(until); due && happened < k_max_due;
         due = world.next_due(until), ++happened) {
      world.run_due(*due);
      settle(*gateway, now, disorder, due);
      disorder.delay += step;
    }
  }
  ahead_ = until - now;
  return json_answer(200, {{"now", format_timestamp(world_time(now))}, {"happened", happened}});
}

Outgoing Core::on_subscription(Gateway& gateway,
                               const std::string& id,
                               const std::string& action,
                               Timestamp now) {
  Change change;
  change.subscription_id = id;
  change.action = action;
  if (action == "change_plan")
    return control_error(422, "WRONG_STATE", "a plan is changed through the gateway's interface");
  const auto changed = gateway.world().change(change, world_time(now));
  if (!changed) return control_refusal(changed.error());
  settle(gateway, now);
  return json_answer(200, shown(gateway, **changed));
}

Outgoing Core::list_subscriptions(const Filter& filter) const {
  json out = json::array();
  const auto limit = limit_of(filter);
  for (const auto& gateway : gateways_) {
    for (const auto& id : gateway->world().subscription_ids()) {
      if (out.size() == limit) break;
      const Subscription& it = *gateway->world().subscription(id);
      if (passes(filter, it.metadata, {{"gateway", std::string(gateway->name())}}, "", 0))
        out.push_back(shown(*gateway, it));
    }
  }
  return json_answer(200, {{"subscriptions", std::move(out)}});
}

}  // namespace vozex::sandbox
