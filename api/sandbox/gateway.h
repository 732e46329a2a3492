// SPDX-License-Identifier: Apache-2.0
//
// Gateway: one pretended gateway: its interface, its buyers and its webhooks over a World of its
// own. What all of them share is here; what each says and how is in the folder of its name. Thread
// rule: one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/sandbox/faults.h"
#include "api/sandbox/http.h"
#include "api/sandbox/sandbox.h"
#include "api/sandbox/world/world.h"

namespace vozex::sandbox {

// One webhook's content, as its gateway names it.
struct Event {
  std::string type;       // "payment_intent.succeeded"
  std::string object_id;  // what it is about
  json previous = {};     // of a change: what was before, where the gateway says it
};

using WireHeaders = std::vector<std::pair<std::string, std::string>>;

class Gateway {
 public:
  // All must outlive this.
  Gateway(Rules rules, const SandboxOptions& options, Faults& faults)
      : options_(options), faults_(faults), world_(std::move(rules)) {}
  virtual ~Gateway() = default;
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Below this its interface is; also the end of its webhooks' address.
  virtual std::string_view name() const = 0;
  World& world() { return world_; }
  const World& world() const { return world_; }
  // Where the sandbox is, for links.
  void set_public_url(std::string url) { public_url_ = std::move(url); }
  std::string page_of(const Session& session) const {
    return public_url_ + "/checkout/" + session.id;
  }
  std::string base_url() const { return public_url_ + "/" + std::string(name()); }

  // ---- its interface ----
  // Our references in a request, for faults and the journal.
  virtual json metadata_of(const Incoming& request) const = 0;
  // Whether the key is right; asking for one needs none.
  virtual bool admits(const Incoming& request) const = 0;
  virtual Outgoing work(const Incoming& request, Timestamp now) = 0;
  // 401, 429 and 500 as it says them.
  virtual Outgoing refusal(int status) const = 0;
  // What a key of repetition was answered before. `remember` gets each answer: what was done, and
  // what was said of it (a fault may make it another, or none).
  virtual std::optional<Outgoing> replay(const Incoming&) const { return std::nullopt; }
  virtual void remember(const Incoming&, const Outgoing& /*done*/, const Outgoing& /*said*/) {}

  // ---- its buyers ----
  virtual void pay(Session& session, bool delayed, Timestamp now);
  virtual void decline(Session& session, Timestamp now);
  virtual void cancel(Session& session, Timestamp now);
  // An attempt at the session's amount, or at what a fault makes of it.
  const Payment& attempt(Session& session, PaymentStatus status, Timestamp now);
  // Of a refund that is being asked for, unless a fault says otherwise.
  RefundStatus refund_status(const json& metadata);

  // ---- its webhooks ----
  virtual std::vector<Event> told(const Happening& happening) const = 0;
  // What of a subscription's life it tells; all else is in `told`.
  virtual std::vector<Event> told_of_subscription(const Happening& happening) const = 0;
  virtual std::string new_webhook_id() const = 0;
  virtual std::string body(const std::string& webhook_id,
                           const Event& event,
                           Timestamp created_at) const = 0;
  // The body shows its object as it is when it is sent, not as it was when it happened.
  virtual bool shows_latest() const { return false; }
  // The headers of one attempt. `sent_at` is real time: receivers look at it.
  virtual WireHeaders sign(const std::string& webhook_id,
                           const std::string& body,
                           Timestamp sent_at) const = 0;
  // A dispute as it shows it.
  virtual json shape(const Dispute& dispute) const = 0;

  // The certificate that its signatures lead to, PEM; "" where they need none.
  virtual std::string authority() const { return {}; }

  // Our references of what something happened to.
  json metadata_of(const Happening& happening) const;
  // The session that something belongs to; nullptr when there is none.
  const Session* session_of(const Happening& happening) const;

 protected:
  ListedProduct listed(const std::string& product) const;
  // Only what is listed; nullptr otherwise.
  const ListedProduct* on_list(const std::string& product) const;
  // One of it, as it is listed.
  Line line_of(const std::string& product) const;
  const SandboxOptions& options() const { return options_; }

 private:
  const SandboxOptions& options_;
  Faults& faults_;
  World world_;
  std::string public_url_;
};

std::unique_ptr<Gateway> make_dodo(const SandboxOptions& options, Faults& faults);
std::unique_ptr<Gateway> make_paypal(const SandboxOptions& options, Faults& faults);
std::unique_ptr<Gateway> make_stripe(const SandboxOptions& options, Faults& faults);

}  // namespace vozex::sandbox
