// SPDX-License-Identifier: Apache-2.0
//
// The adapter `payments`, and the door for gateways' webhooks. Operations (declared in
// workflows/adapters/payments.yaml): create_checkout, find_checkout, capture, get, refund,
// find_refund, get_subscription, change_subscription, find_subscription_change; each goes to the
// gateway named in its input; choose_gateway names one (router.h). `receive` verifies a webhook,
// normalises it, and completes what its body can't know. Logs carry gateway, event_id, order_id and
// payment_id, never a key, a signature or a body. Thread rule: any thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/payments/gateway.h"
#include "engine/ports/adapter.h"

namespace vozex::payments {

class PaymentsAdapter final : public ports::Adapter {
 public:
  // `clock` must outlive this.
  PaymentsAdapter(std::vector<std::unique_ptr<Gateway>> gateways, const ports::Clock& clock);

  std::string_view name() const override { return "payments"; }
  ports::CallReply call(const ports::CallRequest& request) override;

  // What arrived at /webhooks/{gateway}: raw body, headers as they came. Errors: not_found (no such
  // gateway), refused (signature, time), invalid (webhook_payload_invalid, webhook_secret_invalid),
  // unavailable (the gateway couldn't be asked: answer 503, it will come again).
  Result<WebhookEvent> receive(std::string_view gateway,
                               const http::Headers& headers,
                               std::string_view body) const;

  // "Test connection": an empty string when all is well, else what is wrong.
  Result<std::string> check(std::string_view gateway) const;

  std::vector<std::string> gateway_names() const;

 private:
  Gateway* find(std::string_view name) const;
  ports::CallReply choose(const types::Value& input) const;  // router.h

  std::vector<std::unique_ptr<Gateway>> gateways_;
  const ports::Clock& clock_;
};

}  // namespace vozex::payments
