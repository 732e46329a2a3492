// SPDX-License-Identifier: Apache-2.0
//
// PayPal as the sandbox plays it (https://developer.paypal.com/api/rest/): OAuth tokens, orders
// that a buyer approves and the shop captures, refunds of captures, PayPal-Request-Id, decimals,
// webhooks signed with a certificate of the sandbox's own. A session is an order, a payment is a
// capture. Thread rule: one thread.
#pragma once

#include <deque>
#include <map>

#include "api/sandbox/gateway.h"
#include "api/sandbox/paypal/authority.h"

namespace vozex::sandbox {

class PayPal final : public Gateway {
 public:
  PayPal(const SandboxOptions& options, Faults& faults);

  std::string_view name() const override { return "paypal"; }
  json metadata_of(const Incoming& request) const override;
  bool admits(const Incoming& request) const override;
  Outgoing work(const Incoming& request, Timestamp now) override;
  Outgoing refusal(int status) const override;
  std::optional<Outgoing> replay(const Incoming& request) const override;
  void remember(const Incoming& request, const Outgoing& done, const Outgoing& said) override;
  void pay(Session& session, bool delayed, Timestamp now) override;
  void decline(Session& session, Timestamp now) override;
  std::vector<Event> told(const Happening& happening) const override;
  std::vector<Event> told_of_subscription(const Happening& happening) const override;
  std::string new_webhook_id() const override;
  std::string body(const std::string& webhook_id,
                   const Event& event,
                   Timestamp created_at) const override;
  WireHeaders sign(const std::string& webhook_id,
                   const std::string& body,
                   Timestamp sent_at) const override;
  json shape(const Dispute& dispute) const override;
  std::string authority() const override { return authority_.root(); }

 private:
  Outgoing token(const Incoming& request);
  Outgoing orders(const Incoming& request, const std::vector<std::string>& rest, Timestamp now);
  Outgoing subscriptions(const Incoming& request,
                         const std::vector<std::string>& rest,
                         Timestamp now);
  Outgoing create_subscription(const json& body, Timestamp now);
  Outgoing create_order(const json& body, Timestamp now);
  Outgoing capture_order(Session& session, Timestamp now);
  Outgoing captures(const Incoming& request, const std::vector<std::string>& rest, Timestamp now);
  Outgoing create_refund(const Payment& payment, const json& body, Timestamp now);
  json order(const Session& session) const;

  mutable Authority authority_;
  std::deque<std::string> tokens_;
  std::map<std::string, std::string> kept_;  // bodies by path and PayPal-Request-Id
  std::deque<std::string> kept_order_;
};

// An error as PayPal says it; `issue` is what a client acts on.
Outgoing paypal_error(int status,
                      const std::string& name,
                      const std::string& issue,
                      const std::string& description);
Outgoing paypal_missing();

// shapes.cc: its objects. `base` is where its interface is, for links.
json paypal_money(std::int64_t minor, const std::string& currency);
json paypal_order(const World& world,
                  const Session& session,
                  const std::string& base,
                  const std::string& page);
json paypal_capture(const World& world, const Payment& payment, const std::string& base);
json paypal_refund(const World& world, const Refund& refund, const std::string& base);
json paypal_dispute(const World& world, const Dispute& dispute, const std::string& base);

// subscriptions.cc
json paypal_subscription(const World& world, const Subscription& subscription);
json paypal_plan(const std::string& id, const ListedProduct& plan);
json paypal_sale(const World& world, const Payment& payment);
json paypal_sale_refund(const World& world, const Refund& refund);

// order_input.cc: what is asked for; an error is the answer to send.
tl::expected<Session, Outgoing> read_paypal_order(const json& body);
// Of a refund; `amount` stays empty when all that is left is meant.
tl::expected<RefundAsk, Outgoing> read_paypal_refund(const json& body, const Payment& payment);

}  // namespace vozex::sandbox
