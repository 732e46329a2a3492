// SPDX-License-Identifier: Apache-2.0
//
// Dodo Payments as a Gateway. Our payment_id, order_id and refund request_id travel in Dodo's
// metadata; that is how webhooks and look-ups find us again. Dodo lists payments but not checkout
// sessions: a session nobody tried to pay on can't be found. That settles a lost create as
// `not_happened`: its URL was in the lost answer only, so nobody can pay through it, and it dies by
// itself after 24 hours; should money come after all, it carries our payment_id. A lost refund is
// looked for in the payment's own refunds; a refund still being made there when the answer was lost
// would be missed, so whoever asks should ask late rather than at once. Thread rule: any thread.
#pragma once

#include "adapters/payments/dodo/dodo_api.h"

namespace vozex::payments {

class DodoGateway final : public Gateway {
 public:
  DodoGateway(DodoConfig config, const Surroundings& outside);

  std::string_view name() const override { return "dodo"; }
  Answer<Checkout> create_checkout(const CheckoutRequest& request, Deadline deadline) override;
  Answer<Settled<Checkout>> find_checkout(const CheckoutRequest& request,
                                          Deadline deadline) override;
  Answer<PaymentState> payment(const PaymentQuery& query, Deadline deadline) override;
  Answer<Refund> refund(const RefundRequest& request, Deadline deadline) override;
  Answer<Settled<Refund>> find_refund(const RefundRequest& request, Deadline deadline) override;
  Result<std::string> verify_webhook(const http::Headers& headers,
                                     std::string_view body,
                                     Timestamp now) const override;
  Result<WebhookEvent> normalise_webhook(std::string_view id,
                                         std::string_view body,
                                         Timestamp now) const override;
  Answer<Offer> offer(const std::string& product_ref, Deadline deadline) override;
  Answer<SubscriptionState> subscription(const std::string& subscription_ref,
                                         Deadline deadline) override;
  Answer<SubscriptionState> change_subscription(const SubscriptionChange& change,
                                                Deadline deadline) override;
  Answer<WebhookEvent> complete_webhook(WebhookEvent event,
                                        std::string_view body,
                                        Deadline deadline) override;
  Answer<bool> check(Deadline deadline) override;

 private:
  // The payments that carry our payment_id, newest first; nothing when there are too many to look
  // through.
  Answer<std::optional<types::Value::List>> payments_of(const std::string& payment_id,
                                                        Deadline deadline) const;

  DodoApi api_;
};

Result<std::unique_ptr<Gateway>> make_dodo(const types::Value& config, const Surroundings& outside);

}  // namespace vozex::payments
