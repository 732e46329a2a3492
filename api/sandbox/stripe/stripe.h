// SPDX-License-Identifier: Apache-2.0
//
// Stripe as the sandbox plays it (https://docs.stripe.com/api): bearer key, forms in and JSON out,
// Idempotency-Key with the answer that was kept (an error 500 included), a payment intent for each
// session with a charge for each attempt, webhooks that are snapshots of their moment. Amounts are
// Stripe's own units. Thread rule: one thread.
#pragma once

#include <deque>
#include <functional>
#include <map>

#include "api/sandbox/gateway.h"

namespace vozex::sandbox {

class Stripe final : public Gateway {
 public:
  Stripe(const SandboxOptions& options, Faults& faults);

  std::string_view name() const override { return "stripe"; }
  json metadata_of(const Incoming& request) const override;
  bool admits(const Incoming& request) const override;
  Outgoing work(const Incoming& request, Timestamp now) override;
  Outgoing refusal(int status) const override;
  std::optional<Outgoing> replay(const Incoming& request) const override;
  void remember(const Incoming& request, const Outgoing& done, const Outgoing& said) override;
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

 private:
  // Sessions, payment intents, charges, refunds: `rest` are the segments after the collection.
  Outgoing sessions(const Incoming& request, const std::vector<std::string>& rest, Timestamp now);
  Outgoing intents(const Incoming& request, const std::vector<std::string>& rest, Timestamp now);
  Outgoing charges(const Incoming& request, const std::vector<std::string>& rest) const;
  Outgoing refunds(const Incoming& request, const std::vector<std::string>& rest, Timestamp now);
  Outgoing subscriptions(const Incoming& request,
                         const std::vector<std::string>& rest,
                         Timestamp now);
  Outgoing invoices(const Incoming& request, const std::vector<std::string>& rest, Timestamp now);
  Outgoing pay_invoice(const Payment& payment, Timestamp now);
  Outgoing create_session(const Filter& form, Timestamp now);
  Outgoing list_sessions(const Incoming& request) const;
  Outgoing create_refund(const Filter& form, Timestamp now);
  Outgoing list_refunds(const Incoming& request) const;
  const Payment* payment_named(const Filter& form) const;
  json shown(const Session& session) const;

  struct Kept {
    std::string request;  // path and form
    Outgoing answer;
  };
  std::map<std::string, Kept> kept_;  // by Idempotency-Key
  std::deque<std::string> kept_order_;
};

// An error as Stripe says it.
Outgoing stripe_error(int status,
                      const std::string& type,
                      const std::string& code,
                      const std::string& message);
Outgoing stripe_missing(const std::string& id);

// shapes.cc: its objects. A session shows its page as long as it is open.
json stripe_session(const World& world, const Session& session, const std::string& page);
json stripe_intent(const World& world, const Payment& payment, bool with_charge);
json stripe_charge(const World& world, const Payment& payment);
json stripe_refund(const World& world, const Refund& refund);
json stripe_dispute(const World& world, const Dispute& dispute);
// subscriptions.cc
json stripe_subscription(const World& world, const Subscription& subscription);
json stripe_price(const std::string& id, const ListedProduct& price);
json stripe_invoice(const World& world, const Payment& payment);
json stripe_list(json data, bool has_more, const std::string& url);

// session_input.cc: what is asked for; an error is the answer to send.
tl::expected<Session, Outgoing> read_stripe_session(
    const Filter& form, const std::function<Line(const std::string&)>& line_of);
// The line below `at` ("items[0]"); a price that is made for it says its currency.
tl::expected<Line, Outgoing> read_stripe_line(
    const Filter& form,
    const std::string& at,
    const std::function<Line(const std::string&)>& line_of,
    std::string& currency);
// "metadata[a]" = "b" as {"a": "b"}, below a prefix like "payment_intent_data".
json stripe_metadata(const Filter& form, const std::string& below = "");

}  // namespace vozex::sandbox
