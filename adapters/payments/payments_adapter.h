// SPDX-License-Identifier: Apache-2.0
//
// The adapter `payments`, and the door for gateways' webhooks. Operations (declared in
// workflows/adapters/payments.yaml): create_checkout, find_checkout, capture, get, refund,
// find_refund, compare_offer, get_subscription, change_subscription, find_subscription_change; each
// goes to the gateway named in its input; choose_gateway names one (router.h). `receive` verifies a
// webhook, normalises it, and completes what its body can't know. Logs carry gateway, event_id,
// order_id and payment_id, never a key, a signature or a body. Thread rule: any thread.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "adapters/payments/gateway.h"
#include "adapters/payments/telemetry.h"
#include "engine/ports/adapter.h"

namespace vozex::payments {

struct Connection {
  bool ok = false;
  std::string code;     // "ok"; wrong_key, wrong_environment, no_secret, unreachable, gateway_error
  std::string message;  // what is wrong
  std::string hint;     // what to do
};

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

  // "Test connection". Errors: not_found (no such gateway). What comes back names settings, never
  // what they hold, and nothing that the gateway said of a key.
  Result<Connection> check(std::string_view gateway) const;

  // Where the gateway's own product or plan isn't what a buyer is promised, a sentence each; one of
  // them where it has no such product. Asks the gateway. Errors: it can't be asked.
  Answer<std::vector<std::string>> compare(std::string_view gateway, const Promise& promise) const;

  const Telemetry& telemetry() const { return telemetry_; }

  std::vector<std::string> gateway_names() const;

 private:
  Gateway* find(std::string_view name) const;
  ports::CallReply mismatch(std::string_view gateway, const types::Value& input);
  ports::CallReply choose(const types::Value& input) const;  // router.h

  std::vector<std::unique_ptr<Gateway>> gateways_;
  const ports::Clock& clock_;
  mutable Telemetry telemetry_;
};

}  // namespace vozex::payments
