// SPDX-License-Identifier: Apache-2.0
//
// Dodo Payments as the sandbox plays it (https://docs.dodopayments.com/api-reference): bearer key,
// no keys of repetition, webhooks of Standard Webhooks whose body shows the object as it is when it
// is sent. Thread rule: one thread.
#pragma once

#include "api/sandbox/gateway.h"

namespace vozex::sandbox {

class Dodo final : public Gateway {
 public:
  Dodo(const SandboxOptions& options, Faults& faults);

  std::string_view name() const override { return "dodo"; }
  json metadata_of(const Incoming& request) const override;
  bool admits(const Incoming& request) const override;
  Outgoing work(const Incoming& request, Timestamp now) override;
  Outgoing refusal(int status) const override;
  void cancel(Session& session, Timestamp now) override;
  std::vector<Event> told(const Happening& happening) const override;
  std::vector<Event> told_of_subscription(const Happening& happening) const override;
  std::string new_webhook_id() const override;
  std::string body(const std::string& webhook_id,
                   const Event& event,
                   Timestamp created_at) const override;
  bool shows_latest() const override { return true; }
  WireHeaders sign(const std::string& webhook_id,
                   const std::string& body,
                   Timestamp sent_at) const override;
  json shape(const Dispute& dispute) const override;

 private:
  Outgoing create_checkout(const json& body, Timestamp now);
  Outgoing create_refund(const json& body, Timestamp now);
  Outgoing change_subscription(const std::string& id, const json& body, bool plan, Timestamp now);
  Outgoing one_payment(const std::string& rest) const;
  Outgoing list_payments(const Incoming& request) const;
  Outgoing list_refunds(const Incoming& request) const;

  std::string key_;  // of webhooks, as bytes
};

// An error as Dodo says it.
Outgoing dodo_error(int status, const std::string& code, const std::string& message);

// shapes.cc: its objects.
json dodo_session(const World& world, const Session& session);
json dodo_payment(const World& world, const Payment& payment);
json dodo_line_items(const World& world, const Payment& payment);
json dodo_refund(const World& world, const Refund& refund);
json dodo_dispute(const Dispute& dispute);
// subscriptions.cc
json dodo_subscription(const Subscription& subscription);
json dodo_product(const std::string& id, const ListedProduct& product);

}  // namespace vozex::sandbox
