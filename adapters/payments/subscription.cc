// SPDX-License-Identifier: Apache-2.0
#include "adapters/payments/subscription.h"

#include "engine/base/assert.h"

namespace vozex::payments {

std::optional<SubscriptionAction> parse_subscription_action(std::string_view word) {
  if (word == "change_plan") return SubscriptionAction::change_plan;
  if (word == "pause") return SubscriptionAction::pause;
  if (word == "resume") return SubscriptionAction::resume;
  if (word == "cancel") return SubscriptionAction::cancel;
  if (word == "keep") return SubscriptionAction::keep;
  return std::nullopt;
}

bool is_done(const SubscriptionChange& change, const SubscriptionState& state) {
  const bool over = state.status == "cancelled" || state.status == "expired";
  switch (change.action) {
    case SubscriptionAction::change_plan:
      if (change.product_ref.empty()) return state.request_id == change.request_id;
      if (change.at_period_end && state.coming_product_ref == change.product_ref) return true;
      return state.product_ref == change.product_ref && state.quantity == change.quantity;
    case SubscriptionAction::pause: return state.status == "paused";
    case SubscriptionAction::resume: return state.status == "active" || state.status == "trialing";
    case SubscriptionAction::cancel:
      return over || (change.at_period_end && state.cancels_at_period_end);
    case SubscriptionAction::keep: return !over && !state.cancels_at_period_end;
  }
  VOZEX_ASSERT(!"an action has an end");
}

}  // namespace vozex::payments
