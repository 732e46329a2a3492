// SPDX-License-Identifier: Apache-2.0
//
// PayPal as a Gateway: orders that the buyer approves and we capture, refunds of captures,
// subscriptions. A session is an order (or a subscription waiting for approval), a payment is a
// capture. PayPal lists no orders, so a lost create can't be looked up: it is settled as
// `not_happened`, because asking again with the same PayPal-Request-Id gives the order that was
// made, and one that nobody approves costs nothing. A lost refund is looked for in the refunds of
// its order; asking again is safe for 45 days in the same way. Webhooks: signature.h,
// certificates.h, transmissions.h; what they tell is read from PayPal again before it counts.
// Thread rule: any thread.
#pragma once

#include <memory>

#include "adapters/payments/paypal/certificates.h"
#include "adapters/payments/paypal/paypal_api.h"
#include "adapters/payments/paypal/transmissions.h"

namespace vozex::payments {

class PaypalGateway final : public Gateway {
 public:
  PaypalGateway(const PaypalConfig& config, const Surroundings& outside);

  std::string_view name() const override { return "paypal"; }
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
  // The capture and, where it can be read, its order: captures don't list their refunds.
  Answer<PaymentState> payment_of_capture(const std::string& capture_id, Deadline deadline);

  mutable PaypalApi api_;
  mutable Certificates certificates_;
  mutable Transmissions transmissions_;
};

Result<std::unique_ptr<Gateway>> make_paypal(const types::Value& config,
                                             const Surroundings& outside);

}  // namespace vozex::payments
