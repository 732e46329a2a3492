// SPDX-License-Identifier: Apache-2.0
//
// Stripe as a Gateway: Checkout sessions, payment intents, refunds, subscriptions. Our payment_id,
// order_id and request_id travel in metadata, on the session and on what it makes; look-ups and
// webhooks find us by them. Every POST carries an Idempotency-Key made of our own ids, so the same
// request is done once however often it is sent within a day; look-ups settle what is older. Thread
// rule: any thread.
#pragma once

#include "adapters/payments/stripe/stripe_api.h"

namespace vozex::payments {

class StripeGateway final : public Gateway {
 public:
  StripeGateway(StripeConfig config, const Surroundings& outside);

  std::string_view name() const override { return "stripe"; }
  Answer<Checkout> create_checkout(const CheckoutRequest& request, Deadline deadline) override;
  Answer<Settled<Checkout>> find_checkout(const CheckoutRequest& request,
                                          Deadline deadline) override;
  Answer<PaymentState> payment(const PaymentQuery& query, Deadline deadline) override;
  Answer<PaymentState> capture(const CaptureRequest& request, Deadline deadline) override;
  Answer<Refund> refund(const RefundRequest& request, Deadline deadline) override;
  Answer<Settled<Refund>> find_refund(const RefundRequest& request, Deadline deadline) override;
  Answer<Offer> offer(const std::string& product_ref, Deadline deadline) override;
  Answer<SubscriptionState> subscription(const std::string& subscription_ref,
                                         Deadline deadline) override;
  Answer<SubscriptionState> change_subscription(const SubscriptionChange& change,
                                                Deadline deadline) override;
  Answer<Collected> collect(const CollectRequest& request, Deadline deadline) override;
  Result<std::string> verify_webhook(const http::Headers& headers,
                                     std::string_view body,
                                     Timestamp now) const override;
  Result<WebhookEvent> normalise_webhook(std::string_view id,
                                         std::string_view body,
                                         Timestamp now) const override;
  Answer<WebhookEvent> complete_webhook(WebhookEvent event,
                                        std::string_view body,
                                        Deadline deadline) override;
  Answer<bool> check(Deadline deadline) override;

 private:
  // The newest session that carries our payment_id; nothing when there is none among those of the
  // last day.
  Answer<std::optional<types::Value>> session_of(const std::string& payment_id,
                                                 Deadline deadline) const;
  Answer<WebhookEvent> with_subscription(WebhookEvent event, Deadline deadline);
  Answer<PaymentState> payment_of_session(const types::Value& session, Deadline deadline);

  StripeApi api_;
};

Result<std::unique_ptr<Gateway>> make_stripe(const types::Value& config,
                                             const Surroundings& outside);

}  // namespace vozex::payments
