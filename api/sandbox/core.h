// SPDX-License-Identifier: Apache-2.0
//
// Core: answers every request of the sandbox without doing any I/O: the gateways' interfaces, the
// control interface (control.cc), the buyer's page. New webhooks are left in `take_owed` for
// whoever sends them. `now` is real time; the sandbox's own may run ahead of it. Thread rule: one
// thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/sandbox/deliveries.h"
#include "api/sandbox/faults.h"
#include "api/sandbox/gateway.h"
#include "api/sandbox/http.h"
#include "api/sandbox/journal.h"
#include "api/sandbox/sandbox.h"

namespace vozex::sandbox {

// A webhook to be sent, first after `delay`.
struct Owed {
  std::uint64_t seq = 0;
  std::chrono::milliseconds delay{0};
};

struct WebhookAttempt {
  std::string url;
  WireHeaders headers;
  std::string body;
};

// How webhooks go out: asked for by whoever acts, or by faults.
struct Disorder {
  std::chrono::milliseconds delay{0};
  int copies = 1;
  bool reversed = false;  // of what one act makes

  bool is_any() const { return delay.count() > 0 || copies > 1 || reversed; }
};

class Core {
 public:
  explicit Core(SandboxOptions options);

  Outgoing handle(const Incoming& request, Timestamp now);

  std::vector<Owed> take_owed() { return std::exchange(owed_, {}); }
  // One attempt of a delivery that is pending.
  WebhookAttempt attempt(std::uint64_t seq, Timestamp now) const;
  Deliveries& deliveries() { return deliveries_; }
  const World& world(std::string_view gateway = "dodo") const;
  // Where its pages are, for checkout_url.
  void set_public_url(const std::string& url);
  // Where webhooks of a gateway go.
  std::string webhook_url(const Gateway& gateway) const;
  const std::vector<std::unique_ptr<Gateway>>& gateways() const { return gateways_; }

 private:
  Outgoing serve(Gateway& gateway, const Incoming& request, Timestamp now);
  Outgoing page(const Incoming& request, Timestamp now);
  Outgoing by_hand(const Incoming& request, Timestamp now);
  Timestamp world_time(Timestamp now) const { return now + ahead_; }

  // control.cc: what scripts see and set
  Outgoing control(const Incoming& request, Timestamp now);
  Outgoing look(const std::string& what, const Incoming& request, Timestamp now);
  Outgoing change(const std::string& what, const json& body, Timestamp now);
  Outgoing list_product(const json& body);
  Outgoing list_sessions(const Filter& filter) const;
  Outgoing list_payments(const Filter& filter) const;

  // clock.cc: time that is moved, and what recurs with it
  Outgoing move_clock(const json& body, Timestamp now);
  Outgoing on_subscription(Gateway& gateway,
                           const std::string& id,
                           const std::string& action,
                           Timestamp now);
  Outgoing list_subscriptions(const Filter& filter) const;

  // acts.cc: what buyers, banks and people at the gateway do
  Outgoing act_on(const std::vector<std::string>& parts, const json& body, Timestamp now);
  Outgoing on_session(Gateway& gateway,
                      Session& session,
                      const std::string& action,
                      const json& body,
                      Timestamp now);
  Outgoing on_payment(Gateway& gateway,
                      const std::string& id,
                      const std::string& action,
                      const json& body,
                      Timestamp now);
  Outgoing resend(const std::string& seq, Timestamp now);
  void chaos(Gateway& gateway, Session& session, const Disorder& disorder, Timestamp now);

  Gateway* gateway_named(std::string_view name) const;
  Gateway* gateway_of_session(const std::string& id) const;
  Gateway* gateway_of_payment(const std::string& id) const;

  // webhooks.cc
  // Owes the webhooks of all that happened. `at`: the sandbox's time of it, where that isn't now.
  void settle(Gateway& gateway,
              Timestamp now,
              const Disorder& disorder = {},
              std::optional<Timestamp> at = {});
  void owe(const Gateway& gateway,
           const Happening& happening,
           Timestamp at,
           const Disorder& disorder);
  void owe(const Gateway& gateway,
           const Event& event,
           const json& metadata,
           Timestamp at,
           Disorder disorder);

  SandboxOptions options_;
  Duration ahead_{};
  std::map<std::string, std::string> webhook_urls_;  // by gateway, where one was named
  std::map<std::string, Disorder> disorder_of_;      // by session: what its later webhooks get
  Faults faults_;
  Journal journal_;
  Deliveries deliveries_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  std::vector<Owed> owed_;
};

// Answers of the control interface.
Outgoing control_refusal(Refusal refusal);
Outgoing control_error(int status, const std::string& code, const std::string& message);
Outgoing no_such_thing();
// A payment as the control interface shows it, whatever its gateway.
json plain_payment(const World& world, const Payment& payment);

}  // namespace vozex::sandbox
