// SPDX-License-Identifier: Apache-2.0
//
// Subscriptions at a gateway: what is asked for and what they are now, in the words that all
// gateways share. Thread rule: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/payments/money.h"

namespace vozex::payments {

// Makes a checkout a subscription: its items are the gateway's recurring products. An item with a
// price of its own is charged that, where the gateway lets the seller say it (RecurringSale).
struct Recurring {
  std::string subscription_id;  // ours; comes back in every webhook
  std::int64_t trial_days = 0;
  std::int64_t months = 1;  // of a period; counts where the gateway has no product that says it
};

// Who says what a subscription costs, how long its periods are, and whether a trial comes first.
enum class RecurringSale : std::uint8_t {
  by_product = 1,  // the gateway's product: price and period; we say the trial
  by_plan = 2,     // the gateway's plan: period and trial; we say the price
  by_amount = 3    // we say it all: the gateway needs to know no product
};

enum class SubscriptionAction : std::uint8_t {
  change_plan = 1,
  pause = 2,
  resume = 3,
  cancel = 4,
  keep = 5  // takes back a cancellation at the end of the period
};
std::optional<SubscriptionAction> parse_subscription_action(std::string_view word);

struct SubscriptionChange {
  std::string subscription_ref;
  SubscriptionAction action = SubscriptionAction::cancel;
  // change_plan: what the gateway calls the new plan; "" where it is told price and period.
  std::string product_ref;
  std::int64_t quantity = 1;
  std::optional<Money> price;  // change_plan: of one for a period, told where it can be
  std::int64_t months = 1;     // change_plan: of a period, as `price`
  bool after_trial = false;    // change_plan: the gateway's plan begins with a trial
  bool at_period_end = false;  // cancel and change_plan: not before what is paid for is over
  bool prorate = true;         // change_plan now: charge and credit the difference
  std::string request_id;      // ours: one change per request_id
  std::string reason;
};

struct SubscriptionState {
  std::string subscription_ref;
  // pending, trialing, active, past_due, on_hold, paused, cancelled, expired, failed
  std::string status;
  std::string product_ref;
  std::int64_t quantity = 1;
  std::string coming_product_ref;  // the plan from the next period on, where one is scheduled
  bool cancels_at_period_end = false;
  std::string next_billing_at;  // RFC 3339
  std::string approval_url;     // where the buyer must agree first; usually empty
  std::string request_id;       // of our last change of the plan, where the gateway keeps it
};

// Another attempt to collect what a subscription owes.
struct CollectRequest {
  std::string subscription_ref;
  std::string request_id;  // ours: one attempt per request_id
};

struct Collected {
  std::string status;       // collected, pending, nothing_owed
  std::string gateway_ref;  // the gateway's payment, where it says
};

// Whether the state is what the change wants: settles a change whose answer was lost.
bool is_done(const SubscriptionChange& change, const SubscriptionState& state);

}  // namespace vozex::payments
